"""Which of the many situations a home is in: it decides the one notice on its chair's desk.

The notice says what to do now, until when, and what happens if nothing is done; its template is
`overview/chair/<situation>.html`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.rectification.models import Order
from survey_app.rectification.states import UNDER_WAY
from survey_app.results.models import Result, ResultState
from survey_app.rosters.models import Roster, RosterState
from survey_app.rosters.queries import latest_roster
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState


class Situation(StrEnum):
    """Where a home stands, from the roster to the end of an order."""

    ROSTER_MISSING = "roster_missing"
    ROSTER_RETURNED = "roster_returned"
    ROSTER_NOT_SUBMITTED = "roster_not_submitted"
    ROSTER_WAITING = "roster_waiting"
    REPORT = "report"
    BEFORE_VOTING = "before_voting"
    VOTING = "voting"
    CLOSED = "closed"
    COMPUTING = "computing"
    IN_DOUBT = "in_doubt"
    VOIDED = "voided"
    OBJECTION_WINDOW = "objection_window"
    OBJECTED = "objected"
    CONFIRMING = "confirming"
    FINAL = "final"
    ORDER = "order"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Standing:
    """The situation with what it was read from."""

    situation: Situation
    round: Round | None
    home: RoundHome | None
    result: Result | None
    order: Order | None
    roster: Roster | None
    year: int
    years: tuple[int, ...] = ()

    @property
    def shows_result(self) -> bool:
        """Whether figures of a rating may stand on the desk at all."""
        return self.result is not None and self.situation in WITH_FIGURES


WITH_FIGURES = frozenset(
    {
        Situation.OBJECTION_WINDOW,
        Situation.OBJECTED,
        Situation.CONFIRMING,
        Situation.FINAL,
        Situation.ORDER,
        Situation.NOTHING,
    }
)
BEFORE = frozenset({RoundState.DRAFT, RoundState.PREPARING, RoundState.READY, RoundState.OPENING})
BY_ROUND = {
    RoundState.VOTING: Situation.VOTING,
    RoundState.CLOSING: Situation.VOTING,
    RoundState.CLOSED: Situation.CLOSED,
    RoundState.COUNTING: Situation.COMPUTING,
}


UNSETTLED = frozenset({ResultState.PROVISIONAL, ResultState.OBJECTED, ResultState.HELD, ResultState.FINAL})
"""A result with something still to do: it is not published yet."""


def standing_of(session: Session, home_id: int, at: datetime, year: int | None = None) -> Standing:
    """Where a home stands in the year asked for, or in the one whose work is alive."""
    rounds = _rounds(session, home_id)
    years = tuple(sorted({round_.year for round_, _home in rounds}, reverse=True))
    asked = year if year in years else None
    round_, home = _in_hand(session, home_id, rounds, asked)
    result = _result(session, home_id, round_)
    order = _open_order(session, home_id, asked)
    year = round_.year if round_ else beijing_day(at).year
    roster = latest_roster(session, home_id, year)
    situation = _situation(round_, home, result, order, roster, beijing_day(at))
    return Standing(situation, round_, home, result, order, roster, year, years)


def _rounds(session: Session, home_id: int) -> list[tuple[Round, RoundHome]]:
    """The rounds of a home, the one that opens last first; practice counts for nothing."""
    rows = session.execute(
        select(Round, RoundHome)
        .join(RoundHome, RoundHome.round_id == Round.id)
        .where(
            RoundHome.home_id == home_id,
            Round.state != RoundState.CANCELLED,
            Round.kind != RoundKind.PRACTICE,
        )
        .order_by(Round.opens_at.desc())
    )
    return [(round_, home) for round_, home in rows]


def _in_hand(
    session: Session, home_id: int, rounds: list[tuple[Round, RoundHome]], year: int | None
) -> tuple[Round, RoundHome] | tuple[None, None]:
    """The newest round (of the year, if asked); one that only begins gives way to an older year alive."""
    if year is not None:
        rounds = [pair for pair in rounds if pair[0].year == year]
    if not rounds:
        return None, None
    newest = rounds[0]
    if newest[0].state not in BEFORE:
        return newest
    older = next(
        (pair for pair in rounds if pair[0].year < newest[0].year and pair[0].state not in BEFORE), None
    )
    return older if older and _is_alive(session, home_id, older[0]) else newest


def _is_alive(session: Session, home_id: int, round_: Round) -> bool:
    """Whether voting, counting, a result or an order of this year still waits for somebody."""
    if round_.state in BY_ROUND or _open_order(session, home_id, round_.year):
        return True
    result = _result(session, home_id, round_)
    return result is None or result.state in UNSETTLED


def _result(session: Session, home_id: int, round_: Round | None) -> Result | None:
    """The result of the newest round; a re-evaluation leaves the rating of the year in its place."""
    statement = select(Result).where(Result.home_id == home_id, Result.state != ResultState.SUPERSEDED)
    if round_ is not None and round_.kind != RoundKind.RE_EVALUATION:
        statement = statement.where(Result.round_id == round_.id)
    return session.scalars(statement.order_by(Result.id.desc()).limit(1)).first()


def _open_order(session: Session, home_id: int, year: int | None = None) -> Order | None:
    """The open order that is due first, of any year or of the one asked for."""
    statement = select(Order).where(Order.home_id == home_id, Order.state.in_(UNDER_WAY))
    if year is not None:
        statement = statement.join(Result, Result.id == Order.result_id).where(Result.year == year)
    return session.scalars(statement.order_by(Order.next_due_on, Order.id).limit(1)).first()


def _situation(
    round_: Round | None,
    home: RoundHome | None,
    result: Result | None,
    order: Order | None,
    roster: Roster | None,
    today: date,
) -> Situation:
    state = RoundState(round_.state) if round_ else None
    if state in BY_ROUND:
        return BY_ROUND[state]
    if state in BEFORE or (state is None and order is None):
        return _before_voting(state, home, roster)
    if result is None:
        return Situation.COMPUTING
    return _after_counting(result, order, today)


def _before_voting(state: RoundState | None, home: RoundHome | None, roster: Roster | None) -> Situation:
    if roster is None:
        return Situation.ROSTER_MISSING
    if roster.state == RosterState.DRAFT:
        return Situation.ROSTER_RETURNED if roster.return_reason else Situation.ROSTER_NOT_SUBMITTED
    if roster.state == RosterState.SUBMITTED:
        return Situation.ROSTER_WAITING
    written = home is not None and (home.work_report_text or home.work_report_checksum)
    missing = home is not None and not written and state is RoundState.DRAFT
    return Situation.REPORT if missing else Situation.BEFORE_VOTING


def _after_counting(result: Result, order: Order | None, today: date) -> Situation:
    if result.state == ResultState.PROVISIONAL:
        answered = result.no_objection_at is not None or result.objection_until < today
        return Situation.CONFIRMING if answered else Situation.OBJECTION_WINDOW
    fixed = {
        ResultState.HELD: Situation.IN_DOUBT,
        ResultState.VOIDED: Situation.VOIDED,
        ResultState.OBJECTED: Situation.OBJECTED,
    }
    if result.state in fixed:
        return fixed[ResultState(result.state)]
    if order is not None:
        return Situation.ORDER
    return Situation.FINAL if result.state == ResultState.FINAL else Situation.NOTHING
