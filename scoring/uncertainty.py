"""How sure a number is: effective ballots, one-sided bounds of a rate, intervals of rates and means.

Every variance is a function of cell sums; nothing per ballot is needed. Sources: Korn & Graubard, Survey
Methodology 24 (1998); Burstein, JASA 70 (1975); Sarndal & Lundstrom, Estimation in Surveys with Nonresponse
(2005); Wilson, JASA 22 (1927); Kish, J. Official Statistics 8 (1992).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betainc, betaincinv, ndtri, stdtrit

from scoring.sheet import Floats
from scoring.weighting import Weights


@dataclass(frozen=True)
class Variance:
    """Variance of an estimate without (v0) and with (v1) the unit finite-population correction."""

    v0: float
    v1: float


@dataclass(frozen=True)
class Proportion:
    """A weighted share of the opinions and what it is worth in ballots."""

    p: float
    base: float  # W: weighted ballots with an opinion
    favourable: float  # weighted favourable ballots
    n_kish: float
    n_linear: float  # infinite where the classes differ but none is divided
    n_effective: float
    phi: float  # how much of the sampling error is left after the finite-population correction
    variance: Variance
    x: float  # effective favourable ballots, p * n_effective


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def variance(weights: Weights, squares: Floats) -> Variance:
    """Taylor variance from squared residuals summed per cell, each ballot answering with probability 1/w."""
    n, w = weights.n, weights.w
    if n <= weights.rank:
        return Variance(math.inf, math.inf)
    factor = n / (n - weights.rank)
    w2 = weights.w2
    answering = w * (w - 1) + (w2 - w * w)  # the second term vanishes to the last bit where nothing is merged
    return Variance(factor * float((w2 * squares).sum()), factor * float((answering * squares).sum()))


def proportion(favourable: Floats, opinions: Floats, weights: Weights) -> Proportion | None:
    """The share of opinions that is favourable, with the number of independent ballots it is worth.

    Effective ballots are the smaller of Kish's and of the linearised variance (Korn & Graubard 1998).
    """
    w, n = weights.w, weights.ballots
    base = float((w * opinions).sum())
    if base <= 0:
        return None
    total = float((w * favourable).sum())
    n_kish = base * base / float((weights.w2 * opinions).sum())
    phi_kish = min(1.0, max(0.0, 1 - n_kish / base))
    against = opinions - favourable
    if not favourable.any() or not against.any():  # decided on the counts, not on a float
        p = 1.0 if favourable.any() else 0.0
        return Proportion(p, base, total, n_kish, math.inf, n_kish, phi_kish, Variance(0.0, 0.0), p * n_kish)
    p = total / base
    z_yes, z_no = (1 - p) / base, -p / base
    fitted = weights.fitted(favourable * z_yes + against * z_no)
    rest = n - opinions
    squares = favourable * (z_yes - fitted) ** 2 + against * (z_no - fitted) ** 2 + rest * fitted**2
    taylor = variance(weights, squares)
    if taylor.v0 <= 1e-12 * p * (1 - p) / weights.n:
        n_linear, phi = math.inf, phi_kish
    else:
        n_linear = p * (1 - p) / taylor.v0 + 1
        ratio = taylor.v1 / taylor.v0 if math.isfinite(taylor.v0) else 1.0
        phi = min(1.0, max(0.0, phi_kish, ratio))
    n_effective = max(1.0, min(n_kish, n_linear))
    return Proportion(p, base, total, n_kish, n_linear, n_effective, phi, taylor, p * n_effective)


def bounds(rate: Proportion, alpha: float) -> Interval:
    """Lower and upper limit, each missed with probability about alpha: the error range 误差范围.

    Clopper-Pearson on effective ballots, moved towards the half-unit points by the finite-population
    correction (Korn & Graubard 1998; after Burstein 1975).
    """
    return limits(rate.p, rate.n_effective, rate.phi, alpha)


def limits(p: float, n: float, phi: float, alpha: float) -> Interval:
    """The bounds from a rate, its effective ballots and what the roster leaves of the sampling error."""
    x, root = p * n, math.sqrt(phi)
    far_up = 1.0 if x >= n else float(betaincinv(x + 1, n - x, 1 - alpha))
    far_down = 0.0 if x <= 0 else float(betaincinv(x, n - x + 1, alpha))
    up, down = (x + 0.5) / n, (x - 0.5) / n
    high = up + (far_up - up) * root
    low = down - (down - far_down) * root
    return Interval(min(p, max(0.0, low)), max(p, min(1.0, high)))


def p_value(rate: Proportion, threshold: float) -> float:
    """Probability of a result this low if the true rate reached the threshold; U < T means p < alpha."""
    if threshold <= rate.p:
        return 1.0
    x, n = rate.x, rate.n_effective
    if x >= n:
        return 1.0
    up, root = (x + 0.5) / n, math.sqrt(rate.phi)
    if root == 0:
        return 1.0 if threshold <= up else 0.0
    moved = min(1.0, max(0.0, up + (threshold - up) / root))
    return 1.0 - float(betainc(x + 1, n - x, moved))


def wilson(p: float, n: float, confidence: float) -> Interval:
    """Two-sided score interval of a share for reports (Wilson 1927)."""
    if not math.isfinite(n):
        return Interval(p, p)
    z = float(ndtri(0.5 + confidence / 2))
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Interval(max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def share_interval(rate: Proportion, confidence: float) -> Interval:
    """Wilson interval on effective ballots, stretched by the finite-population correction."""
    n = rate.n_effective / rate.phi if rate.phi > 0 else math.inf
    return wilson(rate.p, n, confidence)


def mean_interval(mean: float, error: float, n: int, confidence: float) -> Interval:
    """Student interval of a mean of points, cut to 0-100."""
    if n < 2 or not math.isfinite(error):
        return Interval(0.0, 100.0)
    half = float(stdtrit(n - 1, 0.5 + confidence / 2)) * error
    return Interval(max(0.0, mean - half), min(100.0, mean + half))
