"""The ledger as a calendar: a month of days with their limits; what is late is carried into today."""

from __future__ import annotations

import calendar as almanac
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.holidays.queries import calendar_of
from survey_app.rectification.ledger import Filter, filtered
from survey_app.rectification.models import Limit, Order, Problem
from survey_app.rectification.states import UNDER_WAY
from survey_app.rectification.wording import LIMITS
from survey_app.units.models import Unit
from survey_app.web.i18n import gettext
from survey_app.workdays import Calendar, OutOfRangeError

MOST_A_DAY = 6


@dataclass(frozen=True)
class Entry:
    """One limit on a day: whose, what, how many working days late."""

    order_id: int
    home: str
    what: str
    days_late: int = 0
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

    @property
    def shown(self) -> list[Entry]:
        return self.entries[:MOST_A_DAY]

    @property
    def more(self) -> int:
        return max(0, len(self.entries) - MOST_A_DAY)


@dataclass(frozen=True)
class MonthPage:
    """A month in weeks, the days that have limits, and the neighbours."""

    month: date
    weeks: list[list[Day]]
    before: date
    after: date
    provisional: bool

    def listed(self, today: date) -> list[Day]:
        """Days from today on (or of the whole month where it is not this one) that hold something."""
        days = [day for week in self.weeks for day in week if day.inside and day.entries]
        return [day for day in days if day.day >= today] if self.month == today.replace(day=1) else days


def month_page(session: Session, actor: Actor, wanted: Filter, month: date, today: date) -> MonthPage:
    """The limits of a month over the filter's orders."""
    calendar = calendar_of(session)
    grid = almanac.Calendar(almanac.MONDAY).monthdatescalendar(month.year, month.month)
    days = {day: _day(calendar, day, month, today) for week in grid for day in week}
    for limit, order, home, problem in _limits(session, actor, wanted, today, max(days)):
        late = limit.due_on < today
        what = _what(limit, problem)
        if limit.due_on in days:
            days[limit.due_on].entries.append(Entry(order.id, home.short_name, what, 0, limit.provisional))
        if late and today in days:
            days_late = -calendar.workdays_between(today, limit.due_on)
            days[today].entries.insert(0, Entry(order.id, home.short_name, what, days_late))
    for day in days.values():
        day.entries.sort(key=lambda entry: -entry.days_late)
    return MonthPage(
        month=month,
        weeks=[[days[day] for day in week] for week in grid],
        before=(month - timedelta(days=1)).replace(day=1),
        after=(month + timedelta(days=31)).replace(day=1),
        provisional=any(entry.provisional for day in days.values() for entry in day.entries),
    )


def _day(calendar: Calendar, day: date, month: date, today: date) -> Day:
    try:
        off, makeup = not calendar.is_workday(day), calendar.is_makeup(day)
    except OutOfRangeError:
        off, makeup = day.isoweekday() > 5, False
    return Day(day, day.month == month.month, day == today, off, makeup)


def _limits(
    session: Session, actor: Actor, wanted: Filter, today: date, last: date
) -> list[tuple[Limit, Order, Unit, Problem | None]]:
    orders = filtered(actor, wanted, today).with_only_columns(Order.id)
    rows = session.execute(
        select(Limit, Order, Unit, Problem)
        .join(Order, Order.id == Limit.order_id)
        .join(Unit, Unit.id == Order.home_id)
        .outerjoin(Problem, Problem.id == Limit.problem_id)
        .where(
            Limit.order_id.in_(orders),
            Order.state.in_(UNDER_WAY),
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
            Limit.due_on <= last,
        )
        .order_by(Limit.due_on, Unit.name, Limit.id)
    )
    return [(limit, order, home, problem) for limit, order, home, problem in rows]


def _what(limit: Limit, problem: Problem | None) -> str:
    if problem is not None:
        return gettext("第%(n)s项到期", n=problem.ordinal)
    return str(LIMITS[limit.kind])
