"""The repeat of votes that could not be rated: one act for a whole round, on the same frozen rosters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from scoring.decision import ReasonCode
from survey_app.core.actor import Actor
from survey_app.core.errors import Refused
from survey_app.results.models import Result, ResultState
from survey_app.rounds.following import FollowingHome, follow
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState
from survey_app.units.models import Unit

UNRATED = frozenset({ReasonCode.I1, ReasonCode.I2, ReasonCode.I3, ReasonCode.I4})
SETTLED = (ResultState.FINAL, ResultState.PUBLISHED)
FIRST_VOTES = (RoundKind.ORDINARY, RoundKind.REPEAT)


def homes_to_repeat(session: Session, round_: Round) -> list[tuple[Result, Unit]]:
    """Homes whose vote was voided, or whose confirmed result is 证据不足 by I1 to I4, and not repeated yet.

    What stays without evidence in the repeat is not repeated again; only a voided vote is.
    """
    if round_.kind not in FIRST_VOTES:
        return []
    repeated = (
        select(RoundHome.home_id)
        .join(Round, Round.id == RoundHome.round_id)
        .where(
            Round.follows_round_id == round_.id,
            Round.kind == RoundKind.REPEAT,
            Round.state != RoundState.CANCELLED,
        )
    )
    codes = [code.value for code in UNRATED] if round_.kind == RoundKind.ORDINARY else []
    unrated = Result.state.in_(SETTLED) & Result.code.in_(codes)
    rows = session.execute(
        select(Result, Unit)
        .join(Unit, Unit.id == Result.home_id)
        .where(
            Result.round_id == round_.id,
            unrated | (Result.state == ResultState.VOIDED),
            Result.home_id.not_in(repeated),
        )
        .order_by(Unit.name)
    )
    return [(result, unit) for result, unit in rows]


def repeat(
    session: Session,
    actor: Actor,
    round_: Round,
    *,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    at: datetime,
) -> Round:
    """Plan the repeat of every home that needs one."""
    actor.need("round.edit")
    due = homes_to_repeat(session, round_)
    if not due:
        raise Refused("nothing_to_repeat")
    homes = [_home(session, result) for result, _unit in due]
    return follow(
        session,
        actor,
        round_,
        homes,
        kind=RoundKind.REPEAT,
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
        at=at,
    )


def _home(session: Session, result: Result) -> FollowingHome:
    home = session.get_one(RoundHome, (result.round_id, result.home_id))
    if home.roster_id is None:
        raise Refused("nothing_to_repeat")
    return FollowingHome(
        home.home_id, home.roster_id, home.members, home.questionnaire_id, home.channel, home.cards
    )
