"""Turnout: the one source of every screen. Homes under 50 members are shown once a day, rounded to 5 %."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.invitations.models import Invitation, TurnoutDay
from survey_app.invitations.queries import USED
from survey_app.rounds.models import Channel, Round, RoundHome, RoundState

EXACT_FROM = 50
STEP_PERCENT = 5
WHILE_VOTING = frozenset({RoundState.VOTING, RoundState.CLOSING})


@dataclass(frozen=True)
class Turnout:
    """Used entitlements of a home. Inexact ones are rounded, so that nobody sees the last ballot fall."""

    used: int
    members: int
    shown_percent: float
    exact: bool


def turnout(session: Session, round_id: str, home_id: int, *, at: datetime, state: RoundState) -> Turnout:
    """Turnout of one home as it may be shown now."""
    return turnouts(session, round_id, [home_id], at=at, state=state)[home_id]


def turnouts(
    session: Session, round_id: str, home_ids: Iterable[int], *, at: datetime, state: RoundState
) -> Mapping[int, Turnout]:
    """Turnout of several homes of a round by home, as it may be shown now."""
    wanted = list(home_ids)
    sizes = select(RoundHome.home_id, RoundHome.members).where(
        RoundHome.round_id == round_id, RoundHome.home_id.in_(wanted)
    )
    members: dict[int, int] = {row.home_id: row.members for row in session.execute(sizes)}
    small = [home for home, count in members.items() if count < EXACT_FROM and state in WHILE_VOTING]
    used = _used_now(session, round_id, [home for home in members if home not in set(small)])
    last = _last_reading(session, round_id, small, at)
    return {
        home: _exact(used[home], count) if home in used else rounded(last.get(home, 0), count)
        for home, count in members.items()
    }


def write_day(session: Session, *, at: datetime) -> int:
    """Write today's reading of every home that votes now; the first reading of a day stays."""
    counted = session.execute(
        select(Invitation.round_id, Invitation.home_id, func.count())
        .join(Round, Round.id == Invitation.round_id)
        .where(Round.state == RoundState.VOTING, Invitation.state.in_(USED))
        .group_by(Invitation.round_id, Invitation.home_id)
    ).all()
    day = beijing_day(at).isoformat()
    rows = [{"round_id": r, "home_id": h, "day": day, "used": n} for r, h, n in counted]
    if rows:
        make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(make(TurnoutDay).on_conflict_do_nothing(), rows)
    return len(rows)


def turnout_by_day(session: Session, round_id: str, home_id: int, members: int) -> list[tuple[str, Turnout]]:
    """The step line of a home: its daily readings, rounded where the home is small."""
    rows = session.execute(
        select(TurnoutDay.day, TurnoutDay.used)
        .where(TurnoutDay.round_id == round_id, TurnoutDay.home_id == home_id)
        .order_by(TurnoutDay.day)
    )
    show = _exact if members >= EXACT_FROM else rounded
    return [(day, show(used, members)) for day, used in rows]


def _used_now(session: Session, round_id: str, home_ids: list[int]) -> dict[int, int]:
    found = dict.fromkeys(home_ids, 0)
    for home_id, count in session.execute(
        select(Invitation.home_id, func.count())
        .where(Invitation.round_id == round_id, Invitation.home_id.in_(home_ids), Invitation.state.in_(USED))
        .group_by(Invitation.home_id)
    ):
        found[home_id] = count
    # Where nobody has a link, those who came are counted when the voting is over.
    came = select(RoundHome.home_id, RoundHome.present).where(
        RoundHome.round_id == round_id,
        RoundHome.home_id.in_(home_ids),
        RoundHome.channel != Channel.LINKS,
    )
    found.update((row.home_id, row.present or 0) for row in session.execute(came))
    return found


def _last_reading(session: Session, round_id: str, home_ids: list[int], at: datetime) -> dict[int, int]:
    today = beijing_day(at).isoformat()
    rows = session.execute(
        select(TurnoutDay.home_id, func.max(TurnoutDay.used).label("used"))
        .where(TurnoutDay.round_id == round_id, TurnoutDay.home_id.in_(home_ids), TurnoutDay.day <= today)
        .group_by(TurnoutDay.home_id)
    )
    return {row.home_id: row.used for row in rows}


def _exact(used: int, members: int) -> Turnout:
    return Turnout(used, members, 100 * used / members if members else 0.0, exact=True)


def rounded(used: int, members: int) -> Turnout:
    """To the nearest 5 %, halves up, in whole numbers; the count shown follows from the rounded share."""
    if not members:
        return Turnout(0, 0, 0.0, exact=False)
    steps = (200 * used + STEP_PERCENT * members) // (2 * STEP_PERCENT * members)
    percent = STEP_PERCENT * steps
    return Turnout((percent * members + 50) // 100, members, float(percent), exact=False)
