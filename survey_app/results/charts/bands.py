"""Estimates with their bands between named lines: the overall rate, the four dimensions, the years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from survey_app.results.charts.canvas import Canvas, Drawing, text_width
from survey_app.results.charts.line_names import name_places, rows_of

BAR = 14
Scale = Callable[[float], float]


@dataclass(frozen=True)
class BandRow:
    """One estimate in percent or points; a row without a value shows its `words` in its place."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    figure: str
    words: str = ""


@dataclass(frozen=True)
class RuleLine:
    """A dashed line with its name, such as 60整改线."""

    at: float
    name: str


@dataclass(frozen=True)
class BandChart:
    """What a band chart shows, in finished words."""

    title: str
    description: str
    rows: tuple[BandRow, ...]
    lines: tuple[RuleLine, ...]


@dataclass(frozen=True)
class _Frame:
    width: float
    left: float
    right: float
    pitch: float
    text: float
    name: float
    figure: float
    above: bool  # names stand above their bands


def _wide(chart: BandChart) -> _Frame:
    widest = max((text_width(row.name, 15) for row in chart.rows), default=0)
    return _Frame(760, max(100, widest + 20), 696, 40, 13, 15, 17, False)


NARROW = _Frame(350, 8, 286, 52, 13, 13, 17, True)
LARGE = _Frame(260, 8, 196, 68, 18, 18, 22, True)


@lru_cache(maxsize=512)
def band(chart: BandChart) -> Drawing:
    """One estimate on the axis from 0 to 100."""
    return _drawing(chart, 0, 20)


@lru_cache(maxsize=512)
def dimensions(chart: BandChart) -> Drawing:
    """Several estimates; the axis begins at 40 if all fit, for dots need no zero."""
    low = min((row.low for row in chart.rows if row.low is not None), default=0)
    return _drawing(chart, 40, 10) if low >= 40 else _drawing(chart, 0, 20)


def trend(chart: BandChart) -> Drawing:
    """Years as rows, the newest last; a year that cannot be compared stands as a row of words."""
    return dimensions(chart)


def _drawing(chart: BandChart, start: int, step: int) -> Drawing:
    return Drawing(
        wide=_draw(chart, _wide(chart), start, step, "only-w"),
        narrow=_draw(chart, NARROW, start, 20 if start == 0 else step, "only-n"),
        large=_draw(chart, LARGE, start, 20, "only-n"),
    )


def _draw(chart: BandChart, frame: _Frame, start: int, step: int, place: str) -> Markup:
    def at(value: float) -> float:
        return frame.left + (value - start) / (100 - start) * (frame.right - frame.left)

    top = _row_height(frame) * rows_of(len(chart.lines))
    axis = top + 14 + frame.pitch * len(chart.rows)
    board = Canvas(frame.width, axis + frame.text + 11, frame.text)
    _lines(board, chart, frame, at, top, axis)
    _axis(board, chart, frame, at, axis, range(start, 101, step))
    for number, row in enumerate(chart.rows):
        _row(board, row, frame, at, top + 14 + frame.pitch * number)
    return board.svg(chart.title, chart.description, place)


def _lines(board: Canvas, chart: BandChart, frame: _Frame, at: Scale, top: float, axis: float) -> None:
    widths = [text_width(line.name, frame.text) for line in chart.lines]
    places = name_places(
        [(at(line.at), width) for line, width in zip(chart.lines, widths, strict=True)], frame.width
    )
    for line, width, place in zip(chart.lines, widths, places, strict=True):
        board.line(
            [(at(line.at), top - place.line_from * _row_height(frame)), (at(line.at), axis)], "se dash"
        )
        beneath = top - place.row * _row_height(frame)
        board.words(place.start + width / 2, beneath - 8, line.name, "t2", anchor="middle")


def _row_height(frame: _Frame) -> float:
    return frame.text + 9


def _axis(board: Canvas, chart: BandChart, frame: _Frame, at: Scale, axis: float, ticks: range) -> None:
    board.line([(frame.left, axis), (frame.right, axis)], "sl")
    named = {line.at for line in chart.lines}
    for tick in ticks:
        kind = "" if tick in named else "t2"
        board.words(at(tick), axis + frame.text + 3, str(tick), kind, anchor="middle")


def _row(board: Canvas, row: BandRow, frame: _Frame, at: Scale, top: float) -> None:
    middle = top + (frame.pitch - 18 if frame.above else frame.pitch / 2 - 2)
    name_at = middle - 15 if frame.above else middle + frame.name / 3
    board.words(0, name_at, row.name, size=frame.name)
    if row.value is None:
        x = frame.left if frame.above else frame.left + 8
        board.words(x, middle + 5, row.words, "t2")
        return
    if row.low is not None and row.high is not None and row.high > row.low:
        length = max(at(row.high) - at(row.low), 2)
        board.rect(at(row.low), middle - BAR / 2, length, BAR, "fb", BAR / 2)
    board.circle(at(row.value), middle, 6, "fi")
    board.words(frame.width, middle + 6, row.figure, anchor="end", size=frame.figure, bold=True)
