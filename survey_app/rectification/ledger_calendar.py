"""The ledger as a calendar: a month of days with their limits; what is late is carried into today."""

from __future__ import annotations

import calendar as almanac
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.holidays.queries import calendar_of
from survey_app.rectification.ledger import Filter, filtered
from survey_app.rectification.models import Limit, Order, Problem
from survey_app.rectification.states import UNDER_WAY
from survey_app.rectification.wording import LIMITS
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext
from survey_app.workdays import Calendar, DaysLeft, OutOfRangeError

MOST_A_DAY = 6
BY_DAY = (Limit.due_on, Unit.name, Limit.id)


@dataclass(frozen=True)
class Entry:
    """One limit on a day: whose, what, how many working days late."""

    order_id: int
    home: str
    what: str
    left: DaysLeft | None = None
    provisional: bool = False


@dataclass
class Day:
    """A day of the grid."""

    day: date
    inside: bool
    today: bool
    off: bool
    makeup: bool
    entries: list[Entry] = field(default_factory=list)
    count: int = 0

    @property
    def more(self) -> int:
        return self.count - len(self.entries)


@dataclass(frozen=True)
class MonthPage:
    """A month in weeks, the days that have limits, and the neighbours."""

    month: date
    weeks: list[list[Day]]
    before: date
    after: date

    def listed(self, today: date) -> list[Day]:
        """Days from today on (or of the whole month where it is not this one) that hold something."""
        days = [day for week in self.weeks for day in week if day.inside and day.entries]
        return [day for day in days if day.day >= today] if self.month == today.replace(day=1) else days


def month_page(session: Session, actor: Actor, wanted: Filter, month: date, today: date) -> MonthPage:
    """The limits of a month over the filter's orders."""
    calendar = calendar_of(session)
    grid = almanac.Calendar(almanac.MONDAY).monthdatescalendar(month.year, month.month)
    days = {day: _day(calendar, day, month, today) for week in grid for day in week}
    running = _running(actor, wanted, today)
    this_month = running.where(Limit.due_on.between(min(days), max(days)))
    for row in session.execute(_first_of_each_day(this_month)):
        days[row.due_on].entries.append(_entry(row))
        days[row.due_on].count = row.whole
    if today in days:
        _carry_late(session, running.where(Limit.due_on < today), calendar, days[today])
    return MonthPage(
        month=month,
        weeks=[[days[day] for day in week] for week in grid],
        before=(month - timedelta(days=1)).replace(day=1),
        after=(month + timedelta(days=31)).replace(day=1),
    )


def _carry_late(session: Session, late: Any, calendar: Calendar, today: Day) -> None:
    """What is late stands first in today's cell, the latest of all on top; the rest is a number."""
    rows = session.execute(
        late.add_columns(func.count().over().label("whole")).order_by(*BY_DAY).limit(MOST_A_DAY)
    ).all()
    entries = [_entry(row, calendar.days_left(today.day, row.due_on)) for row in rows]
    today.count += rows[0].whole if rows else 0
    today.entries[:0] = entries
    del today.entries[MOST_A_DAY:]


def _first_of_each_day(running: Any) -> Any:
    """The few that fit into a cell, each with the number of all on its day."""
    ranked = running.add_columns(
        func.row_number().over(partition_by=Limit.due_on, order_by=(Unit.name, Limit.id)).label("place"),
        func.count().over(partition_by=Limit.due_on).label("whole"),
    ).subquery()
    return select(ranked).where(ranked.c.place <= MOST_A_DAY).order_by(ranked.c.due_on, ranked.c.place)


def _entry(row: Any, left: DaysLeft | None = None) -> Entry:
    what = str(LIMITS[row.kind])
    if row.ordinal is not None:
        # What is late says so beside its name.
        what = (
            gettext("第%(n)s项", n=row.ordinal)
            if left is not None
            else gettext("第%(n)s项到期", n=row.ordinal)
        )
    return Entry(row.order_id, row.short_name, what, left, row.provisional)


def _day(calendar: Calendar, day: date, month: date, today: date) -> Day:
    try:
        off, makeup = not calendar.is_workday(day), calendar.is_makeup(day)
    except OutOfRangeError:
        off, makeup = day.isoweekday() > 5, False
    return Day(day, day.month == month.month, day == today, off, makeup)


def _running(actor: Actor, wanted: Filter, today: date) -> Any:
    """Running limits of open orders, as plain columns: a month of a city holds thousands."""
    orders = filtered(actor, wanted, today).with_only_columns(Order.id)
    columns = select(
        Limit.due_on, Limit.order_id, Limit.kind, Limit.provisional, Unit.short_name, Problem.ordinal
    )
    return (
        columns.join(Order, Order.id == Limit.order_id)
        .join(Unit, Unit.id == Order.home_id)
        .outerjoin(Problem, Problem.id == Limit.problem_id)
        .where(
            Limit.order_id.in_(orders),
            Order.state.in_(UNDER_WAY),
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
        )
    )
