"""The home at work: progress, problems reported done, the report; messages, and help from the superior."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Fault, Invalid, Refused
from survey_app.rectification import limits, story
from survey_app.rectification.extending import lapse
from survey_app.rectification.limits import workdays
from survey_app.rectification.models import LimitKind, Order, Problem, ProblemState
from survey_app.rectification.orders import authorise, move_problem, policy_of, problems_of, refresh, take
from survey_app.rectification.proposing import LONGEST, need_reason
from survey_app.rectification.states import ANSWER, REVIEW, UNDER_WAY


def need_text(text: str, code: str, where: str = "text") -> str:
    """The text without its margins; Invalid when nothing is left."""
    if not text.strip():
        raise Invalid([Fault(code, {}, where)])
    return text.strip()[:LONGEST]


def add_progress(
    session: Session, actor: Actor, order: Order, problem: Problem, *, text: str, at: datetime
) -> None:
    """Say how far a problem has come."""
    words = need_text(text, "progress_missing")
    take(session, actor, order, "add_progress")
    limits.meet(session, order, LimitKind.SUPERVISED_ANSWER, on=beijing_day(at))
    story.write(
        session, actor, order, "progress_added", at=at, told=story.SUPERIOR, text=words, n=problem.ordinal
    )
    refresh(session, order)


def report_problem(
    session: Session,
    actor: Actor,
    order: Order,
    problem: Problem,
    *,
    done: str,
    member_feedback: str = "",
    left_over: str = "",
    at: datetime,
) -> None:
    """Report one problem as put right; it waits for the inspection with the others."""
    words = need_text(done, "done_missing", "done")
    take(session, actor, order, "report_problem")
    move_problem(problem, "report")
    today = beijing_day(at)
    problem.done, problem.reported_on = words, today
    problem.member_feedback = member_feedback.strip()[:LONGEST]
    problem.left_over = left_over.strip()[:LONGEST]
    limits.meet(session, order, LimitKind.COMPLETION, on=today, problem=problem)
    story.write(
        session, actor, order, "problem_reported", at=at, told=story.SUPERIOR, text=words, n=problem.ordinal
    )
    refresh(session, order)


def submit_report(session: Session, actor: Actor, order: Order, *, summary: str = "", at: datetime) -> None:
    """Hand in the report once every problem is reported; the inspection's days begin."""
    open_ones = [one.ordinal for one in problems_of(session, order) if one.state == ProblemState.OPEN]
    if open_ones:
        raise Invalid([Fault("report_problem_open", {"n": n}) for n in open_ones])
    take(session, actor, order, "submit_report")
    today = beijing_day(at)
    limits.meet(session, order, LimitKind.REPORT, on=today)
    limits.meet(session, order, LimitKind.SUPERVISED_ANSWER, on=today)
    lapse(session, order, at=at)
    rule = workdays(policy_of(order).inspection_workdays)
    limits.set_limit(session, order, LimitKind.INSPECTION, rule, start=today, event="reported")
    story.write(
        session,
        actor,
        order,
        "report_submitted",
        at=at,
        told=story.SUPERIOR,
        text=summary.strip()[:LONGEST],
    )
    refresh(session, order)


def resume(session: Session, actor: Actor, order: Order, *, at: datetime) -> None:
    """Go on after a failed inspection: the problems that failed are open again."""
    take(session, actor, order, "resume")
    for problem in problems_of(session, order):
        if problem.state == ProblemState.FAILED:
            move_problem(problem, "resume")
    story.write(session, actor, order, "resumed", at=at, told=story.SUPERIOR)
    refresh(session, order)


def submit_note(session: Session, actor: Actor, order: Order, *, text: str, at: datetime) -> None:
    """The one note of a reminder: what was done."""
    words = need_text(text, "done_missing")
    take(session, actor, order, "submit_note")
    today = beijing_day(at)
    limits.meet(session, order, LimitKind.NOTE, on=today)
    rule = workdays(policy_of(order).review_workdays)
    limits.set_limit(session, order, LimitKind.REVIEW, rule, start=today, event="submitted")
    story.write(session, actor, order, "note_submitted", at=at, told=story.SUPERIOR, text=words)
    refresh(session, order)


def return_note(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
    """Ask for more than the note says, within the days of a plan of class A."""
    need_reason(reason)
    take(session, actor, order, "return_note")
    limits.meet(session, order, LimitKind.REVIEW, on=beijing_day(at))
    rule = workdays(policy_of(order).plan_workdays_a)
    limits.set_limit(session, order, LimitKind.NOTE, rule, start=beijing_day(at), event="returned")
    story.write(session, actor, order, "note_returned", at=at, told=story.HOME, text=reason.strip()[:LONGEST])
    refresh(session, order)


def need_correspondent(session: Session, actor: Actor, order: Order) -> None:
    """Refuse whoever is on neither side of the order: a territorial superior, the auditor."""
    authorise(session, actor, order, ANSWER if actor.role is Role.CHAIR else REVIEW)


def send_message(session: Session, actor: Actor, order: Order, *, text: str, at: datetime) -> None:
    """Write to the other side; both sides may at any time between service and the end."""
    words = need_text(text, "message_missing")
    if order.state not in UNDER_WAY:
        raise Refused("wrong_state", thing="order", state=order.state, action="message")
    from_home = actor.role is Role.CHAIR
    need_correspondent(session, actor, order)
    told = story.SUPERIOR if from_home else story.HOME
    if from_home:
        # A written word is the answer that 催办 and 督办 ask for.
        limits.meet(session, order, LimitKind.SUPERVISED_ANSWER, on=beijing_day(at))
    story.write(session, actor, order, "message", at=at, told=told, text=words)
    refresh(session, order, forms_stay=True)


def tag_resources(
    session: Session, actor: Actor, order: Order, problem: Problem, *, wanted: str, at: datetime
) -> None:
    """Say that a problem needs something the home cannot give itself: the ball is the superior's."""
    words = need_text(wanted, "resources_missing")
    take(session, actor, order, "tag_resources")
    problem.resources_wanted, problem.resources_granted = words, ""
    story.write(
        session, actor, order, "resources_wanted", at=at, told=story.SUPERIOR, text=words, n=problem.ordinal
    )
    refresh(session, order)


def grant_resources(
    session: Session, actor: Actor, order: Order, problem: Problem, *, granted: str, at: datetime
) -> None:
    """Record what the superior gave, or why it cannot: the ball goes back."""
    words = need_text(granted, "resources_missing")
    if not problem.resources_wanted:
        raise Refused("resources_not_asked")
    take(session, actor, order, "grant_resources")
    problem.resources_granted = words
    story.write(
        session, actor, order, "resources_granted", at=at, told=story.HOME, text=words, n=problem.ordinal
    )
    refresh(session, order)
