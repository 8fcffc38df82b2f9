"""The ledger as a workbook with the fields the field keeps (domain 5.3): one line for each problem."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.papers.marks import Marks
from survey_app.papers.workbook import Cell, Column, DataSheet, workbook_bytes
from survey_app.rectification.inspectors import inspectors_of
from survey_app.rectification.ledger import Filter, LedgerRow, every_row
from survey_app.rectification.models import (
    Evidence,
    Inspection,
    Limit,
    LimitKind,
    Order,
    Plan,
    Problem,
)
from survey_app.rectification.queries import days_left
from survey_app.rectification.spoken import band_words, duty_words, inspector_words, requirement_words
from survey_app.rectification.statistics import statistics
from survey_app.rectification.statistics_sheets import statistics_sheets
from survey_app.rectification.wording import state_word
from survey_app.units.models import Line
from survey_app.web.formats import day_full
from survey_app.web.i18n import gettext, page_language


def ledger_workbook(
    session: Session, actor: Actor, wanted: Filter, today: date, *, demo: bool, made_at: datetime
) -> bytes:
    """Every row of the filter, and the year's statistics; texts that look like formulas stay texts."""
    orders = every_row(session, actor, wanted, today)
    sheet = DataSheet(
        name=gettext("整改台账"),
        title=gettext("%(unit)s整改台账", unit=actor.unit_name),
        columns=_columns(),
        rows=_rows(session, orders, today),
        note=gettext("截至%(day)s", day=day_full(beijing_day(made_at), page_language())),
    )
    found = statistics(session, actor, today.year, today, Line.AFFILIATION)
    sheets = [sheet, *statistics_sheets(found, actor.unit_name, today)]
    return workbook_bytes(sheets, title=sheet.title, marks=Marks(demo=demo))


def _columns() -> tuple[Column, ...]:
    return (
        Column(gettext("文号"), 22),
        Column(gettext("单位"), 26),
        Column(gettext("状态"), 12),
        Column(gettext("在谁手上"), 10),
        Column(gettext("序号"), 6),
        Column(gettext("问题"), 22),
        Column(gettext("评议结果"), 12),
        Column(gettext("要求"), 36),
        Column(gettext("类别"), 6),
        Column(gettext("办法"), 36),
        Column(gettext("责任领导"), 10),
        Column(gettext("责任人"), 10),
        Column(gettext("送达"), 13),
        Column(gettext("期限"), 13),
        Column(gettext("逾期工作日"), 10),
        Column(gettext("报完成"), 13),
        Column(gettext("做了什么"), 36),
        Column(gettext("佐证件数"), 9),
        Column(gettext("复查日期"), 13),
        Column(gettext("复查人"), 18),
        Column(gettext("销号日期"), 13),
        Column(gettext("销号人"), 12),
    )


def _rows(session: Session, orders: Sequence[LedgerRow], today: date) -> list[Sequence[Cell]]:
    calendar = calendar_of(session)
    ids = [row.order.id for row in orders]
    problems: dict[int, list[Problem]] = {}
    for one in session.scalars(
        select(Problem).where(Problem.order_id.in_(ids)).order_by(Problem.order_id, Problem.ordinal)
    ):
        problems.setdefault(one.order_id, []).append(one)
    dues = {
        limit.problem_id: limit
        for limit in session.scalars(
            select(Limit)
            .where(Limit.order_id.in_(ids), Limit.kind == LimitKind.COMPLETION, Limit.dropped_at.is_(None))
            .order_by(Limit.id)
        )
    }
    plans = {
        item["problem_id"]: item
        for plan in session.scalars(select(Plan).where(Plan.order_id.in_(ids)).order_by(Plan.id))
        for item in plan.items
    }
    seen = {
        row.order_id: row
        for row in session.scalars(
            select(Inspection).where(Inspection.order_id.in_(ids)).order_by(Inspection.id)
        )
    }
    files: dict[int | None, int] = {}
    for problem_id in session.scalars(
        select(Evidence.problem_id).where(Evidence.order_id.in_(ids), Evidence.replaced_by_id.is_(None))
    ):
        files[problem_id] = files.get(problem_id, 0) + 1
    return [
        _line(
            row,
            one,
            dues.get(one.id),
            plans.get(one.id, {}),
            seen.get(row.order.id),
            files,
            days_left(calendar, dues[one.id].due_on, today) if one.id in dues else None,
        )
        for row in orders
        for one in problems.get(row.order.id, [])
    ]


def _closed_by(order: Order) -> str:
    return gettext("按规则") if order.closed_by_rule else order.closed_by_name


def _line(
    row: LedgerRow,
    problem: Problem,
    limit: Limit | None,
    planned: dict[str, str],
    inspection: Inspection | None,
    files: dict[int | None, int],
    days: int | None,
) -> Sequence[Cell]:
    order = row.order
    left = days if limit is not None and limit.met_on is None else None
    return (
        order.number,
        row.home.name,
        str(state_word(order)),
        row.holder_name,
        problem.ordinal,
        duty_words(problem.duty),
        band_words(problem.result),
        requirement_words(problem.requirement),
        problem.grade,
        planned.get("measure", ""),
        planned.get("leader", ""),
        planned.get("person", ""),
        order.served_on,
        limit.due_on if limit else None,
        -left if left is not None and left < 0 else None,
        problem.reported_on,
        problem.done,
        files.get(problem.id, 0),
        inspection.inspected_on if inspection else None,
        gettext("、").join(inspector_words(one) for one in inspectors_of(inspection)) if inspection else "",
        problem.closed_on,
        _closed_by(order) if problem.closed_on else "",
    )
