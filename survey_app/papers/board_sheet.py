"""The notice-board sheet: a home's public page on one A4, with the code that leads to it."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.qr import draw_qr
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import long_date, one_line


@dataclass(frozen=True)
class BoardProblem:
    """One problem of the order with what was done about it, in words."""

    duty: str
    done: str
    state: str


@dataclass(frozen=True)
class BoardSheet:
    """What members see: the sentence, a few figures, the problems, what was said and done, the five 亮.

    `overdue` says since when something is late; `answers` are pairs of 您说 and 我们办;
    `shown` are pairs of one of the five 亮 and its text.
    Figures come as finished words, because the disclosure rules decide about them.
    """

    home: str
    year: int
    page_address: str
    sentence: str
    grade: str
    figures: tuple[tuple[str, str], ...]
    problems: tuple[BoardProblem, ...] = ()
    overdue: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    as_of: date | None = None


def board_sheet_pdf(sheet: BoardSheet, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the sheet on one page; what does not fit is on the page behind the code, and the sheet says so."""
    data = {
        "home": one_line(sheet.home),
        "year": f"{sheet.year}年度会员评议职工之家",
        "qr": draw_qr(sheet.page_address).as_data(),
        "sentence": sheet.sentence,
        "grade": one_line(sheet.grade),
        "figures": [[one_line(name), one_line(value)] for name, value in sheet.figures],
        "problems": [[problem.duty, problem.done, problem.state] for problem in sheet.problems],
        "overdue": sheet.overdue,
        "answers": sheet.answers,
        "shown": sheet.shown,
        "as_of": long_date(sheet.as_of) if sheet.as_of else "",
    }
    return typesetter.pdf(
        "board_sheet", data, title=f"{one_line(sheet.home)} {sheet.year}年度公示", marks=marks
    )
