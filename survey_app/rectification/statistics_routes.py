"""URLs of the statistics (整改统计): the page with its chart and tables, and the same as a workbook."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from survey_app.core.clock import beijing_day
from survey_app.journal.kept_figures import kept
from survey_app.papers.marks import Marks
from survey_app.papers.workbook import workbook_bytes
from survey_app.rectification.spoken import duty_words
from survey_app.rectification.statistics import Statistics, TallyRow, statistics, years_with_orders
from survey_app.rectification.statistics_sheets import statistics_sheets
from survey_app.results import charts
from survey_app.results.charts import Drawing, ItemRow, ItemsChart
from survey_app.units.models import Line
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader
from survey_app.web.formats import rate1
from survey_app.web.i18n import gettext
from survey_app.web.years import asked_year

pages = Blueprint("rectification_statistics", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_DRAWN = 25
"""More bars than a screen holds are read in the table."""


@pages.get("/orders/statistics")
@requires("order.read")
def index() -> str:
    found, today = _found(), beijing_day(now())
    return render_template(
        "rectification/statistics.html",
        found=found,
        line=_line(),
        year_options=[(year, year) for year in years_with_orders(reader(), actor(), today)],
        by_area=_picture(gettext("各单位按期率"), found.areas),
        by_item=_picture(gettext("各问题按期率"), found.items),
    )


@pages.get("/orders/statistics.xlsx")
@requires("order.read")
def workbook() -> Response:
    today = beijing_day(now())
    sheets = statistics_sheets(_found(), actor().unit_name, today)
    content = workbook_bytes(sheets, title=sheets[0].title, marks=Marks(demo=installation().settings.demo))
    name = f"statistics-{today.isoformat()}.xlsx"
    return Response(content, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _found() -> Statistics:
    today = beijing_day(now())
    person, line = actor(), _line()
    year = asked_year(today.year)
    year = year if year in years_with_orders(reader(), person, today) else today.year
    key = ("statistics", person.post_id, year, line, today)
    return kept(reader(), key, now(), lambda: statistics(reader(), person, year, today, line))


def _line() -> Line:
    return Line.TERRITORY if request.args.get("line") == Line.TERRITORY else Line.AFFILIATION


def _picture(title: str, rows: list[TallyRow]) -> Drawing | None:
    """Limits kept and missed, a bar a row; equal figures are drawn once (the charts keep them)."""
    drawn = [row for row in rows if row.tally.limits][:MOST_DRAWN]
    if not drawn:
        return None
    names = [duty_words(row.name) or gettext("本级直属") for row in drawn]
    said = gettext("；").join(
        gettext("%(name)s%(n)s个期限，按期%(k)s个", name=name, n=row.tally.limits, k=row.tally.on_time)
        for name, row in zip(names, drawn, strict=True)
    )
    bars = tuple(
        ItemRow(
            number=rate1(row.tally.on_time / row.tally.limits),
            name=name,
            counts=(row.tally.on_time, 0, row.tally.limits - row.tally.on_time, 0),
        )
        for name, row in zip(names, drawn, strict=True)
    )
    return charts.items(ItemsChart(title, said, bars, max(row.tally.limits for row in drawn)))
