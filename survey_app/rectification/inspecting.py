"""The inspection (复查): by others than the issuer, an opinion on every problem, a new day if it failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Fault, Invalid
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import limits, story
from survey_app.rectification.inspectors import Inspector, people_faults, refuse_own_order, stored
from survey_app.rectification.limits import calendar_days
from survey_app.rectification.models import Evidence, Inspection, LimitKind, Order, Problem, ProblemState
from survey_app.rectification.numbering import take_number
from survey_app.rectification.orders import move_problem, policy_of, problems_of, refresh, take
from survey_app.units.models import Unit

PASSED, FAILED, LONG_TERM = "pass", "fail", "keep_long_term"
OUTCOMES = (PASSED, FAILED, LONG_TERM)
MOST_DAYS_AGAIN = 90


@dataclass(frozen=True)
class Finding:
    """The opinion on one problem; a failed one has a reason and a new day, another says what was seen."""

    problem_id: int
    outcome: str
    evidence_seen: str = ""
    # No file was handed in for it, and the inspectors decided all the same: said aloud, never by default.
    without_files: bool = False
    reason: str = ""
    new_due_on: date | None = None


def inspect(
    session: Session,
    actor: Actor,
    order: Order,
    findings: Sequence[Finding],
    *,
    inspected_on: date,
    way: str,
    others: Sequence[Inspector],
    at: datetime,
) -> Inspection:
    """Record an inspection; the actor is one of the inspectors, `others` came along."""
    others = [
        replace(one, name=one.name.strip(), unit=one.unit.strip()) for one in others if one.name.strip()
    ]
    refuse_own_order(order, actor, others)
    problems = [one for one in problems_of(session, order) if one.state == ProblemState.REPORTED]
    faults = people_faults(session, order, actor, others) + _faults(
        session, problems, findings, inspected_on, at
    )
    if not way.strip():
        faults.append(Fault("inspection_way_missing", {}, "way"))
    if faults:
        raise Invalid(faults)
    passed = all(one.outcome != FAILED for one in findings)
    take(session, actor, order, "pass_inspection" if passed else "fail_inspection")
    row = Inspection(
        order_id=order.id,
        inspected_on=inspected_on,
        way=way.strip()[:120],
        inspectors=stored(actor, others),
        findings=[_plain(one) for one in findings],
        passed=passed,
        recorded_at=at,
        recorded_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    issuer = session.get_one(Unit, order.lead_id)
    take_number(session, issuer, "inspection", order, row.id, signed_on=beijing_day(at))
    limits.meet(session, order, LimitKind.INSPECTION, on=inspected_on)
    _apply(session, order, problems, findings, inspected_on, at)
    if passed:
        rule = calendar_days(policy_of(order).re_evaluation_days)
        limits.set_limit(session, order, LimitKind.REEVALUATION, rule, start=inspected_on, event="passed")
    failed = [one.ordinal for one in problems if one.state == ProblemState.FAILED]
    kind = "inspection_passed" if passed else "inspection_failed"
    story.write(
        session,
        actor,
        order,
        kind,
        at=at,
        told=story.HOME,
        text=_reasons_told(problems, findings, without_evidence(session, problems)),
        inspectors=len(others) + 1,
        failed=failed,
    )
    refresh(session, order)
    return row


def _faults(
    session: Session, problems: list[Problem], findings: Sequence[Finding], inspected_on: date, at: datetime
) -> list[Fault]:
    faults = []
    if inspected_on > beijing_day(at):
        faults.append(Fault("inspected_on_in_future", {}, "inspected_on"))
    reported_on = [one.reported_on for one in problems if one.reported_on]
    if reported_on and inspected_on < max(reported_on):
        faults.append(Fault("inspected_before_report", {"day": max(reported_on)}, "inspected_on"))
    given = {one.problem_id: one for one in findings}
    bare = without_evidence(session, problems)
    for problem in problems:
        one = given.get(problem.id)
        if one is None or one.outcome not in OUTCOMES:
            faults.append(Fault("finding_missing", {"n": problem.ordinal}, f"outcome_{problem.id}"))
        else:
            faults += _reasons(session, problem, one, inspected_on)
            faults += _grounds(problem, one, bare=problem.id in bare)
    return faults


def _grounds(problem: Problem, one: Finding, *, bare: bool) -> list[Fault]:
    """Nothing is let through unseen: what was looked at, and a word of its own where no file stands."""
    if one.outcome == FAILED:
        return []
    faults = []
    if not one.evidence_seen.strip():
        faults.append(Fault("finding_seen_missing", {"n": problem.ordinal}, f"seen_{problem.id}"))
    if bare and not one.without_files:
        faults.append(Fault("finding_without_files", {"n": problem.ordinal}, f"bare_{problem.id}"))
    return faults


def without_evidence(session: Session, problems: Sequence[Problem]) -> set[int]:
    """The problems for which no file stands."""
    ids = {problem.id for problem in problems}
    answered = select(Evidence.problem_id).where(
        Evidence.problem_id.in_(ids), Evidence.replaced_by_id.is_(None)
    )
    return ids - set(session.scalars(answered))


def _reasons(session: Session, problem: Problem, one: Finding, inspected_on: date) -> list[Fault]:
    faults = []
    if one.outcome != PASSED and not one.reason.strip():
        faults.append(Fault("finding_reason_missing", {"n": problem.ordinal}, f"reason_{problem.id}"))
    if one.outcome == FAILED:
        where = f"new_due_on_{problem.id}"
        day = one.new_due_on
        if day is None:
            faults.append(Fault("new_date_missing", {"n": problem.ordinal}, where))
        elif not 1 <= (day - inspected_on).days <= MOST_DAYS_AGAIN:
            faults.append(Fault("new_date_out_of_range", {"n": problem.ordinal}, where))
        elif not calendar_of(session).is_workday(day):
            faults.append(Fault("new_date_rest_day", {"n": problem.ordinal}, where))
    return faults


def _apply(
    session: Session,
    order: Order,
    problems: list[Problem],
    findings: Sequence[Finding],
    inspected_on: date,
    at: datetime,
) -> None:
    by_id = {problem.id: problem for problem in problems}
    again = False
    for one in findings:
        problem = by_id[one.problem_id]
        move_problem(problem, one.outcome)
        if one.outcome == FAILED and one.new_due_on is not None:
            again = True
            rule = calendar_days((one.new_due_on - inspected_on).days)
            limits.drop(session, order, LimitKind.COMPLETION, at=at, problem=problem)
            limits.set_limit(
                session,
                order,
                LimitKind.COMPLETION,
                rule,
                start=inspected_on,
                event="inspected",
                problem=problem,
            )
    if again:
        limits.begin_report(session, order, policy_of(order).report_workdays)


def _reasons_told(problems: list[Problem], findings: Sequence[Finding], bare: set[int]) -> str:
    """What was not simply passed, with its reason: the home reads it in the story."""
    ordinals = {problem.id: problem.ordinal for problem in problems}
    told = []
    for one in findings:
        number = ordinals[one.problem_id]
        if one.outcome != PASSED:
            told.append(f"第{number}项：{one.reason.strip()}")
        if one.outcome != FAILED and one.problem_id in bare:
            told.append(f"第{number}项没有交佐证，凭复查所见：{one.evidence_seen.strip()}")
    return "\n".join(told)


def _plain(one: Finding) -> dict[str, object]:
    return {**asdict(one), "new_due_on": one.new_due_on.isoformat() if one.new_due_on else None}


def inspections_of(session: Session, order_id: int) -> list[Inspection]:
    """Every inspection of an order, oldest first."""
    return list(
        session.scalars(select(Inspection).where(Inspection.order_id == order_id).order_by(Inspection.id))
    )
