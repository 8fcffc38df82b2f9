"""The ladder: reminders, 催办, 督办, 约谈, 通报 proposed on their working days, each decided by a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.queries import posts_at
from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid
from survey_app.holidays.queries import calendar_of
from survey_app.outbox.messages import tell
from survey_app.rectification import limits, story
from survey_app.rectification.limits import HOME_KINDS, deadline_of, workdays
from survey_app.rectification.models import Escalation, Limit, LimitKind, Order, Problem
from survey_app.rectification.numbering import take_number
from survey_app.rectification.orders import refresh, take, undecided
from survey_app.rectification.proposing import LONGEST, need_reason
from survey_app.rectification.states import UNDER_WAY
from survey_app.units.models import Unit
from survey_app.workdays import LADDER, Calendar, Step, escalation

PAPERS = {
    Step.REMINDER: "urging",
    Step.SUPERVISION: "supervision",
    Step.FORMAL_TALK: "formal_talk",
    Step.CIRCULAR: "circular",
}
ANSWER_WORKDAYS = 5
NAMED_IN_DIGEST = 3
WITH_ANOTHER = "with another"
"""Reason of a step that needed no paper of its own: another one of the same day spoke for it."""


def propose_due(session: Session, *, at: datetime) -> int:
    """Propose the rungs whose day has come; on rest days nothing happens. Returns how many were proposed."""
    today, calendar = beijing_day(at), calendar_of(session)
    if not calendar.is_workday(today):
        return 0
    touched: dict[int, Order] = {}
    reached = _reached(session, today, calendar)
    _close_lower(session, [limit.id for limit, _, _ in reached], at)
    for limit, order, rung in reached:
        session.add(
            Escalation(
                order_id=order.id, limit_id=limit.id, step=rung, due_on=today, proposed_at=at, terms={}
            )
        )
        touched[order.id] = order
    session.flush()
    for order in touched.values():
        # Only this one column follows from a proposal; a whole refresh of thousands would take a minute.
        order.escalation_pending = True
        order.version += 1
    session.flush()
    _digest(session, list(touched.values()), at)
    return len(reached)


def _reached(session: Session, today: date, calendar: Calendar) -> list[tuple[Limit, Order, Step]]:
    """Running limits of homes that have reached a rung nobody was asked about yet."""
    rows = session.execute(
        select(Limit, Order)
        .join(Order, Order.id == Limit.order_id)
        .where(
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
            Limit.kind.in_(HOME_KINDS),
            Limit.due_on <= calendar.shift(today, -LADDER[Step.FIRST_REMINDER]),
            Order.state.in_(UNDER_WAY),
        )
        .order_by(Limit.due_on, Limit.id)
    ).all()
    asked = {(row[0], row[1]) for row in session.execute(select(Escalation.limit_id, Escalation.step))}
    # Limits of one day with one rule climb alike: a city has thousands of limits and few such pairs.
    rungs: dict[tuple[object, ...], Step | None] = {}
    found = []
    for limit, order in rows:
        key = (limit.start_on, limit.counting, limit.days, limit.due_on)
        if key not in rungs:
            rungs[key] = _rung(calendar, limit, today)
        rung = rungs[key]
        if rung is not None and (limit.id, str(rung)) not in asked:
            found.append((limit, order, rung))
    return found


def _rung(calendar: Calendar, limit: Limit, today: date) -> Step | None:
    """The highest rung a limit has reached; lower ones that nobody saw are not made up for."""
    reached = [rung.step for rung in escalation(calendar, deadline_of(calendar, limit)) if rung.date <= today]
    if not reached:
        return None
    last = reached[-1]
    # A reminder before the day has no meaning once the day is gone.
    ahead = last in (Step.FIRST_REMINDER, Step.LAST_REMINDER)
    return None if ahead and limit.due_on < today else last


def _close_lower(session: Session, limit_ids: list[int], at: datetime) -> None:
    """A lower rung that nobody decided gives way to the higher one."""
    wanted = set(limit_ids)
    for row in session.scalars(select(Escalation).where(Escalation.decided_at.is_(None))).all():
        if row.limit_id in wanted:
            row.decided_at, row.sent, row.reason = at, False, "superseded"


def _digest(session: Session, orders: list[Order], at: datetime) -> None:
    """One message a day to each officer of a lead, whatever the number of proposals."""
    by_lead: dict[int, list[Order]] = {}
    for order in orders:
        by_lead.setdefault(order.lead_id, []).append(order)
    for lead_id, mine in sorted(by_lead.items()):
        posts = [post.id for post in posts_at(session, lead_id, Role.OFFICER)]
        homes = [session.get_one(Unit, order.home_id).short_name for order in mine[:NAMED_IN_DIGEST]]
        more = "等" if len(mine) > NAMED_IN_DIGEST else ""
        values = {"n": len(mine), "homes": "、".join(homes) + more}
        tell(session, posts, "order.decisions_wait", values, "/orders?saved=mine", at=at)


def decide(
    session: Session,
    actor: Actor,
    order: Order,
    row: Escalation,
    *,
    send: bool,
    reason: str = "",
    terms: Mapping[str, Any] | None = None,
    at: datetime,
) -> None:
    """Take the step or leave it, with a reason; a taken step is a numbered paper and reaches the home."""
    limit = session.get_one(Limit, row.limit_id)
    if row.decided_at is not None or limit.met_on is not None or limit.dropped_at is not None:
        raise Conflict("order_changed_meanwhile")
    step, today = Step(row.step), beijing_day(at)
    given = dict(terms or {})
    if not send:
        need_reason(reason)
    elif step is Step.FORMAL_TALK and not (given.get("talk_at") and given.get("place")):
        raise Invalid([Fault("talk_terms_missing", {}, "talk_at")])
    take(session, actor, order, "supervise")
    row.decided_at, row.decided_by, row.sent = at, actor.name, send
    row.reason = reason.strip()[:LONGEST]
    days_late = calendar_of(session).workdays_between(limit.due_on, today)
    if send:
        also = _settle_with(session, order, row, today)
        row.terms = {**given, **_sent(session, order, row, step, today), "also": also}
    kind = f"escalated_{step}" if send else "escalation_declined"
    told = story.HOME if send else None
    story.write(
        session,
        actor,
        order,
        kind,
        at=at,
        told=told,
        text=row.reason,
        step=step,
        days=days_late,
        limit=limit.kind,
        n=_ordinal(session, limit),
        **(given if send else {}),
    )
    refresh(session, order)


def _settle_with(session: Session, order: Order, row: Escalation, today: date) -> list[int]:
    """One paper speaks for the whole order: what else is late, on this rung or a lower one, goes with it."""
    rank = {str(step): number for number, step in enumerate(Step)}
    late = session.get_one(Limit, row.limit_id).due_on < today
    settled = []
    for other in session.scalars(undecided(order)).all():
        limit = session.get_one(Limit, other.limit_id)
        if rank[other.step] <= rank[row.step] and (limit.due_on < today) == late:
            other.decided_at, other.decided_by, other.sent = row.decided_at, row.decided_by, False
            other.reason = WITH_ANOTHER
            settled.append(limit.id)
    return settled


def _sent(session: Session, order: Order, row: Escalation, step: Step, today: date) -> dict[str, Any]:
    """What sending a step brings with it: a number, a day to answer by, supervision."""
    if step not in PAPERS:
        return {}
    issuer = session.get_one(Unit, order.lead_id)
    number = take_number(session, issuer, PAPERS[step], order, row.id, signed_on=today)
    if step is Step.SUPERVISION:
        order.supervised = True
    answer_by = calendar_of(session).add_workdays(today, ANSWER_WORKDAYS).date
    if step in (Step.REMINDER, Step.SUPERVISION):
        limits.drop(session, order, LimitKind.SUPERVISED_ANSWER, at=row.decided_at or row.proposed_at)
        limits.set_limit(
            session,
            order,
            LimitKind.SUPERVISED_ANSWER,
            workdays(ANSWER_WORKDAYS),
            start=today,
            event="supervised",
        )
    return {"number": number.text, "answer_by": answer_by.isoformat()}


def _ordinal(session: Session, limit: Limit) -> int:
    problem = session.get(Problem, limit.problem_id) if limit.problem_id else None
    return problem.ordinal if problem else 0


def waiting(session: Session, order: Order) -> list[Escalation]:
    """Steps that wait for a decision, the highest first."""
    rows = session.scalars(undecided(order)).all()
    order_of = {step: number for number, step in enumerate(Step)}
    return sorted(rows, key=lambda row: -order_of[Step(row.step)])


def coming_talk(session: Session, order_id: int, today: date) -> tuple[datetime, str] | None:
    """Hour and place of the talk a home was asked to, until its day is over."""
    sent = session.scalars(
        select(Escalation)
        .where(
            Escalation.order_id == order_id, Escalation.step == Step.FORMAL_TALK, Escalation.sent.is_(True)
        )
        .order_by(Escalation.id.desc())
        .limit(1)
    ).one_or_none()
    if sent is None:
        return None
    when = datetime.fromisoformat(sent.terms["talk_at"])
    return (when, sent.terms["place"]) if beijing_day(when) >= today else None


def escalations_of(session: Session, order_id: int) -> list[Escalation]:
    """Every step ever proposed for an order, oldest first."""
    return list(
        session.scalars(select(Escalation).where(Escalation.order_id == order_id).order_by(Escalation.id))
    )
