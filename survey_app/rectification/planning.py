"""The plan (整改方案): handed in for all problems at once, approved or returned with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Fault, Invalid, NotFound
from survey_app.rectification import limits, story
from survey_app.rectification.limits import workdays
from survey_app.rectification.models import Limit, LimitKind, Order, OrderKind, Plan, Problem
from survey_app.rectification.orders import policy_of, problems_of, refresh, take
from survey_app.rectification.plan_drafts import drop_plan_draft
from survey_app.rectification.proposing import LONGEST, need_reason

FIELDS = ("cause", "measure", "leader", "person", "expected")


@dataclass(frozen=True)
class PlannedItem:
    """What the home will do about one problem: why it arose, what, who, until when, with which result."""

    problem_id: int
    cause: str
    measure: str
    leader: str
    person: str
    due_on: date
    expected: str


def submit_plan(
    session: Session,
    actor: Actor,
    order: Order,
    items: Sequence[PlannedItem],
    *,
    organisation: str = "",
    at: datetime,
) -> Plan:
    """Hand in the plan; every gap of every problem is listed, not the first one."""
    problems = problems_of(session, order)
    faults = _faults(session, order, problems, items, beijing_day(at))
    if faults:
        raise Invalid(faults)
    take(session, actor, order, "submit_plan")
    plan = Plan(
        order_id=order.id,
        edition=len(plans_of(session, order.id)) + 1,
        organisation=organisation.strip()[:LONGEST],
        items=[{**asdict(one), "due_on": one.due_on.isoformat()} for one in items],
        submitted_at=at,
        submitted_by=actor.name,
        approved=True if order.kind == OrderKind.REMINDER else None,
    )
    session.add(plan)
    session.flush()
    today = beijing_day(at)
    limits.meet(session, order, LimitKind.PLAN, on=today)
    if order.kind == OrderKind.RECTIFICATION:
        rule = workdays(policy_of(order).review_workdays)
        limits.set_limit(session, order, LimitKind.REVIEW, rule, start=today, event="submitted")
    drop_plan_draft(session, order.id)
    story.write(session, actor, order, "plan_submitted", at=at, told=story.SUPERIOR, edition=plan.edition)
    refresh(session, order)
    return plan


def _faults(
    session: Session, order: Order, problems: list[Problem], items: Sequence[PlannedItem], today: date
) -> list[Fault]:
    planned = {one.problem_id: one for one in items}
    due = {
        limit.problem_id: limit.due_on
        for limit in session.scalars(limits.open_limits(order, LimitKind.COMPLETION))
    }
    note = session.scalars(limits.open_limits(order, LimitKind.NOTE)).first()
    faults = []
    for problem in problems:
        one = planned.get(problem.id)
        if one is None:
            faults.append(Fault("plan_problem_missing", {"n": problem.ordinal}))
            continue
        last = due.get(problem.id) or (note.due_on if note else None)
        faults += _item_faults(problem.ordinal, one, last, today)
    return faults


def _item_faults(number: int, one: PlannedItem, last: date | None, today: date) -> list[Fault]:
    faults = [
        Fault(f"plan_{name}_missing", {"n": number}, f"{name}_{one.problem_id}")
        for name in FIELDS
        if not getattr(one, name).strip()
    ]
    where = f"due_on_{one.problem_id}"
    if one.due_on < today:
        faults.append(Fault("plan_date_past", {"n": number}, where))
    if last is not None and one.due_on > last:
        faults.append(Fault("plan_date_too_late", {"n": number, "due": last}, where))
    return faults


def approve_plan(session: Session, actor: Actor, order: Order, *, reason: str = "", at: datetime) -> None:
    """The plan holds: the home goes to work by it."""
    plan = open_plan(session, order)
    take(session, actor, order, "approve_plan")
    plan.decided_at, plan.decided_by, plan.approved = at, actor.name, True
    plan.reason = reason.strip()[:LONGEST]
    limits.meet(session, order, LimitKind.REVIEW, on=beijing_day(at))
    story.write(session, actor, order, "plan_approved", at=at, told=story.HOME, text=plan.reason)
    refresh(session, order)


def return_plan(
    session: Session,
    actor: Actor,
    order: Order,
    *,
    reason: str,
    reasons: dict[int, str] | None = None,
    at: datetime,
) -> None:
    """Send the plan back with what is wrong, problem by problem where it concerns one."""
    by_problem = {n: words.strip() for n, words in (reasons or {}).items() if words.strip()}
    whole = reason.strip() or "".join(f"第{n}项：{words}" for n, words in sorted(by_problem.items()))
    need_reason(whole)
    plan = open_plan(session, order)
    take(session, actor, order, "return_plan")
    plan.decided_at, plan.decided_by, plan.approved = at, actor.name, False
    parts = [f"第{n}项：{words}" for n, words in sorted(by_problem.items())]
    plan.reason = "\n".join([reason.strip(), *parts] if reason.strip() else parts)[:LONGEST]
    today = beijing_day(at)
    limits.meet(session, order, LimitKind.REVIEW, on=today)
    first = _plan_limit(session, order)
    # The first date stays as the floor: a plan that came early keeps the days it has left.
    rule = workdays(policy_of(order).plan_workdays_a)
    limits.set_limit(session, order, LimitKind.PLAN, rule, start=today, event="returned", printed=first)
    story.write(session, actor, order, "plan_returned", at=at, told=story.HOME, text=plan.reason)
    refresh(session, order)


def _plan_limit(session: Session, order: Order) -> date | None:
    return session.scalars(
        select(Limit.due_on)
        .where(Limit.order_id == order.id, Limit.kind == LimitKind.PLAN, Limit.dropped_at.is_(None))
        .order_by(Limit.due_on.desc())
    ).first()


def open_plan(session: Session, order: Order) -> Plan:
    """The plan that waits for review, or NotFound."""
    plan = session.scalars(
        select(Plan).where(Plan.order_id == order.id, Plan.approved.is_(None))
    ).one_or_none()
    if plan is None:
        raise NotFound("plan")
    return plan


def plans_of(session: Session, order_id: int) -> list[Plan]:
    """Every version of the plan, oldest first."""
    return list(session.scalars(select(Plan).where(Plan.order_id == order_id).order_by(Plan.edition)))
