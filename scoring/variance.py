"""Variances for reports and cross-checks: as R's survey package, per cell, domains, contrasts, jackknife.

None of them enters a decision. Every one is a function of cell sums: with z the linearised value, a cell
gives sum z and sum z^2, and its residual sums follow from its fitted value.
Sources: Sarndal, Swensson & Wretman (1992) ch. 5-6; Lumley, Complex Surveys (2010); Lohr ch. 9; Kish (1992).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.sheet import Floats, Ints
from scoring.weighting import Weights, bounded_rake


@dataclass(frozen=True)
class Moments:
    """Count, sum and sum of squares of a variable over the ballots of every cell that answered."""

    count: Floats
    total: Floats
    squares: Floats

    def within(self, cells: Sequence[bool] | np.ndarray) -> Moments:
        """The same variable in a domain that is a union of cells; elsewhere it counts as not answered."""
        inside = np.asarray(cells, dtype=np.float64)
        return Moments(self.count * inside, self.total * inside, self.squares * inside)


def moments_of_points(answers: Floats, points: Sequence[float]) -> Moments:
    """Moments of an answer's points from the counts per cell and option."""
    value = np.asarray(points, dtype=np.float64)
    table = np.asarray(answers, dtype=np.float64)
    return Moments(table.sum(axis=1), table @ value, table @ value**2)


@dataclass(frozen=True)
class Linearised:
    """A weighted mean with the cell sums of its linearised value z = r (y - R) / sum(w r)."""

    estimate: float
    first: Floats
    second: Floats


def linearise(moments: Moments, weights: Weights) -> Linearised:
    """Taylor linearisation of a ratio mean (Woodruff 1971)."""
    base = float((weights.w * moments.count).sum())
    mean = float((weights.w * moments.total).sum()) / base
    first = (moments.total - mean * moments.count) / base
    second = (moments.squares - 2 * mean * moments.total + mean**2 * moments.count) / base**2
    return Linearised(mean, first, np.maximum(second, 0.0))


def contrast(one: Moments, other: Moments, weights: Weights) -> Linearised:
    """Difference of the means of two domains that share no ballot."""
    a, b = linearise(one, weights), linearise(other, weights)
    return Linearised(a.estimate - b.estimate, a.first - b.first, a.second + b.second)


def _residuals(line: Linearised, weights: Weights) -> tuple[Floats, Floats]:
    """Sum and sum of squares of the residuals from the level dummies, per cell."""
    fitted = weights.fitted(line.first)
    n = weights.ballots
    return line.first - n * fitted, np.maximum(line.second - 2 * fitted * line.first + n * fitted**2, 0.0)


def overall_correction(line: Linearised, weights: Weights, members: int) -> float:
    """Variance with one finite-population correction for the home: what svydesign + calibrate in R gives."""
    n, w = weights.n, weights.w
    sums, squares = _residuals(line, weights)
    total = float((w * sums).sum())
    return (1 - n / members) * n / (n - 1) * (float((w**2 * squares).sum()) - total**2 / n)


def unit_correction(line: Linearised, weights: Weights) -> tuple[float, float]:
    """Variance without and with the correction per ballot, 1 - 1/w (Sarndal & Lundstrom 2005).

    As in the rating, ballots of classes counted together have their mean squared weight.
    """
    n, w, w2 = weights.n, weights.w, weights.w2
    _, squares = _residuals(line, weights)
    factor = n / (n - weights.rank)
    return factor * float((w2 * squares).sum()), factor * float(((w2 - w) * squares).sum())


def cell_correction(line: Linearised, weights: Weights, rosters: Ints) -> float:
    """Variance with cells as strata, each with its own correction: cross-check of post-stratification."""
    n, w = weights.ballots.astype(np.float64), weights.w
    many = n > 1
    spread = np.where(many, line.second - line.first**2 / np.maximum(n, 1), 0.0)
    factor = np.where(many, (1 - n / np.maximum(rosters, 1)) * n / np.maximum(n - 1, 1), 0.0)
    return float((factor * w**2 * spread).sum())


def design_effect(variance: float, moments: Moments, weights: Weights, *, replace: bool) -> float:
    """Variance over that of a simple random sample of as many answers, with or without its correction.

    R's `deff` (replace: `deff="replace"`).
    """
    base = float((weights.w * moments.count).sum())
    mean = float((weights.w * moments.total).sum()) / base
    m = float(moments.count.sum())
    spread = float((weights.w * (moments.squares - 2 * mean * moments.total + mean**2 * moments.count)).sum())
    population = spread / base * m / (m - 1)
    simple = population / m if replace else population * (base - m) / (base * m)
    return variance / simple


def jackknife(
    counts: Floats, values: Sequence[float], weights: Weights, members: int, bounds: tuple[float, float]
) -> float:
    """Delete-one jackknife of a mean with the weights raked anew each time.

    All ballots of a cell share one re-raked weight vector, so a home of C cells needs C rakings
    (Shao & Tu 1995). `counts` holds ballots by cell and answer; answers without a value come last.
    """
    value = np.asarray(values, dtype=np.float64)
    n = weights.n
    replicates: list[float] = []
    times: list[float] = []
    for cell, size in enumerate(weights.ballots):
        if size == 0:
            continue
        ballots = weights.ballots.copy()
        ballots[cell] -= 1
        w = _reraked(ballots, weights, members, bounds)
        for answer in np.flatnonzero(counts[cell]):
            left = counts.astype(np.float64).copy()
            left[cell, answer] -= 1
            opinions = left[:, : len(value)]
            replicates.append(float((w @ opinions @ value) / (w @ opinions.sum(axis=1))))
            times.append(float(counts[cell, answer]))
    many, each = np.array(times), np.array(replicates)
    centre = float((many * each).sum() / many.sum())
    return (1 - n / members) * (n - 1) / n * float((many * (each - centre) ** 2).sum())


def _reraked(ballots: Ints, weights: Weights, members: int, bounds: tuple[float, float]) -> Floats:
    base = members / float(ballots.sum())
    if not weights.margins:
        return np.full(len(ballots), base)
    g = bounded_rake(ballots, members, weights.margins, *bounds)
    return base * g if g is not None else weights.w * weights.n / float(ballots.sum())
