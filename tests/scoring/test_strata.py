"""Classes merged for anonymity: what their turnout alone lets the bounds say, against counting them apart."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest

from scoring import Basis, Cell, FaultyInput, ReasonCode, Scheme, Sheet, Stratum, exchange, rate
from scoring.city import REASONS, score_city
from scoring.error_rates import (
    SCENARIOS,
    Counting,
    _as_city,
    counting_classes,
    simulate_coverage,
)
from scoring.strata import divided, exact_low, spread
from survey_app.counting.classes import ClassTurnout
from survey_app.counting.classes import counting_classes as counted_in_the_product

APART = Scheme(min_level_ballots=1, min_level_roster=1, g_upper=1000.0)


def answers(good, bad, unknown=0):
    return {"overall": {"SATISFIED": good, "DISSATISFIED": bad, "UNKNOWN": unknown}}


def merged_sheet(strata, good, bad, unknown=0):
    """One counting class that holds these (members, cast) classes."""
    members, n = sum(m for m, _ in strata), good + bad + unknown
    cell = Cell(
        {"class": "a"}, members, n, answers(good, bad, unknown), {}, tuple(Stratum(*s) for s in strata)
    )
    return Sheet("h", members, (cell,))


def apart_sheet(strata, goods):
    """The same ballots counted apart: every class a cell, so many of its ballots favourable."""
    cells = tuple(
        Cell({"class": f"c{i}"}, members, cast, answers(good, cast - good))
        for i, ((members, cast), good) in enumerate(zip(strata, goods, strict=True))
    )
    return Sheet("h", sum(m for m, _ in strata), cells)


def divisions(strata, good):
    """Every way in which so many favourable ballots may have come from the classes."""
    return [goods for goods in product(*(range(cast + 1) for _, cast in strata)) if sum(goods) == good]


HOMES = [
    ((20, 8), (20, 18)),
    ((15, 4), (85, 60)),
    ((15, 9), (30, 12)),
    ((20, 5), (20, 9), (15, 14)),
]


@pytest.mark.parametrize("strata", HOMES, ids=str)
def test_the_range_is_that_of_every_division_counted_apart(strata):
    n = sum(cast for _, cast in strata)
    for good in range(0, n + 1, 3):
        rates = [
            rate(apart_sheet(strata, goods), APART).combined.weighted for goods in divisions(strata, good)
        ]
        bounds = rate(merged_sheet(strata, good, n - good)).bounds
        assert bounds.p - bounds.below == pytest.approx(min(rates), abs=1e-12)
        assert bounds.p + bounds.above == pytest.approx(max(rates), abs=1e-12)


@pytest.mark.parametrize("strata", HOMES, ids=str)
def test_no_home_gets_an_order_that_some_division_would_not_give(strata):
    """Merged, the rule is never quicker with an order than counted apart, whoever gave which answer."""
    n = sum(cast for _, cast in strata)
    for good in range(n + 1):
        if rate(merged_sheet(strata, good, n - good)).bounds.high < 0.60:
            apart = [rate(apart_sheet(strata, goods), APART).bounds.high for goods in divisions(strata, good)]
            assert max(apart) < 0.60


@pytest.mark.parametrize("strata", HOMES, ids=str)
def test_no_bound_is_closer_than_it_was_before_the_classes_were_known(strata):
    n, members = sum(cast for _, cast in strata), sum(m for m, _ in strata)
    for good in range(n + 1):
        before = rate(apart_sheet(((members, n),), (good,))).bounds
        bounds = rate(merged_sheet(strata, good, n - good)).bounds
        assert bounds.low <= before.low + 1e-12
        assert bounds.high >= before.high - 1e-12


def test_unknown_answers_may_lie_in_any_class_too():
    strata, found = ((20, 8), (20, 18)), []
    for good_a, unknown_a in product(range(9), range(4)):
        bad_a, good_b, unknown_b = 8 - good_a - unknown_a, 14 - good_a, 3 - unknown_a
        bad_b = 18 - good_b - unknown_b
        if min(bad_a, bad_b, good_b, unknown_b) >= 0:
            high, low = 20 / 8, 20 / 18
            f, u = high * good_a + low * good_b, high * bad_a + low * bad_b
            found.append(f / (f + u))
    bounds = rate(merged_sheet(strata, 14, 9, 3)).bounds
    assert bounds.p - bounds.below == pytest.approx(min(found), abs=1e-12)
    assert bounds.p + bounds.above == pytest.approx(max(found), abs=1e-12)


def test_a_class_of_which_nobody_came_may_think_anything():
    cell = merged_sheet(((15, 0), (85, 60)), 40, 20).cells[0]
    low, high = divided((cell,), np.array([100 / 60]), np.array([40.0]), np.array([60.0]))
    assert low == pytest.approx(0.85 * 40 / 60, abs=1e-12)
    assert high == pytest.approx(0.85 * 40 / 60 + 0.15, abs=1e-12)


def test_the_effective_ballots_are_those_of_the_classes_apart():
    strata = ((20, 8), (20, 18))
    assert rate(merged_sheet(strata, 26, 0)).bounds.n_kish == pytest.approx(
        rate(apart_sheet(strata, (8, 18)), APART).bounds.n_kish, rel=1e-12
    )
    assert spread(merged_sheet(strata, 20, 6).cells[0]) > 1


def test_classes_that_came_alike_change_nothing_and_so_does_a_single_class():
    plain = rate(apart_sheet(((100, 60),), (33,)))
    for strata in (((40, 24), (60, 36)), ((100, 60),)):
        bounds = rate(merged_sheet(strata, 33, 27)).bounds
        assert (bounds.low, bounds.high) == pytest.approx((plain.bounds.low, plain.bounds.high), abs=1e-12)
        assert bounds.below == pytest.approx(0, abs=1e-12)
    assert merged_sheet(((100, 60),), 33, 27).cells[0].strata == ()


def test_void_ballots_are_spread_over_the_classes_in_proportion():
    with_void = rate(merged_sheet(((20, 16), (20, 36)), 15, 11)).bounds
    without = rate(merged_sheet(((20, 8), (20, 18)), 15, 11)).bounds
    assert with_void.high == pytest.approx(without.high, abs=1e-12)


def test_everybody_came_or_the_policy_does_not_weight_nothing_is_widened():
    full = rate(merged_sheet(((15, 15), (30, 30)), 27, 18)).bounds
    assert full.low == full.high == full.p
    raw = rate(merged_sheet(((20, 8), (20, 18)), 15, 11), Scheme(basis=Basis.RAW)).bounds
    assert raw.below == raw.above == 0


def test_the_p_value_still_says_the_same_as_the_upper_bound():
    for strata in HOMES:
        n = sum(cast for _, cast in strata)
        for good in range(n + 1):
            bounds = rate(merged_sheet(strata, good, n - good)).bounds
            assert (bounds.high < 0.60) == (bounds.p_value < 0.05)


def test_a_sheet_carries_its_classes_and_an_old_one_keeps_its_digest():
    sheet = merged_sheet(((20, 8), (20, 18)), 15, 11)
    again, _ = exchange.read(exchange.write(sheet))
    assert again == sheet
    turned = merged_sheet(((20, 18), (20, 8)), 15, 11)
    assert exchange.digest_of_sheet(turned) == exchange.digest_of_sheet(sheet)
    assert "strata" not in exchange.write(apart_sheet(((20, 8), (20, 18)), (5, 10)))["cells"][0]
    with pytest.raises(FaultyInput, match="FEWER_CAST_THAN_BALLOTS"):
        merged_sheet(((20, 8), (20, 10)), 15, 11)
    with pytest.raises(FaultyInput, match="NEGATIVE"):
        merged_sheet(((20, -8), (20, 40)), 15, 11)


def test_merging_in_the_simulation_is_merging_at_counting():
    chance = np.random.default_rng(5)
    for sizes in ((20, 20), (127, 22), (40, 24, 16), (500, 20, 15, 30), (3000, 40)):
        sizes = np.array(sizes)
        came = chance.binomial(sizes, chance.uniform(0.05, 0.95, (60, len(sizes))))
        came = came[came.sum(axis=1) >= 10]
        into = counting_classes(sizes, came, Counting())
        for row, ballots in zip(into, came, strict=True):
            classes = [
                ClassTurnout(str(i), i, (str(i),), int(m), int(n))
                for i, (m, n) in enumerate(zip(sizes, ballots, strict=True))
            ]
            product_says = {tuple(map(int, one.ids)) for one in counted_in_the_product(classes)}
            assert {tuple(np.flatnonzero(row == host).tolist()) for host in set(row.tolist())} == product_says


def test_a_city_with_merged_classes_equals_its_homes_one_by_one():
    chance = np.random.default_rng(9)
    sizes = np.array([40, 24, 16])
    came = chance.binomial(sizes, [0.9, 0.3, 0.5], (60, 3))
    came[0], came[1] = (30, 5, 0), (40, 24, 16)
    yes = chance.binomial(came, np.where(np.arange(60) % 2, 0.6, 0.99)[:, None])
    counts = _as_city(sizes, came, yes, Counting())
    assert counts.strata is not None
    assert len(counts.strata.cell) > 60
    scores, asked = score_city(counts, Scheme(min_level_ballots=1)), 0
    for home in range(counts.homes):
        alone = rate(counts.sheet(home), Scheme(min_level_ballots=1))
        assert REASONS[scores.reason[home]] == alone.reason
        if scores.low[home] >= 0.9:
            assert scores.award_low[home] == pytest.approx(alone.bounds.award_low, abs=1e-12)
            asked += alone.bounds.award_low < alone.bounds.low
        if alone.bounds is not None and alone.reason is not ReasonCode.H1:
            here = (scores.low[home], scores.high[home], scores.n_effective[home], scores.p_value[home])
            there = (alone.bounds.low, alone.bounds.high, alone.bounds.n_effective, alone.bounds.p_value)
            assert here == pytest.approx(there, abs=1e-12)
    assert asked > 3


@pytest.mark.parametrize(("members", "ballots"), [(15, 3), (15, 9), (20, 8), (7, 7), (40, 1)])
def test_the_exact_limit_of_a_class_is_that_of_counting_all_draws(members, ballots):
    for favourable in range(ballots + 1):
        fitting = [
            good
            for good in range(favourable, members - (ballots - favourable) + 1)
            if 20
            * sum(comb(good, k) * comb(members - good, ballots - k) for k in range(favourable, ballots + 1))
            >= comb(members, ballots)
        ]
        assert exact_low(members, ballots, favourable, 0.05) == fitting[0]


def test_an_award_asks_the_thin_class_too():
    """All who came are favourable; how many of fifteen had to come for that to say enough about them."""
    found = {came: rate(merged_sheet(((45, 45), (15, came)), 45 + came, 0)) for came in (3, 4, 5, 9)}
    assert {came: rating.reason for came, rating in found.items()} == {
        3: ReasonCode.B1,
        4: ReasonCode.B1,
        5: ReasonCode.A1,
        9: ReasonCode.A1,
    }
    low = found[3].bounds
    assert low.low > 0.9 > low.award_low == pytest.approx((45 + 7) / 60, abs=1e-12)
    before = rate(merged_sheet(((45, 45), (15, 3)), 48, 0), method="1.1")
    assert (before.reason, before.bounds.award_low) == (ReasonCode.A1, before.bounds.low)
    assert found[3].bounds.high == before.bounds.high


def test_whatever_is_not_favourable_is_laid_to_the_thin_class_but_only_where_classes_came_unequally():
    def award_low(strata, good, bad, unknown=0):
        return rate(merged_sheet(strata, good, bad, unknown)).bounds.award_low

    strata = ((130, 85), (20, 9))
    assert award_low(strata, 93, 1) == pytest.approx(
        min(rate(merged_sheet(strata, 93, 1)).bounds.low, (130 + exact_low(20, 9, 8, 0.05)) / 150), abs=1e-12
    )
    assert award_low(strata, 93, 0, 1) <= award_low(strata, 94, 0)
    alike = rate(merged_sheet(((40, 24), (60, 36)), 60, 0)).bounds
    assert alike.award_low == alike.low


WORST = [
    ("the contented answer more", 40, 0.8),
    ("the contented answer more", 40, 0.9),
    ("the discontented answer more", 40, 0.7),
    ("a small class stays away", 150, 0.4),
    ("low turnout throughout", 40, 0.7),
]


@pytest.mark.parametrize(("name", "members", "true"), WORST)
def test_the_worst_scenarios_stay_within_the_promise_as_the_product_counts(name, members, true):
    scenario = next(one for one in SCENARIOS if one.name == name)
    found = simulate_coverage(scenario, members, true, 6000, np.random.default_rng(7))
    assert found.above <= 0.06, found
    assert found.below <= 0.075, found


def test_without_the_classes_the_same_scenarios_break_it():
    """The control: what merging did before the bounds knew of it."""
    blind = Counting(strata=False)
    rows = {one.name: one for one in SCENARIOS}
    chance = np.random.default_rng(7)
    contented = simulate_coverage(rows["the contented answer more"], 40, 0.8, 6000, chance, blind)
    discontented = simulate_coverage(rows["the discontented answer more"], 40, 0.7, 6000, chance, blind)
    away = simulate_coverage(rows["a small class stays away"], 150, 0.4, 6000, chance, blind)
    assert min(contented.below, discontented.above, away.below) > 0.12
