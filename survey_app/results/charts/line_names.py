"""Where the names of a chart's lines stand: the outer two next to the drawing, others one row higher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP, AIR = 8, 4


@dataclass(frozen=True)
class NamePlace:
    """The left end of a name, its row (0 lies next to the drawing), and the row in which its line begins."""

    start: float
    row: int
    line_from: int


def rows_of(lines: int) -> int:
    """How many rows the names of so many lines need."""
    return min(lines, 1) + (lines > 2)


def name_places(lines: Sequence[tuple[float, float]], board: float) -> list[NamePlace]:
    """A place for the name of every line, given as its x and the width of its name, from left to right."""
    spans = [_inside(x - width / 2, width, board) for x, width in lines]
    outer, between = [0, len(lines) - 1] if len(lines) > 1 else [*range(len(lines))], range(1, len(lines) - 1)
    crossing = any(_meets(lines[n][0], spans[one]) for n in between for one in outer)
    if len(outer) == 2 and (crossing or spans[-1][0] - spans[0][1] < GAP):
        (first, wide), (last, other) = lines[0], lines[-1]
        spans[0] = _inside(first - wide, wide, board)
        spans[-1] = _inside(last, other, board)
    places = [NamePlace(spans[n][0], 0, 0) for n in range(len(lines))]
    for n in between:
        # Where no room is left beside the names the line begins under them, never runs through one.
        blocked = any(_meets(lines[n][0], spans[one], 0) for one in outer)
        places[n] = NamePlace(spans[n][0], 1, 0 if blocked else 1)
    return places


def _inside(start: float, width: float, board: float) -> tuple[float, float]:
    start = max(0.0, min(board - width - AIR, start))  # a font may be wider than it was taken to be
    return start, start + width


def _meets(x: float, span: tuple[float, float], air: float = AIR) -> bool:
    return span[0] - air < x < span[1] + air
