"""From ballots to counts, for convenience and as a second route: coded answers in, exact sums out.

Codes: 0 满意, 1 基本满意, 2 不满意, 3 不了解, 4 blank; the overall question comes first, then the items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.sheet import DIMENSION_UNIT, Ints

Codes = NDArray[np.uint8]
OPTIONS = 5
POINTS = np.array([100, 50, 0], dtype=np.int64)


@dataclass(frozen=True)
class Structure:
    """Which columns belong to which dimension, and the whole percent weight of each."""

    dimensions: tuple[tuple[int, ...], ...]
    percents: tuple[int, ...]


CORE = Structure(
    (tuple(range(1, 6)), tuple(range(6, 12)), tuple(range(12, 17)), tuple(range(17, 21))), (25, 25, 25, 25)
)


def is_valid(ballots: Codes) -> NDArray[np.bool_]:
    """A ballot is valid if at least half of its closed questions carry any answer, 不了解 included."""
    return np.asarray(2 * (ballots < OPTIONS - 1).sum(axis=1) >= ballots.shape[1])


def dimension_scores(ballots: Codes, columns: Sequence[int]) -> Ints:
    """Score of each ballot in whole 1/60 points, or -1 where fewer than half of the items have an opinion."""
    own = ballots[:, list(columns)]
    answered = (own < len(POINTS)).sum(axis=1)
    total = 100 * (own == 0).sum(axis=1) + 50 * (own == 1).sum(axis=1)
    enough = 2 * answered >= len(columns)
    return np.where(enough, DIMENSION_UNIT * total // np.maximum(answered, 1), -1).astype(np.int64)


def scores(ballots: Codes, structure: Structure = CORE) -> Ints:
    """Dimension scores in 1/60 point and, last, the index in 1/6000 point; -1 where there is none."""
    columns = [dimension_scores(ballots, dimension) for dimension in structure.dimensions]
    index = sum(percent * column for percent, column in zip(structure.percents, columns, strict=True))
    complete = np.min(columns, axis=0) >= 0
    return np.column_stack([*columns, np.where(complete, index, -1)])


@dataclass(frozen=True)
class Tally:
    """Counts of answers and exact score sums by cell."""

    ballots: Ints
    answers: NDArray[np.int32]  # cells x questions x (满意, 基本满意, 不满意, 不了解)
    scores: Ints  # cells x scores x (count, sum, squares)


def tally(cell: Ints, cells: int, ballots: Codes, structure: Structure = CORE) -> Tally:
    """Count valid ballots by cell; the result does not depend on their order."""
    questions = ballots.shape[1]
    answers = np.empty((cells, questions, OPTIONS - 1), dtype=np.int32)
    slot = cell * OPTIONS
    for question in range(questions):
        counts = np.bincount(slot + ballots[:, question], minlength=cells * OPTIONS)
        answers[:, question] = counts.reshape(cells, OPTIONS)[:, : OPTIONS - 1]
    points = scores(ballots, structure)
    sums = np.zeros((cells, points.shape[1], 3), dtype=np.int64)
    for number in range(points.shape[1]):
        given = points[:, number] >= 0
        where, value = cell[given], points[given, number]
        sums[:, number, 0] = np.bincount(where, minlength=cells)
        sums[:, number, 1] = exact_sum(where, value, cells)
        sums[:, number, 2] = exact_sum(where, value * value, cells)
    return Tally(np.bincount(cell, minlength=cells).astype(np.int64), answers, sums)


def exact_sum(where: Ints, value: Ints, cells: int) -> Ints:
    """Integer sums by cell, exact beyond 2**53 by adding high and low halves apart."""
    low = np.bincount(where, value & 0xFFFFFF, cells).astype(np.int64)
    high = np.bincount(where, value >> 24, cells).astype(np.int64)
    return np.asarray(low + (high << 24))
