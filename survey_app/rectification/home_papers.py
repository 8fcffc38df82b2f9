"""The papers a home writes to its superior: receipt, plan, report, request for more time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from survey_app.core.clock import beijing_day
from survey_app.papers.official.extension_request import (
    ExtensionRequest,
    extension_request,
)
from survey_app.papers.official.paper import OfficialPaper
from survey_app.papers.official.receipt import Receipt, receipt
from survey_app.papers.official.rect_plan import PlannedMeasure, RectPlan, rect_plan
from survey_app.papers.official.rect_report import CompletedMeasure, RectReport, rect_report
from survey_app.papers.official.rect_report import Evidence as PaperEvidence
from survey_app.papers.wording import long_date
from survey_app.rectification.evidence import evidence_of
from survey_app.rectification.models import (
    Event,
    Extension,
    Plan,
)
from survey_app.rectification.paper_desk import PaperDesk


def receipt_paper(desk: PaperDesk, _subject: int) -> OfficialPaper:
    order = desk.order
    return receipt(
        Receipt(
            home=desk.home.name,
            reference=desk.reference,
            served_on=order.served_on,
            acknowledged_on=order.served_on if order.served_how == "acknowledged" else None,
            acknowledged_by=order.acknowledged_by,
            opinion=order.opinion,
            deemed=order.served_how == "deemed",
        )
    )


def plan_paper(desk: PaperDesk, plan_id: int) -> OfficialPaper:
    plan = desk.session.get_one(Plan, plan_id)
    measures = tuple(
        PlannedMeasure(
            duty=problem.duty,
            problem=problem.finding,
            cause=item["cause"],
            measure=item["measure"],
            responsible_leader=item["leader"],
            person_in_charge=item["person"],
            due=date.fromisoformat(item["due_on"]),
            expected_result=item["expected"],
        )
        for item in plan.items
        if (problem := desk.problem(item["problem_id"])) is not None
    )
    head = desk.up(beijing_day(plan.submitted_at))
    return rect_plan(RectPlan(head, desk.reference, measures, plan.organisation))


def report_paper(desk: PaperDesk, _subject: int) -> OfficialPaper:
    event = desk.session.scalars(
        select(Event)
        .where(Event.order_id == desk.order.id, Event.kind == "report_submitted")
        .order_by(Event.id.desc())
    ).first()
    files = [row for row in evidence_of(desk.session, desk.order.id) if row.replaced_by_id is None]
    measures = tuple(
        CompletedMeasure(
            one.duty,
            one.done or "—",
            one.member_feedback,
            one.left_over,
            tuple(
                PaperEvidence(row.name, long_date(row.own_date), row.checksum)
                for row in files
                if row.problem_id == one.id
            ),
        )
        for one in desk.problems
    )
    written = beijing_day(event.at) if event else desk.today
    summary = event.text if event else ""
    return rect_report(RectReport(desk.up(written), desk.reference, measures, summary))


def request_paper(desk: PaperDesk, extension_id: int) -> OfficialPaper:
    row = desk.session.get_one(Extension, extension_id)
    duties = tuple(one.duty for one in desk.problems if one.id in row.problem_ids)
    return extension_request(
        ExtensionRequest(
            desk.up(beijing_day(row.asked_at)),
            desk.reference,
            duties,
            row.due_on,
            row.wanted_on,
            row.reason,
            row.progress,
            row.interim_measures,
        )
    )
