"""Figures that explain a home: rates and mean points of every question, dimension scores and the index.

Nothing here can change a rating. Sources: Sarndal, Swensson & Wretman, Model Assisted Survey Sampling (1992),
ch. 5 (ratios), 15; Parker et al., NCHS Vital Health Stat 2(175), 2017 (precision label).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from scoring.scheme import Scheme
from scoring.sheet import (
    DIMENSION_UNIT,
    INDEX,
    INDEX_UNIT,
    UNKNOWN,
    Floats,
    Question,
    QuestionKind,
    Sheet,
)
from scoring.uncertainty import (
    Interval,
    Proportion,
    Variance,
    mean_interval,
    proportion,
    share_interval,
    variance,
    wilson,
)
from scoring.weighting import Weights

WIDE = 0.30  # NCHS: an interval wider than this is not a figure to rely on
MUCH_BLANK = 0.15
BLANK = "BLANK"


@dataclass(frozen=True)
class Share:
    """A share of the opinions: weighted, raw with its whole numbers, and an interval for reports."""

    weighted: float
    raw: float
    count: int
    base: int
    interval: Interval
    n_effective: float
    phi: float

    @property
    def imprecise(self) -> bool:
        return self.interval.width > WIDE


@dataclass(frozen=True)
class Mean:
    """A weighted mean of points, 0-100, with the standard error under the unit correction."""

    mean: float
    error: float
    interval: Interval
    count: int
    variance: Variance

    @property
    def imprecise(self) -> bool:
        return self.interval.width > 100 * WIDE


@dataclass(frozen=True)
class ItemResult:
    """One closed question: what was answered, both rates, mean points, and whether it is a problem."""

    id: str
    kind: QuestionKind
    dimension: str | None
    counts: Mapping[str, int]  # every option, 不了解 and blank, as counted
    favourable_options: int  # how many options, from the best, make up the combined rate
    opinions: int
    strict: Share | None
    combined: Share | None
    dissatisfied: int
    problem: bool  # a third or more of at least ten opinions are dissatisfied
    unknown_raw: float | None
    unknown_weighted: float | None
    much_blank: bool
    score: Mean | None


@dataclass(frozen=True)
class DimensionResult:
    """One dimension: mean score of the ballots, where exact sums are known, and pooled rates."""

    name: str
    score: Mean | None
    strict: Share | None
    combined: Share | None


def item_result(sheet: Sheet, question: Question, weights: Weights, scheme: Scheme) -> ItemResult:
    """What the home's members think of one duty, among those who had an opinion on it."""
    table = sheet.answers(question)
    scale, counts = question.scale, [int(c) for c in table.sum(axis=0)]
    k = len(scale.options)
    opinions, dissatisfied = sum(counts[:k]), sum(counts[k - scale.dissatisfied : k])
    limit = scheme.problem_share
    problem = (
        opinions >= scheme.problem_opinions and dissatisfied * limit.denominator >= opinions * limit.numerator
    )
    return ItemResult(
        id=question.id,
        kind=question.kind,
        dimension=question.dimension,
        counts=MappingProxyType(dict(zip((*scale.options, UNKNOWN, BLANK), counts, strict=True))),
        favourable_options=scale.favourable,
        opinions=opinions,
        strict=_share(table, 1, k, weights, scheme),
        combined=_share(table, scale.favourable, k, weights, scheme),
        dissatisfied=dissatisfied,
        problem=problem,
        unknown_raw=counts[-2] / weights.n if weights.n else None,
        unknown_weighted=_of_all(table[:, -2].astype(np.float64), weights),
        much_blank=counts[-1] > MUCH_BLANK * weights.n,
        score=points_mean(table[:, :k].astype(np.float64), scale.points, weights, scheme),
    )


def _share(table: np.ndarray, top: int, k: int, weights: Weights, scheme: Scheme) -> Share | None:
    part, base = table[:, :top].sum(axis=1), table[:, :k].sum(axis=1)
    rate = proportion(part.astype(np.float64), base.astype(np.float64), weights)
    return None if rate is None else _as_share(rate, int(part.sum()), int(base.sum()), scheme)


def _as_share(rate: Proportion, count: int, base: int, scheme: Scheme) -> Share:
    interval = share_interval(rate, scheme.report_confidence)
    return Share(rate.p, count / base, count, base, interval, rate.n_effective, rate.phi)


def _of_all(part: Floats, weights: Weights) -> float | None:
    whole = float((weights.w * weights.ballots).sum())
    return float((weights.w * part).sum()) / whole if whole > 0 else None


def points_mean(answers: Floats, points: tuple[int, ...], weights: Weights, scheme: Scheme) -> Mean | None:
    """Mean of the points of all who had an opinion: 100 for the best option, 0 for the worst."""
    value = np.array(points, dtype=np.float64)
    return ratio_mean(answers.sum(axis=1), answers @ value, answers @ value**2, weights, scheme)


def ratio_mean(
    count: Floats, total: Floats, squares: Floats, weights: Weights, scheme: Scheme
) -> Mean | None:
    """Weighted mean from count, sum and sum of squares per cell, with its Taylor standard error.

    Linearised ratio with residuals from the level dummies (Sarndal, Swensson & Wretman 1992, ch. 5-6).
    """
    base = float((weights.w * count).sum())
    if base <= 0:
        return None
    mean = float((weights.w * total).sum()) / base
    first = (total - mean * count) / base
    second = np.maximum(squares - 2 * mean * total + mean * mean * count, 0.0) / base**2
    fitted = weights.fitted(first)
    residual = np.maximum(second - 2 * fitted * first + weights.ballots * fitted**2, 0.0)
    taylor = variance(weights, residual)
    error = math.sqrt(max(0.0, taylor.v1))
    n = int(count.sum())
    return Mean(mean, error, mean_interval(mean, error, n, scheme.report_confidence), n, taylor)


def score_mean(sheet: Sheet, name: str, weights: Weights, scheme: Scheme) -> Mean | None:
    """Mean of a dimension or of the index from the exact sums, or nothing where they are not known."""
    sums = [cell.scores.get(name) for cell in sheet.cells]
    if any(s is None for s, cell in zip(sums, sheet.cells, strict=True) if cell.ballots):
        return None
    unit = float(INDEX_UNIT if name == INDEX else DIMENSION_UNIT)
    known = [(s.count, s.total, s.squares) if s else (0, 0, 0) for s in sums]
    count, total, squares = (np.array(column, dtype=np.float64) for column in zip(*known, strict=True))
    return ratio_mean(count, total / unit, squares / unit**2, weights, scheme)


def dimension_result(
    sheet: Sheet, name: str, items: tuple[ItemResult, ...], weights: Weights, scheme: Scheme
) -> DimensionResult:
    """How a home does in one of the four dimensions."""
    own = [item for item in items if item.dimension == name]
    return DimensionResult(
        name,
        score_mean(sheet, name, weights, scheme),
        _pooled([item.strict for item in own if item.strict], scheme),
        _pooled([item.combined for item in own if item.combined], scheme),
    )


def _pooled(shares: list[Share], scheme: Scheme) -> Share | None:
    """Rate over all opinions of a dimension.

    The same ballots answer every item and their covariance is not in the counts, so the standard errors are
    added as if the items were perfectly correlated: never too narrow.
    """
    if not shares:
        return None
    count, base = sum(s.count for s in shares), sum(s.base for s in shares)
    p = sum(s.base * s.weighted for s in shares) / base
    error = sum(
        s.base / base * math.sqrt(s.weighted * (1 - s.weighted) * s.phi / s.n_effective) for s in shares
    )
    n = p * (1 - p) / error**2 if error > 0 else min(s.n_effective for s in shares)
    return Share(p, count / base, count, base, wilson(p, n, scheme.report_confidence), n, 1.0)
