"""Homes beside homes and years beside years: change, false discoveries, case mix, rank intervals.

Reports only: no rating depends on another home. Sources stand with each function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from scoring.rating import Bounds
from scoring.sheet import Floats, Ints, readonly
from scoring.uncertainty import Interval, limits

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Change:
    """Difference of two years' rates with its interval; an arrow only where the interval excludes zero."""

    difference: float
    interval: Interval
    p_value: float  # of "no change", for the false-discovery rule over all homes

    @property
    def excludes_zero(self) -> bool:
        return self.interval.low > 0 or self.interval.high < 0


def change(
    before: float, before_limits: Interval, after: float, after_limits: Interval, confidence: float = 0.95
) -> Change:
    """Whether a rate moved, from the two years' own two-sided limits at that confidence.

    MOVER: square-and-add of the distances to the limits (Newcombe, Stat. Med. 17 (1998b); Zou & Donner 2008).
    """
    difference = after - before
    down = math.hypot(after - after_limits.low, before_limits.high - before)
    up = math.hypot(after_limits.high - after, before - before_limits.low)
    z = float(ndtri((1 + confidence) / 2))
    spread = (down if difference > 0 else up) / z
    p = 2 * float(ndtr(-abs(difference) / spread)) if spread > 0 else float(difference == 0)
    return Change(difference, Interval(max(-1.0, difference - down), min(1.0, difference + up)), p)


class About(StrEnum):
    """What a change of years is about; without a correction for the roster the interval is wider."""

    VOTE = "vote"  # this year's vote against last year's
    HOME = "home"  # has it got better underneath


def compare_years(
    before: Bounds, after: Bounds, about: About = About.HOME, confidence: float = 0.95
) -> Change:
    """Change between two rated rounds with the same questionnaire, scale and definition of the roster."""
    alpha = (1 - confidence) / 2
    first, second = (
        limits(year.p, year.n_effective, year.phi if about is About.VOTE else 1.0, alpha)
        for year in (before, after)
    )
    return change(before.p, first, after.p, second, confidence)


def arrows(changes: Sequence[Change], q: float = 0.10) -> Ints:
    """-1, 0 or 1 per home: an arrow where the interval excludes zero and the home survives the BH rule."""
    if not changes:
        return np.zeros(0, dtype=np.int64)
    survives = benjamini_hochberg(np.array([c.p_value for c in changes]), q)
    sign = np.array([np.sign(c.difference) * c.excludes_zero for c in changes])
    return np.where(survives, sign, 0).astype(np.int64)


def benjamini_hochberg(p: Floats, q: float) -> Flags:
    """Which hypotheses to reject so that at most a share q of the rejections is expected to be false.

    Benjamini & Hochberg, JRSS B 57 (1995).
    """
    count = len(p)
    if count == 0:
        return np.zeros(0, dtype=bool)
    order = np.argsort(p, kind="stable")
    passing = np.flatnonzero(p[order] <= q * np.arange(1, count + 1) / count)
    rejected = np.zeros(count, dtype=bool)
    if len(passing):
        rejected[p <= p[order[passing[-1]]]] = True
    return rejected


def conditional_benjamini_hochberg(p: Floats, q: float, cut: float = 0.5) -> Flags:
    """The same after leaving out p-values above the cut and stretching the rest.

    The right form where most homes are far on the good side, so that their p-values lean to 1
    (Zhao, Small & Su, JASA 114 (2019); Ellis, Pecanka & Goeman, arXiv 1801.00141).
    """
    kept = np.flatnonzero(p <= cut)
    rejected = np.zeros(len(p), dtype=bool)
    rejected[kept] = benjamini_hochberg(p[kept] / cut, q)
    return rejected


@dataclass(frozen=True)
class ReleaseCheck:
    """Homes on the order list that deserve a visit first (mark V2), and whether too many are so marked."""

    visit_first: Flags  # on the order list, not on the conditional list
    share: float  # of the order list
    too_many: bool  # more than 5 %: lower alpha for the next round and publish it


def release_check(p: Floats, ordered: Flags, q: float = 0.05) -> ReleaseCheck:
    """Which proposed orders would not survive a false-discovery rule over the whole city."""
    visit = ordered & ~conditional_benjamini_hochberg(p, q)
    share = float(visit.sum()) / max(1, int(ordered.sum()))
    return ReleaseCheck(visit, share, share > 0.05)


def chance_of_no_order(ordered: Flags, band: Ints, area: Flags) -> float:
    """How likely an area has no home rated 不满意 if its homes were like the others of their size.

    A small chance beside an area without a single order is a reason to look, not a finding. Rates of the
    other homes by size band, half an order added (Krichevsky & Trofimov 1981), homes independent.
    """
    chance = 1.0
    for number in np.unique(band[area]):
        others = (band == number) & ~area
        rate = (float(ordered[others].sum()) + 0.5) / (float(others.sum()) + 1.0)
        chance *= (1.0 - rate) ** int((area & (band == number)).sum())
    return chance


@dataclass(frozen=True)
class Ranks:
    """For every home the first and last place that the intervals allow (1 is best)."""

    first: Ints
    last: Ints


def rank_intervals(low: Floats, high: Floats) -> Ranks:
    """Places a home may hold: those surely above it come before, those surely below it after.

    Joint statement when the limits hold together, e.g. each at alpha/(2H) (Klein, Wright & Wieczorek,
    JRSS C 69 (2020)).
    """
    count = len(low)
    surely_better = count - np.searchsorted(np.sort(low), high, side="right")
    surely_worse = np.searchsorted(np.sort(high), low, side="left")
    return Ranks((1 + surely_better).astype(np.int64), (count - surely_worse).astype(np.int64))


def inseparable(ranks: Ranks, quota: int) -> Flags:
    """Homes whose rank interval covers the cut of a quota: 不可区分, decided by other criteria."""
    return (ranks.first <= quota) & (ranks.last > quota)


@dataclass(frozen=True)
class CaseMix:
    """Scores made comparable between homes with different workforces: 同类可比得分, for reports only."""

    adjusted: Floats
    coefficients: Floats  # points by which a level (but the first) differs within homes


def case_mix(home: Ints, level: Ints, count: Floats, total: Floats) -> CaseMix:
    """Mean points of every home as if all homes had the city's mix of levels.

    Least squares of the ballot score on levels with home effects, from cell sums (O'Malley et al., Health
    Serv. Res. 40 (2005), the patient-mix adjustment of HCAHPS). Rows are cells: home, level, ballots, points.
    """
    homes, levels = int(home.max()) + 1, int(level.max()) + 1
    n = np.bincount(home, count, homes)
    mean = np.bincount(home, total, homes) / np.maximum(n, 1e-300)
    shares = np.zeros((homes, levels))
    np.add.at(shares, (home, level), count)
    city = shares.sum(axis=0) / count.sum()
    shares /= np.maximum(n, 1e-300)[:, None]
    dummy = np.eye(levels)[level][:, 1:] - shares[home][:, 1:]
    normal = dummy.T @ (count[:, None] * dummy)
    response = dummy.T @ (total - count * mean[home])
    beta = np.linalg.lstsq(normal, response, rcond=None)[0]
    adjusted = mean - (shares[:, 1:] - city[1:]) @ beta
    return CaseMix(readonly(adjusted.astype(np.float64)), readonly(beta.astype(np.float64)))


@dataclass(frozen=True)
class FunnelLimits:
    """Limits between which a home of this many effective ballots is expected if it were like its peers."""

    low: Floats
    high: Floats


def funnel(centre: float, ballots: Floats, z: float) -> FunnelLimits:
    """Expected range of a rate around the peers' rate by size (Spiegelhalter, Stat. Med. 24 (2005))."""
    n = np.asarray(ballots, dtype=np.float64)
    scale = 1 + z * z / n
    middle = (centre + z * z / (2 * n)) / scale
    half = z * np.sqrt(centre * (1 - centre) / n + z * z / (4 * n * n)) / scale
    return FunnelLimits(middle - half, middle + half)
