"""Reads of the noticeboard. Everything here is public: only published results and answered words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound
from survey_app.noticeboard.models import HomePage
from survey_app.results.models import CommentState, Result, ResultState, ReviewedComment
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState
from survey_app.units.models import Unit

MOST_FOUND = 20
RUNNING = (RoundState.VOTING, RoundState.CLOSING, RoundState.CLOSED, RoundState.COUNTING)


def home_of(session: Session, home_id: int) -> Unit:
    """A home; NotFound for every other unit, which has no public page."""
    home = session.get(Unit, home_id)
    if home is None or not home.is_home:
        raise NotFound("home")
    return home


def published_results(session: Session, home_id: int) -> list[tuple[Result, Round]]:
    """The published ratings of a home, newest year first, one a year."""
    rows = session.execute(
        select(Result, Round)
        .join(Round, Round.id == Result.round_id)
        .where(
            Result.home_id == home_id,
            Result.state == ResultState.PUBLISHED,
            Round.kind.in_((RoundKind.ORDINARY, RoundKind.REPEAT)),
        )
        .order_by(Result.year.desc(), Result.id.desc())
    )
    by_year: dict[int, tuple[Result, Round]] = {}
    for result, round_ in rows:
        by_year.setdefault(result.year, (result, round_))
    return list(by_year.values())


def running_round(session: Session, home_id: int) -> Round | None:
    """The round in which the members of a home vote, or whose box is still shut."""
    return session.scalars(
        select(Round)
        .join(RoundHome, RoundHome.round_id == Round.id)
        .where(RoundHome.home_id == home_id, Round.state.in_(RUNNING), Round.kind != RoundKind.PRACTICE)
        .order_by(Round.opens_at.desc())
        .limit(1)
    ).first()


def answered_words(session: Session, round_id: str, home_id: int) -> list[tuple[str, str]]:
    """Released words of members that the home has answered, in the order of their random ids."""
    rows = session.execute(
        select(ReviewedComment.released, ReviewedComment.answer)
        .where(
            ReviewedComment.round_id == round_id,
            ReviewedComment.home_id == home_id,
            ReviewedComment.state == CommentState.RELEASED,
            ReviewedComment.answer != "",
        )
        .order_by(ReviewedComment.id)
    )
    return [(words, answer) for words, answer in rows]


def words_to_answer(session: Session, actor: Actor) -> list[ReviewedComment]:
    """Released words about the actor's home, unanswered ones first."""
    actor.need("home_page.edit")
    return list(
        session.scalars(
            select(ReviewedComment)
            .where(ReviewedComment.home_id == actor.unit_id, ReviewedComment.state == CommentState.RELEASED)
            .order_by(ReviewedComment.answer != "", ReviewedComment.id)
        )
    )


def own_comment(session: Session, actor: Actor, comment_id: str) -> ReviewedComment:
    """A comment about the actor's home, locked; NotFound for any other."""
    found = session.scalars(
        select(ReviewedComment)
        .where(ReviewedComment.id == comment_id, ReviewedComment.home_id == actor.unit_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound("comment")
    return found


def page_content(session: Session, home_id: int) -> HomePage | None:
    """What the home shows of itself."""
    return session.get(HomePage, home_id)


def unpublished(home: Unit, at: datetime) -> HomePage:
    """The page of a home that saved none yet: what its superior knows of it."""
    return HomePage(
        home_id=home.id,
        place=home.address,
        hours="",
        chair_name=home.chair_name,
        chair_phone=home.chair_phone,
        chair_email=home.chair_email,
        reception="",
        rules="",
        services="",
        procedures=[],
        updated_at=at,
        updated_by=0,
        version=0,
    )


def find_homes(session: Session, text: str) -> Sequence[Unit]:
    """Homes with something published whose name contains the text."""
    if not text.strip():
        return []
    shown = or_(
        exists().where(HomePage.home_id == Unit.id),
        exists().where(Result.home_id == Unit.id, Result.state == ResultState.PUBLISHED),
    )
    return session.scalars(
        select(Unit)
        .where(
            Unit.is_home, Unit.closed_on.is_(None), Unit.name.contains(text.strip(), autoescape=True), shown
        )
        .order_by(Unit.name, Unit.id)
        .limit(MOST_FOUND)
    ).all()
