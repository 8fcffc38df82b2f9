"""The ledger as a workbook with the fields the field keeps (domain 5.3): one line for each problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.papers.marks import Marks
from survey_app.papers.workbook import Cell, Column, DataSheet, workbook_bytes
from survey_app.rectification.inspectors import inspectors_of
from survey_app.rectification.ledger import Filter, LedgerRow, every_row
from survey_app.rectification.models import (
    Event,
    Evidence,
    Inspection,
    Limit,
    LimitKind,
    Order,
    Plan,
    Problem,
)
from survey_app.rectification.proposing import RATED
from survey_app.rectification.queries import days_left
from survey_app.rectification.spoken import band_words, duty_words, inspector_words, requirement_words
from survey_app.rectification.statistics import statistics
from survey_app.rectification.statistics_sheets import statistics_sheets
from survey_app.rectification.wording import CLASSES, OUTCOMES, state_word
from survey_app.results.models import Result
from survey_app.units.models import Line
from survey_app.web.formats import day_full
from survey_app.web.i18n import gettext, page_language
from survey_app.workdays import Calendar


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
        Column(gettext("延期到"), 13),
        Column(gettext("逾期工作日"), 10),
        Column(gettext("进展"), 30),
        Column(gettext("报完成"), 13),
        Column(gettext("做了什么"), 36),
        Column(gettext("佐证件数"), 9),
        Column(gettext("复查日期"), 13),
        Column(gettext("复查意见"), 10),
        Column(gettext("复查人"), 18),
        Column(gettext("再评以前"), 10),
        Column(gettext("再评以后"), 10),
        Column(gettext("销号日期"), 13),
        Column(gettext("销号人"), 12),
        Column(gettext("统一代码"), 20),
    )


@dataclass(frozen=True)
class _Kept:
    """What the lines need beside orders and problems, each by its problem, loaded in one go."""

    limits: dict[int, Limit]
    extended: dict[int, Limit]
    plans: dict[int, dict[str, str]]
    progress: dict[tuple[int, int], str]
    found: dict[int, tuple[Inspection, dict[str, Any]]]
    files: dict[int, int]
    again: dict[int, str]


def _rows(session: Session, orders: Sequence[LedgerRow], today: date) -> list[Sequence[Cell]]:
    calendar = calendar_of(session)
    ids = [row.order.id for row in orders]
    problems: dict[int, list[Problem]] = {}
    for one in session.scalars(
        select(Problem).where(Problem.order_id.in_(ids)).order_by(Problem.order_id, Problem.ordinal)
    ):
        problems.setdefault(one.order_id, []).append(one)
    found = _kept(session, ids)
    return [
        _line(row, one, found, calendar, today) for row in orders for one in problems.get(row.order.id, [])
    ]


def _kept(session: Session, ids: Sequence[int]) -> _Kept:
    limits = session.scalars(
        select(Limit)
        .where(Limit.order_id.in_(ids), Limit.kind == LimitKind.COMPLETION)
        .order_by(Limit.dropped_at.is_(None), Limit.id)
    ).all()
    inspections = session.scalars(
        select(Inspection).where(Inspection.order_id.in_(ids)).order_by(Inspection.id)
    ).all()
    said = session.scalars(
        select(Event).where(Event.order_id.in_(ids), Event.kind == "progress_added").order_by(Event.id)
    )
    files = session.execute(
        select(Evidence.problem_id, func.count())
        .where(Evidence.order_id.in_(ids), Evidence.replaced_by_id.is_(None))
        .group_by(Evidence.problem_id)
    )
    return _Kept(
        limits={one.problem_id or 0: one for one in limits if one.dropped_at is None},
        extended={one.problem_id or 0: one for one in limits if one.event == "extended"},
        plans={
            item["problem_id"]: item
            for plan in session.scalars(select(Plan).where(Plan.order_id.in_(ids)).order_by(Plan.id))
            for item in plan.items
        },
        progress={(one.order_id, one.values["n"]): one.text for one in said},
        found={one["problem_id"]: (row, one) for row in inspections for one in row.findings},
        files={problem_id or 0: count for problem_id, count in files},
        again=_second_votes(session, ids),
    )


def _second_votes(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The class that the members' second vote gave, by order."""
    rows = session.execute(
        select(Order.id, Result.rating_class)
        .join(
            Result,
            and_(Result.round_id == Order.re_evaluation_round_id, Result.home_id == Order.home_id),
        )
        .where(Order.id.in_(ids), Result.state.in_(RATED))
    )
    return {order_id: str(CLASSES[name]) for order_id, name in rows}


def _closed_by(order: Order) -> str:
    return gettext("按规则") if order.closed_by_rule else order.closed_by_name


def _line(row: LedgerRow, problem: Problem, kept: _Kept, calendar: Calendar, today: date) -> Sequence[Cell]:
    order = row.order
    planned: dict[str, str] = kept.plans.get(problem.id, {})
    limit, extended = kept.limits.get(problem.id), kept.extended.get(problem.id)
    inspection, finding = kept.found.get(problem.id, (None, None))
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
        extended.due_on if extended else None,
        _days_late(limit, calendar, today),
        kept.progress.get((order.id, problem.ordinal), ""),
        problem.reported_on,
        problem.done,
        kept.files.get(problem.id, 0),
        inspection.inspected_on if inspection else None,
        str(OUTCOMES[finding["outcome"]]) if finding else "",
        gettext("、").join(inspector_words(one) for one in inspectors_of(inspection)) if inspection else "",
        str(CLASSES[order.figures["class"]]),
        kept.again.get(order.id, ""),
        problem.closed_on,
        _closed_by(order) if problem.closed_on else "",
        row.home.credit_code or "",
    )


def _days_late(limit: Limit | None, calendar: Calendar, today: date) -> int | None:
    if limit is None or limit.met_on is not None:
        return None
    left = days_left(calendar, limit.due_on, today)
    return -left if left is not None and left < 0 else None
