"""Reads of results within the actor's scope, always through the disclosure rules."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from scoring import Audience, ShownRating, disclose
from survey_app.accounts.models import Account
from survey_app.accounts.queries import posts_at
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound
from survey_app.results.models import Objection, RatingSnapshot, Result, ResultState
from survey_app.results.rating import rating_of_snapshot
from survey_app.rounds.models import Round
from survey_app.units.models import Unit
from survey_app.units.queries import scope

# A held result is shown to nobody but those who must decide about it (anonymity.md section 5): the
# organiser of its round and whoever stands above him. So is one whose vote was voided.
HELD_BACK = (ResultState.HELD, ResultState.VOIDED)


def visible_results(actor: Actor) -> Select[Result, Unit, Round]:
    """Results of homes in the scope, with home and round."""
    organised = Round.organiser_id.in_(scope(actor))
    statement = (
        select(Result, Unit, Round)
        .join(Unit, Unit.id == Result.home_id)
        .join(Round, Round.id == Result.round_id)
        .where(Result.home_id.in_(scope(actor)))
    )
    if actor.role is Role.CHAIR:
        return statement.where(Result.state.not_in(HELD_BACK))
    return statement.where(or_(Result.state.not_in(HELD_BACK), organised))


def visible_result(
    session: Session, actor: Actor, result_id: int, *, lock: bool = False
) -> tuple[Result, Unit, Round]:
    """One result within the scope, or NotFound; locked when it is about to be changed."""
    statement = visible_results(actor).where(Result.id == result_id)
    if lock:
        statement = statement.with_for_update(of=Result)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("result")
    return row[0], row[1], row[2]


def latest_result(session: Session, actor: Actor, home_id: int) -> tuple[Result, Unit, Round] | None:
    """The newest result of a home that counts."""
    row = session.execute(
        visible_results(actor)
        .where(Result.home_id == home_id, Result.state != ResultState.SUPERSEDED)
        .order_by(Result.year.desc(), Result.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def snapshot_of(session: Session, result: Result) -> RatingSnapshot:
    """The newest frozen snapshot of a result."""
    return session.get_one(RatingSnapshot, result.snapshot_id)


def audience_of(actor: Actor) -> Audience:
    """Which disclosure rules apply to a post."""
    return Audience.CHAIR if actor.role is Role.CHAIR else Audience.SUPERIOR


def shown(session: Session, result: Result, audience: Audience) -> ShownRating:
    """The rating of a result as this audience may see it."""
    return disclose(rating_of_snapshot(snapshot_of(session, result)), audience)


@dataclass(frozen=True)
class ObjectionStory:
    """An objection and how it was decided."""

    objection: Objection
    open: bool


def objections_of(session: Session, result: Result) -> list[ObjectionStory]:
    """The objections to a result, newest first."""
    rows = session.scalars(
        select(Objection).where(Objection.result_id == result.id).order_by(Objection.raised_at.desc())
    )
    return [ObjectionStory(objection, objection.decided_at is None) for objection in rows]


def answered_by(account_id: int) -> Select[int]:
    """Results whose objection this person answered: another officer confirms them."""
    return select(Objection.result_id).where(Objection.decided_by == account_id)


def other_officers(session: Session, actor: Actor, round_: Round) -> list[str]:
    """The names of the organiser's officers besides the actor: one of them confirms what he answered."""
    posts = posts_at(session, round_.organiser_id, Role.OFFICER)
    accounts = {post.account_id for post in posts} - {actor.account_id}
    return list(session.scalars(select(Account.name).where(Account.id.in_(accounts)).order_by(Account.name)))


def open_objection(session: Session, result: Result) -> Objection:
    """The objection that waits for a decision, or NotFound."""
    found = session.scalars(
        select(Objection).where(Objection.result_id == result.id, Objection.decided_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound("objection")
    return found
