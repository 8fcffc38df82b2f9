"""Take an action on an order: the table allows it, the right side takes it, the ledger's columns follow."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Conflict, Refused
from survey_app.rectification.models import (
    Escalation,
    Extension,
    Limit,
    Order,
    OrderState,
    Problem,
    ProblemState,
)
from survey_app.rectification.states import ANSWER, INSPECT, PROBLEM, table_of
from survey_app.rounds.policy import Policy
from survey_app.units.models import Line
from survey_app.units.queries import is_below

SETTLED = (ProblemState.CLOSED, ProblemState.LONG_TERM, ProblemState.WITHDRAWN)


def policy_of(order: Order) -> Policy:
    """The policy of the rated round, frozen with the order."""
    return Policy.from_dict(order.policy)


def take(session: Session, actor: Actor, order: Order, action: str) -> None:
    """Move an order by its table; Refused for a wrong state, a wrong role or the wrong union."""
    state = OrderState(order.state)
    target = table_of(order).target(state, action)
    authorise(session, actor, order, table_of(order).moves[state, action].permission)
    order.state = target


def may_take(session: Session, actor: Actor, order: Order, action: str) -> bool:
    """Whether this actor could take the action now: what a page asks before it draws a button."""
    move = table_of(order).moves.get((OrderState(order.state), action))
    if move is None or move.permission is None:
        return False
    try:
        authorise(session, actor, order, move.permission)
    except Refused:
        return False
    return True


def authorise(session: Session, actor: Actor, order: Order, permission: str | None) -> None:
    """The program itself takes actions without a permission; the home answers; its superior decides."""
    if permission is None:
        if not actor.is_system:
            raise Refused("role_may_not", permission="system")
        return
    actor.need(permission)
    if permission == ANSWER:
        if not is_below(session, order.home_id, actor.unit_id, Line.AFFILIATION):
            raise Refused("other_home")
    elif not leads(session, actor, order, beside=permission == INSPECT):
        raise Refused("other_lead")


def leads(session: Session, actor: Actor, order: Order, *, beside: bool = False) -> bool:
    """Whether the actor's union leads the order, or stands above its lead; the co-supervisor may inspect."""
    if is_below(session, order.lead_id, actor.unit_id, Line.AFFILIATION):
        return True
    return beside and order.co_id is not None and order.co_id == actor.unit_id


def move_problem(problem: Problem, action: str) -> None:
    """Move one problem by its table."""
    problem.state = PROBLEM.target(ProblemState(problem.state), action)


def expect_version(order: Order, version: int | None) -> None:
    """Refuse to write over what a colleague changed since the page was read."""
    if version is not None and version != order.version:
        raise Conflict("order_changed_meanwhile")


def problems_of(session: Session, order: Order) -> list[Problem]:
    """The problems of an order in their order."""
    return list(
        session.scalars(select(Problem).where(Problem.order_id == order.id).order_by(Problem.ordinal))
    )


def refresh(session: Session, order: Order, *, forms_stay: bool = False) -> None:
    """Bring the columns that the ledger reads in line; forms that are open then meet a version check.

    `forms_stay`: nothing changed that a form could be based on, such as a message.
    """
    session.flush()
    nearest = session.scalars(
        select(Limit)
        .where(Limit.order_id == order.id, Limit.met_on.is_(None), Limit.dropped_at.is_(None))
        .order_by(Limit.due_on, Limit.id)
        .limit(1)
    ).one_or_none()
    order.next_due_on = nearest.due_on if nearest else None
    order.next_due_kind = nearest.kind if nearest else ""
    order.next_due_provisional = nearest.provisional if nearest else False
    problems = problems_of(session, order)
    order.problems = len(problems)
    order.resources_pending = any(
        one.resources_wanted and not one.resources_granted and one.state not in SETTLED for one in problems
    )
    order.extension_pending = _any(
        session, select(Extension.id).where(Extension.order_id == order.id, Extension.answered_at.is_(None))
    )
    order.escalation_pending = session.scalars(undecided(order)).first() is not None
    order.version = (order.version or 0) + (0 if forms_stay else 1)
    session.flush()


def undecided(order: Order) -> Select[Escalation]:
    """Proposed steps that wait for a person; one about a limit that was met since asks nothing any more."""
    return (
        select(Escalation)
        .join(Limit, Limit.id == Escalation.limit_id)
        .where(
            Escalation.order_id == order.id,
            Escalation.decided_at.is_(None),
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
        )
        .order_by(Escalation.id)
    )


def _any(session: Session, statement: Select[int]) -> bool:
    return session.scalars(statement.limit(1)).first() is not None
