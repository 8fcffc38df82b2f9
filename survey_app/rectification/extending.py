"""More time: asked once, in time, as a paper of its own (请示), and answered (批复)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Fault, Invalid, NotFound, Refused
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import limits, story
from survey_app.rectification.limits import calendar_days, workdays
from survey_app.rectification.models import Extension, Limit, LimitKind, Order, Problem
from survey_app.rectification.numbering import take_number
from survey_app.rectification.orders import policy_of, problems_of, refresh, take
from survey_app.rectification.proposing import LONGEST, need_reason
from survey_app.units.models import Unit

TEXTS = ("reason", "progress", "interim_measures")


def request_extension(
    session: Session,
    actor: Actor,
    order: Order,
    problems: Sequence[Problem],
    *,
    days: int,
    reason: str,
    progress: str,
    interim_measures: str,
    at: datetime,
) -> Extension:
    """Ask for more time for some problems, at least so many working days before their limit ends."""
    texts = {"reason": reason, "progress": progress, "interim_measures": interim_measures}
    running = _running(session, order, problems)
    faults = _faults(session, order, running, days, texts, beijing_day(at))
    if faults:
        raise Invalid(faults)
    if any(one.granted for one in extensions_of(session, order.id)):
        raise Refused("extended_before")
    take(session, actor, order, "request_extension")
    if order.extension_pending:
        raise Refused("extension_waits")
    first = running[0].due_on
    row = Extension(
        order_id=order.id,
        problem_ids=[limit.problem_id for limit in running],
        days=days,
        due_on=first,
        wanted_on=calendar_of(session).add_calendar_days(first, days).date,
        asked_at=at,
        asked_by=actor.name,
        **{name: text.strip()[:LONGEST] for name, text in texts.items()},
    )
    session.add(row)
    rule = workdays(policy_of(order).extension_answer_workdays)
    limits.set_limit(session, order, LimitKind.EXTENSION_ANSWER, rule, start=beijing_day(at), event="asked")
    story.write(
        session, actor, order, "extension_requested", at=at, told=story.SUPERIOR, text=row.reason, days=days
    )
    refresh(session, order)
    return row


def in_time(session: Session, order: Order, problems: Sequence[Problem], today: date) -> list[Problem]:
    """The problems whose limit still leaves the days in which a request has to come."""
    calendar, least = calendar_of(session), policy_of(order).extension_ask_workdays
    due = {limit.problem_id: limit.due_on for limit in _running(session, order, problems)}
    return [
        one for one in problems if one.id in due and calendar.workdays_between(today, due[one.id]) >= least
    ]


def hindrance(session: Session, order: Order, problems: Sequence[Problem], today: date) -> Fault | None:
    """Why a request could only be refused now, in the words of the refusal; None where it may come."""
    if order.extension_pending:
        return Fault("extension_waits")
    if any(one.granted for one in extensions_of(session, order.id)):
        return Fault("extended_before")
    if not _running(session, order, problems):
        return Fault("extension_nothing_runs")
    if not in_time(session, order, problems, today):
        return Fault("extension_too_late", {"days": policy_of(order).extension_ask_workdays})
    return None


def _running(session: Session, order: Order, problems: Sequence[Problem]) -> list[Limit]:
    wanted = {problem.id for problem in problems}
    found = session.scalars(limits.open_limits(order, LimitKind.COMPLETION))
    return [limit for limit in found if limit.problem_id in wanted]


def _faults(
    session: Session, order: Order, running: list[Limit], days: int, texts: dict[str, str], today: date
) -> list[Fault]:
    policy = policy_of(order)
    faults = [Fault(f"extension_{name}_missing", {}, name) for name in TEXTS if not texts[name].strip()]
    if not 1 <= days <= policy.extension_days:
        faults.append(Fault("extension_days", {"most": policy.extension_days}, "days"))
    if not running:
        faults.append(Fault("extension_without_problem", {}, "problems"))
    elif calendar_of(session).workdays_between(today, running[0].due_on) < policy.extension_ask_workdays:
        faults.append(Fault("extension_too_late", {"days": policy.extension_ask_workdays}))
    return faults


def answer_extension(
    session: Session, actor: Actor, order: Order, row: Extension, *, granted: bool, answer: str, at: datetime
) -> None:
    """Grant the days from the old limit on, or refuse them; both with reasons and a numbered reply."""
    need_reason(answer, "answer")
    if row.answered_at is not None:
        raise Refused("extension_answered")
    take(session, actor, order, "answer_extension")
    row.answered_at, row.granted, row.answer = at, granted, answer.strip()[:LONGEST]
    if granted:
        row.new_due_on = _extend(session, order, row, at)
    limits.meet(session, order, LimitKind.EXTENSION_ANSWER, on=beijing_day(at))
    issuer = session.get_one(Unit, order.lead_id)
    take_number(session, issuer, "extension_reply", order, row.id, signed_on=beijing_day(at))
    kind = "extension_granted" if granted else "extension_refused"
    due = row.new_due_on.isoformat() if row.new_due_on else row.due_on.isoformat()
    story.write(session, actor, order, kind, at=at, told=story.HOME, text=row.answer, due=due)
    refresh(session, order)


def _extend(session: Session, order: Order, row: Extension, at: datetime) -> date:
    by_id = {problem.id: problem for problem in problems_of(session, order)}
    news = []
    for limit in _running(session, order, [by_id[one] for one in row.problem_ids]):
        limit.dropped_at = at
        again = limits.set_limit(
            session,
            order,
            LimitKind.COMPLETION,
            calendar_days(row.days),
            start=limit.due_on,
            event="extended",
            problem=by_id[limit.problem_id or 0],
        )
        news.append(again.due_on)
    limits.drop(session, order, LimitKind.REPORT, at=at)
    limits.begin_report(session, order, policy_of(order).report_workdays)
    return max(news, default=row.wanted_on)


def lapse(session: Session, order: Order, *, at: datetime) -> None:
    """A request that nobody answered before the report came asks for nothing any more."""
    for row in extensions_of(session, order.id):
        if row.answered_at is None:
            row.answered_at, row.answer = at, ""
    limits.drop(session, order, LimitKind.EXTENSION_ANSWER, at=at)


def extensions_of(session: Session, order_id: int) -> list[Extension]:
    """Every request of an order, oldest first."""
    return list(
        session.scalars(select(Extension).where(Extension.order_id == order_id).order_by(Extension.id))
    )


def open_extension(session: Session, order: Order) -> Extension:
    """The request that waits for its answer, or NotFound."""
    found = [one for one in extensions_of(session, order.id) if one.answered_at is None]
    if not found:
        raise NotFound("extension")
    return found[0]
