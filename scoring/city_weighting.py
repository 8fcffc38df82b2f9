"""The weights of `weighting`, for all homes of a city at once: same merging, same raking, same bounds.

Every home takes the steps it would take alone, in the same order and with the same stopping rule, so that
the two routes differ by rounding only; a test holds them to 1e-12.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.scheme import Scheme
from scoring.sheet import Floats, Ints
from scoring.weighting import FIRST_SWEEPS, STEPS, STILL, SWEEPS, TARGET_TOLERANCE

Flags = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max


def merged_levels(ballots: Ints, members: Ints, ordered: bool, scheme: Scheme) -> Ints:
    """Homes x levels: the level that each level belongs to after thin ones joined another."""
    homes, levels = ballots.shape
    n, size = ballots.astype(np.int64).copy(), members.astype(np.int64).copy()
    alive = (n > 0) | (size > 0)
    into = np.tile(np.arange(levels), (homes, 1))
    for _ in range(levels - 1):
        thin = alive & ((n < scheme.min_level_ballots) | (size < scheme.min_level_roster))
        rows = np.flatnonzero(thin.any(axis=1) & (alive.sum(axis=1) > 1))
        if not len(rows):
            break
        source = np.where(thin[rows], n[rows], NEVER).argmin(axis=1)
        others = alive[rows].copy()
        others[np.arange(len(rows)), source] = False
        if ordered:
            others &= _neighbours(alive[rows], source)
        target = np.where(others, n[rows], NEVER).argmin(axis=1)
        n[rows, target] += n[rows, source]
        size[rows, target] += size[rows, source]
        n[rows, source] = size[rows, source] = 0
        alive[rows, source] = False
        moved = into[rows] == source[:, None]
        into[rows] = np.where(moved, target[:, None], into[rows])
    return into


def _neighbours(alive: Flags, source: Ints) -> Flags:
    """Nearest living level on each side of the source."""
    levels = alive.shape[1]
    column = np.arange(levels)
    below = np.where(alive & (column < source[:, None]), column, -1).max(axis=1)
    above = np.where(alive & (column > source[:, None]), column, levels).min(axis=1)
    return np.asarray((column == below[:, None]) | (column == above[:, None]))


@dataclass(frozen=True)
class Rakings:
    """Raking problems of many homes, cells sorted by home; a level number L means "not used in this home"."""

    home: Ints
    base: Floats  # ballots times N/n
    codes: tuple[Ints, ...]
    targets: tuple[Floats, ...]  # homes x (levels + 1); the last column is for what is not used
    lower: Floats
    upper: float

    @property
    def homes(self) -> int:
        return len(self.lower)

    def subset(self, keep: Flags) -> Rakings:
        """The problems of some homes, renumbered."""
        number = np.cumsum(keep) - 1
        cells = keep[self.home]
        return Rakings(
            number[self.home[cells]],
            self.base[cells],
            tuple(code[cells] for code in self.codes),
            tuple(target[keep] for target in self.targets),
            self.lower[keep],
            self.upper,
        )

    def slots(self) -> list[tuple[Ints, Floats]]:
        """For every variable the flat number of each cell's level and the flat targets."""
        return [
            (self.home * target.shape[1] + code, target.ravel())
            for code, target in zip(self.codes, self.targets, strict=True)
        ]

    def gaps(self, g: Floats) -> Floats:
        """Per home the largest miss of a level total, relative to the total."""
        worst = np.zeros(self.homes)
        for (slot, target), shape in zip(self.slots(), self.targets, strict=True):
            sums = np.bincount(slot, self.base * g, target.size)
            miss = np.where(np.isnan(target), 0.0, np.abs(sums - target) / np.maximum(1.0, target))
            worst = np.maximum(worst, miss.reshape(shape.shape).max(axis=1))
        return worst

    def plain(self) -> tuple[Floats, Flags]:
        """Iterative proportional fitting of every home until it has converged."""
        return self._iterate(_fit, clip=False)

    def clipped(self) -> tuple[Floats, Flags]:
        """Bounded raking by exact coordinate ascent, for homes whose levels can be met one by one."""
        return self._iterate(_fit_clipped, clip=True)

    def cut(self, free: Floats) -> Floats:
        return np.clip(free, self.lower[self.home], self.upper)

    def reachable(self) -> Flags:
        """Homes in which every level alone can be met within the bounds."""
        fine = np.ones(self.homes, dtype=bool)
        for (slot, target), shape in zip(self.slots(), self.targets, strict=True):
            mass = np.bincount(slot, self.base, target.size).reshape(shape.shape)
            low = mass * self.lower[:, None] * (1 - 1e-12) <= shape
            high = shape <= mass * self.upper * (1 + 1e-12)
            fine &= ((low & high) | np.isnan(shape)).all(axis=1)
        return fine

    def _iterate(self, fit: Callable[[Rakings, Floats], Floats], *, clip: bool) -> tuple[Floats, Flags]:
        answer, converged = np.ones(len(self.home)), np.zeros(self.homes, dtype=bool)
        active, factors = self, np.ones(len(self.home))
        cells, homes = np.arange(len(self.home)), np.arange(self.homes)
        for _ in range(FIRST_SWEEPS if clip else SWEEPS):
            factors = fit(active, factors)
            g = active.cut(factors) if clip else factors
            done = active.gaps(g) < TARGET_TOLERANCE
            if done.any():
                ready = done[active.home]
                answer[cells[ready]] = g[ready]
                converged[homes[done]] = True
                cells, homes, factors = cells[~ready], homes[~done], factors[~ready]
                active = active.subset(~done)
            if not len(homes):
                break
        return answer, converged


def _fit(problem: Rakings, g: Floats) -> Floats:
    for slot, target in problem.slots():
        sums = np.bincount(slot, problem.base * g, target.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(np.isnan(target), 1.0, target / sums)
        g = g * factor[slot]
    return g


def _fit_clipped(problem: Rakings, free: Floats) -> Floats:
    for slot, target in problem.slots():
        factor = _multipliers(problem, free, slot, target)
        free = free * np.where(np.isnan(target), 1.0, factor)[slot]
    return free


def _multipliers(problem: Rakings, free: Floats, slot: Ints, target: Floats) -> Floats:
    """For every level the scalar that meets it after clipping, as `weighting` finds it for one level."""
    lower, size = problem.lower[problem.home], target.size
    largest, smallest = np.ones(size), np.ones(size)
    largest[slot], smallest[slot] = 0.0, np.inf
    np.maximum.at(largest, slot, free)
    np.minimum.at(smallest, slot, free)
    bound = np.ones(size)
    bound[slot] = lower
    low, high, t = bound / largest, problem.upper / smallest, np.ones(size)
    mass, moving = problem.base * free, ~np.isnan(target)
    for _ in range(STEPS):
        scaled = free * t[slot]
        at_low, at_high = scaled <= lower, scaled >= problem.upper
        edge = np.where(at_low, lower, np.where(at_high, problem.upper, 0.0))
        held = np.bincount(slot, problem.base * edge, size)
        slope = np.bincount(slot, np.where(at_low | at_high, 0.0, mass), size)
        less = held + slope * t < target
        low, high = np.where(less, t, low), np.where(less, high, t)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = (target - held) / slope
        inside = (slope > 0) & (low <= moved) & (moved <= high)
        moved = np.where(inside, moved, 0.5 * (low + high))
        still = np.abs(moved - t) <= STILL * t
        t = np.where(moving, moved, t)
        moving &= ~still
        if not moving.any():
            break
    return t


@dataclass(frozen=True)
class CityWeights:
    """Weight per ballot of every cell, and which variables each home kept."""

    w: Floats
    g: Floats
    codes: tuple[Ints, ...]  # merged level of every cell; the number of levels where the variable is not used
    levels: tuple[int, ...]
    kept: Ints  # per home how many of the variables, from the first, the weights rest on


def weigh_city(
    home: Ints,
    ballots: Ints,
    members: Ints,
    levels: Sequence[Ints],
    margins: Sequence[Ints],
    scheme: Scheme,
    fallback: Callable[[int, int], Floats | None],
) -> CityWeights:
    """Weights of all homes; `fallback(home, variables)` solves alone what has not converged together."""
    homes = len(members)
    n = np.bincount(home, ballots, homes)
    with np.errstate(divide="ignore", invalid="ignore"):
        base_weight = np.where(n > 0, members / n, 0.0).astype(np.float64)
    codes: list[Ints] = []
    targets: list[Floats] = []
    for number, (level, margin) in enumerate(zip(levels, margins, strict=True)):
        ordered = scheme.variables[number].ordered if scheme.variables else False
        code, target = _margin(home, ballots, level, margin, ordered, scheme)
        codes.append(code)
        targets.append(target)
    lower = np.where(n > 0, n / np.maximum(members, 1), 1.0).astype(np.float64)
    everything = Rakings(
        home, ballots * base_weight[home], tuple(codes), tuple(targets), lower, scheme.g_upper
    )
    g, kept = _solve(everything, n > 0, fallback)
    counts = tuple(margin.shape[1] for margin in margins)
    used = tuple(
        np.where(number < kept[home], code, count)
        for number, (code, count) in enumerate(zip(codes, counts, strict=True))
    )
    return CityWeights(g * base_weight[home], g, used, counts, kept)


def _margin(
    home: Ints, ballots: Ints, level: Ints, margin: Ints, ordered: bool, scheme: Scheme
) -> tuple[Ints, Floats]:
    homes, count = margin.shape
    n = np.bincount(home * count + level, ballots, homes * count).reshape(homes, count).astype(np.int64)
    into = merged_levels(n, margin, ordered, scheme)
    target = np.zeros((homes, count))
    np.add.at(target, (np.arange(homes)[:, None], into), margin.astype(np.float64))
    alive = np.zeros((homes, count), dtype=bool)
    present = (n > 0) | (margin > 0)
    np.logical_or.at(alive, (np.arange(homes)[:, None], into), present)
    used = alive.sum(axis=1) > 1
    full = np.full((homes, count + 1), np.nan)
    full[:, :count] = np.where(alive & used[:, None], target, np.nan)
    return np.where(used[home], into[home, level], count), full


def _solve(
    everything: Rakings, voted: Flags, fallback: Callable[[int, int], Floats | None]
) -> tuple[Floats, Ints]:
    """Rake with all variables; homes without a solution drop their last one and try again."""
    g, variables = np.ones(len(everything.home)), len(everything.codes)
    kept = np.zeros(everything.homes, dtype=np.int64)
    pending = voted.copy()
    for count in range(variables, 0, -1):
        # Where the last variable is not used anyway, one fewer is the same problem.
        now = pending & ~np.isnan(everything.targets[count - 1]).all(axis=1)
        chosen = np.flatnonzero(now)
        if not len(chosen):
            continue
        cells = np.flatnonzero(now[everything.home])
        part = everything.subset(now)
        part = Rakings(part.home, part.base, part.codes[:count], part.targets[:count], part.lower, part.upper)
        answer, solved = _bounded(part, [int(number) for number in chosen], count, fallback)
        ready = solved[part.home]
        g[cells[ready]] = answer[ready]
        kept[chosen[solved]] = count
        pending[chosen[solved]] = False
    return g, kept


def _bounded(
    part: Rakings, numbers: list[int], variables: int, fallback: Callable[[int, int], Floats | None]
) -> tuple[Floats, Flags]:
    g, solved = part.plain()
    low = np.full(part.homes, np.inf)
    high = np.zeros(part.homes)
    np.minimum.at(low, part.home, g)
    np.maximum.at(high, part.home, g)
    solved &= (low >= part.lower * (1 - 1e-12)) & (high <= part.upper * (1 + 1e-12))
    rest = ~solved & part.reachable()
    if rest.any():
        cells, homes = np.flatnonzero(rest[part.home]), np.flatnonzero(rest)
        answer, converged = part.subset(rest).clipped()
        ready = np.repeat(converged, np.bincount(part.home[cells], minlength=part.homes)[homes])
        g[cells[ready]] = answer[ready]
        solved[homes[converged]] = True
        for row in homes[~converged]:
            single = fallback(numbers[row], variables)
            if single is not None:
                g[part.home == row] = single
                solved[row] = True
    return g, solved
