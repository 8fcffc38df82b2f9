"""From a final rating to a signed order: propose, edit, submit, refuse, issue with its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import limits, story
from survey_app.rectification.findings import FoundProblem, findings_of
from survey_app.rectification.limits import workdays
from survey_app.rectification.models import LimitKind, Order, OrderKind, OrderState, Problem
from survey_app.rectification.numbering import take_number
from survey_app.rectification.orders import authorise, policy_of, problems_of, refresh, take
from survey_app.rectification.states import ISSUE
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round, RoundKind
from survey_app.units.models import Unit

RATED = (ResultState.FINAL, ResultState.PUBLISHED)
PROPOSING_ROUNDS = (RoundKind.ORDINARY, RoundKind.REPEAT)
GRADES = ("A", "B", "C")
LONGEST = 2000


def propose(session: Session, actor: Actor, result: Result, *, at: datetime) -> Order | None:
    """Draft the order that follows from a final rating; None where none follows. Nothing is sent."""
    round_ = session.get_one(Round, result.round_id)
    if result.state not in RATED or round_.kind not in PROPOSING_ROUNDS:
        raise Refused("order_needs_a_final_rating")
    present = order_from(session, result)
    if present is not None:
        return present
    findings = findings_of(session, result)
    if findings is None:
        return None
    home = session.get_one(Unit, result.home_id)
    order = _draft(session, result, round_, home, findings.kind, findings.figures, at)
    if not actor.is_system:
        authorise(session, actor, order, ISSUE)
    _write_problems(session, order, findings.problems)
    start = beijing_day(result.confirmed_at or at)
    rule = workdays(policy_of(order).issue_workdays)
    limits.set_limit(session, order, LimitKind.ISSUE, rule, start=start, event="confirmed")
    story.write(session, actor, order, "proposed", at=at, told=story.SUPERIOR, order_kind=order.kind)
    refresh(session, order)
    return order


def order_from(session: Session, result: Result) -> Order | None:
    """The first order that was drafted from a result, whatever became of it."""
    return session.scalars(
        select(Order).where(Order.result_id == result.id, Order.reopens_id == 0)
    ).one_or_none()


def _draft(
    session: Session,
    result: Result,
    round_: Round,
    home: Unit,
    kind: OrderKind,
    figures: dict[str, Any],
    at: datetime,
) -> Order:
    other = home.territory_id if home.territory_id not in (None, round_.organiser_id) else None
    order = Order(
        kind=kind,
        state=OrderState.DRAFT,
        result_id=result.id,
        home_id=home.id,
        lead_id=round_.organiser_id,
        co_id=other,
        year=result.year,
        figures=figures,
        policy=dict(round_.policy),
        proposed_at=at,
    )
    session.add(order)
    session.flush()
    return order


def _write_problems(session: Session, order: Order, found: Sequence[FoundProblem]) -> None:
    session.execute(delete(Problem).where(Problem.order_id == order.id))
    session.add_all(
        Problem(
            order_id=order.id,
            ordinal=number,
            item_id=one.item_id,
            duty=one.duty,
            result=one.result,
            finding=one.finding,
            requirement=one.requirement,
            grade=one.grade,
        )
        for number, one in enumerate(found, start=1)
    )
    session.flush()


def edit_proposal(
    session: Session, actor: Actor, order: Order, found: Sequence[FoundProblem], *, at: datetime
) -> None:
    """Change requirements and classes, leave problems out or add one; the figures stay as rated."""
    take(session, actor, order, "edit")
    faults = []
    if not found:
        faults.append(Fault("order_without_problem", {}, "problems"))
    for number, one in enumerate(found, start=1):
        if one.grade not in GRADES:
            faults.append(Fault("grade_unknown", {"n": number}, "problems"))
        if not one.requirement.strip() or not one.duty.strip():
            faults.append(Fault("requirement_missing", {"n": number}, "problems"))
    if faults:
        raise Invalid(faults)
    _write_problems(session, order, found)
    story.write(session, actor, order, "proposal_edited", at=at, problems=len(found))
    refresh(session, order)


def submit(session: Session, actor: Actor, order: Order, *, at: datetime) -> None:
    """Hand a draft to a colleague for signature; who submitted it cannot sign it."""
    take(session, actor, order, "submit")
    order.submitted_by = actor.account_id
    story.write(session, actor, order, "submitted", at=at)
    refresh(session, order)


def hand_back(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
    """Give a draft back to whoever submitted it."""
    need_reason(reason)
    take(session, actor, order, "hand_back")
    order.submitted_by = None
    story.write(session, actor, order, "handed_back", at=at, text=reason.strip()[:LONGEST])
    refresh(session, order)


def refuse(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
    """Decide against the order; the reason stays beside the rating for good."""
    need_reason(reason)
    take(session, actor, order, "refuse")
    order.reason, order.decided_by = reason.strip()[:LONGEST], actor.account_id
    limits.drop(session, order, at=at)
    story.write(session, actor, order, "refused", at=at, text=order.reason)
    refresh(session, order)


def issue(session: Session, actor: Actor, order: Order, *, at: datetime) -> None:
    """Sign an order: it gets its number, goes to the home, and waits to be acknowledged."""
    if order.state == OrderState.AWAITING_SIGNATURE and order.submitted_by == actor.account_id:
        raise Refused("another_officer_signs")
    _refuse_lost_ground(session, order)
    take(session, actor, order, "issue")
    today = beijing_day(at)
    order.issued_at, order.issued_by, order.issued_by_name = at, actor.account_id, actor.name
    order.decided_by = actor.account_id
    if order.kind == OrderKind.RECTIFICATION:
        issuer = session.get_one(Unit, order.lead_id)
        order.number = take_number(session, issuer, "order", order, order.id, signed_on=today).text
    limits.meet(session, order, LimitKind.ISSUE, on=today)
    rule = workdays(policy_of(order).acknowledge_workdays)
    limits.set_limit(session, order, LimitKind.ACKNOWLEDGE, rule, start=today, event="issued")
    problems = problems_of(session, order)
    # What the paper prints stays as it was signed, whenever service comes and whatever the calendar does.
    printed = limits.printed_days(calendar_of(session), order, problems, today)
    order.figures = {**order.figures, "printed": printed}
    story.write(session, actor, order, "issued", at=at, told=story.HOME, problems=len(problems))
    refresh(session, order)


def _refuse_lost_ground(session: Session, order: Order) -> None:
    """A rating that was superseded or voided since the draft carries no order any more."""
    result = session.get_one(Result, order.result_id)
    if result.state not in RATED:
        raise Conflict("rating_no_longer_final")
    if not problems_of(session, order):
        raise Refused("order_without_problem")


def need_reason(reason: str, where: str = "reason") -> None:
    """Refuse a decision without words."""
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, where)])
