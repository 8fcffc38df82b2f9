"""What merging classes for anonymity may hide, and what it cannot: the range of the rate over every division.

A cell may hold several ballot classes whose answers are counted together because one of them was too thin.
How many members each has and how many ballots were cast in it is known; which answers came from it never is.
Counted apart, the ballots of a class would weigh N_k/n_k. So two things follow without any assumption: the
mean squared weight of the cell's ballots (Kish, J. Official Statistics 8, 1992), and the rate under the most
and the least favourable division of the answers among the classes (partial identification: Manski 2003).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scoring.sheet import Cell, Floats, Stratum


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
