"""Orders of an area for its desk: how many are open and overdue in each branch, and what is due next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.rectification.models import Order, OrderKind
from survey_app.rectification.states import UNDER_WAY
from survey_app.rectification.wording import LIMITS
from survey_app.units.branches import branch_of
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import scope

MOST_DUE = 6


@dataclass(frozen=True)
class OrderSums:
    """Open orders of some homes, and those of them past a limit."""

    open: int = 0
    overdue: int = 0

    def __add__(self, other: OrderSums) -> OrderSums:
        return OrderSums(self.open + other.open, self.overdue + other.overdue)


@dataclass(frozen=True)
class DueOrder:
    """An order whose next limit is near or has passed."""

    id: int
    unit: str
    limit: str
    due_on: date
    provisional: bool


def is_open() -> ColumnElement[bool]:
    """The condition of an order that has been issued and not ended."""
    return Order.state.in_(UNDER_WAY)


def order_sums(
    session: Session, unit_id: int, children: Sequence[int], line: Line, today: date
) -> dict[int | None, OrderSums]:
    """Open and overdue orders by the branches of a view."""
    reached = and_(UnitAncestor.unit_id == Order.home_id, UnitAncestor.ancestor_id.in_([unit_id, *children]))
    rows = session.execute(
        select(Order.next_due_on, branch_of(unit_id, line))
        .join(UnitAncestor, reached)
        .where(is_open())
        .group_by(Order.id, Order.next_due_on)
    )
    found: dict[int | None, OrderSums] = {}
    for due_on, branch in rows:
        one = OrderSums(1, int(due_on is not None and due_on < today))
        found[branch] = found.get(branch, OrderSums()) + one
    return found


def issued(session: Session, actor: Actor, year: int) -> int:
    """How many 限期整改通知 were issued in the scope for results of a year."""
    statement = select(func.count()).where(
        Order.home_id.in_(scope(actor)),
        Order.year == year,
        Order.kind == OrderKind.RECTIFICATION,
        Order.issued_at.is_not(None),
    )
    return session.scalar(statement) or 0


def due_orders(session: Session, actor: Actor, until: date) -> list[DueOrder]:
    """The open orders with the earliest limits up to a day, overdue ones first."""
    rows = session.execute(
        select(Order, Unit.name)
        .join(Unit, Unit.id == Order.home_id)
        .where(and_(is_open(), Order.next_due_on <= until), Order.home_id.in_(scope(actor)))
        .order_by(Order.next_due_on, Order.id)
        .limit(MOST_DUE)
    )
    return [
        DueOrder(
            order.id,
            name,
            str(LIMITS.get(order.next_due_kind, "")),
            order.next_due_on,
            order.next_due_provisional,
        )
        for order, name in rows
        if order.next_due_on is not None
    ]
