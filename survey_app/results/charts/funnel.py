"""Homes of an area by size and rate: most lie inside the limits, and those outside carry their names."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from markupsafe import Markup

from survey_app.results.charts.canvas import Canvas, Drawing, text_width

MOST_NAMES = 8
RING, RING_STEPS = 8.0, 24


class Mark(StrEnum):
    """What a home is, told by the shape of its mark and by a word in the key."""

    QUALIFIED = "qualified"  # filled dot
    REMINDED = "reminded"  # pale dot
    INSUFFICIENT = "insufficient"  # ring
    DISSATISFIED = "dissatisfied"  # diamond


@dataclass(frozen=True)
class FunnelPoint:
    """A home: valid ballots, rate in percent, and how far outside the outer limits it lies (0: inside)."""

    name: str
    ballots: int
    rate: float
    mark: Mark
    beyond: float = 0.0
    own: bool = False  # the one that the drawing is about: ringed and always named


@dataclass(frozen=True)
class FunnelLimit:
    """The limits at one size: inner 95 %, outer 99.8 %, in percent."""

    ballots: float
    low: float
    high: float
    outer_low: float
    outer_high: float


@dataclass(frozen=True)
class FunnelChart:
    """Points, the area's rate and the limits around it, with the words of both axes."""

    title: str
    description: str
    points: tuple[FunnelPoint, ...]
    centre: float
    centre_name: str
    limits: tuple[FunnelLimit, ...]
    across: str


@dataclass(frozen=True)
class _Frame:
    width: float
    height: float
    left: float
    right: float
    bottom: float
    text: float
    place: str


FRAMES = (
    _Frame(640, 380, 36, 578, 340, 13, "only-w"),
    _Frame(350, 300, 30, 300, 258, 13, "only-n"),
    _Frame(260, 300, 40, 212, 244, 18, "only-n"),
)
TOP = 16
Scale = Callable[[float], float]


@lru_cache(maxsize=64)
def funnel(chart: FunnelChart) -> Drawing:
    """The funnel of peers (Spiegelhalter 2005), with limits that allow for the spread between homes."""
    wide, narrow, large = (_draw(chart, frame) for frame in FRAMES)
    return Drawing(wide, narrow, large)


def _draw(chart: FunnelChart, frame: _Frame) -> Markup:
    board = Canvas(frame.width, frame.height, frame.text)
    most = max([point.ballots for point in chart.points] + [60])
    lowest = _floor(min([point.rate for point in chart.points] + [60.0]))

    def across(ballots: float) -> float:
        return frame.left + ballots / (most * 1.06) * (frame.right - frame.left)

    def up(rate: float) -> float:
        inside = min(100.0, max(float(lowest), rate))
        return frame.bottom - (inside - lowest) / (100 - lowest) * (frame.bottom - TOP)

    _grid(board, frame, up, lowest)
    _ticks(board, frame, across, most, chart.across)
    _limits(board, chart, across, up, lowest)
    board.line([(frame.left, up(chart.centre)), (frame.right, up(chart.centre))], "s1")
    board.words(frame.width, up(chart.centre) - 5, chart.centre_name, "t2", anchor="end")
    for point in chart.points:
        _mark(board, point, across(point.ballots), up(point.rate))
    _names(board, chart.points, across, up, frame)
    return board.svg(chart.title, chart.description, frame.place)


def _step(lowest: int) -> int:
    return 20 if 100 - lowest > 40 else 10


def _floor(rate: float) -> int:
    """Where the axis begins: a whole number of its steps below 100, so that 100 itself is written."""
    lowest = 10 * (int(rate) // 10)
    return lowest - (100 - lowest) % _step(lowest)


def _grid(board: Canvas, frame: _Frame, up: Scale, lowest: int) -> None:
    for rate in range(lowest, 101, _step(lowest)):
        board.line([(frame.left, up(rate)), (frame.right, up(rate))], "sl")
        board.words(frame.left - 6, up(rate) + 4, str(rate), "t2", anchor="end")


def _ticks(board: Canvas, frame: _Frame, across: Scale, most: int, title: str) -> None:
    wanted = most / (6 if frame.width > 400 else 3)
    size = 10 ** len(str(int(wanted))[1:])
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= wanted)
    for ballots in range(0, most + 1, step):
        board.words(across(ballots), frame.bottom + frame.text + 4, str(ballots), "t2", anchor="middle")
    middle = (frame.left + frame.right) / 2
    board.words(middle, frame.height - 4, title, "t2", anchor="middle")


def _limits(board: Canvas, chart: FunnelChart, across: Scale, up: Scale, lowest: int) -> None:
    """The curves as far as they lie inside the frame: along its edge they would limit nothing."""
    for side, kind in (("low", "se dash"), ("high", "se dash"), ("outer_low", "se"), ("outer_high", "se")):
        drawn = [(limit.ballots, getattr(limit, side)) for limit in chart.limits]
        points = [(across(ballots), up(rate)) for ballots, rate in drawn if lowest < rate < 100]
        if len(points) > 1:
            board.line(points, kind)


def _mark(board: Canvas, point: FunnelPoint, x: float, y: float) -> None:
    if point.mark is Mark.DISSATISFIED:
        board.line([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y), (x, y - 6)], "f3")
    elif point.mark is Mark.INSUFFICIENT:
        board.circle(x, y, 4, "fc se")
    else:
        board.circle(x, y, 3.4, "f2" if point.mark is Mark.REMINDED else "f1")
    if point.own:
        board.line(_ring(x, y), "s1")


def _ring(x: float, y: float) -> list[tuple[float, float]]:
    turns = [2 * math.pi * step / RING_STEPS for step in range(RING_STEPS + 1)]
    return [(x + RING * math.cos(turn), y + RING * math.sin(turn)) for turn in turns]


def _names(board: Canvas, points: Sequence[FunnelPoint], across: Scale, up: Scale, frame: _Frame) -> None:
    """At most eight names, its own first, then the farthest outside, never one over another."""
    taken: list[tuple[float, float, float, float]] = []
    named = 0
    named_points = (p for p in points if p.own or p.beyond > 0)
    for point in sorted(named_points, key=lambda p: (not p.own, -p.beyond, p.name)):
        width = text_width(point.name, board.text)
        x, y = across(point.ballots) + (RING + 5 if point.own else 9), up(point.rate) + 4
        if x + width > frame.width:
            x -= width + 18
        box = (x, y - board.text, x + width, y + 3)
        if named == MOST_NAMES or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        named += 1
        board.words(x, y, point.name)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
