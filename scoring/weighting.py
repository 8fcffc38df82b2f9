"""Weights of the cells: thin levels merged, then raking within bounds, so that a home represents its roster.

Sources: Deville & Sarndal, JASA 87 (1992); Deville, Sarndal & Sautory, JASA 88 (1993); Holt & Smith,
JRSS A 142 (1979).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import linprog

from scoring.scheme import Basis, Scheme, Variable
from scoring.sheet import Floats, Ints, Sheet, readonly
from scoring.strata import spread

TARGET_TOLERANCE = 1e-10
SWEEPS = 200  # of plain raking
FIRST_SWEEPS = 50  # of bounded raking, before feasibility is asked
LAST_SWEEPS = 5000  # of bounded raking that a linear programme has shown to be feasible
STEPS = 200  # towards one multiplier
STILL = 4e-16  # a multiplier that moves no more


@dataclass(frozen=True)
class Merge:
    """One step of the log: this level was too thin and joined that one."""

    variable: str
    level: str
    into: str


@dataclass(frozen=True, eq=False)
class Margin:
    """One variable after merging: for every cell the number of its level, for every level its members."""

    variable: str
    labels: tuple[str, ...]
    codes: Ints
    targets: Ints


@dataclass(frozen=True, eq=False)
class Weights:
    """Weight of one ballot per cell, with everything that tells how it came about."""

    ballots: Ints
    w: Floats
    g: Floats  # w relative to the base weight N/n
    design: Floats  # cells x columns: intercept and level dummies actually used
    rank: int
    margins: tuple[Margin, ...]
    merges: tuple[Merge, ...]
    dropped: tuple[str, ...]  # variables given up because no bounded solution exists
    spread: Floats | float = 1.0  # mean squared weight over squared weight: more where unlike classes merged

    @property
    def w2(self) -> Floats:
        """Mean squared weight of the ballots of each cell."""
        return np.asarray(self.w * self.w * self.spread)

    @property
    def n(self) -> int:
        return int(self.ballots.sum())

    def fitted(self, first: Floats) -> Floats:
        """Fitted value per cell of a variable given by its sums, from the regression on the levels in use.

        With one variable that is the mean of the level, by plain additions in a fixed order: a rating must
        come out to the last bit on every machine, whatever its linear algebra library.
        """
        if len(self.margins) > 1:
            return np.asarray(self._smoother @ first)
        codes = self.margins[0].codes if self.margins else np.zeros(len(first), dtype=np.int64)
        sums, ballots = np.bincount(codes, first), np.bincount(codes, self.ballots)
        return np.asarray((sums / np.maximum(ballots, 1))[codes])

    @cached_property
    def _smoother(self) -> Floats:
        """Cells x cells: turns a variable's sums by cell into its fitted values on the levels."""
        root = np.sqrt(self.ballots)
        inverse = np.divide(1.0, root, out=np.zeros(len(root)), where=root > 0)
        projection = self.design @ np.linalg.pinv(self.design * root[:, None])
        return readonly(np.asarray(projection * inverse, dtype=np.float64))


def weigh(sheet: Sheet, scheme: Scheme) -> Weights:
    """How many members each ballot speaks for, so that every class weighs what it weighs in the roster.

    Minimum Kullback-Leibler distance calibration with n/N <= g <= cap (Deville & Sarndal 1992).
    """
    ballots = sheet.ballots_by_cell()
    merges: list[Merge] = []
    margins = []
    for variable in adjustment_variables(sheet, scheme):
        margin = _merged(_margin(sheet, variable), variable.ordered, ballots, scheme, merges)
        if len(margin.labels) > 1:
            margins.append(margin)
    spreads = np.array([1.0 if scheme.basis is Basis.RAW else spread(cell) for cell in sheet.cells])
    return _solve(ballots, sheet.members, margins, tuple(merges), scheme.g_upper, spreads)


def adjustment_variables(sheet: Sheet, scheme: Scheme) -> tuple[Variable, ...]:
    """The scheme's variables, or all that the ballots carry; none where the rating is on the raw count."""
    if scheme.basis is Basis.RAW:
        return ()
    known = set(sheet.variables)
    if scheme.variables:
        return tuple(variable for variable in scheme.variables if known.issuperset(variable.names))
    return tuple(Variable((name,)) for name in sheet.variables)


def _margin(sheet: Sheet, variable: Variable) -> Margin:
    """Roster and cells by the levels of one variable, in a fixed order."""
    values = ["*".join(cell.levels[name] for name in variable.names) for cell in sheet.cells]
    roster: dict[str, int] = dict.fromkeys(values, 0)
    if variable.label in sheet.margins:
        roster |= sheet.margins[variable.label]
    else:
        for value, cell in zip(values, sheet.cells, strict=True):
            roster[value] += cell.roster or 0
    order = [level for level in variable.levels if level in roster]
    labels = tuple(order + sorted(set(roster) - set(order)))
    codes = np.array([labels.index(value) for value in values], dtype=np.int64)
    return Margin(
        variable.label, labels, codes, np.array([roster[label] for label in labels], dtype=np.int64)
    )


def _merged(margin: Margin, ordered: bool, ballots: Ints, scheme: Scheme, log: list[Merge]) -> Margin:
    labels, codes, members = list(margin.labels), margin.codes.copy(), list(map(int, margin.targets))
    counts = [int(ballots[codes == level].sum()) for level in range(len(labels))]
    while len(labels) > 1 and (thin := _thinnest(members, counts, scheme)) is not None:
        into = _neighbour(thin, counts) if ordered else _fewest(thin, counts)
        log.append(Merge(margin.variable, labels[thin], labels[into]))
        members[into] += members[thin]
        counts[into] += counts[thin]
        codes[codes == thin] = into
        codes[codes > thin] -= 1
        for column in (labels, members, counts):
            del column[thin]
    return Margin(
        margin.variable, tuple(labels), readonly(codes), readonly(np.array(members, dtype=np.int64))
    )


def _thinnest(members: Sequence[int], counts: Sequence[int], scheme: Scheme) -> int | None:
    failing = [
        level
        for level, (size, count) in enumerate(zip(members, counts, strict=True))
        if count < scheme.min_level_ballots or size < scheme.min_level_roster
    ]
    return min(failing, key=lambda level: (counts[level], level)) if failing else None


def _fewest(thin: int, counts: Sequence[int]) -> int:
    return min(
        (level for level in range(len(counts)) if level != thin), key=lambda level: (counts[level], level)
    )


def _neighbour(thin: int, counts: Sequence[int]) -> int:
    near = [level for level in (thin - 1, thin + 1) if 0 <= level < len(counts)]
    return min(near, key=lambda level: (counts[level], level))


def _solve(
    ballots: Ints,
    members: int,
    margins: list[Margin],
    merges: tuple[Merge, ...],
    cap: float,
    spreads: Floats,
) -> Weights:
    n = int(ballots.sum())
    dropped: list[str] = []
    while margins:
        g = bounded_rake(ballots, members, margins, n / members, cap) if n else None
        if g is not None:
            break
        dropped.append(margins.pop().variable)
    if not margins:
        g = np.ones(len(ballots))
    assert g is not None
    design = dummies(len(ballots), [margin.codes for margin in margins])
    rank = int(np.linalg.matrix_rank(design[ballots > 0])) if n else 1
    w = g * (members / n) if n else np.zeros(len(ballots))
    return Weights(
        ballots=ballots,
        w=readonly(w),
        g=readonly(g),
        design=readonly(design),
        rank=rank,
        margins=tuple(margins),
        merges=merges,
        dropped=tuple(dropped),
        spread=readonly(spreads),
    )


def dummies(cells: int, codes: Sequence[Ints]) -> Floats:
    """Intercept and, for every variable, one column for each level but the first."""
    columns = [np.ones(cells)]
    for code in codes:
        columns += [(code == level).astype(np.float64) for level in range(1, int(code.max()) + 1)]
    return np.column_stack(columns)


def bounded_rake(
    ballots: Ints, members: int, margins: Sequence[Margin], lower: float, upper: float
) -> Floats | None:
    """Factors g that meet every level of the roster within the bounds, or None where there are none.

    Plain raking first; where it leaves the bounds, exact coordinate ascent on the clipped multipliers;
    where that is slow, a linear programme says whether a solution exists at all.
    """
    base = (ballots * (members / float(ballots.sum()))).astype(np.float64)
    problem = _Raking(base, margins, lower, upper)
    g = problem.plain()
    if g is not None and g.min() >= lower * (1 - 1e-12) and g.max() <= upper * (1 + 1e-12):
        return g
    g = problem.clipped(FIRST_SWEEPS)
    if g is None and problem.feasible():
        g = problem.clipped(LAST_SWEEPS)
    return g


@dataclass(frozen=True)
class _Raking:
    """One raking problem: base totals of the cells, levels to be met, bounds."""

    base: Floats  # ballots of the cell times N/n
    margins: Sequence[Margin]
    lower: float
    upper: float

    def _levels(self) -> Iterator[tuple[Ints, float]]:
        for margin in self.margins:
            for level, target in enumerate(margin.targets):
                yield np.flatnonzero((margin.codes == level) & (self.base > 0)), float(target)

    def _gap(self, g: Floats) -> float:
        """Largest miss of a level total, relative to the total."""
        totals = self.base * g
        return max(abs(float(totals[rows].sum()) - t) / max(1.0, t) for rows, t in self._levels())

    def plain(self) -> Floats | None:
        """Iterative proportional fitting (Deming & Stephan 1940)."""
        g = np.ones(len(self.base))
        levels = list(self._levels())
        for _ in range(SWEEPS):
            for rows, target in levels:
                total = (self.base[rows] * g[rows]).sum()
                if total <= 0:
                    return None
                g[rows] *= target / total
            if self._gap(g) < TARGET_TOLERANCE:
                return g
        return None

    def clipped(self, sweeps: int) -> Floats | None:
        """Coordinate ascent: for each level in turn the one multiplier that meets it after clipping."""
        free = np.ones(len(self.base))
        levels = list(self._levels())
        for rows, target in levels:
            mass = self.base[rows].sum()
            if not mass * self.lower * (1 - 1e-12) <= target <= mass * self.upper * (1 + 1e-12):
                return None
        for _ in range(sweeps):
            for rows, target in levels:
                free[rows] *= self._multiplier(self.base[rows], free[rows], target)
            g = np.clip(free, self.lower, self.upper)
            if self._gap(g) < TARGET_TOLERANCE:
                return g
        return None

    def _multiplier(self, base: Floats, free: Floats, target: float) -> float:
        """The scalar t with sum(base * clip(free * t)) = target.

        The left side is linear in t between the points where a cell meets a bound, so solve for t with the
        cells held that are at a bound now; where that leaves the bracket, halve it.
        """
        low, high, t = self.lower / float(free.max()), self.upper / float(free.min()), 1.0
        mass = base * free
        for _ in range(STEPS):
            at_low, at_high = free * t <= self.lower, free * t >= self.upper
            held = self.lower * float(base[at_low].sum()) + self.upper * float(base[at_high].sum())
            slope = float(mass[~(at_low | at_high)].sum())
            low, high = (t, high) if held + slope * t < target else (low, t)
            moved = (target - held) / slope if slope > 0 else math.nan
            moved = moved if low <= moved <= high else 0.5 * (low + high)
            if abs(moved - t) <= STILL * t:
                return moved
            t = moved
        return t

    def feasible(self) -> bool:
        """Whether any g within the bounds meets every level, decided by a linear programme."""
        rows, targets = [], []
        for cells, target in self._levels():
            row = np.zeros(len(self.base))
            row[cells] = self.base[cells]
            rows.append(row)
            targets.append(target)
        answer = linprog(
            np.zeros(len(self.base)), A_eq=np.array(rows), b_eq=targets, bounds=(self.lower, self.upper)
        )
        return bool(answer.status == 0)
