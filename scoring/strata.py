"""What merging classes for anonymity may hide, and what it cannot: the range of the rate over every division.

A cell may hold several ballot classes whose answers are counted together because one of them was too thin.
How many members each has and how many ballots were cast in it is known; which answers came from it never is.
Counted apart, the ballots of a class would weigh N_k/n_k. So two things follow without any assumption: the
mean squared weight of the cell's ballots (Kish, J. Official Statistics 8, 1992), and the rate under the most
and the least favourable division of the answers among the classes (partial identification: Manski 2003).
A third one is for awards: how few of a class's own members may be favourable, by the exact limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from scoring.sheet import Cell, Floats, Ints, Stratum

ROUNDING = 1e-9  # a chance that equals alpha is not below it, whatever the last bit says


def spread(cell: Cell) -> float:
    """Mean squared weight of the ballots, had the classes been counted apart, over the squared mean."""
    cast = sum(stratum.cast for stratum in cell.strata)
    if not cast:
        return 1.0
    return max(1.0, sum(count * factor * factor for count, factor in _factors(cell.strata)) / cast)


def divided(
    cells: Sequence[Cell], w: Floats, favourable: Floats, opinions: Floats
) -> tuple[float, float] | None:
    """Lowest and highest rate over all divisions of each cell's answers among its classes.

    The highest puts the favourable ballots where they weigh most and the unfavourable where they weigh least;
    that is best for the quotient whatever its value, because it is best for every f - t m with 0 <= t <= 1.
    """
    low = high = 0.0
    low_base = high_base = 0.0
    for cell, weight, f, m in zip(cells, w, favourable, opinions, strict=True):
        heavy_f, light_f = _extremes(cell, float(f))
        heavy_u, light_u = _extremes(cell, float(m - f))
        silent = _silent(cell)
        high += weight * (heavy_f + silent)
        high_base += weight * (heavy_f + silent + light_u)
        low += weight * light_f
        low_base += weight * (light_f + heavy_u + silent)
    if low_base <= 0 or high_base <= 0:
        return None
    return low / low_base, high / high_base


def least_rate(
    cells: Sequence[Cell], w: Floats, favourable: Floats, opinions: Floats, alpha: float
) -> float | None:
    """The lowest rate that one class counted together with others allows; None where there is none.

    For each class in turn: every ballot of its cell that is not favourable is laid to it, its members are
    taken at the exact limit of that, and all other members of the cell as favourable. If they are, this is
    the test of that class alone; if they are not, their own ballots already speak against it. Classes that
    came alike hide nothing from each other and are not asked.
    """
    base = float((w * opinions).sum())
    outside = float((w * favourable).sum())
    rates = [
        (outside - weight * f + weight * m * (1 - missing)) / base
        for cell, weight, f, m in zip(cells, w, favourable, opinions, strict=True)
        for missing in _missing(cell, int(f), alpha)
        if base > 0
    ]
    return min(rates, default=None)


def _missing(cell: Cell, favourable: int, alpha: float) -> list[float]:
    """Per class of a cell the share of its members that the class's own limit may leave unfavourable."""
    members, cast = (sum(getattr(one, name) for one in cell.strata) for name in ("members", "cast"))
    if all(one.cast * members == one.members * cast for one in cell.strata):
        return []
    against = cast - favourable
    return [
        (one.members - exact_low(one.members, one.cast, max(0, one.cast - against), alpha)) / members
        for one in cell.strata
    ]


@lru_cache(maxsize=65536)
def exact_low(members: int, ballots: int, favourable: int, alpha: float) -> int:
    """The fewest favourable members with which so many favourable ballots are not yet unlikely.

    One-sided exact limit of the hypergeometric distribution: with fewer the chance of as many is below alpha.
    """
    low, high = favourable, members - (ballots - favourable)
    while low < high:
        middle = (low + high) // 2
        if _chance_of_as_many(members, middle, ballots, favourable) < alpha * (1 - ROUNDING):
            low = middle + 1
        else:
            high = middle
    return low


def _chance_of_as_many(members: int, good: int, ballots: int, favourable: int) -> float:
    found = np.arange(favourable, min(good, ballots) + 1)
    found = found[ballots - found <= members - good]
    ways = _log_ways(good, found) + _log_ways(members - good, ballots - found)
    return float(np.exp(ways - _log_ways(members, np.array([ballots]))).sum())


def _log_ways(of: int, chosen: Ints) -> Floats:
    return np.asarray(gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1))


def _extremes(cell: Cell, count: float) -> tuple[float, float]:
    """The most and the least that so many of the cell's ballots can weigh, in mean ballots of the cell."""
    cast = sum(stratum.cast for stratum in cell.strata)
    if not cast:
        return count, count
    room = [(cell.ballots * own / cast, factor) for own, factor in _factors(cell.strata)]
    return _filled(reversed(room), count), _filled(room, count)


def _filled(room: Iterable[tuple[float, float]], count: float) -> float:
    total, left = 0.0, count
    for capacity, factor in room:
        taken = min(capacity, left)
        total, left = total + taken * factor, left - taken
    return total


def _factors(strata: Sequence[Stratum]) -> list[tuple[int, float]]:
    """Ballots cast and relative weight of every class that came at all, the lightest first."""
    members, cast = (sum(getattr(stratum, name) for stratum in strata) for name in ("members", "cast"))
    rows = [(one.cast, one.members * cast / (one.cast * members)) for one in strata if one.cast and members]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def _silent(cell: Cell) -> float:
    """Ballots that would stand for the classes of which nobody came, in mean ballots of the cell."""
    members = sum(stratum.members for stratum in cell.strata)
    missing = sum(stratum.members for stratum in cell.strata if not stratum.cast)
    return cell.ballots * missing / members if members else 0.0
