"""Calibration with other distances than raking's: a second route to the weights, never the decision's.

Deville & Sarndal, JASA 87 (1992): one multiplier per margin, found by Newton's method; without bounds the
exponential distance is raking itself. Linear weights may fall below one ballot's own member and are for
comparison only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import StrEnum

import numpy as np

from scoring.sheet import Floats, Ints
from scoring.weighting import Margin, dummies

STEPS = 200
TOLERANCE = 1e-12


class Distance(StrEnum):
    EXPONENTIAL = "exponential"  # raking
    LINEAR = "linear"  # the regression estimator
    TRUNCATED = "truncated"  # linear, cut at the bounds
    LOGIT = "logit"  # approaches the bounds smoothly


Curve = Callable[[Floats], tuple[Floats, Floats]]


def calibrate(
    ballots: Ints,
    margins: Sequence[Margin],
    distance: Distance,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Floats | None:
    """Weight per ballot of every cell that meets all margins, starting from one; None without a solution."""
    x = dummies(len(ballots), [margin.codes for margin in margins])
    n = ballots.astype(np.float64)
    totals = _totals(margins)
    curve = _curve(distance, *bounds)
    multipliers = np.zeros(x.shape[1])
    for _ in range(STEPS):
        weight, slope = curve(x @ multipliers)
        miss = totals - x.T @ (n * weight)
        if np.abs(miss).max() <= TOLERANCE * totals.max():
            return weight
        normal = (x * (n * slope)[:, None]).T @ x
        step = np.asarray(np.linalg.lstsq(normal, miss, rcond=None)[0], dtype=np.float64)
        multipliers = _shortened(multipliers, step, float(np.abs(miss).max()), x, n, totals, curve)
    return None


def _totals(margins: Sequence[Margin]) -> Floats:
    """Totals in the order of the dummies: members in all, then every level but the first."""
    parts = [np.array([margins[0].targets.sum()]), *(margin.targets[1:] for margin in margins)]
    return np.concatenate(parts).astype(np.float64)


def _shortened(
    start: Floats, step: Floats, before: float, x: Floats, n: Floats, totals: Floats, curve: Curve
) -> Floats:
    """Halve Newton's step until it brings the margins nearer."""
    length = 1.0
    for _ in range(40):
        moved = start + length * step
        with np.errstate(over="ignore", invalid="ignore"):
            miss = np.abs(totals - x.T @ (n * curve(x @ moved)[0])).max()
        if miss < before:
            return np.asarray(moved)
        length /= 2
    return start + step


def _curve(distance: Distance, low: float, high: float) -> Curve:
    """Weight as a function of the linear predictor, with its derivative."""
    if distance is Distance.EXPONENTIAL:
        return _exponential
    if distance is Distance.LOGIT:
        return _logit(low, high)

    def linear(u: Floats) -> tuple[Floats, Floats]:
        weight = 1 + u
        inside = (low < weight) & (weight < high)
        return np.clip(weight, low, high), inside.astype(np.float64)

    return linear if distance is Distance.TRUNCATED else (lambda u: (1 + u, np.ones_like(u)))


def _exponential(u: Floats) -> tuple[Floats, Floats]:
    weight = np.exp(np.minimum(u, 50.0))
    return weight, weight


def _logit(low: float, high: float) -> Curve:
    steep = (high - low) / ((1 - low) * (high - 1))

    def curve(u: Floats) -> tuple[Floats, Floats]:
        e = np.exp(np.clip(steep * u, -500.0, 500.0))
        below = (high - 1) + (1 - low) * e
        weight = (low * (high - 1) + high * (1 - low) * e) / below
        return weight, (weight - low) * (high - weight) / ((1 - low) * (high - 1))

    return curve
