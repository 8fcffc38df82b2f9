"""The homes directly below a superior, each with turnout, class and overdue orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.counting.models import HomeCount
from survey_app.invitations.turnout import Turnout, turnouts
from survey_app.overview.area_figures import VOTED, fields_of, rounds_of, with_facts
from survey_app.rectification.models import Order
from survey_app.rectification.states import UNDER_WAY
from survey_app.results.reading import class_tag
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.units.branches import places
from survey_app.units.models import Line, Unit


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
    place = places(unit_id, (), Line.AFFILIATION)
    late = (
        select(func.count())
        .where(Order.home_id == Unit.id, Order.state.in_(UNDER_WAY), Order.next_due_on < beijing_day(at))
        .correlate(Unit)
        .scalar_subquery()
    )
    shut = func.max(case((HomeCount.unopened.is_(True), 1), else_=0))
    named = with_facts(place, year, rounds_of(session, year)).add_columns(shut, Unit.id, Unit.name, late)
    rows = session.execute(named.group_by(Unit.id, Unit.name).order_by(Unit.name, Unit.id).limit(most)).all()
    voting = _voting(session, [row[-3] for row in rows], year, at)
    return [_home_row(row, voting) for row in rows]


def _voting(session: Session, home_ids: list[int], year: int, at: datetime) -> dict[int, Turnout]:
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
