"""How orders go (整改统计), by area and by item: limits kept, days to closure, problems that came back.

Every figure names its base and is counted over the orders within the scope only. A limit counts once its
day has passed, in the year of that day; an extended or withdrawn one does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.rectification.limits import HOME_KINDS
from survey_app.rectification.models import Limit, LimitKind, Order, OrderState, Problem
from survey_app.rectification.queries import visible_orders
from survey_app.units.branches import places
from survey_app.units.models import Line, Unit


@dataclass(frozen=True)
class Tally:
    """Limits due and kept, closures and their days, homes with a problem and those it came back to."""

    limits: int = 0
    on_time: int = 0
    closed: int = 0
    days: int = 0
    homes: int = 0
    recurring: int = 0

    @property
    def on_time_rate(self) -> float | None:
        """The share of limits kept; None while none fell due."""
        return self.on_time / self.limits if self.limits else None

    @property
    def days_to_close(self) -> int | None:
        """The mean number of days from signing to closure; None while nothing was closed."""
        return round(self.days / self.closed) if self.closed else None

    def __add__(self, other: Tally) -> Tally:
        names = self.__dataclass_fields__
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True)
class TallyRow:
    """An area or an item with its tally; `key` is the unit or the item, None for the unit's own homes."""

    key: int | str | None
    name: str
    tally: Tally


@dataclass(frozen=True)
class Statistics:
    """The whole, its areas, which add up to it, and its items, of which only the limits of problems count."""

    year: int
    whole: Tally
    areas: list[TallyRow]
    items: list[TallyRow]


Orders = Select[int]
NOTHING_CAME_OF_IT = (OrderState.REFUSED, OrderState.WITHDRAWN)
Key = Any


def statistics(session: Session, actor: Actor, year: int, today: date, line: Line) -> Statistics:
    """The figures of a year over the actor's scope, areas in the view of one line."""
    mine = visible_orders(actor).with_only_columns(Order.id)
    by_home = _by_home(session, mine, year, today)
    return Statistics(
        year=year,
        whole=sum(by_home.values(), Tally()),
        areas=_areas(session, actor, by_home, line),
        items=_items(session, mine, year, today),
    )


def whole_tally(session: Session, actor: Actor, today: date) -> Tally:
    """The present year over the whole scope: the strip above the ledger."""
    mine = visible_orders(actor).with_only_columns(Order.id)
    limits = _limits(session, mine, literal(0), HOME_KINDS, today.year, today)
    closures = _closures(session, mine, today.year).values()
    pairs = _pairs(mine)
    homes, recurring = session.execute(
        select(
            func.count(pairs.c.home_id.distinct()),
            func.count(case((pairs.c.orders > 1, pairs.c.home_id)).distinct()),
        )
    ).one()
    closed, days = sum(count for count, _ in closures), sum(days for _, days in closures)
    return Tally(*limits.get(0, (0, 0)), closed, days, homes, recurring)


def years_with_orders(session: Session, actor: Actor, today: date) -> list[int]:
    """The years one can look at, the newest first."""
    first = session.scalar(visible_orders(actor).with_only_columns(func.min(Order.issued_at)).order_by(None))
    return list(range(today.year, (beijing_day(first).year if first else today.year) - 1, -1))


def _by_home(session: Session, mine: Orders, year: int, today: date) -> dict[int, Tally]:
    limits = _limits(session, mine, Order.home_id, HOME_KINDS, year, today)
    closures = _closures(session, mine, year)
    pairs = _pairs(mine)
    again = {
        home: (1, int(most > 1))
        for home, most in session.execute(
            select(pairs.c.home_id, func.max(pairs.c.orders)).group_by(pairs.c.home_id)
        )
    }
    return {key: _joined(key, limits, closures, again) for key in {*limits, *closures, *again}}


def _items(session: Session, mine: Orders, year: int, today: date) -> list[TallyRow]:
    limits = _limits(session, mine, Problem.item_id, (LimitKind.COMPLETION,), year, today)
    pairs = _pairs(mine)
    came_back = func.sum(case((pairs.c.orders > 1, 1), else_=0))
    again = {
        item: (homes, int(recurring))
        for item, homes, recurring in session.execute(
            select(pairs.c.item_id, func.count(), came_back).group_by(pairs.c.item_id)
        )
    }
    closures = _problem_closures(session, mine, year)
    names = dict(
        session.execute(
            select(Problem.item_id, func.max(Problem.duty))
            .where(Problem.order_id.in_(mine))
            .group_by(Problem.item_id)
        ).all()
    )
    found = {key: _joined(key, limits, closures, again) for key in {*limits, *closures, *again}}
    rows = [TallyRow(key, names[key], tally) for key, tally in found.items()]
    return sorted(rows, key=lambda row: (-row.tally.homes, str(row.key)))


def _joined(
    key: Key,
    limits: dict[Key, tuple[int, int]],
    closures: dict[Key, tuple[int, int]],
    again: dict[Key, tuple[int, int]],
) -> Tally:
    nothing = (0, 0)
    return Tally(*limits.get(key, nothing), *closures.get(key, nothing), *again.get(key, nothing))


def _limits(
    session: Session,
    mine: Orders,
    key: ColumnElement[Any] | Any,
    kinds: tuple[LimitKind, ...],
    year: int,
    today: date,
) -> dict[Key, tuple[int, int]]:
    """Limits of homes that fell due in a year, and how many were met by their day."""
    last = min(date(year, 12, 31), today - timedelta(days=1))
    kept = case((Limit.met_on <= Limit.due_on, 1), else_=0)
    statement = (
        select(key, func.count(), func.sum(kept))
        .select_from(Limit)
        .join(Order, Order.id == Limit.order_id)
        .where(
            Order.id.in_(mine),
            Limit.kind.in_(kinds),
            Limit.dropped_at.is_(None),
            Limit.due_on.between(date(year, 1, 1), last),
        )
        .group_by(key)
    )
    if key is Problem.item_id:
        statement = statement.join(Problem, Problem.id == Limit.problem_id)
    return {found: (count, int(met)) for found, count, met in session.execute(statement)}


def _closures(session: Session, mine: Orders, year: int) -> dict[Key, tuple[int, int]]:
    """Orders closed in a year by home, and the days from signing to closure."""
    rows = session.execute(
        select(Order.home_id, Order.issued_at, Order.closed_on).where(
            Order.id.in_(mine), Order.state == OrderState.CLOSED, _in_year(Order.closed_on, year)
        )
    )
    return _summed(tuple(row) for row in rows)


def _problem_closures(session: Session, mine: Orders, year: int) -> dict[Key, tuple[int, int]]:
    rows = session.execute(
        select(Problem.item_id, Order.issued_at, Problem.closed_on)
        .join(Order, Order.id == Problem.order_id)
        .where(Order.id.in_(mine), _in_year(Problem.closed_on, year))
    )
    return _summed(tuple(row) for row in rows)


def _summed(rows: Any) -> dict[Key, tuple[int, int]]:
    found: dict[Key, tuple[int, int]] = {}
    for key, issued_at, closed_on in rows:
        if issued_at is not None:
            count, days = found.get(key, (0, 0))
            found[key] = (count + 1, days + (closed_on - beijing_day(issued_at)).days)
    return found


def _in_year(day: ColumnElement[Any] | Any, year: int) -> ColumnElement[bool]:
    return and_(day >= date(year, 1, 1), day <= date(year, 12, 31))


def _pairs(mine: Orders) -> Any:
    """Each home and duty with the number of orders it came up in; a reopening is the same order going on."""
    return (
        select(Order.home_id, Problem.item_id, func.count(Order.id.distinct()).label("orders"))
        .join(Problem, Problem.order_id == Order.id)
        .where(Order.id.in_(mine), Order.state.not_in(NOTHING_CAME_OF_IT), Order.reopens_id == 0)
        .group_by(Order.home_id, Problem.item_id)
        .subquery()
    )


def _areas(session: Session, actor: Actor, by_home: dict[int, Tally], line: Line) -> list[TallyRow]:
    """The next level below the actor's unit; where there is none, its homes one by one."""
    children = dict(
        session.execute(
            select(Unit.id, Unit.name)
            .where(Unit.parent_id == actor.unit_id, not_(Unit.is_home))
            .order_by(Unit.name, Unit.id)
        ).all()
    )
    if not children:
        return _homes(session, actor, by_home)
    place = places(actor.unit_id, list(children), line)
    reached = select(place.c.home, place.c.branch).where(place.c.home.in_(_homes_of(actor)))
    branch = dict(session.execute(reached).all())
    found: dict[int | None, Tally] = {}
    for home, tally in by_home.items():
        found[branch.get(home)] = found.get(branch.get(home), Tally()) + tally
    rows = [TallyRow(unit_id, name, found[unit_id]) for unit_id, name in children.items() if unit_id in found]
    return [*rows, TallyRow(None, "", found[None])] if None in found else rows


def _homes_of(actor: Actor) -> Select[int]:
    # A city's homes are too many to be named one by one in a statement.
    return visible_orders(actor).with_only_columns(Order.home_id)


def _homes(session: Session, actor: Actor, by_home: dict[int, Tally]) -> list[TallyRow]:
    names = session.execute(
        select(Unit.id, Unit.short_name)
        .where(Unit.id.in_(_homes_of(actor)))
        .order_by(Unit.short_name, Unit.id)
    )
    return [TallyRow(home, name, by_home[home]) for home, name in names if home in by_home]
