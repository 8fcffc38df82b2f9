"""The one-page report of a home 单位评议报告: sentence, class, interval as a picture, items."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import long_date, one_line


@dataclass(frozen=True)
class ReportItem:
    """One item in finished words: its counts and its rate, or why they are not shown.

    `shares` are 满意, 基本满意, 不满意, 不了解 between 0 and 1 for the small bar; none draws no bar.
    """

    number: str
    item: str
    counts: str
    rate: str
    shares: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class UnitReport:
    """What the chair and the superior read on one page.

    `sentence` is the answer first, `interval_sentence` says how sure it is, `reading` why the class follows.
    `rate_heading` names the base of the items' rates.
    `interval_svg` is a drawing that the caller made; `interval_alt` says in words what it shows.
    """

    home: str
    year: int
    superior: str
    grade: str
    sentence: str
    interval_sentence: str
    reading: str
    figures: tuple[tuple[str, str], ...]
    items: tuple[ReportItem, ...]
    made_on: date
    interval_svg: str = ""
    interval_alt: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    rate_heading: str = "综合满意率"


def unit_report_pdf(report: UnitReport, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the report on one A4 page."""
    data = {
        "home": one_line(report.home),
        "heading": f"{report.year}年度单位评议报告",
        "superior": one_line(report.superior),
        "grade": one_line(report.grade),
        "sentence": report.sentence,
        "interval_sentence": report.interval_sentence,
        "reading": report.reading,
        "figures": [[one_line(name), one_line(value)] for name, value in report.figures],
        "dimensions": [[one_line(name), one_line(value)] for name, value in report.dimensions],
        "items": [
            {
                "cells": [one_line(row.number), one_line(row.item), one_line(row.counts), one_line(row.rate)],
                "shares": list(row.shares) if row.shares else [],
            }
            for row in report.items
        ],
        "notes": report.notes,
        "svg": report.interval_svg,
        "alt": report.interval_alt or report.interval_sentence,
        "rate_heading": one_line(report.rate_heading),
        "made_on": long_date(report.made_on),
    }
    return typesetter.pdf(
        "unit_report", data, title=f"{one_line(report.home)} {data['heading']}", marks=marks
    )
