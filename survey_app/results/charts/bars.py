"""How each item was answered: four segments in fixed order, counts written on them, 不了解 hatched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from survey_app.results.charts.canvas import UNKNOWN_FILL, Canvas, Drawing, text_width

GAP = 1.5
HEIGHT = 22
FILLS = (("f1", "to"), ("f2", ""), ("f3", "td"), (UNKNOWN_FILL, ""))


@dataclass(frozen=True)
class ItemRow:
    """One item: counts of 满意, 基本满意, 不满意, 不了解; or the `words` that stand in their place."""

    number: str
    name: str
    counts: tuple[int, int, int, int] | None
    words: str = ""


@dataclass(frozen=True)
class ItemsChart:
    """Items of one dimension in the order of the questionnaire; `ballots` is the length of a whole bar."""

    title: str
    description: str
    rows: tuple[ItemRow, ...]
    ballots: int


@lru_cache(maxsize=512)
def items(chart: ItemsChart) -> Drawing:
    """Bars beside their names, on phones below them."""
    return Drawing(_beside(chart), _below(chart, 350, 13, 46), _below(chart, 260, 18, 62))


def _beside(chart: ItemsChart) -> Markup:
    widest = max((text_width(row.name) for row in chart.rows), default=0)
    left = max(92, widest + 12)
    board = Canvas(520, 30 * len(chart.rows) + 4)
    for number, row in enumerate(chart.rows):
        top = 4 + 30 * number
        board.words(left - 12, top + 16, row.name, anchor="end")
        _bar(board, row, left, top, 518.5 - left, chart.ballots)
    return board.svg(chart.title, chart.description, "only-w")


def _below(chart: ItemsChart, width: float, text: float, pitch: float) -> Markup:
    board = Canvas(width, pitch * len(chart.rows) + 4, text)
    for number, row in enumerate(chart.rows):
        top = pitch * number
        board.words(0, top + text + 2, f"{row.number} {row.name}")
        _bar(board, row, 0, top + text + 7, width - 1.5, chart.ballots)
    return board.svg(chart.title, chart.description, "only-n")


def _bar(board: Canvas, row: ItemRow, left: float, top: float, width: float, ballots: int) -> None:
    if row.counts is None:
        board.words(left, top + 16, row.words, "t2")
        return
    unit = (width - 3 * GAP) / max(ballots, sum(row.counts), 1)
    x = left
    for count, (fill, ink) in zip(row.counts, FILLS, strict=True):
        length = count * unit
        if count:
            board.rect(x, top, length, HEIGHT, fill)
            _count(board, count, x, top, length, fill, ink)
            x += length + GAP


def _count(board: Canvas, count: int, x: float, top: float, length: float, fill: str, ink: str) -> None:
    """The count on its segment; too small a segment leaves it to the table."""
    wide = text_width(str(count), board.text)
    if length < wide + 4:
        return
    middle = x + length / 2
    if fill == UNKNOWN_FILL:
        board.rect(middle - wide / 2 - 2, top + 3, wide + 4, 16, "fc", 3)
    board.words(middle, top + 11 + board.text * 0.38, str(count), ink, anchor="middle")
