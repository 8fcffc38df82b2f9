"""The notice-board sheet: a home's public page on one A4, with the code that leads to it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.qr import draw_qr
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import long_date, one_line


@dataclass(frozen=True)
class BoardProblem:
    """One problem of an order in words: what is planned and was done, where it stands and until when."""

    duty: str
    told: tuple[str, ...]
    state: tuple[str, ...]


@dataclass(frozen=True)
class BoardOrder:
    """An order: who issued it and how its plan stands, its problems, the second vote and how it ended."""

    said: str
    problems: tuple[BoardProblem, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class BoardPicture:
    """A picture that members may see, as JPEG, with what it shows and the day it was taken."""

    jpeg: bytes
    words: str
    taken: str


@dataclass(frozen=True)
class BoardSheet:
    """What members see: the sentence, a few figures, the orders, what was said and done, the five 亮.

    `overdue` says since when something is late; `answers` are pairs of 您说 and 我们办;
    `shown` are pairs of one of the five 亮 and its text; `more` says that the page has more than was brought.
    Figures come as finished words, because the disclosure rules decide about them.
    """

    home: str
    year: int
    page_address: str
    sentence: str
    grade: str
    figures: tuple[tuple[str, str], ...]
    orders: tuple[BoardOrder, ...] = ()
    pictures: tuple[BoardPicture, ...] = ()
    overdue: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    more: bool = False
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
        "orders": [_order(order) for order in sheet.orders],
        # Typst takes bytes as a list of numbers: what it is given is JSON.
        "pictures": [
            {"jpeg": list(one.jpeg), "words": one_line(one.words), "taken": one.taken}
            for one in sheet.pictures
        ],
        "overdue": sheet.overdue,
        "answers": sheet.answers,
        "shown": sheet.shown,
        "more": sheet.more,
        "as_of": long_date(sheet.as_of) if sheet.as_of else "",
    }
    return typesetter.pdf(
        "board_sheet", data, title=f"{one_line(sheet.home)} {sheet.year}年度公示", marks=marks
    )


def _order(order: BoardOrder) -> dict[str, Any]:
    problems = [[one.duty, list(one.told), list(one.state)] for one in order.problems]
    return {"said": order.said, "problems": problems, "after": list(order.after)}
