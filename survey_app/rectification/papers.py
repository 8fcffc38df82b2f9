"""The official papers of an order: what the rows say, put into the words of `papers.official`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing, beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.papers.official.circular import Circular, LateHome, circular
from survey_app.papers.official.closing_slip import ClosingSlip, closing_slip
from survey_app.papers.official.extension_reply import ExtensionReply, extension_reply
from survey_app.papers.official.extension_request import (
    extension_title,
)
from survey_app.papers.official.findings import Problem as PaperProblem
from survey_app.papers.official.formal_talk import FormalTalk, formal_talk
from survey_app.papers.official.inspection import InspectedProblem, inspection
from survey_app.papers.official.inspection import Inspection as InspectionSheet
from survey_app.papers.official.letterhead import Reference
from survey_app.papers.official.overdue import OverdueMatter
from survey_app.papers.official.paper import Layout, OfficialPaper
from survey_app.papers.official.rectification_order import RectificationOrder, rectification_order
from survey_app.papers.official.reminder_letter import ReminderLetter, reminder_letter
from survey_app.papers.official.supervision import Supervision, supervision
from survey_app.papers.official.urging import Urging, urging
from survey_app.papers.wording import long_date
from survey_app.rectification.closing import second_result
from survey_app.rectification.home_papers import plan_paper, receipt_paper, report_paper, request_paper
from survey_app.rectification.inspecting import inspections_of
from survey_app.rectification.inspectors import inspectors_of
from survey_app.rectification.models import (
    Escalation,
    Event,
    Extension,
    Inspection,
    Limit,
    LimitKind,
    Order,
    OrderState,
    Plan,
    Problem,
)
from survey_app.rectification.paper_desk import PaperDesk, figures_of, items_of
from survey_app.units.models import Unit
from survey_app.workdays import Step

CLASS_WORDS = {
    "DISSATISFIED": "不满意",
    "QUALIFIED": "合格",
    "ELIGIBLE": "可申报模范职工之家",
    "INSUFFICIENT": "证据不足",
}
MATTERS = {
    LimitKind.PLAN: "报送整改方案",
    LimitKind.REPORT: "报送整改报告",
    LimitKind.NOTE: "报送改进情况",
}
BASIS = (Reference("会员评议职工之家办法"),)


def paper_of(
    session: Session, order: Order, paper: str, subject_id: int, number: str, today: date
) -> OfficialPaper:
    """One paper of an order; `paper_list` has checked that it exists."""
    written_at = _written_at(session, order, paper, subject_id)
    return _MAKERS[paper](PaperDesk(session, order, number, today, written_at), subject_id)


WRITTEN: dict[str, tuple[type[Any], str]] = {
    "plan": (Plan, "submitted_at"),
    "extension_request": (Extension, "asked_at"),
    "extension_reply": (Extension, "answered_at"),
    "urging": (Escalation, "decided_at"),
    "supervision": (Escalation, "decided_at"),
    "formal_talk": (Escalation, "decided_at"),
    "circular": (Escalation, "decided_at"),
    "inspection": (Inspection, "recorded_at"),
}
"""The row that a paper prints, and the column that says when it was written."""


def _written_at(session: Session, order: Order, paper: str, subject_id: int) -> datetime | None:
    """When a paper was written: who led then stands in its head, whoever leads now."""
    if paper in ("order", "reminder_letter"):
        return order.issued_at
    if paper == "report":
        return session.scalar(
            select(func.max(Event.at)).where(Event.order_id == order.id, Event.kind == "report_submitted")
        )
    if paper not in WRITTEN:
        return None
    row, column = WRITTEN[paper]
    return cast(datetime | None, getattr(session.get_one(row, subject_id), column))


def _order(desk: PaperDesk, _subject: int) -> OfficialPaper:
    order, policy = desk.order, desk.policy
    issued = beijing_day(order.issued_at) if order.issued_at else None
    return rectification_order(
        RectificationOrder(
            letterhead=desk.down(issued),
            home=desk.home.name,
            year=order.year,
            basis=BASIS,
            figures=figures_of(order),
            problems=tuple(
                PaperProblem(
                    one.duty,
                    one.finding,
                    one.requirement,
                    f"{one.grade}类",
                    desk.due_of(one),
                    desk.within(one),
                )
                for one in desk.problems
            ),
            plan_due=desk.plan_due(),
            plan_within=desk.plan_within(),
            receipt_days=policy.acknowledge_workdays,
            report_days=policy.report_workdays,
            extension_ask_days=policy.extension_ask_workdays,
            extension_limit_days=policy.extension_days,
            inspectors=policy.inspectors,
            items=items_of(order),
        )
    )


def _reminder(desk: PaperDesk, _subject: int) -> OfficialPaper:
    order = desk.order
    issued = beijing_day(order.issued_at) if order.issued_at else None
    return reminder_letter(
        ReminderLetter(
            letterhead=desk.down(issued, layout=Layout.LETTER),
            home=desk.home.name,
            year=order.year,
            figures=figures_of(order),
            weak_items=tuple(f"{one.duty}。{one.finding}" for one in desk.problems),
            items=items_of(order),
            plan_due=desk.plan_due(),
            plan_within=desk.plan_within(),
        )
    )


def _reply(desk: PaperDesk, extension_id: int) -> OfficialPaper:
    row = desk.session.get_one(Extension, extension_id)
    return extension_reply(
        ExtensionReply(
            letterhead=desk.down(desk.signed_on(extension_id, "extension_reply")),
            home=desk.home.name,
            request=Reference(extension_title(desk.home.name)),
            due=row.due_on,
            new_due=row.new_due_on if row.granted else None,
            reason=row.answer,
        )
    )


def _matters(desk: PaperDesk, row: Escalation) -> tuple[OverdueMatter, ...]:
    """Everything late on the day the step was taken, the limit in question first."""
    on = beijing_day(row.decided_at) if row.decided_at else desk.today
    calendar = calendar_of(desk.session)
    matters = []
    for limit_id in (row.limit_id, *row.terms.get("also", ())):
        limit = desk.session.get_one(Limit, limit_id)
        problem = desk.problem(limit.problem_id)
        matter = f"{problem.duty}的整改" if problem else MATTERS[LimitKind(limit.kind)]
        days = -calendar.workdays_between(on, limit.due_on)
        matters.append(OverdueMatter(matter, limit.due_on, max(days, 0)))
    return tuple(matters)


def _urging(desk: PaperDesk, row_id: int) -> OfficialPaper:
    row = desk.session.get_one(Escalation, row_id)
    return urging(
        Urging(
            letterhead=desk.down(desk.signed_on(row_id, "urging")),
            order=desk.reference,
            matters=_matters(desk, row),
            answer_by=date.fromisoformat(row.terms["answer_by"]),
            home=desk.home.name,
        )
    )


def _supervision(desk: PaperDesk, row_id: int) -> OfficialPaper:
    row = desk.session.get_one(Escalation, row_id)
    urged = desk.session.scalars(
        select(Escalation).where(
            Escalation.limit_id == row.limit_id, Escalation.step == Step.REMINDER, Escalation.sent.is_(True)
        )
    ).one_or_none()
    title = f"{desk.lead.name}关于{desk.home.name}整改事项的催办通知"
    return supervision(
        Supervision(
            letterhead=desk.down(desk.signed_on(row_id, "supervision")),
            home=desk.home.name,
            order=desk.reference,
            urged=Reference(title, urged.terms["number"]) if urged else None,
            matters=_matters(desk, row),
            finish_by=date.fromisoformat(row.terms["answer_by"]),
            supervisor=row.decided_by,
        )
    )


def _talk(desk: PaperDesk, row_id: int) -> OfficialPaper:
    row = desk.session.get_one(Escalation, row_id)
    return formal_talk(
        FormalTalk(
            letterhead=desk.down(desk.signed_on(row_id, "formal_talk")),
            home=desk.home.name,
            order=desk.reference,
            matters=_matters(desk, row),
            talk_at=beijing(datetime.fromisoformat(row.terms["talk_at"])),
            place=row.terms["place"],
            attendees=(f"{desk.home.name}主席", f"{desk.lead.name}{row.decided_by}"),
        )
    )


def _circular(desk: PaperDesk, row_id: int) -> OfficialPaper:
    row = desk.session.get_one(Escalation, row_id)
    at = row.decided_at or row.proposed_at
    matters = _matters(desk, row)
    taken = "、".join(_steps_taken(desk, row))
    issued = desk.session.scalar(
        select(func.count()).where(*_of_this_year(desk), Order.issued_at.is_not(None), Order.issued_at <= at)
    )
    after = f"，经{taken}仍无结果。" if taken else "。"
    return circular(
        Circular(
            letterhead=desk.down(desk.signed_on(row_id, "circular")),
            year=desk.order.year,
            summary=f"截至{long_date(beijing_day(at))}，本年度共印发限期整改通知和提醒函{issued}件。下列单位逾期未办结{after}",
            good=_closed_well(desk, beijing_day(at)),
            late=tuple(
                LateHome(desk.home.name, one.matter, long_date(one.due + timedelta(days=1)), taken or "—")
                for one in matters
            ),
            demands=("请有关单位立即办理，并书面报告结果。", "问题销号前，不参加各级职工之家评选。"),
        )
    )


STEP_NAMES = {Step.REMINDER: "催办", Step.SUPERVISION: "督办", Step.FORMAL_TALK: "约谈"}
MOST_NAMED = 10


def _steps_taken(desk: PaperDesk, row: Escalation) -> list[str]:
    """The lower rungs that were really sent about the same limit before this one."""
    sent = desk.session.scalars(
        select(Escalation)
        .where(Escalation.order_id == desk.order.id, Escalation.sent.is_(True), Escalation.id != row.id)
        .order_by(Escalation.id)
    )
    about = {Step(one.step) for one in sent if row.limit_id in (one.limit_id, *one.terms.get("also", ()))}
    return [name for step, name in STEP_NAMES.items() if step in about]


def _of_this_year(desk: PaperDesk) -> tuple[ColumnElement[bool], ...]:
    return (Order.lead_id == desk.lead.id, Order.year == desk.order.year)


def _closed_well(desk: PaperDesk, on: date) -> tuple[str, ...]:
    """Who was closed because the members said so, the earliest first."""
    rows = desk.session.execute(
        select(Unit.name, Order.closed_on)
        .join(Order, Order.home_id == Unit.id)
        .where(
            *_of_this_year(desk),
            Order.state == OrderState.CLOSED,
            Order.closed_by_rule.is_(True),
            Order.closed_on <= on,
        )
        .order_by(Order.closed_on, Order.id)
        .limit(MOST_NAMED)
    )
    return tuple(f"{name}：会员再评合格，{long_date(day)}销号。" for name, day in rows if day)


def _inspection(desk: PaperDesk, inspection_id: int) -> OfficialPaper:
    row = desk.session.get_one(Inspection, inspection_id)
    problems = tuple(
        InspectedProblem(
            duty=problem.duty,
            evidence_seen=one["evidence_seen"] or "—",
            passed=one["outcome"] != "fail",
            reason="转为长期坚持。" + one["reason"] if one["outcome"] == "keep_long_term" else one["reason"],
            new_due=date.fromisoformat(one["new_due_on"]) if one["new_due_on"] else None,
        )
        for one in row.findings
        if (problem := desk.problem(one["problem_id"])) is not None
    )
    return inspection(
        InspectionSheet(
            issuer=desk.lead.name,
            number=desk.number,
            home=desk.home.name,
            order=desk.reference,
            inspected_on=row.inspected_on,
            way=row.way,
            problems=problems,
            inspectors=tuple(one.words for one in inspectors_of(row)),
        )
    )


def _closing(desk: PaperDesk, problem_id: int) -> OfficialPaper:
    order = desk.order
    problem = desk.session.get_one(Problem, problem_id)
    inspected = [row.inspected_on for row in inspections_of(desk.session, order.id) if row.passed]
    after = second_result(desk.session, order)
    second = f"会员再评：{CLASS_WORDS[after.rating_class]}。" if after else "未组织会员再评。"
    by_rule = "复查通过，会员再评合格"
    closed_on = order.closed_on or desk.today
    return closing_slip(
        ClosingSlip(
            issuer=desk.lead.name,
            number=desk.number,
            home=desk.home.name,
            order=desk.reference,
            duty=problem.duty,
            problem=problem.finding,
            result=problem.done,
            inspected_on=inspected[-1] if inspected else closed_on,
            re_evaluation=second,
            closed_on=closed_on,
            approver="按规则销号" if order.closed_by_rule else order.closed_by_name,
            ground=by_rule if order.closed_by_rule else f"复查通过；上级决定：{order.close_ground}",
            long_term=problem.state == "long_term",
        )
    )


_MAKERS: dict[str, Callable[[PaperDesk, int], OfficialPaper]] = {
    "order": _order,
    "reminder_letter": _reminder,
    "receipt": receipt_paper,
    "plan": plan_paper,
    "report": report_paper,
    "extension_request": request_paper,
    "extension_reply": _reply,
    "urging": _urging,
    "supervision": _supervision,
    "formal_talk": _talk,
    "circular": _circular,
    "inspection": _inspection,
    "closing": _closing,
}
