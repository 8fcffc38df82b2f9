"""The homes directly below a superior, each with turnout, class and overdue orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, case, func, literal, select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.counting.models import HomeCount
from survey_app.invitations.turnout import Turnout, turnouts
from survey_app.overview.area_figures import VOTED, fields_of, rounds_of, with_facts
from survey_app.rectification.models import Order
from survey_app.rectification.states import UNDER_WAY
from survey_app.results.reading import class_tag
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.units.models import Unit
from survey_app.units.queries import below


@dataclass(frozen=True)
class HomeRow:
    """A home in the table: `percent` is its turnout as it may be shown, `exact` whether it is rounded.

    Of a box that stayed shut (`unopened`) the table says so, as every other page does.
    """

    id: int
    name: str
    members: int
    percent: float | None
    exact: bool
    tag: str
    overdue: int
    unopened: bool = False


def home_rows(session: Session, unit_id: int, year: int, at: datetime, most: int = 100) -> list[HomeRow]:
    """The first homes below a unit, by name."""
    homes = select(Unit.id).where(Unit.id.in_(below(unit_id)), Unit.is_home, Unit.closed_on.is_(None))
    ids = session.scalars(homes.order_by(Unit.name, Unit.id).limit(most)).all()
    rows = rows_of(session, ids, year, at)
    return [rows[home_id] for home_id in ids]


def rows_of(session: Session, home_ids: Sequence[int], year: int, at: datetime) -> dict[int, HomeRow]:
    """The rows of these homes, by home."""
    branch = literal(None).label("branch")
    place = select(Unit.id.label("home"), branch).where(Unit.id.in_(home_ids)).subquery("place")
    shut = func.max(case((HomeCount.unopened.is_(True), 1), else_=0))
    named = with_facts(place, year, rounds_of(session, year)).add_columns(
        shut, Unit.id, Unit.name, late_orders(beijing_day(at))
    )
    rows = session.execute(named.group_by(Unit.id, Unit.name)).all()
    voting = _voting(session, home_ids, year, at)
    return {row[-3]: _home_row(row, voting) for row in rows}


def late_orders(today: date) -> ScalarSelect[int]:
    """How many orders of a home have passed a limit."""
    return (
        select(func.count())
        .where(Order.home_id == Unit.id, Order.state.in_(UNDER_WAY), Order.next_due_on < today)
        .correlate(Unit)
        .scalar_subquery()
    )


def _voting(session: Session, home_ids: Sequence[int], year: int, at: datetime) -> dict[int, Turnout]:
    """Turnout of those homes that vote now, from its one source."""
    found: dict[str, tuple[RoundState, list[int]]] = {}
    for round_id, state, home_id in session.execute(
        select(Round.id, Round.state, RoundHome.home_id)
        .join(RoundHome, RoundHome.round_id == Round.id)
        .where(RoundHome.home_id.in_(home_ids), RoundHome.ordinary_year == year, Round.state.in_(VOTED))
    ):
        found.setdefault(round_id, (RoundState(state), []))[1].append(home_id)
    shown: dict[int, Turnout] = {}
    for round_id, (state, ids) in found.items():
        shown.update(turnouts(session, round_id, ids, at=at, state=state))
    return shown


def _home_row(row: Any, voting: Mapping[int, Turnout]) -> HomeRow:
    _branch, repeats, state, kind, code, reminder, _homes, voters, used, shut, home_id, name, overdue = row
    names = ["repeating"] if repeats else fields_of(state, kind, code, reminder)
    tag = class_tag(kind, reminder) if "rated" in names else "held" if "held" in names else "not_rated"
    now = voting.get(home_id)
    if now is not None:
        return HomeRow(home_id, name, now.members, now.shown_percent, now.exact, tag, overdue)
    percent = 100 * used / voters if voters else None
    return HomeRow(home_id, name, voters or 0, percent, True, tag, overdue, bool(shut))
