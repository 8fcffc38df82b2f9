"""The statistics as sheets of a workbook: the whole and every area, then every item, with their bases."""

from __future__ import annotations

from datetime import date

from survey_app.papers.workbook import Cell, Column, DataSheet
from survey_app.rectification.spoken import duty_words
from survey_app.rectification.statistics import Statistics, Tally
from survey_app.web.formats import day_full
from survey_app.web.i18n import gettext, page_language


def statistics_sheets(found: Statistics, unit_name: str, today: date) -> list[DataSheet]:
    """Two tabs: by area, whose rows add up to the first, and by item."""
    whole: list[Cell] = [gettext("合计"), *_cells(found.whole)]
    areas = [whole, *([row.name or gettext("本级直属"), *_cells(row.tally)] for row in found.areas)]
    items = [[duty_words(row.name), *_cells(row.tally)] for row in found.items]
    note = gettext(
        "截至%(day)s。%(year)s年到期的期限、%(year)s年的销号；再次出现算历年。看到的全部单位，不随台账的筛选变。",
        day=day_full(today, page_language()),
        year=found.year,
    )
    return [
        _sheet(gettext("统计（按单位）"), gettext("单位"), areas, unit_name, note),
        _sheet(
            gettext("统计（按问题）"),
            gettext("问题"),
            items,
            unit_name,
            note + gettext("按问题只算各项的整改期限；用时是从签发到这一项销号。"),
        ),
    ]


def _sheet(name: str, first: str, rows: list[list[Cell]], unit_name: str, note: str) -> DataSheet:
    return DataSheet(
        name=name,
        title=gettext("%(unit)s整改统计", unit=unit_name),
        columns=(
            Column(first, 28),
            Column(gettext("到期的期限"), 12),
            Column(gettext("按期"), 10),
            Column(gettext("按期率"), 10, percent=True),
            Column(gettext("销号"), 10),
            Column(gettext("平均用时（天）"), 14),
            Column(gettext("有问题的单位"), 14),
            Column(gettext("再次出现的单位"), 14),
        ),
        rows=rows,
        note=note,
    )


def _cells(tally: Tally) -> list[Cell]:
    return [
        tally.limits,
        tally.on_time,
        tally.on_time_rate,
        tally.closed,
        tally.days_to_close,
        tally.homes,
        tally.recurring,
    ]
