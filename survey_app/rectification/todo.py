"""What waits for a person: one row for each decision, with its day, its union and its sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.holidays.queries import calendar_of
from survey_app.rectification.ledger import OF_HOME, held_by
from survey_app.rectification.models import Escalation, Limit, LimitKind, Order, OrderState
from survey_app.rectification.queries import limits_by_order, visible_orders
from survey_app.rectification.wording import STEP_QUESTIONS, TODO_ACTS, TODO_SENTENCES
from survey_app.units.models import Line, Unit
from survey_app.units.queries import below
from survey_app.web.i18n import Lazy
from survey_app.workdays import Calendar, DaysLeft

S = OrderState
DECISIONS: dict[OrderState, tuple[str, LimitKind | None]] = {
    S.DRAFT: ("sign", LimitKind.ISSUE),
    S.AWAITING_SIGNATURE: ("sign", LimitKind.ISSUE),
    S.PLAN_UNDER_REVIEW: ("review_plan", LimitKind.REVIEW),
    S.AWAITING_INSPECTION: ("inspect", LimitKind.INSPECTION),
    S.PASSED: ("re_evaluate", LimitKind.REEVALUATION),
    S.VOTE_SHORT: ("decide_after_vote", LimitKind.DECISION),
    S.NOTED: ("read_note", LimitKind.REVIEW),
}
ANSWERS: dict[OrderState, tuple[str, LimitKind | None]] = {
    S.SERVED: ("acknowledge", LimitKind.ACKNOWLEDGE),
    S.PLAN_DUE: ("plan", LimitKind.PLAN),
    S.PLAN_RETURNED: ("plan_again", LimitKind.PLAN),
    S.RECTIFYING: ("rectify", None),
    S.INSPECTION_FAILED: ("resume", LimitKind.COMPLETION),
}
KINDS = tuple(LimitKind)
ESCALATE = "escalate"


@dataclass(frozen=True)
class TodoRow:
    """A decision that waits: until when, about whom, which, and where it is taken."""

    order_id: int
    kind: str
    due_on: date | None
    days: DaysLeft | None
    home: str
    number: str
    sentence: str
    act: str
    link: str


MOST = 200
"""As many rows as anybody reads; the ledger's view 我的 holds them all."""


def todo_rows(session: Session, actor: Actor, today: date, *, most: int = MOST) -> list[TodoRow]:
    """What waits for this actor, the nearest day first."""
    if not actor.may("order.read") or actor.role not in (Role.OFFICER, Role.CHAIR):
        return []
    found = [
        (order, home, *one)
        for order, home in _orders(session, actor, most)
        for one in (_answers(order) if actor.role is Role.CHAIR else _decisions(order, actor))
    ]
    dates = limits_by_order(session, [order.id for order, *_ in found], KINDS)
    calendar = calendar_of(session)
    steps = _first_steps(session, [order.id for order, _, kind, _ in found if kind == ESCALATE])
    rows = []
    for order, home, kind, limit in found:
        due, sentence = dates.get((order.id, limit or ""), order.next_due_on), TODO_SENTENCES[kind]
        if kind == ESCALATE and order.id in steps:
            due, sentence = steps[order.id]
        rows.append(_row(calendar, order, home, kind, due, str(sentence), today))
    return sorted(rows, key=lambda row: (row.due_on is None, row.due_on or today, row.order_id))


def _orders(session: Session, actor: Actor, most: int) -> list[tuple[Order, Unit]]:
    statement = visible_orders(actor).join(Unit, Unit.id == Order.home_id).add_columns(Unit)
    if actor.role is Role.CHAIR:
        statement = statement.where(Order.state.in_(OF_HOME))
    else:
        led = Order.lead_id.in_(below(actor.unit_id, Line.AFFILIATION))
        statement = statement.where(
            or_(led, Order.co_id == actor.unit_id), or_(held_by("issuer"), held_by("inspectors"))
        )
    nearest = statement.order_by(Order.next_due_on.is_(None), Order.next_due_on, Order.id).limit(most)
    return [(order, home) for order, home in session.execute(nearest)]


def _answers(order: Order) -> list[tuple[str, LimitKind | None]]:
    return [ANSWERS[S(order.state)]]


def _decisions(order: Order, actor: Actor) -> list[tuple[str, LimitKind | None]]:
    """What the superior has to decide; what four eyes forbid this officer is not his to do."""
    found: list[tuple[str, LimitKind | None]] = []
    if order.escalation_pending:
        found.append((ESCALATE, None))
    if order.extension_pending:
        found.append(("answer_extension", LimitKind.EXTENSION_ANSWER))
    if order.resources_pending:
        found.append(("grant", None))
    own_draft = order.state == S.AWAITING_SIGNATURE and order.submitted_by == actor.account_id
    own_order = order.state == S.AWAITING_INSPECTION and order.issued_by == actor.account_id
    if S(order.state) in DECISIONS and not own_draft and not own_order:
        found.append(DECISIONS[S(order.state)])
    return found


def _first_steps(session: Session, order_ids: list[int]) -> dict[int, tuple[date, Lazy]]:
    """The step of the ladder that waits at each order: the day of its limit, and what is to be decided."""
    waiting = session.execute(
        select(Escalation.order_id, Escalation.step, Limit.due_on)
        .join(Limit, Limit.id == Escalation.limit_id)
        .where(
            Escalation.order_id.in_(order_ids),
            Escalation.decided_at.is_(None),
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
        )
        .order_by(Escalation.id.desc())
    )
    return {order_id: (due_on, STEP_QUESTIONS[step]) for order_id, step, due_on in waiting}


def _row(
    calendar: Calendar, order: Order, home: Unit, kind: str, due: date | None, sentence: str, today: date
) -> TodoRow:
    return TodoRow(
        order_id=order.id,
        kind=kind,
        due_on=due,
        days=None if due is None else calendar.days_left(today, due),
        home=home.short_name,
        number=order.number,
        sentence=sentence,
        act=str(TODO_ACTS[kind]),
        link=f"/orders/{order.id}",
    )
