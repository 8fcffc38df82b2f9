"""Reads of orders within the actor's scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from scoring import RatingClass
from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound
from survey_app.rectification.models import (
    Evidence,
    Limit,
    LimitKind,
    Order,
    OrderState,
    Problem,
)
from survey_app.rectification.orders import expect_version
from survey_app.rectification.proposing import PROPOSING_ROUNDS, RATED
from survey_app.rectification.states import UNDER_WAY
from survey_app.results.models import Result
from survey_app.rounds.models import Round
from survey_app.units.queries import scope
from survey_app.workdays import Calendar, DaysLeft

NEVER_SEEN_BY_THE_HOME = (OrderState.DRAFT, OrderState.AWAITING_SIGNATURE, OrderState.REFUSED)


def visible_orders(actor: Actor) -> Select[Order]:
    """Orders of homes in the scope; a home sees its order once it is signed."""
    statement = select(Order).where(Order.home_id.in_(scope(actor)))
    if actor.role is Role.CHAIR:
        statement = statement.where(Order.state.not_in(NEVER_SEEN_BY_THE_HOME))
    return statement


def visible_order(
    session: Session, actor: Actor, order_id: int, *, lock: bool = False, version: int | None = None
) -> Order:
    """One order within the scope, or NotFound; Conflict if it is not as the page had shown it."""
    actor.need("order.read")
    statement = visible_orders(actor).where(Order.id == order_id)
    order = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if order is None:
        raise NotFound("order")
    expect_version(order, version)
    return order


def problem_in(session: Session, order: Order, problem_id: int) -> Problem:
    """A problem of this very order, or NotFound."""
    problem = session.get(Problem, problem_id)
    if problem is None or problem.order_id != order.id:
        raise NotFound("problem")
    return problem


def evidence_in(session: Session, order: Order, evidence_id: int) -> Evidence:
    """A file of this very order, or NotFound."""
    row = session.get(Evidence, evidence_id)
    if row is None or row.order_id != order.id:
        raise NotFound("evidence")
    return row


def undrafted_results(session: Session, actor: Actor | None = None) -> Sequence[Result]:
    """Final results from which an order follows and none has been drafted; within a scope if one is given."""
    drafted = exists().where(Order.result_id == Result.id)
    statement = (
        select(Result)
        .join(Round, Round.id == Result.round_id)
        .where(
            Result.state.in_(RATED),
            Round.kind.in_(PROPOSING_ROUNDS),
            (Result.rating_class == RatingClass.DISSATISFIED.value) | Result.reminder,
            ~drafted,
        )
        .order_by(Result.id)
    )
    if actor is not None:
        statement = statement.where(Result.home_id.in_(scope(actor)))
    return session.scalars(statement).all()


def open_orders_of(session: Session, home_id: int) -> list[Order]:
    """Orders of a home that are under way, newest first: while there is one, no honours."""
    return list(
        session.scalars(
            select(Order)
            .where(Order.home_id == home_id, Order.state.in_(UNDER_WAY))
            .order_by(Order.issued_at.desc())
        )
    )


def earlier_orders_with(session: Session, order: Order, problems: Sequence[Problem]) -> dict[str, Order]:
    """Earlier signed orders of the home about the same items: the problem has come back."""
    rows = session.execute(
        select(Problem.item_id, Order)
        .join(Order, Order.id == Problem.order_id)
        .where(
            Order.home_id == order.home_id,
            Order.id < order.id,
            Order.id != order.reopens_id,
            Order.state.not_in((*NEVER_SEEN_BY_THE_HOME, OrderState.WITHDRAWN)),
            Problem.item_id.in_([problem.item_id for problem in problems]),
        )
        .order_by(Order.id)
    )
    return {row[0]: row[1] for row in rows}


def days_left(calendar: Calendar, due_on: date | None, today: date) -> DaysLeft | None:
    """Working days until a date, and whether it has passed."""
    return None if due_on is None else calendar.days_left(today, due_on)


def limits_by_order(
    session: Session, order_ids: Sequence[int], kinds: Sequence[LimitKind]
) -> dict[tuple[int, str], date]:
    """The nearest running date of each order and kind."""
    rows = session.execute(
        select(Limit.order_id, Limit.kind, Limit.due_on)
        .where(
            Limit.order_id.in_(order_ids),
            Limit.kind.in_(kinds),
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
        )
        .order_by(Limit.due_on.desc())
    )
    return {(order_id, kind): due for order_id, kind, due in rows}
