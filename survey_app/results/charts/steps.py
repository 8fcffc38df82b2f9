"""How turnout grew day by day: cumulative steps between the lines that decide what a vote is good for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from survey_app.results.charts.bands import RuleLine
from survey_app.results.charts.canvas import Canvas, Drawing, text_width

LEAST_DISTANCE = 14
MOST_DAY_NAMES = 4
Scale = Callable[[float], float]


@dataclass(frozen=True)
class TurnoutChart:
    """Cumulative turnout in percent at the end of each day (label, value), and the named lines."""

    title: str
    description: str
    days: tuple[tuple[str, float], ...]
    lines: tuple[RuleLine, ...]
    last: str


@lru_cache(maxsize=512)
def turnout(chart: TurnoutChart) -> Drawing:
    """The steps with their last value written."""
    return Drawing(
        _draw(chart, 520, 250, 424, 13, "only-w"),
        _draw(chart, 350, 220, 254, 13, "only-n"),
        _draw(chart, 260, 240, 150, 18, "only-n"),
    )


def _draw(chart: TurnoutChart, width: float, height: float, right: float, text: float, place: str) -> Markup:
    board = Canvas(width, height, text)
    left, bottom = 34 if text == 13 else 44, height - text - 13

    def up(percent: float) -> float:
        return bottom - percent / 100 * (bottom - 14)

    def across(day: float) -> float:
        return left + day / max(len(chart.days), 1) * (right - left)

    for percent in range(0, 101, 25):
        board.line([(left, up(percent)), (right, up(percent))], "sl")
        board.words(left - 6, up(percent) + 4, str(percent), "t2", anchor="end")
    for line in chart.lines:
        board.line([(left, up(line.at)), (right, up(line.at))], "se dash")
    if chart.days:
        _steps(board, chart, across, up)
    _labels(board, chart, right + 8, up)
    _day_names(board, chart, across, bottom + text + 5, right - left)
    return board.svg(chart.title, chart.description, place)


def _steps(board: Canvas, chart: TurnoutChart, across: Scale, up: Scale) -> None:
    points = [(across(0), up(0))]
    before = 0.0
    for day, (_name, percent) in enumerate(chart.days):
        points += [(across(day), up(percent)), (across(day + 1), up(percent))]
        before = percent
    board.line(points, "s1")
    board.circle(across(len(chart.days)), up(before), 4.5, "f1")


def _labels(board: Canvas, chart: TurnoutChart, x: float, up: Scale) -> None:
    """Names of the lines and the last value, from the top down, never closer than they can be read."""
    wanted = [(up(line.at), line.name, "t2", False) for line in chart.lines]
    if chart.days:
        wanted.append((up(chart.days[-1][1]), chart.last, "", True))
    previous = -float(LEAST_DISTANCE)
    for y, name, kind, bold in sorted(wanted, key=lambda label: label[0]):
        y = max(y, previous + max(LEAST_DISTANCE, board.text + 1))
        board.words(x, y + 4, name, kind, bold=bold, size=board.text + 2 if bold else None)
        previous = y


def _day_names(board: Canvas, chart: TurnoutChart, across: Scale, y: float, room: float) -> None:
    """The first and the last day, and between them as many as can be read."""
    count = len(chart.days)
    widest = max((text_width(name, board.text) for name, _percent in chart.days), default=1.0)
    fits = max(1, min(MOST_DAY_NAMES, count, int(room / (1.4 * widest))))
    shown = {(count - 1) * place // (fits - 1) for place in range(fits)} if fits > 1 else {count - 1}
    for day in sorted(shown if count else ()):
        board.words(across(day + 0.5), y, chart.days[day][0], "t2", anchor="middle")
