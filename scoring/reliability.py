"""How well a score tells homes apart, and how well a questionnaire holds together.

Reports only: a shrunken value is a guess about a home made from its neighbours and never enters a rating.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scoring.sheet import Floats, Ints, readonly


class Label(StrEnum):
    PEERS = "PEERS"  # 经同类基层工会校正,仅供参考


@dataclass(frozen=True)
class Shrunken:
    """Values drawn towards the mean of their group by their unreliability, beside the direct ones."""

    label: Label
    direct: Floats
    value: Floats
    reliability: Floats  # share of the spread that is real, per home
    centre: Floats  # mean of each group
    spread: Floats  # variance between the homes of each group


def between_variance(value: Floats, variance: Floats) -> float:
    """Variance of the true values behind estimates of known variance.

    Method of moments of Paule & Mandel (1982): the tau^2 at which the weighted squares equal their number.
    """
    count = len(value)
    if count < 2 or _excess(0.0, value, variance) <= 0:
        return 0.0
    low, high = 0.0, float(np.var(value, ddof=1)) * count
    while _excess(high, value, variance) > 0:
        high *= 2
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if _excess(middle, value, variance) > 0 else (low, middle)
    return 0.5 * (low + high)


def _excess(tau: float, value: Floats, variance: Floats) -> float:
    weight = 1 / np.maximum(variance + tau, 1e-300)
    centre = float((weight * value).sum() / weight.sum())
    return float((weight * (value - centre) ** 2).sum()) - (len(value) - 1)


def shrink(value: Floats, variance: Floats, group: Ints) -> Shrunken:
    """Empirical Bayes values inside comparison groups (Efron & Morris 1975; Adams, RAND 2009).

    `variance` is the one without a finite-population correction: the question is the home, not the vote.
    """
    groups = int(group.max()) + 1
    rho, centre, spread = np.zeros(len(value)), np.full(groups, np.nan), np.zeros(groups)
    for number in range(groups):
        own = group == number
        if not own.any():
            continue
        tau = between_variance(value[own], variance[own])
        weight = 1 / np.maximum(variance[own] + tau, 1e-12)
        centre[number] = float((weight * value[own]).sum() / weight.sum())
        spread[number] = tau
        rho[own] = tau / np.maximum(tau + variance[own], 1e-300)
    shrunken = centre[group] + rho * (value - centre[group])
    arrays = [
        readonly(np.asarray(a, dtype=np.float64)) for a in (value.copy(), shrunken, rho, centre, spread)
    ]
    return Shrunken(Label.PEERS, *arrays)


@dataclass(frozen=True)
class Consistency:
    """How far the items of a scale measure one thing; no measure of a home's precision."""

    alpha: float
    omega: float
    item_total: Floats  # correlation of each item with the sum of the others
    ballots: int


def covariance(items: Floats, weights: Floats | None = None) -> Floats:
    """Weighted covariance of complete ballots, n/(n-1) as R's svyvar."""
    w = np.ones(len(items)) if weights is None else weights
    mean = (w @ items) / w.sum()
    centred = items - mean
    n = len(items)
    return np.asarray((centred * w[:, None]).T @ centred / w.sum() * n / (n - 1))


def alpha(cov: Floats) -> float:
    """Cronbach's alpha (Psychometrika 16 (1951)) from the covariance matrix of the items."""
    items = len(cov)
    return items / (items - 1) * (1 - float(np.trace(cov)) / float(cov.sum()))


def omega(cov: Floats) -> float:
    """McDonald's omega total from a one-factor solution (principal axis, iterated communalities).

    McDonald, Test Theory (1999). Loadings are in the metric of the items, so unequal spreads count.
    """
    unique = np.diag(cov) * 0.5
    loading = np.zeros(len(cov))
    for _ in range(2000):
        values, vectors = np.linalg.eigh(cov - np.diag(unique))
        loading = vectors[:, -1] * np.sqrt(max(float(values[-1]), 0.0))
        moved = np.clip(np.diag(cov) - loading**2, 0.0, None)
        if np.abs(moved - unique).max() < 1e-12 * max(1.0, float(np.diag(cov).max())):
            break
        unique = moved
    common = float(loading.sum()) ** 2
    return common / (common + float(unique.sum()))


def consistency(items: Floats, weights: Floats | None = None) -> Consistency:
    """Alpha, omega and corrected item-total correlations over complete ballots (rows without NaN)."""
    complete = ~np.isnan(items).any(axis=1)
    own, w = items[complete], None if weights is None else weights[complete]
    cov = covariance(own, w)
    rest = cov.sum(axis=1) - np.diag(cov)
    others = cov.sum() - 2 * cov.sum(axis=1) + np.diag(cov)
    item_total = rest / np.sqrt(np.diag(cov) * others)
    return Consistency(alpha(cov), omega(cov), readonly(np.asarray(item_total, dtype=np.float64)), len(own))
