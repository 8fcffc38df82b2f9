"""The end of an order: the members' second vote, closure by rule or by decision, withdrawal, reopening."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from scoring import RatingClass
from survey_app.core.actor import SYSTEM, Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Fault, Invalid, Refused
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import limits, story
from survey_app.rectification.extending import lapse
from survey_app.rectification.findings import FoundProblem
from survey_app.rectification.inspecting import MOST_DAYS_AGAIN, inspections_of
from survey_app.rectification.inspectors import accounts_in
from survey_app.rectification.limits import calendar_days, workdays
from survey_app.rectification.models import (
    LimitKind,
    Order,
    OrderKind,
    OrderState,
    Problem,
    ProblemState,
)
from survey_app.rectification.numbering import take_number, void_numbers
from survey_app.rectification.orders import move_problem, policy_of, problems_of, refresh, take
from survey_app.rectification.proposing import LONGEST, RATED, need_reason
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState
from survey_app.units.models import Unit

CONTENT = (RatingClass.QUALIFIED, RatingClass.ELIGIBLE)


def begin_re_evaluation(session: Session, actor: Actor, order: Order, round_: Round, *, at: datetime) -> None:
    """Tie the order to the round in which its members say whether it worked."""
    in_round = session.get(RoundHome, (round_.id, order.home_id))
    result = session.get_one(Result, order.result_id)
    if round_.kind != RoundKind.RE_EVALUATION or in_round is None:
        raise Refused("not_a_re_evaluation")
    if round_.follows_round_id != result.round_id:
        raise Refused("re_evaluation_of_another_round")
    take(session, actor, order, "begin_re_evaluation")
    order.re_evaluation_round_id = round_.id
    story.write(session, actor, order, "re_evaluation_begun", at=at, told=story.HOME, round=round_.title)
    refresh(session, order)


def conclude(session: Session, order: Order, *, at: datetime) -> bool:
    """Close by rule once the second vote is final and says 合格 or better; True when it did.

    Any other outcome is for a person to decide: `hand_to_decision`.
    """
    result = second_result(session, order)
    if order.state != OrderState.REEVALUATION or result is None:
        return False
    if RatingClass(result.rating_class) not in CONTENT:
        return False
    take(session, SYSTEM, order, "close_by_rule")
    _close(session, order, "系统", "", beijing_day(at), at)
    order.closed_by_rule = True
    _number_slips(session, order, beijing_day(at))
    story.write(
        session,
        SYSTEM,
        order,
        "closed_by_rule",
        at=at,
        side=story.MEMBERS,
        told=story.HOME,
        **_change(session, order),
    )
    refresh(session, order)
    return True


def hand_to_decision(session: Session, order: Order, *, at: datetime) -> bool:
    """A final second vote that does not say 合格 goes to the superior: close with a reason, or send back."""
    result = second_result(session, order)
    if order.state != OrderState.REEVALUATION or result is None:
        return False
    if RatingClass(result.rating_class) in CONTENT:
        return False
    take(session, SYSTEM, order, "vote_fell_short")
    today = beijing_day(at)
    limits.meet(session, order, LimitKind.REEVALUATION, on=today)
    rule = workdays(policy_of(order).review_workdays)
    limits.set_limit(session, order, LimitKind.DECISION, rule, start=today, event="voted")
    change = _change(session, order)
    story.write(
        session, SYSTEM, order, "vote_fell_short", at=at, side=story.MEMBERS, told=story.HOME, **change
    )
    story.tell_side(session, order, story.SUPERIOR, "order.vote_fell_short", at=at)
    refresh(session, order)
    return True


def call_off_vote(session: Session, order: Order, *, at: datetime) -> bool:
    """Go back before a second vote that ended without a result; True when it did. Both sides are told."""
    if order.state != OrderState.REEVALUATION or not _ended_without_result(session, order):
        return False
    take(session, SYSTEM, order, "call_off_vote")
    order.re_evaluation_round_id = None
    story.write(session, SYSTEM, order, "vote_called_off", at=at, told=story.HOME)
    story.tell_side(session, order, story.SUPERIOR, "order.vote_called_off", at=at)
    refresh(session, order)
    return True


def _ended_without_result(session: Session, order: Order) -> bool:
    """Its round was cancelled, or the votes of this home were voided: nothing will ever be final."""
    round_ = session.get_one(Round, order.re_evaluation_round_id)
    if round_.state == RoundState.CANCELLED:
        return True
    voided = select(Result.id).where(
        Result.round_id == round_.id, Result.home_id == order.home_id, Result.state == ResultState.VOIDED
    )
    return session.scalars(voided).first() is not None


def close_by_decision(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
    """Close without the members' yes: only with a reason, shown as such, and not by who inspected."""
    need_reason(reason)
    if actor.account_id in accounts_in(inspections_of(session, order.id)):
        raise Refused("inspector_may_not_close")
    if order.state == OrderState.REEVALUATION:
        raise Refused("re_evaluation_not_final")
    take(session, actor, order, "close_by_decision")
    _close(session, order, actor.name, reason.strip()[:LONGEST], beijing_day(at), at)
    _number_slips(session, order, beijing_day(at))
    story.write(
        session,
        actor,
        order,
        "closed_by_decision",
        at=at,
        told=story.HOME,
        text=order.close_ground,
        **_change(session, order),
    )
    refresh(session, order)


def _close(session: Session, order: Order, who: str, ground: str, today: date, at: datetime) -> None:
    for problem in problems_of(session, order):
        if problem.state == ProblemState.VERIFIED:
            move_problem(problem, "close")
            problem.closed_on = today
    order.closed_on, order.closed_by_name, order.close_ground = today, who, ground
    for kind in (LimitKind.REEVALUATION, LimitKind.DECISION):
        limits.meet(session, order, kind, on=today)
    limits.drop(session, order, at=at)


def _number_slips(session: Session, order: Order, today: date) -> None:
    """Every closed or long-term problem gets its own slip (销号单)."""
    issuer = session.get_one(Unit, order.lead_id)
    for problem in problems_of(session, order):
        if problem.state in (ProblemState.CLOSED, ProblemState.LONG_TERM):
            take_number(session, issuer, "closing", order, problem.id, signed_on=today)


def fall_short(
    session: Session, actor: Actor, order: Order, *, reason: str, new_due_on: date, at: datetime
) -> None:
    """The members were not content: the problems are open again until a new day."""
    need_reason(reason)
    today = beijing_day(at)
    if not 1 <= (new_due_on - today).days <= MOST_DAYS_AGAIN:
        raise Invalid([Fault("new_date_out_of_range", {"n": ""}, "new_due_on")])
    if not calendar_of(session).is_workday(new_due_on):
        raise Invalid([Fault("new_date_rest_day", {"n": ""}, "new_due_on")])
    if second_result(session, order) is None:
        raise Refused("re_evaluation_not_final")
    take(session, actor, order, "fall_short")
    limits.meet(session, order, LimitKind.DECISION, on=today)
    rule = calendar_days((new_due_on - today).days)
    for problem in problems_of(session, order):
        if problem.state in (ProblemState.VERIFIED, ProblemState.LONG_TERM):
            move_problem(problem, "fall_short")
            limits.set_limit(
                session, order, LimitKind.COMPLETION, rule, start=today, event="decided", problem=problem
            )
    limits.begin_report(session, order, policy_of(order).report_workdays)
    story.write(
        session,
        actor,
        order,
        "fell_short",
        at=at,
        told=story.HOME,
        text=reason.strip()[:LONGEST],
        due=new_due_on.isoformat(),
    )
    refresh(session, order)


def close_reminder(session: Session, actor: Actor, order: Order, *, reason: str = "", at: datetime) -> None:
    """The note says enough: the reminder ends."""
    take(session, actor, order, "close_reminder")
    today = beijing_day(at)
    for problem in problems_of(session, order):
        move_problem(problem, "note")
        problem.closed_on = today
    order.closed_on, order.closed_by_name = today, actor.name
    order.close_ground = reason.strip()[:LONGEST]
    limits.meet(session, order, LimitKind.REVIEW, on=today)
    limits.drop(session, order, at=at)
    story.write(session, actor, order, "reminder_closed", at=at, told=story.HOME, text=order.close_ground)
    refresh(session, order)


def withdraw(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
    """Take an order back with a reason; its number stays taken and is void."""
    need_reason(reason)
    take(session, actor, order, "withdraw")
    order.reason = reason.strip()[:LONGEST]
    for problem in problems_of(session, order):
        if problem.state not in (ProblemState.CLOSED, ProblemState.WITHDRAWN):
            move_problem(problem, "withdraw")
    void_numbers(session, order)
    lapse(session, order, at=at)
    limits.drop(session, order, at=at)
    story.write(session, actor, order, "withdrawn", at=at, told=story.HOME, text=order.reason)
    refresh(session, order)


def reopen(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> Order:
    """Begin a new order where a closed one did not last; each points to the other."""
    need_reason(reason)
    take(session, actor, order, "reopen")
    if reopened(session, order) is not None:
        raise Refused("reopened_before")
    again = Order(
        kind=OrderKind.RECTIFICATION,
        state=OrderState.DRAFT,
        result_id=order.result_id,
        reopens_id=order.id,
        home_id=order.home_id,
        lead_id=order.lead_id,
        co_id=order.co_id,
        year=order.year,
        figures={name: value for name, value in order.figures.items() if name != "printed"},
        policy=order.policy,
        proposed_at=at,
        reason=reason.strip()[:LONGEST],
    )
    session.add(again)
    session.flush()
    session.add_all(_again(one, again) for one in problems_of(session, order))
    story.write(session, actor, order, "reopened", at=at, told=story.HOME, text=again.reason, again=again.id)
    story.write(session, actor, again, "proposed", at=at, order_kind=again.kind)
    refresh(session, order)
    refresh(session, again)
    return again


def _again(problem: Problem, order: Order) -> Problem:
    found = FoundProblem(
        problem.item_id, problem.duty, problem.result, problem.finding, problem.requirement, problem.grade
    )
    return Problem(order_id=order.id, ordinal=problem.ordinal, **vars(found))


def reopened(session: Session, order: Order) -> Order | None:
    """The order by which a closed one was reopened."""
    return session.scalars(select(Order).where(Order.reopens_id == order.id)).one_or_none()


def hand_over(session: Session, actor: Actor, order: Order, *, reason: str, at: datetime) -> None:
    """Lead and co-supervisor change places; the order is counted once in either tree as before."""
    need_reason(reason)
    if order.co_id is None:
        raise Refused("no_co_supervisor")
    take(session, actor, order, "hand_over")
    order.lead_id, order.co_id = order.co_id, order.lead_id
    names = [session.get_one(Unit, unit_id).name for unit_id in (order.lead_id, order.co_id)]
    story.write(
        session,
        actor,
        order,
        "handed_over",
        at=at,
        told=story.SUPERIOR,
        text=reason.strip()[:LONGEST],
        lead=names[0],
        beside=names[1],
    )
    story.tell_side(session, order, story.HOME, "order.handed_over", at=at)
    refresh(session, order)


def second_result(session: Session, order: Order) -> Result | None:
    """The final result of the members' second vote, if there is one."""
    if order.re_evaluation_round_id is None:
        return None
    return session.scalars(
        select(Result).where(
            Result.round_id == order.re_evaluation_round_id,
            Result.home_id == order.home_id,
            Result.state.in_(RATED),
        )
    ).one_or_none()


def _change(session: Session, order: Order) -> dict[str, Any]:
    """Class before and after the rectification, where there was a second vote."""
    result = second_result(session, order)
    before = order.figures.get("class")
    return {"before": before, "after": result.rating_class} if result else {}
