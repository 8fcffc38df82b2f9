"""Time limits of an order: set, met, dropped; each can explain its date in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey_app.holidays.queries import calendar_of
from survey_app.rectification.models import Limit, LimitKind, Order, Problem
from survey_app.rectification.orders import policy_of
from survey_app.rounds.policy import Policy
from survey_app.workdays import (
    ISSUED,
    REPORTED,
    SERVED,
    Calendar,
    Counting,
    Deadline,
    Label,
    Rule,
    explain,
)

EVENTS: dict[str, Label] = {
    "confirmed": Label("确认评定", "Rating confirmed"),
    "issued": ISSUED,
    "served": SERVED,
    "submitted": Label("报送", "Handed in"),
    "completion": Label("整改期满", "End of the time for rectification"),
    "reported": REPORTED,
    "asked": Label("收到请示", "Request received"),
    "extended": Label("原期限届满", "End of the first limit"),
    "inspected": Label("复查", "Inspected"),
    "passed": Label("复查通过", "Inspection passed"),
    "supervised": Label("督办", "Placed under supervision"),
    "returned": Label("退回方案", "Plan returned"),
    "voted": Label("会员再评的结果确认", "Second vote final"),
    "decided": Label("决定重新整改", "Sent back"),
}
"""What happened on the start day of a limit, as the explaining sentence names it."""

HOME_KINDS = (LimitKind.PLAN, LimitKind.COMPLETION, LimitKind.REPORT, LimitKind.NOTE)
"""Limits the home has to keep: the ladder climbs on these."""


def workdays(days: int) -> Rule:
    return Rule(Counting.WORKDAYS, days)


def calendar_days(days: int) -> Rule:
    return Rule(Counting.CALENDAR_DAYS, days)


def set_limit(
    session: Session,
    order: Order,
    kind: LimitKind,
    rule: Rule,
    *,
    start: date,
    event: str,
    problem: Problem | None = None,
    printed: date | None = None,
) -> Limit:
    """Begin a limit that runs from the day after `start`; `printed` is a day it may not fall before."""
    due = calendar_of(session).deadline(start, rule, printed=printed)
    limit = Limit(
        order_id=order.id,
        problem_id=problem.id if problem else None,
        kind=kind,
        event=event,
        start_on=start,
        counting=rule.counting,
        days=rule.days,
        due_on=due.date,
        provisional=due.provisional,
    )
    session.add(limit)
    session.flush()
    return limit


def open_limits(order: Order, kind: LimitKind | None = None, problem: Problem | None = None) -> Select[Limit]:
    """The running limits of an order, or those of a kind or a problem."""
    statement = select(Limit).where(
        Limit.order_id == order.id, Limit.met_on.is_(None), Limit.dropped_at.is_(None)
    )
    if kind is not None:
        statement = statement.where(Limit.kind == kind)
    if problem is not None:
        statement = statement.where(Limit.problem_id == problem.id)
    return statement.order_by(Limit.due_on, Limit.id)


def meet(
    session: Session, order: Order, kind: LimitKind, *, on: date, problem: Problem | None = None
) -> None:
    """What the running limits of a kind were for has been done on this day."""
    for limit in session.scalars(open_limits(order, kind, problem)).all():
        limit.met_on = on


def drop(
    session: Session,
    order: Order,
    kind: LimitKind | None = None,
    *,
    at: datetime,
    problem: Problem | None = None,
) -> None:
    """Running limits that no longer apply: extended, set anew, or the order has ended."""
    for limit in session.scalars(open_limits(order, kind, problem)).all():
        limit.dropped_at = at


def begin_after_service(session: Session, order: Order, problems: list[Problem], served_on: date) -> None:
    """The limits that run from service: plan, completion of each problem, report (or a reminder's note)."""
    policy = policy_of(order)
    # One plan answers all problems, so the most urgent class sets its day.
    grade = min(problem.grade for problem in problems)
    plan_days = getattr(policy, f"plan_workdays_{grade.lower()}")
    set_limit(session, order, LimitKind.PLAN, workdays(plan_days), start=served_on, event="served")
    if order.kind == "reminder":
        rule = _completion(policy, grade)
        set_limit(session, order, LimitKind.NOTE, rule, start=served_on, event="served")
        return
    for problem in problems:
        rule = _completion(policy, problem.grade)
        set_limit(
            session, order, LimitKind.COMPLETION, rule, start=served_on, event="served", problem=problem
        )
    begin_report(session, order, policy.report_workdays)


def begin_report(session: Session, order: Order, days: int) -> None:
    """The report is due so many working days after the last problem's completion."""
    last = max(
        session.scalars(
            select(Limit.due_on).where(
                Limit.order_id == order.id, Limit.kind == LimitKind.COMPLETION, Limit.dropped_at.is_(None)
            )
        )
    )
    set_limit(session, order, LimitKind.REPORT, workdays(days), start=last, event="completion")


def outlook(calendar: Calendar, order: Order, problems: Sequence[Problem], start: date) -> list[Limit]:
    """The limits that would run if the order were served on this day: shown before anybody signs for it."""
    policy = policy_of(order)
    grades = sorted({problem.grade for problem in problems})
    kinds: list[tuple[LimitKind, Rule, int | None]] = [
        (LimitKind.PLAN, workdays(getattr(policy, f"plan_workdays_{grades[0].lower()}")), None)
    ]
    if order.kind == "reminder":
        kinds.append((LimitKind.NOTE, _completion(policy, grades[0]), None))
    else:
        kinds += [(LimitKind.COMPLETION, _completion(policy, one.grade), one.id) for one in problems]
    return [_would_run(calendar, order, kind, rule, start, about) for kind, rule, about in kinds]


def printed_days(
    calendar: Calendar, order: Order, problems: Sequence[Problem], signed_on: date
) -> dict[str, str]:
    """The latest days that service can give, as a paper prints them: by kind, and by a problem's id."""
    last = calendar.add_workdays(signed_on, policy_of(order).acknowledge_workdays).date
    return {
        str(limit.problem_id or limit.kind): limit.due_on.isoformat()
        for limit in outlook(calendar, order, problems, last)
    }


def _completion(policy: Policy, grade: str) -> Rule:
    return calendar_days(getattr(policy, f"completion_days_{grade.lower()}"))


def _would_run(
    calendar: Calendar, order: Order, kind: LimitKind, rule: Rule, start: date, about: int | None
) -> Limit:
    """A limit that nobody has set: it never enters a session."""
    due = calendar.deadline(start, rule)
    return Limit(
        order_id=order.id,
        problem_id=about,
        kind=kind,
        event="served",
        start_on=start,
        counting=rule.counting,
        days=rule.days,
        due_on=due.date,
        provisional=due.provisional,
        met_on=None,
        dropped_at=None,
    )


def deadline_of(calendar: Calendar, limit: Limit) -> Deadline:
    """The limit with everything that explains it; its date is never before the one printed."""
    rule = Rule(Counting(limit.counting), limit.days)
    return calendar.deadline(limit.start_on, rule, printed=limit.due_on)


def explanation(calendar: Calendar, limit: Limit, lang: str, this_year: int) -> str:
    """One sentence by which anybody can recount the date."""
    return explain(
        deadline_of(calendar, limit),
        "en" if lang == "en" else "zh",
        event=EVENTS[limit.event],
        this_year=this_year,
    )


def all_limits(session: Session, order_id: int) -> list[Limit]:
    """Every limit an order ever had, in the order of their dates; dropped ones last."""
    return list(
        session.scalars(
            select(Limit)
            .where(Limit.order_id == order_id)
            .order_by(Limit.dropped_at.is_not(None), Limit.due_on, Limit.id)
        )
    )


def late(limits: Iterable[Limit], today: date) -> list[Limit]:
    """Running limits whose day has passed."""
    return [one for one in limits if one.met_on is None and one.dropped_at is None and one.due_on < today]
