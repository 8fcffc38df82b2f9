"""Homes beside homes and years beside years, each figure by a second route."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

from scoring import rate
from scoring.comparison import (
    About,
    arrows,
    benjamini_hochberg,
    case_mix,
    chance_of_no_order,
    change,
    compare_years,
    conditional_benjamini_hochberg,
    funnel,
    inseparable,
    rank_intervals,
    release_check,
)
from scoring.drivers import ENOUGH, CrossProducts, Quadrant, lmg, quadrants, within_homes
from scoring.reliability import Label, alpha, between_variance, consistency, covariance, omega, shrink
from scoring.uncertainty import Interval, wilson
from tests.scoring.sheets import changhe, one_class, qinghe

ITEMS = json.loads((Path(__file__).parent / "oracles" / "survey_items.json").read_text())


def test_change_with_newcombes_published_example():
    """56/70 against 48/80, Newcombe (1998b) method 10: 0.0524 to 0.3339."""
    first, second = wilson(48 / 80, 80, 0.95), wilson(56 / 70, 70, 0.95)
    moved = change(48 / 80, first, 56 / 70, second)
    assert (round(moved.interval.low, 4), round(moved.interval.high, 4)) == (0.0524, 0.3339)
    back = change(56 / 70, second, 48 / 80, first)
    assert (back.interval.low, back.interval.high) == (-moved.interval.high, -moved.interval.low)
    assert moved.p_value == pytest.approx(back.p_value)
    assert moved.excludes_zero


def test_the_p_value_of_a_change_meets_the_interval():
    for k in range(30, 70):
        moved = change(0.5, wilson(0.5, 80, 0.95), k / 80, wilson(k / 80, 80, 0.95))
        assert moved.excludes_zero == (moved.p_value < 0.05)


def test_years_compared_about_the_vote_are_sharper_than_about_the_home():
    before, after = rate(qinghe()).bounds, rate(changhe()).bounds
    assert before is not None
    assert after is not None
    vote, home = compare_years(before, after, About.VOTE), compare_years(before, after)
    assert vote.difference == home.difference == after.p - before.p
    assert vote.interval.width < home.interval.width
    assert arrows([home, compare_years(before, before)]).tolist() == [1, 0]
    assert arrows([]).tolist() == []


def test_a_full_count_against_itself_is_no_change():
    bounds = rate(one_class(50, 40, dissatisfied=10)).bounds
    assert bounds is not None
    same = change(bounds.p, Interval(bounds.p, bounds.p), bounds.p, Interval(bounds.p, bounds.p))
    assert (same.difference, same.p_value, same.excludes_zero) == (0.0, 1.0, False)


def test_bh_equals_its_definition_by_adjusted_p_values():
    chance = np.random.default_rng(1)
    for _ in range(50):
        p = np.round(chance.beta(0.6, 1.0, 40), 2)
        order = np.argsort(p)
        adjusted = np.minimum.accumulate((p[order] * 40 / np.arange(1, 41))[::-1])[::-1]
        expected = np.empty(40, dtype=bool)
        expected[order] = adjusted <= 0.1 + 1e-15
        assert np.array_equal(benjamini_hochberg(p, 0.1), expected)
    assert benjamini_hochberg(np.zeros(0), 0.1).tolist() == []


def test_conditional_bh_looks_only_below_the_cut():
    p = np.array([0.001, 0.02, 0.04, 0.3, *[0.99] * 96])
    assert conditional_benjamini_hochberg(p, 0.05).sum() >= benjamini_hochberg(p, 0.05).sum()
    assert np.array_equal(conditional_benjamini_hochberg(p, 0.05)[:4], benjamini_hochberg(p[:4] / 0.5, 0.05))
    check = release_check(p, p < 0.05)
    assert check.visit_first.tolist()[:4] == [False, False, False, False] or check.share > 0
    assert check.too_many == (check.share > 0.05)
    assert release_check(p, np.zeros(100, dtype=bool)).share == 0


def test_an_area_without_orders_is_as_likely_as_its_share_of_the_city_says():
    chance = np.random.default_rng(6)
    band = chance.integers(0, 2, 4000)
    ordered = chance.random(4000) < np.where(band == 0, 0.02, 0.10)
    area = np.zeros(4000, dtype=bool)
    area[:40] = True
    small = int((band[:40] == 0).sum())
    expected = 0.98**small * 0.90 ** (40 - small)
    assert chance_of_no_order(ordered, band, area) == pytest.approx(expected, rel=0.35)
    assert chance_of_no_order(ordered, band, np.zeros(4000, dtype=bool)) == 1.0


def test_rank_intervals_equal_counting_pairs():
    chance = np.random.default_rng(2)
    low = np.round(chance.random(60), 2)
    high = np.round(low + chance.random(60) * 0.3, 2)
    ranks = rank_intervals(low, high)
    for home in range(60):
        assert ranks.first[home] == 1 + sum(low[j] > high[home] for j in range(60))
        assert ranks.last[home] == 60 - sum(high[j] < low[home] for j in range(60))
    unsure = inseparable(ranks, 10)
    assert all((ranks.first[h] <= 10) and (ranks.last[h] > 10) for h in np.flatnonzero(unsure))
    assert (ranks.first <= ranks.last).all()


def test_case_mix_equals_least_squares_ballot_by_ballot():
    chance = np.random.default_rng(3)
    home, level = chance.integers(0, 5, 400), chance.integers(0, 3, 400)
    score = 60 + 5.0 * home - 8.0 * (level == 1) + 4.0 * (level == 2) + chance.normal(0, 9, 400)
    cells = sorted(set(zip(home.tolist(), level.tolist(), strict=True)))
    count = np.array([((home == h) & (level == v)).sum() for h, v in cells], dtype=float)
    total = np.array([score[(home == h) & (level == v)].sum() for h, v in cells])
    adjusted = case_mix(*(np.array(column) for column in zip(*cells, strict=True)), count, total)
    design = np.column_stack([np.eye(5)[home], level == 1, level == 2])
    beta = np.linalg.lstsq(design, score, rcond=None)[0]
    assert adjusted.coefficients == pytest.approx(beta[5:], rel=1e-9)
    mix = np.array([(level == v).mean() for v in (1, 2)])
    assert adjusted.adjusted == pytest.approx(beta[:5] + mix @ beta[5:], rel=1e-9)


def test_funnel_limits_are_the_score_test_of_equal_rates():
    limits = funnel(0.8, np.array([20.0, 200.0]), 1.96)
    for n, low, high in zip((20, 200), limits.low, limits.high, strict=True):
        for edge in (low, high):
            assert abs(edge - 0.8) / math.sqrt(edge * (1 - edge) / n) == pytest.approx(1.96)


def test_shrinkage_finds_the_spread_it_was_given_and_is_labelled():
    chance = np.random.default_rng(4)
    truth = chance.normal(0.8, 0.05, 4000)
    variance = chance.uniform(0.0005, 0.004, 4000)
    value = truth + chance.normal(0, np.sqrt(variance))
    shrunken = shrink(value, variance, np.arange(4000) % 2)
    assert shrunken.label is Label.PEERS
    assert shrunken.spread == pytest.approx([0.0025, 0.0025], rel=0.12)
    assert np.mean((shrunken.value - truth) ** 2) < 0.75 * np.mean((value - truth) ** 2)
    assert (
        (shrunken.value - shrunken.centre[np.arange(4000) % 2]) * (value - shrunken.value) >= -1e-15
    ).all()
    assert between_variance(np.full(9, 0.7), np.full(9, 0.01)) == 0.0
    with pytest.raises(ValueError, match="read-only"):
        shrunken.value[0] = 1


def test_between_variance_solves_its_equation():
    value, variance = np.array([0.2, 0.5, 0.9, 0.7]), np.array([0.01, 0.02, 0.005, 0.03])
    tau = between_variance(value, variance)
    weight = 1 / (variance + tau)
    centre = (weight * value).sum() / weight.sum()
    assert (weight * (value - centre) ** 2).sum() == pytest.approx(3, rel=1e-9)


@pytest.mark.parametrize("case", ITEMS["alpha"], ids=lambda case: case["id"])
def test_alpha_equals_r(case):
    items, weights = np.array(case["ballots"], dtype=float), np.array(case["weights"])
    assert alpha(covariance(items, weights)) == pytest.approx(case["alpha"], rel=1e-9)
    assert alpha(covariance(items)) == pytest.approx(case["alpha_unweighted"], rel=1e-9)


def test_omega_recovers_a_one_factor_model_and_equals_alpha_for_equal_loadings():
    loading, unique = np.array([0.9, 0.7, 0.5, 0.8]), np.array([0.4, 0.6, 0.9, 0.5])
    cov = np.outer(loading, loading) + np.diag(unique)
    assert omega(cov) == pytest.approx(loading.sum() ** 2 / (loading.sum() ** 2 + unique.sum()), rel=1e-6)
    equal = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    assert omega(equal) == pytest.approx(alpha(equal), rel=1e-9)


def test_consistency_uses_complete_ballots_only():
    items = np.array(ITEMS["alpha"][0]["ballots"], dtype=float)
    holed = np.vstack([items, np.full((3, items.shape[1]), np.nan)])
    result = consistency(holed)
    assert result.ballots == len(items)
    rest = items.sum(axis=1) - items[:, 0]
    assert result.item_total[0] == pytest.approx(np.corrcoef(items[:, 0], rest)[0, 1], rel=1e-9)


@pytest.mark.parametrize("case", ITEMS["lmg"], ids=lambda case: case["id"])
def test_key_drivers_equal_rs_lm_over_all_orders(case):
    values = np.column_stack([np.array(case["x"]), case["y"]])
    products = within_homes(values, np.array(case["home"]))
    assert lmg(products) == pytest.approx(case["lmg"], rel=1e-9)
    homes = np.array(case["home"])
    split = [within_homes(values[homes == h], homes[homes == h]) for h in sorted(set(case["home"]))]
    together = CrossProducts(sum(part.matrix for part in split), sum(part.ballots for part in split))
    assert together.matrix == pytest.approx(products.matrix, rel=1e-9)
    assert (split[0] + split[1]).ballots == split[0].ballots + split[1].ballots


def test_key_drivers_add_up_to_r_squared_and_ignore_differences_between_homes():
    chance = np.random.default_rng(5)
    home = chance.integers(0, 50, ENOUGH)
    x = chance.normal(size=(ENOUGH, 4))
    y = x @ np.array([3.0, 1.0, 0.0, 0.0]) + chance.normal(size=ENOUGH)
    inside = lmg(within_homes(np.column_stack([x, y]), home))
    shifted = np.column_stack([x, y + 50 * home])
    shifted[:, 3] += 7 * home
    assert lmg(within_homes(shifted, home)) == pytest.approx(inside, abs=1e-9)
    assert inside[0] > 5 * inside[1] > 20 * abs(inside[2])
    assert inside.sum() == pytest.approx(10 / 11, abs=0.02)
    assert all(share >= -1e-12 for share in inside)


def test_quadrants_are_cut_at_the_medians():
    found = quadrants(np.array([0.4, 0.3, 0.2, 0.1]), np.array([90.0, 60.0, 80.0, 70.0]))
    assert found == (Quadrant.KEEP, Quadrant.FIRST, Quadrant.FINE, Quadrant.LATER)
    assert len(set(itertools.chain(found))) == 4
