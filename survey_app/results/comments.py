"""Comments: taken over from the box under a new random id, reviewed, released or withheld.

They lie here without a ballot, a class or a time, in the order of their random ids. The original stays with
the reviewer; everybody else reads the released text.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.db import committing, write_session
from survey_app.core.errors import Fault, Invalid, NotFound, Refused
from survey_app.counting.queries import take_comments
from survey_app.journal.operations import record
from survey_app.outbox.jobs import Workshop
from survey_app.results.masking import Span, masked, traces
from survey_app.results.models import CommentState, Result, ResultState, ReviewedComment
from survey_app.rosters.models import RosterMember
from survey_app.rounds.models import Round, RoundHome
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below, scope

COMMENTS_FROM = 20  # valid ballots; below, nobody reads or keeps the words (anonymity.md section 7)
CLOSED_TO_REVIEW = (ResultState.HELD, ResultState.VOIDED)


def take_over(workshop: Workshop, round_id: str, home_id: int) -> int:
    """Bring a rated home's words from the box to this side; where they may not be read they are erased.

    A held home's words stay sealed off in the box until its hold is decided.
    """
    with committing(write_session(workshop.databases.roster)) as session:
        result = session.scalars(
            select(Result).where(Result.round_id == round_id, Result.home_id == home_id)
        ).one_or_none()
        if result is None or result.state == ResultState.HELD:
            return 0
        readable = result.state != ResultState.VOIDED and (result.ballots or 0) >= COMMENTS_FROM
        before = session.scalar(
            select(func.count())
            .select_from(ReviewedComment)
            .where(ReviewedComment.round_id == round_id, ReviewedComment.home_id == home_id)
        )
    with take_comments(workshop.databases, round_id, home_id) as words:
        if not readable or before:
            return 0
        with committing(write_session(workshop.databases.roster)) as session:
            session.add_all(
                ReviewedComment(
                    id=secrets.token_hex(16),
                    round_id=round_id,
                    home_id=home_id,
                    question=one.question,
                    original=one.text,
                )
                for one in words
            )
    return len(words)


@dataclass(frozen=True)
class Reviewable:
    """A comment before the reviewer: the original, what was found in it, and the text proposed."""

    comment: ReviewedComment
    spans: Sequence[Span]
    proposal: str

    @property
    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The original in pieces, each with whether it is a trace."""
        at = 0
        for span in self.spans:
            yield self.comment.original[at : span.start], False
            yield self.comment.original[span.start : span.end], True
            at = span.end
        yield self.comment.original[at:], False


@dataclass(frozen=True)
class CommentHome:
    """A home with words that wait, and how many there are in all."""

    round_id: str
    home_id: int
    name: str
    year: int
    waiting: int
    released: int
    withheld: int
    rating_class: str


def comment_homes(
    session: Session,
    actor: Actor,
    *,
    waiting_only: bool = False,
    organised: bool = False,
    page: int = 1,
    most: int = 50,
) -> list[CommentHome]:
    """Homes whose words this officer may review: those that wait first, proposed orders at their head.

    `organised` leaves only rounds of the actor's own unit: their words wait for him and nobody below.
    """
    actor.need("comment.review")
    waiting, released, withheld = (
        func.count().filter(ReviewedComment.state == state)
        for state in (CommentState.WAITING, CommentState.RELEASED, CommentState.WITHHELD)
    )
    columns = (ReviewedComment.round_id, ReviewedComment.home_id, Unit.name, Result.year, Result.rating_class)
    statement = _reviewable(actor, *columns, waiting, released, withheld).group_by(*columns)
    if organised:
        own = select(Round.id).where(Round.organiser_id == actor.unit_id)
        statement = statement.where(ReviewedComment.round_id.in_(own))
    if waiting_only:
        statement = statement.having(waiting > 0)
    order = (
        case((waiting > 0, 0), else_=1),
        case((Result.rating_class == "DISSATISFIED", 0), else_=1),
        Result.year.desc(),
        Unit.name,
        ReviewedComment.home_id,
    )
    rows = session.execute(statement.order_by(*order).offset(most * (page - 1)).limit(most)).all()
    return [
        CommentHome(
            round_id=row[0],
            home_id=row[1],
            name=row[2],
            year=row[3],
            rating_class=row[4],
            waiting=row[5],
            released=row[6],
            withheld=row[7],
        )
        for row in rows
    ]


def comment_homes_count(session: Session, actor: Actor) -> int:
    """How many homes have words within this officer's reach."""
    pairs = _reviewable(actor, ReviewedComment.round_id, ReviewedComment.home_id).distinct().subquery()
    return session.scalar(select(func.count()).select_from(pairs)) or 0


def _reviewable(actor: Actor, *columns: Any) -> Any:
    return (
        select(*columns)
        .select_from(ReviewedComment)
        .join(Unit, Unit.id == ReviewedComment.home_id)
        .join(
            Result,
            (Result.round_id == ReviewedComment.round_id) & (Result.home_id == ReviewedComment.home_id),
        )
        .where(
            ReviewedComment.home_id.in_(scope(actor, Line.AFFILIATION)),
            Result.state.not_in(CLOSED_TO_REVIEW),
        )
    )


def comments_to_review(session: Session, actor: Actor, round_id: str, home_id: int) -> list[Reviewable]:
    """All words of one home with what was found in them; NotFound where the officer may not review."""
    actor.need("comment.review")
    _reviewable_home(session, actor, round_id, home_id)
    names = _roster_names(session, round_id, home_id)
    rows = session.scalars(
        select(ReviewedComment)
        .where(ReviewedComment.round_id == round_id, ReviewedComment.home_id == home_id)
        .order_by(ReviewedComment.id)
    ).all()
    return [_with_traces(row, names) for row in rows]


def _with_traces(comment: ReviewedComment, names: Sequence[str]) -> Reviewable:
    spans = traces(comment.original, names)
    return Reviewable(comment, spans, comment.released or masked(comment.original, spans))


def _reviewable_home(session: Session, actor: Actor, round_id: str, home_id: int) -> None:
    found = session.scalars(
        select(Result.id).where(
            Result.round_id == round_id,
            Result.home_id == home_id,
            Result.home_id.in_(scope(actor, Line.AFFILIATION)),
            Result.state.not_in(CLOSED_TO_REVIEW),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("comments")


def _roster_names(session: Session, round_id: str, home_id: int) -> list[str]:
    home = session.get(RoundHome, (round_id, home_id))
    if home is None or home.roster_id is None:
        return []
    return list(session.scalars(select(RosterMember.name).where(RosterMember.roster_id == home.roster_id)))


def comment_for_act(session: Session, actor: Actor, comment_id: str) -> ReviewedComment:
    """One comment within the reviewer's reach, locked; NotFound otherwise."""
    comment = session.get(ReviewedComment, comment_id, with_for_update=True)
    if comment is None:
        raise NotFound("comment")
    _reviewable_home(session, actor, comment.round_id, comment.home_id)
    return comment


def release(session: Session, actor: Actor, comment: ReviewedComment, *, text: str, at: datetime) -> None:
    """Let the home's union and members read a comment, in the masked wording."""
    _may_review(session, actor, comment)
    if not text.strip():
        raise Invalid([Fault("comment_empty", {}, "text")])
    if len(text) > len(comment.original) + 200:
        raise Invalid([Fault("comment_longer_than_original", {}, "text")])
    _decide(session, actor, comment, CommentState.RELEASED, text.strip(), at)


def withhold(session: Session, actor: Actor, comment: ReviewedComment, *, at: datetime) -> None:
    """Keep a comment from the home because it would tell who wrote it."""
    _may_review(session, actor, comment)
    _decide(session, actor, comment, CommentState.WITHHELD, "", at)


def _may_review(session: Session, actor: Actor, comment: ReviewedComment) -> None:
    actor.need("comment.review")
    if not is_below(session, comment.home_id, actor.unit_id, Line.AFFILIATION):
        raise NotFound("comment")
    if comment.answer:
        raise Refused("comment_answered_before")


def _decide(
    session: Session, actor: Actor, comment: ReviewedComment, state: CommentState, text: str, at: datetime
) -> None:
    comment.state, comment.released, comment.reviewed_by = state, text, actor.account_id
    session.flush()
    # The line names the home, never the words: a journal is kept longer than a comment.
    record(
        session,
        actor,
        f"comment.{state}",
        "round_home",
        f"{comment.round_id}/{comment.home_id}",
        at=at,
    )


@dataclass(frozen=True)
class Words:
    """What a reader outside the review sees: released texts by question, and how many there were."""

    total: int
    withheld: int
    waiting: int
    released: dict[str, list[str]]

    @property
    def shown(self) -> int:
        """How many were released."""
        return sum(len(texts) for texts in self.released.values())


def words_of(session: Session, round_id: str, home_id: int) -> Words:
    """The released comments of a home in random order (that of their ids), and the counts around them."""
    rows = session.scalars(
        select(ReviewedComment)
        .where(ReviewedComment.round_id == round_id, ReviewedComment.home_id == home_id)
        .order_by(ReviewedComment.id)
    ).all()
    released: dict[str, list[str]] = {}
    for row in rows:
        if row.state == CommentState.RELEASED:
            released.setdefault(row.question, []).append(row.released)
    states = [row.state for row in rows]
    return Words(len(rows), states.count(CommentState.WITHHELD), states.count(CommentState.WAITING), released)
