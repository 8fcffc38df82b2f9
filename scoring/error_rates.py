"""How often the rule is wrong: exact enumeration for one class, simulation for unequal response.

The tables of docs/method.md come from here through benchmarks/scoring_error_rates.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom

from scoring.city import REASONS, CityCounts, CityScores, bounds_of, score_city
from scoring.city_strata import CityStrata
from scoring.city_weighting import NEVER
from scoring.comparison import conditional_benjamini_hochberg, release_check
from scoring.decision import BY_BOUNDS, ReasonCode, reaches
from scoring.methods import METHOD_VERSION
from scoring.scheme import TOLERANCE, Scheme
from scoring.sheet import Floats, Ints
from scoring.synthetic import synthetic_city

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Thresholds:
    """For one class of N members and n ballots: what number of favourable ballots leads to which class."""

    order_at_most: int  # -1 where no number does
    qualified_from: int  # n + 1 where no number does
    award_from: int


def thresholds(members: int, ballots: int, scheme: Scheme | None = None) -> Thresholds:
    """Cuts of the decision for equal weights and no blanks; the classes are monotone in the count."""
    scheme = scheme or Scheme()
    k = np.arange(ballots + 1, dtype=np.float64)
    p, n = k / ballots, np.full(ballots + 1, float(ballots))
    low, high = bounds_of(p, k, n, np.full(ballots + 1, 1 - ballots / members), scheme.alpha)
    if ballots == members:
        low = high = p
    return Thresholds(
        int((high < scheme.t_bad - TOLERANCE).sum()) - 1,
        ballots + 1 - int((low >= scheme.t_bad - TOLERANCE).sum()),
        ballots + 1 - int((low >= scheme.t_good - TOLERANCE).sum()),
    )


@dataclass(frozen=True)
class ErrorRates:
    """Largest chance of a wrong order and of a wrong award, and where it was found (members, ballots)."""

    wrong_order: float
    order_at: tuple[int, int]
    wrong_award: float
    award_at: tuple[int, int]


def enumerate_errors(members: int, scheme: Scheme | None = None) -> ErrorRates:
    """Worst chances over every turnout at which the rule speaks, by the hypergeometric distribution.

    The worst true rates are the least that reaches the lower line and the largest below the upper one.
    """
    scheme = scheme or Scheme()
    just_good = int(np.ceil(scheme.t_bad * members - 1e-9))
    just_not = int(np.ceil(scheme.t_good * members - 1e-9)) - 1
    order, award = (0.0, (members, 0)), (0.0, (members, 0))
    for ballots in range(scheme.min_ballots, members + 1):
        if not reaches(ballots, members, scheme.min_turnout):
            continue
        cut = thresholds(members, ballots, scheme)
        wrong = float(hypergeom.cdf(cut.order_at_most, members, just_good, ballots))
        order = max(order, (wrong, (members, ballots)))
        if reaches(ballots, members, scheme.award_turnout):
            wrong = float(hypergeom.sf(cut.award_from - 1, members, just_not, ballots))
            award = max(award, (wrong, (members, ballots)))
    return ErrorRates(order[0], order[1], award[0], award[1])


@dataclass(frozen=True)
class TwoClassErrors:
    """Largest chance of a wrong order and of a wrong award, and where: favourable members by class."""

    counted_together: bool
    wrong_order: float
    order_at: tuple[int, int]
    wrong_award: float
    award_at: tuple[int, int]


def enumerate_two_classes(
    sizes: tuple[int, int], came: tuple[int, int], counting: Counting | None = None
) -> TwoClassErrors:
    """Exact chances for two classes of which so many came, over every number of favourable members in each.

    Every pair of counts is rated as the product counts it: apart where both classes stand, together and with
    widened bounds where one does not. Ballots of a class are drawn without replacement; nothing is simulated.
    """
    scheme, members, ballots = Scheme(min_level_ballots=1), np.array(sizes), np.array(came)
    counting = counting or Counting()
    pairs = np.indices((came[0] + 1, came[1] + 1)).reshape(2, -1).T
    scores = score_city(_as_city(members, np.tile(ballots, (len(pairs), 1)), pairs, counting), scheme)
    first, second = (_chances(size, drawn) for size, drawn in zip(sizes, came, strict=True))
    true = np.add.outer(np.arange(sizes[0] + 1), np.arange(sizes[1] + 1)) / members.sum()

    def worst(decided: Flags, unjust: Flags) -> tuple[float, tuple[int, int]]:
        table = decided.reshape(came[0] + 1, came[1] + 1)
        chance = np.where(unjust, first @ table @ second.T, 0.0)
        one, two = np.unravel_index(int(chance.argmax()), chance.shape)
        return float(chance[one, two]), (int(one), int(two))

    order, order_at = worst(scores.high < scheme.t_bad - TOLERANCE, true >= scheme.t_bad - TOLERANCE)
    enough = reaches(int(ballots.sum()), int(members.sum()), scheme.award_turnout)
    award_low = scores.award_low if counting.guard else scores.low
    deserved = (award_low >= scheme.t_good - TOLERANCE) & enough
    award, award_at = worst(deserved, true < scheme.t_good - TOLERANCE)
    together = len(set(counting_classes(members, ballots[None, :], counting)[0].tolist())) == 1
    return TwoClassErrors(together, order, order_at, award, award_at)


def _chances(members: int, ballots: int) -> Floats:
    """Favourable members x favourable ballots: chance of the second under the first."""
    favourable, drawn = np.arange(members + 1)[:, None], np.arange(ballots + 1)
    return np.asarray(hypergeom.pmf(drawn, members, favourable, ballots))


@dataclass(frozen=True)
class Scenario:
    """Classes of a home: share of the roster, response, and how far the class leans from the home's rate."""

    name: str
    shares: tuple[float, ...]
    response: tuple[float, ...]
    lean: tuple[float, ...]


SCENARIOS = (
    Scenario("everybody alike, 35 % answer", (1.0,), (0.35,), (0.0,)),
    Scenario("everybody alike, 65 % answer", (1.0,), (0.65,), (0.0,)),
    Scenario("everybody alike, 95 % answer", (1.0,), (0.95,), (0.0,)),
    Scenario("response differs, opinion does not", (0.5, 0.5), (0.4, 0.9), (0.0, 0.0)),
    Scenario("the contented answer more", (0.5, 0.5), (0.4, 0.9), (-0.15, 0.15)),
    Scenario("the discontented answer more", (0.5, 0.5), (0.9, 0.4), (-0.15, 0.15)),
    Scenario("a small class stays away", (0.85, 0.15), (0.8, 0.35), (0.04, -0.2)),
    Scenario("three classes", (0.5, 0.3, 0.2), (0.5, 0.75, 0.95), (-0.1, 0.05, 0.15)),
    Scenario("low turnout throughout", (0.6, 0.4), (0.35, 0.6), (0.08, -0.12)),
)


@dataclass(frozen=True)
class Coverage:
    """How often the true rate lay above U and below L in one scenario, and what the rule then decided."""

    scenario: str
    members: int
    rate: float  # asked for; the true rate is the nearest that whole members allow
    true: float
    above: float
    below: float
    order: float  # share of draws with the upper bound below the line of the order
    award: float  # share of draws with the bound of an award at its line
    rated: int

    @property
    def wrong_order(self) -> float:
        return self.order if self.true >= Scheme().t_bad - TOLERANCE else 0.0

    @property
    def wrong_award(self) -> float:
        return self.award if self.true < Scheme().t_good - TOLERANCE else 0.0


def simulate_coverage(
    scenario: Scenario,
    members: int,
    rate: float,
    replications: int,
    generator: np.random.Generator,
    counting: Counting | None = None,
) -> Coverage | None:
    """Non-coverage of both bounds with classes that differ; None where the product has no such classes.

    A home under forty members is one class, and a class has fifteen members at least: what differs inside one
    class is beyond any weighting, here and everywhere. Classes are merged as at counting; every home of ten
    ballots is rated, whatever its turnout.
    """
    counting = counting or Counting()
    sizes, favourable = _population(scenario, members, rate)
    if len(sizes) > 1 and (members < ONE_CLASS_UNDER or sizes.min() < LEAST_CLASS):
        return None
    true = favourable.sum() / sizes.sum()
    came = generator.binomial(sizes, scenario.response, (replications, len(sizes)))
    yes = generator.hypergeometric(favourable, sizes - favourable, came)
    scheme = Scheme(min_level_ballots=1)
    rated = came.sum(axis=1) >= scheme.min_ballots
    if not rated.any():
        return None
    scores = score_city(_as_city(sizes, came[rated], yes[rated], counting), scheme)
    award_low = scores.award_low if counting.guard else scores.low
    return Coverage(
        scenario.name,
        members,
        rate,
        float(true),
        above=float((true > scores.high + TOLERANCE).mean()),
        below=float((true < scores.low - TOLERANCE).mean()),
        order=float((scores.high < scheme.t_bad - TOLERANCE).mean()),
        award=float((award_low >= scheme.t_good - TOLERANCE).mean()),
        rated=int(rated.sum()),
    )


@dataclass(frozen=True)
class Counting:
    """How classes are merged before their answers are counted, and whether bounds and awards know of it."""

    least_ballots: int = 10
    largest_weight: int = 5  # times N/n
    strata: bool = True
    guard: bool = True  # an award asks each merged class too


def counting_classes(sizes: Ints, came: Ints, counting: Counting) -> Ints:
    """Draws x classes: the class that each class is counted with, merged as in the product.

    The class with the fewest ballots that cannot stand joins the other with the fewest, until all stand
    (docs/anonymity.md; here all classes are levels of one variable, so none is closer kin than another).
    """
    n, size = came.copy(), np.tile(sizes, (len(came), 1))
    alive, into = np.ones(n.shape, dtype=bool), np.tile(np.arange(n.shape[1]), (len(n), 1))
    all_members, all_ballots = sizes.sum(), came.sum(axis=1)[:, None]
    for _ in range(n.shape[1] - 1):
        heavy = size * all_ballots > counting.largest_weight * all_members * n
        weak = alive & ((n < counting.least_ballots) | heavy)
        rows = np.flatnonzero(weak.any(axis=1) & (alive.sum(axis=1) > 1))
        source = np.where(weak[rows], n[rows], NEVER).argmin(axis=1)
        others = alive[rows].copy()
        others[np.arange(len(rows)), source] = False
        target = np.where(others, n[rows], NEVER).argmin(axis=1)
        for table in (n, size):
            table[rows, target] += table[rows, source]
            table[rows, source] = 0
        alive[rows, source] = False
        into[rows] = np.where(into[rows] == source[:, None], target[:, None], into[rows])
    return into


def _population(scenario: Scenario, members: int, rate: float) -> tuple[Ints, Ints]:
    sizes = np.round(members * np.array(scenario.shares)).astype(np.int64)
    lean = np.array(scenario.lean) - np.dot(scenario.lean, scenario.shares)
    room = min(rate, 1 - rate) / max(0.25, float(np.abs(lean).max())) if lean.any() else 0.0
    share = np.clip(rate + lean * min(1.0, 2 * room), 0, 1)
    return sizes, np.round(sizes * share).astype(np.int64)


def _as_city(sizes: Ints, came: Ints, yes: Ints, counting: Counting) -> CityCounts:
    """One home a draw, its classes merged as at counting."""
    homes, classes = came.shape
    into = counting_classes(sizes, came, counting)
    slot = (np.arange(homes)[:, None], into)
    size, n, good = (np.zeros((homes, classes), dtype=np.int64) for _ in range(3))
    for table, part in ((size, np.broadcast_to(sizes, came.shape)), (n, came), (good, yes)):
        np.add.at(table, slot, part)
    rows, columns = np.nonzero(n)
    answers = np.zeros((len(rows), 1, 4), dtype=np.int32)
    answers[:, 0, 0], answers[:, 0, 2] = good[rows, columns], (n - good)[rows, columns]
    return CityCounts(
        members=np.full(homes, sizes.sum()),
        held=np.zeros(homes, dtype=bool),
        home=rows,
        ballots=n[rows, columns],
        roster=size[rows, columns],
        levels=(columns.astype(np.int64),),
        margins=(size,),
        answers=answers,
        scores=np.zeros((len(rows), 1, 3), dtype=np.int64),
        strata=_strata(sizes, came, into, n) if counting.strata else None,
    )


def _strata(sizes: Ints, came: Ints, into: Ints, n: Ints) -> CityStrata:
    """The classes of every cell that holds more than one."""
    homes, classes = came.shape
    cell = np.full((homes, classes), -1)
    cell[np.nonzero(n)] = np.arange(int((n > 0).sum()))
    own = np.take_along_axis(cell, into, axis=1)
    held = np.bincount(own[own >= 0], minlength=1)
    rows, columns = np.nonzero((own >= 0) & (held[own] > 1))
    return CityStrata(own[rows, columns], sizes[columns], came[rows, columns])


ONE_CLASS_UNDER, LEAST_CLASS = 40, 15  # ballot classes of the product (docs/anonymity.md)
SIZES = (25, 40, 80, 150, 300, 800, 2000, 5000)
RATES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.89, 0.9, 0.95, 1.0)


def coverage_grid(
    replications: int, generator: np.random.Generator, counting: Counting | None = None
) -> Iterator[Coverage]:
    """All scenarios over homes of 25 to 5,000 members and true rates of 40 to 100 percent."""
    for scenario in SCENARIOS:
        for members in SIZES:
            for rate in RATES:
                found = simulate_coverage(scenario, members, rate, replications, generator, counting)
                if found is not None:
                    yield found


@dataclass(frozen=True)
class CityErrors:
    """One rule applied to a synthetic city: homes it flags, wrongly flagged, missed."""

    rule: str
    flagged: int
    wrong: int
    missed: int


@dataclass(frozen=True)
class CityRun:
    """A synthetic city rated once: the classes, and what other rules would have flagged."""

    homes: int
    seed: int
    parameters: Scheme
    method_version: str
    members: int
    ballots: int
    reasons: dict[str, int]
    truly_below: int  # among the homes that pass the gates
    rules: tuple[CityErrors, ...]
    visit_first_share: float


def simulate_city(homes: int, seed: int, scheme: Scheme | None = None) -> CityRun:
    """How the rule and its alternatives fare in a city whose true rates are known."""
    scheme = scheme or Scheme()
    counts, truth = synthetic_city(homes, seed)
    scores = score_city(counts, scheme)
    passed = np.isin(scores.reason, [REASONS.index(code) for code in BY_BOUNDS])
    below = (truth < scheme.t_bad) & passed
    raw = _raw_rates(counts)
    conditional = np.zeros(homes, dtype=bool)
    conditional[passed] = conditional_benjamini_hochberg(scores.p_value[passed], 0.05)
    order = scores.reason == REASONS.index(ReasonCode.D1)
    rules = {
        "point estimate below the line, unweighted": passed & (raw < scheme.t_bad),
        "point estimate below the line, weighted": passed & (scores.p < scheme.t_bad),
        "upper bound below the line (the rule)": order,
        "conditional BH, q = 5 %": conditional,
    }
    rows = tuple(_compared(name, flag, below) for name, flag in rules.items())
    check = release_check(scores.p_value[passed], order[passed])
    return CityRun(
        homes=homes,
        seed=seed,
        parameters=scheme,
        method_version=METHOD_VERSION,
        members=int(counts.members.sum()),
        ballots=int(counts.ballots.sum()),
        reasons=_count_reasons(scores),
        truly_below=int(below.sum()),
        rules=rows,
        visit_first_share=check.share,
    )


def _raw_rates(counts: CityCounts) -> Floats:
    good = np.bincount(counts.home, counts.answers[:, 0, :2].sum(axis=1), counts.homes)
    base = np.bincount(counts.home, counts.answers[:, 0, :3].sum(axis=1), counts.homes)
    return np.asarray(np.divide(good, base, out=np.full(counts.homes, np.nan), where=base > 0))


def _compared(rule: str, flag: np.ndarray, below: np.ndarray) -> CityErrors:
    return CityErrors(rule, int(flag.sum()), int((flag & ~below).sum()), int((below & ~flag).sum()))


def _count_reasons(scores: CityScores) -> dict[str, int]:
    counts = np.bincount(scores.reason, minlength=len(REASONS))
    return {code.value: int(count) for code, count in zip(REASONS, counts, strict=True) if count}
