"""Whose time is over: ballots, comments, and rosters that no order needs any more.

Sealed ballots, keyed paper and keys end earlier, at closing and counting; their record is the round itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.rectification.models import Order, OrderState
from survey_app.results.models import Result
from survey_app.retention.models import Destruction, Kept
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState

BALLOTS_FOR = timedelta(days=90)
ROSTER_FOR = timedelta(days=90)
COMMENTS_FOR = timedelta(days=365)
ORDER_ENDED = (OrderState.CLOSED, OrderState.WITHDRAWN, OrderState.REFUSED, OrderState.NOTED)
COUNTED = (RoundState.COUNTED, RoundState.ARCHIVED)


@dataclass(frozen=True)
class Due:
    """One home of a round whose kept things are due."""

    round_id: str
    home_id: int


def due(session: Session, kind: Kept, *, at: datetime) -> list[Due]:
    """The homes whose ballots, comments or roster are to be destroyed now, each once."""
    span = {Kept.BALLOTS: BALLOTS_FOR, Kept.COMMENTS: COMMENTS_FOR, Kept.ROSTER: ROSTER_FOR}[kind]
    statement = (
        select(RoundHome.round_id, RoundHome.home_id)
        .join(Round, Round.id == RoundHome.round_id)
        .where(
            Round.state.in_(COUNTED),
            _ended_before(at - span),
            ~exists().where(
                Destruction.kind == kind,
                Destruction.round_id == RoundHome.round_id,
                Destruction.home_id == RoundHome.home_id,
            ),
        )
        .order_by(RoundHome.round_id, RoundHome.home_id)
    )
    if kind is Kept.ROSTER:
        statement = statement.where(~_needed_by_an_order(), ~_needed_by_a_round(at - span))
    return [Due(round_id, home_id) for round_id, home_id in session.execute(statement)]


def _ended_before(instant: datetime) -> ColumnElement[bool]:
    """Published, or replaced by something published, or a practice counted, before this instant."""
    return or_(
        _published(RoundHome.round_id, RoundHome.home_id, instant),
        and_(Round.kind == RoundKind.PRACTICE, Round.counted_at <= instant),
    )


def _published(
    round_id: ColumnElement[str] | object, home_id: ColumnElement[int] | object, instant: datetime
) -> ColumnElement[bool]:
    result, later = aliased(Result), aliased(Result)
    replaced = select(later.published_at).where(later.id == result.superseded_by)
    when = func.coalesce(result.published_at, replaced.scalar_subquery())
    return exists().where(result.round_id == round_id, result.home_id == home_id, when <= instant)


def _needed_by_an_order() -> ColumnElement[bool]:
    """An order on any vote of this roster is still open: its members will be asked once more."""
    other, result = aliased(RoundHome), aliased(Result)
    return exists().where(
        other.roster_id == RoundHome.roster_id,
        result.round_id == other.round_id,
        result.home_id == other.home_id,
        Order.result_id == result.id,
        Order.state.not_in(ORDER_ENDED),
    )


def _needed_by_a_round(instant: datetime) -> ColumnElement[bool]:
    """Another round on the same roster is not over, or not long enough."""
    other, round_ = aliased(RoundHome), aliased(Round)
    return exists().where(
        other.roster_id == RoundHome.roster_id,
        other.round_id != RoundHome.round_id,
        round_.id == other.round_id,
        round_.state != RoundState.CANCELLED,
        ~_published(other.round_id, other.home_id, instant),
        ~and_(round_.kind == RoundKind.PRACTICE, round_.counted_at <= instant),
    )
