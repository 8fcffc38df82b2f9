"""Which dimensions go together with overall satisfaction: importance beside performance, within homes.

City or sector only, and worded "与总体满意度关联较强", never as a cause.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import comb

import numpy as np

from scoring.sheet import Floats, Ints, readonly

ENOUGH = 2000  # ballots of a city or sector; single homes only from 200
ENOUGH_AT_HOME = 200


@dataclass(frozen=True)
class CrossProducts:
    """Sums of squares and products inside homes, so that differences between homes cannot pose as drivers."""

    matrix: Floats  # predictors, then the overall score
    ballots: int

    def __add__(self, other: CrossProducts) -> CrossProducts:
        return CrossProducts(self.matrix + other.matrix, self.ballots + other.ballots)


def within_homes(values: Floats, home: Ints) -> CrossProducts:
    """Pooled within-home cross products of complete ballots: sum over homes of X'X - n x x'."""
    complete = ~np.isnan(values).any(axis=1)
    own = values[complete]
    _, number = np.unique(home[complete], return_inverse=True)
    count = np.bincount(number)
    means = np.column_stack([np.bincount(number, column) / count for column in own.T])
    centred = own - means[number]
    return CrossProducts(readonly(np.asarray(centred.T @ centred)), len(own))


def lmg(products: CrossProducts) -> Floats:
    """Share of R squared of each predictor, averaged over all orders of entry (Shapley value).

    Lindeman, Merenda & Gold (1980); Groemping, Am. Statistician 61 (2007).
    """
    count = len(products.matrix) - 1
    explained = {chosen: _explained(products.matrix, chosen) for chosen in _subsets(count)}
    share = np.zeros(count)
    for chosen, value in explained.items():
        for added in set(range(count)) - set(chosen):
            larger = tuple(sorted((*chosen, added)))
            share[added] += (explained[larger] - value) / (count * comb(count - 1, len(chosen)))
    return readonly(share)


def _subsets(count: int) -> list[tuple[int, ...]]:
    return [chosen for size in range(count + 1) for chosen in combinations(range(count), size)]


def _explained(matrix: Floats, chosen: tuple[int, ...]) -> float:
    """R squared of the outcome on some predictors."""
    if not chosen:
        return 0.0
    rows = list(chosen)
    inside, towards = matrix[np.ix_(rows, rows)], matrix[rows, -1]
    return float(towards @ np.linalg.lstsq(inside, towards, rcond=None)[0] / matrix[-1, -1])


class Quadrant(StrEnum):
    KEEP = "KEEP"  # strong and important
    FIRST = "FIRST"  # weak and important: improve this first
    LATER = "LATER"  # weak and less important
    FINE = "FINE"  # strong and less important


def quadrants(importance: Floats, performance: Floats) -> tuple[Quadrant, ...]:
    """Importance-performance quadrants, cut at the medians (Martilla & James 1977)."""
    heavy = importance >= np.median(importance)
    good = performance >= np.median(performance)
    names = {
        (True, True): Quadrant.KEEP,
        (True, False): Quadrant.FIRST,
        (False, True): Quadrant.FINE,
        (False, False): Quadrant.LATER,
    }
    return tuple(names[bool(h), bool(g)] for h, g in zip(heavy, good, strict=True))
