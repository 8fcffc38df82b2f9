"""All homes of a city scored at once: weights, statistics with three variances, decisions, in numpy.

Equal to `rate` home by home to 1e-12 (tests/scoring/test_city.py); thirty thousand homes take seconds.
Three-point questions only; the overall question is the first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv

from scoring.city_statistics import Block, CellChunk, chunk_of, means, rates
from scoring.city_strata import CityStrata
from scoring.city_weighting import CityWeights, weigh_city
from scoring.decision import CLASS_OF, RatingClass, ReasonCode
from scoring.scheme import TOLERANCE, Basis, Scheme
from scoring.sheet import (
    DIMENSION_UNIT,
    INDEX,
    INDEX_UNIT,
    THREE_POINT,
    UNKNOWN,
    Cell,
    Floats,
    Ints,
    Question,
    QuestionKind,
    ScoreSums,
    Sheet,
    Stratum,
    readonly,
)
from scoring.weighting import weigh

Flags = NDArray[np.bool_]
CHUNK = 500  # homes; larger chunks are no faster and need more memory
POINTS = np.array(THREE_POINT.points, dtype=np.float64)
REASONS = tuple(ReasonCode)


@dataclass(frozen=True)
class CityCounts:
    """Counts of all homes; cells have at least one ballot and are sorted by home."""

    members: Ints  # per home N
    held: Flags
    home: Ints  # per cell
    ballots: Ints
    roster: Ints  # per cell N_c, or -1 where only margins are known
    levels: tuple[Ints, ...]  # per variable the level of every cell
    margins: tuple[Ints, ...]  # per variable homes x levels: members of the roster
    answers: NDArray[np.int32]  # cells x questions x (满意, 基本满意, 不满意, 不了解)
    scores: Ints  # cells x scores x (count, sum, squares); the index is the last
    strata: CityStrata | None = None  # ballot classes of the cells that hold several

    @property
    def homes(self) -> int:
        return len(self.members)

    def questions(self) -> tuple[Question, ...]:
        """The questions as a sheet names them; dimensions are named by the scores, items assigned in turn."""
        dimensions = self.scores.shape[1] - 1
        items = self.answers.shape[1] - 1
        rest = (
            Question(f"q{i + 1}", dimension=f"d{i * dimensions // items + 1}" if dimensions > 0 else None)
            for i in range(items)
        )
        return (Question("overall", QuestionKind.OVERALL), *rest)

    def sheet(self, number: int) -> Sheet:
        """One home as a sheet: the other route to its rating."""
        questions = self.questions()
        rows = np.flatnonzero(self.home == number)
        names = (*THREE_POINT.options, UNKNOWN)
        scores = [*dict.fromkeys(q.dimension for q in questions if q.dimension), INDEX]
        cells = []
        for row in rows:
            counts = {
                q.id: dict(zip(names, map(int, self.answers[row, i]), strict=True))
                for i, q in enumerate(questions)
            }
            sums = {
                name: ScoreSums(*map(int, triple))
                for name, triple in zip(scores, self.scores[row], strict=False)
            }
            levels = {f"v{v}": f"{int(level[row]):02d}" for v, level in enumerate(self.levels)}
            roster = int(self.roster[row])
            known = roster if roster >= 0 else None
            cells.append(Cell(levels, known, int(self.ballots[row]), counts, sums, self._strata_of(int(row))))
        if not cells:
            cells = [Cell({}, int(self.members[number]), 0, {})]
        margins = {
            f"v{v}": {f"{level:02d}": int(size) for level, size in enumerate(margin[number]) if size > 0}
            for v, margin in enumerate(self.margins)
        }
        return Sheet(
            home=str(number),
            members=int(self.members[number]),
            cells=tuple(cells),
            questions=questions,
            margins=margins if rows.size else {},
            held=bool(self.held[number]),
        )

    def _strata_of(self, cell: int) -> tuple[Stratum, ...]:
        if self.strata is None:
            return ()
        rows = np.flatnonzero(self.strata.cell == cell)
        return tuple(Stratum(int(self.strata.members[row]), int(self.strata.cast[row])) for row in rows)


@dataclass(frozen=True)
class CityScores:
    """What `rate` gives for one home, as arrays over homes; figures of homes without opinions are NaN."""

    reason: NDArray[np.int8]  # position in REASONS
    p: Floats
    low: Floats
    high: Floats
    award_low: Floats  # below `low` where the home is rated by it and merged classes allow no more
    n_effective: Floats
    phi: Floats
    p_value: Floats
    strict: Floats
    unknown_share: Floats
    statistics: Block  # homes x statistics: strict, combined, mean of every question; then the scores
    weights: CityWeights

    def rating_class(self, number: int) -> RatingClass:
        return CLASS_OF.get(REASONS[self.reason[number]], RatingClass.INSUFFICIENT)


def score_city(counts: CityCounts, scheme: Scheme | None = None) -> CityScores:
    """Rate every home of a city as `rate` would, and give every statistic with its variances.

    Same method and sources as `rate`; only the layout differs.
    """
    scheme = scheme or Scheme()
    weights = _weights(counts, scheme)
    blocks, shares = _statistics(counts, weights, _spread(counts, scheme))
    questions = counts.answers.shape[1]
    strict, combined = blocks.estimate[:, 0], blocks.estimate[:, questions]
    opinions = _per_home(counts, counts.answers[:, 0, :3].sum(axis=1))
    favourable = _per_home(counts, counts.answers[:, 0, :2].sum(axis=1))
    n = _per_home(counts, counts.ballots)
    whole = favourable == opinions
    p = np.where(opinions > 0, np.where(whole, 1.0, np.where(favourable == 0, 0.0, combined)), np.nan)
    n_effective, phi = _effective(blocks, questions, p, n)
    x = np.where(whole, n_effective, p * n_effective)
    full = (n == counts.members) & (opinions + _per_home(counts, counts.answers[:, 0, 3]) == n) & (n > 0)
    low, high = bounds_of(p, x, n_effective, phi, scheme.alpha)
    below, above = _widening(counts, scheme, weights, p, full)
    low, high = np.maximum(0.0, low - below), np.minimum(1.0, high + above)
    low, high = np.where(full, p, low), np.where(full, p, high)
    p_value = _p_values(p, x, n_effective, phi, scheme.t_bad - above, full)
    award_low = _award_low(counts, scheme, weights, low, full)
    reason = _reasons(counts, scheme, n, opinions, favourable, low, high, award_low, shares)
    shown = np.where(reason == REASONS.index(ReasonCode.H1), np.nan, 1.0)  # nothing is known of a held home
    for array in vars(blocks).values():
        readonly(array)
    return CityScores(
        reason=readonly(reason),
        p=readonly(p * shown),
        low=readonly(low * shown),
        high=readonly(high * shown),
        award_low=readonly(award_low * shown),
        n_effective=readonly(n_effective * shown),
        phi=readonly(phi * shown),
        p_value=readonly(p_value * shown),
        strict=readonly(strict * shown),
        unknown_share=readonly(shares.unknown * shown),
        statistics=blocks,
        weights=weights,
    )


@dataclass(frozen=True)
class _Shares:
    unknown: Floats  # weighted 不了解 and blank of all ballots
    with_unknown: Floats  # combined rate with 不了解 in the base


def _per_home(counts: CityCounts, values: NDArray[np.integer]) -> Ints:
    return np.bincount(counts.home, values, counts.homes).astype(np.int64)


def _weights(counts: CityCounts, scheme: Scheme) -> CityWeights:
    raw = scheme.basis is Basis.RAW

    def alone(number: int, variables: int) -> Floats | None:
        """The home's own solution, unless it had to drop one of the first so many variables."""
        found = weigh(counts.sheet(number), scheme)
        return found.g if all(int(name[1:]) >= variables for name in found.dropped) else None

    levels, margins = ((), ()) if raw else (counts.levels, counts.margins)
    return weigh_city(counts.home, counts.ballots, counts.members, levels, margins, scheme, alone)


def _spread(counts: CityCounts, scheme: Scheme) -> Floats:
    if counts.strata is None or scheme.basis is Basis.RAW:
        return np.ones(len(counts.home))
    return counts.strata.spread(len(counts.home))


def _widening(
    counts: CityCounts, scheme: Scheme, weights: CityWeights, p: Floats, full: Flags
) -> tuple[Floats, Floats]:
    """How far the worst division of merged classes could lower and raise each home's rate."""
    if counts.strata is None or scheme.basis is Basis.RAW:
        return np.zeros(counts.homes), np.zeros(counts.homes)
    overall = counts.answers[:, 0].astype(np.int64)
    good, opinions = overall[:, :2].sum(axis=1), overall[:, :3].sum(axis=1)
    low, high = counts.strata.divided(counts.home, counts.homes, weights.w, counts.ballots, good, opinions)
    merged = np.zeros(counts.homes, dtype=bool)
    merged[counts.home[counts.strata.cell]] = True
    moved = merged & ~full & ~np.isnan(low) & ~np.isnan(high) & ~np.isnan(p)
    return np.where(moved, np.maximum(0.0, p - low), 0.0), np.where(moved, np.maximum(0.0, high - p), 0.0)


def _award_low(counts: CityCounts, scheme: Scheme, weights: CityWeights, low: Floats, full: Flags) -> Floats:
    """The bound that an award is compared with: where it reaches the line, each merged class is asked too."""
    if counts.strata is None or scheme.basis is Basis.RAW:
        return low
    reaches_line = (low >= scheme.t_good - TOLERANCE) & ~full
    overall = counts.answers[:, 0].astype(np.int64)
    good, opinions = overall[:, :2].sum(axis=1), overall[:, :3].sum(axis=1)
    least = counts.strata.least_rate(counts.home, weights.w, good, opinions, reaches_line, scheme.alpha)
    return np.minimum(low, least)


def _statistics(counts: CityCounts, weights: CityWeights, spread: Floats) -> tuple[Block, _Shares]:
    """All statistics, some hundred homes at a time, put together again."""
    cells, homes = len(counts.home), counts.homes
    cuts = np.searchsorted(counts.home, np.arange(0, homes + CHUNK, CHUNK))
    questions, scores = counts.answers.shape[1], counts.scores.shape[1]
    out = Block(*(np.full((homes, 3 * questions + scores), np.nan) for _ in range(6)))
    unknown, with_unknown = np.full(homes, np.nan), np.full(homes, np.nan)
    for number in range(len(cuts) - 1):
        part = slice(int(cuts[number]), min(int(cuts[number + 1]), cells))
        if part.start == part.stop:
            continue
        voted, dense = np.unique(counts.home[part], return_inverse=True)
        chunk = chunk_of(part, dense, counts.ballots, counts.members[voted], weights, spread)
        table = counts.answers[part].astype(np.float64)
        for block, columns in _blocks(chunk, table, counts.scores[part].astype(np.float64)):
            for target, values in zip(vars(out).values(), vars(block).values(), strict=True):
                target[voted, columns] = values
        unknown[voted], with_unknown[voted] = _unknown_shares(chunk, table[:, 0])
    return out, _Shares(unknown, with_unknown)


def _blocks(chunk: CellChunk, table: Floats, scores: Floats) -> list[tuple[Block, slice]]:
    questions = table.shape[1]
    opinions, top = table[:, :, :3].sum(axis=2), table[:, :, 0]
    combined = top + table[:, :, 1]
    unit = np.full(scores.shape[1], float(DIMENSION_UNIT))
    unit[-1] = INDEX_UNIT
    points = table[:, :, :3] @ POINTS, table[:, :, :3] @ POINTS**2
    return [
        (rates(chunk, top, opinions), slice(0, questions)),
        (rates(chunk, combined, opinions), slice(questions, 2 * questions)),
        (means(chunk, opinions, *points), slice(2 * questions, 3 * questions)),
        (
            means(chunk, scores[:, :, 0], scores[:, :, 1] / unit, scores[:, :, 2] / unit**2),
            slice(3 * questions, None),
        ),
    ]


def _unknown_shares(chunk: CellChunk, overall: Floats) -> tuple[Floats, Floats]:
    w, opinions = chunk.w, overall[:, :3].sum(axis=1)
    silent = chunk.sums(w * (chunk.ballots - opinions)) / chunk.sums(w * chunk.ballots)
    base = chunk.sums(w * overall.sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return silent, chunk.sums(w * (overall[:, 0] + overall[:, 1])) / base


def _effective(blocks: Block, column: int, p: Floats, n: Ints) -> tuple[Floats, Floats]:
    """Effective ballots and phi of the combined overall rate."""
    kish, base, v0, v1 = (a[:, column] for a in (blocks.n_kish, blocks.base, blocks.v0, blocks.v1))
    with np.errstate(divide="ignore", invalid="ignore"):
        phi_kish = np.clip(1 - kish / base, 0, 1)
        tiny = v0 <= 1e-12 * p * (1 - p) / n
        unanimous = (p == 0) | (p == 1)
        linear = np.where(tiny | unanimous, np.inf, p * (1 - p) / v0 + 1)
        ratio = np.where(np.isfinite(v0), v1 / v0, 1.0)
        phi = np.where(tiny | unanimous, phi_kish, np.clip(np.maximum(phi_kish, ratio), 0, 1))
    n_effective = np.where(unanimous, kish, np.maximum(1, np.minimum(kish, linear)))
    return n_effective, phi


def bounds_of(p: Floats, x: Floats, n: Floats, phi: Floats, alpha: float) -> tuple[Floats, Floats]:
    """`uncertainty.bounds` for arrays."""
    root = np.sqrt(phi)
    with np.errstate(divide="ignore", invalid="ignore"):
        far_up = np.where(x >= n, 1.0, betaincinv(x + 1, np.maximum(n - x, 1e-300), 1 - alpha))
        far_down = np.where(x <= 0, 0.0, betaincinv(np.maximum(x, 1e-300), n - x + 1, alpha))
        up, down = (x + 0.5) / n, (x - 0.5) / n
        high = up + (far_up - up) * root
        low = down - (down - far_down) * root
    return np.minimum(p, np.maximum(0.0, low)), np.maximum(p, np.minimum(1.0, high))


def _p_values(p: Floats, x: Floats, n: Floats, phi: Floats, line: Floats, full: Flags) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        up, root = (x + 0.5) / n, np.sqrt(phi)
        moved = np.clip(np.where(root > 0, up + (line - up) / root, (line > up) * 1.0), 0, 1)
        tail = 1 - betainc(x + 1, np.maximum(n - x, 1e-300), moved)
        value = np.where((line <= p) | (x >= n), 1.0, tail)
        value = np.where(full, np.where(line <= p + TOLERANCE, 1.0, 0.0), value)
    return np.where(np.isnan(p), np.nan, value)


def _reasons(
    counts: CityCounts,
    scheme: Scheme,
    n: Ints,
    opinions: Ints,
    favourable: Ints,
    low: Floats,
    high: Floats,
    award_low: Floats,
    shares: _Shares,
) -> NDArray[np.int8]:
    """Reason code per home: conditions asked in the order of the decision, the first that holds decides."""
    size = counts.members
    with np.errstate(invalid="ignore", divide="ignore"):
        worst, best = (favourable + size - opinions) / size, favourable / size
        override = [worst < scheme.t_bad - TOLERANCE, best >= scheme.t_bad - TOLERANCE]
        unclear = shares.unknown > float(scheme.max_unknown) + TOLERANCE
        award = (
            (award_low >= scheme.t_good - TOLERANCE)
            & _reaches(n, size, scheme.award_turnout.numerator, scheme.award_turnout.denominator)
            & (n >= scheme.award_min_ballots)
            & (shares.with_unknown >= scheme.t_good - TOLERANCE)
        )
        below, above = high < scheme.t_bad - TOLERANCE, low >= scheme.t_bad - TOLERANCE
    few_came = ~_reaches(n, size, scheme.min_turnout.numerator, scheme.min_turnout.denominator)
    missing = _group_missing(counts, scheme, n)
    gated = few_came | missing | unclear
    steps: list[tuple[Flags, ReasonCode]] = [
        (_impossible(counts, n), ReasonCode.H1),
        (size < scheme.min_members, ReasonCode.I0),
        ((n < scheme.min_ballots) | (opinions < scheme.min_opinions), ReasonCode.I1),
        (gated & override[0], ReasonCode.D2),
        (gated & override[1], ReasonCode.B2),
        (few_came, ReasonCode.I2),
        (missing, ReasonCode.I4),
        (unclear, ReasonCode.I3),
        (below, ReasonCode.D1),
        (award, ReasonCode.A1),
        (above, ReasonCode.B1),
    ]
    codes = [REASONS.index(code) for _, code in steps]
    chosen = np.select([flag for flag, _ in steps], codes, REASONS.index(ReasonCode.I5))
    return chosen.astype(np.int8)


def _reaches(part: Ints, whole: Ints, numerator: int, denominator: int) -> Flags:
    return np.asarray(part * denominator >= whole * numerator)


def _impossible(counts: CityCounts, n: Ints) -> Flags:
    """Held, or more ballots than members in the home, a cell or a level."""
    bad = counts.held | (n > counts.members)
    exceeded = (counts.roster >= 0) & (counts.ballots > counts.roster)
    bad |= np.bincount(counts.home, exceeded, counts.homes) > 0
    for level, margin in zip(counts.levels, counts.margins, strict=True):
        bad |= (_level_ballots(counts, level, margin) > margin).any(axis=1)
    return bad


def _level_ballots(counts: CityCounts, level: Ints, margin: Ints) -> Ints:
    slots = counts.home * margin.shape[1] + level
    return np.bincount(slots, counts.ballots, margin.size).astype(np.int64).reshape(margin.shape)


def _group_missing(counts: CityCounts, scheme: Scheme, n: Ints) -> Flags:
    """I4 on the levels of every variable, as whole numbers: r/M < ratio * n/N."""
    missing = np.zeros(counts.homes, dtype=bool)
    size, share, ratio = counts.members[:, None], scheme.group_share, scheme.group_ratio
    for level, margin in zip(counts.levels, counts.margins, strict=True):
        came = _level_ballots(counts, level, margin)
        large = (margin >= scheme.group_members) & (margin * share.denominator >= size * share.numerator)
        few = came * size * ratio.denominator < ratio.numerator * n[:, None] * margin
        missing |= (large & few).any(axis=1)
    return missing
