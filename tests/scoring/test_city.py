"""A whole city at once equals its homes one by one to 1e-12, and ballots equal their counts."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from benchmarks.scoring_city import Clock, in_sqlite, same_counts
from scoring import Basis, Rating, Scheme, Variable, rate
from scoring.city import REASONS, CityCounts, CityScores, score_city
from scoring.synthetic import count_block, draw_city, join_counts, synthetic_city
from scoring.tally import dimension_scores, exact_sum, is_valid, tally
from scoring.variance import Moments, linearise, moments_of_points, overall_correction
from scoring.weighting import weigh

CITY, TRUTH = synthetic_city(300, 7)
SCHEMES = {
    "default": Scheme(),
    "raw": Scheme(basis=Basis.RAW),
    "ordered": Scheme(variables=tuple(Variable((f"v{v}",), ordered=v == 1) for v in range(4))),
    "strict": Scheme(t_bad=0.8, t_remind=0.85, min_turnout=Fraction(2, 3), g_upper=1.6, alpha=0.1),
}


def same(a: float, b: float | None) -> bool:
    if b is None:
        return math.isnan(a)
    return abs(a - b) <= 1e-12 * max(1.0, abs(b))


def check_home(scores: CityScores, city: CityCounts, number: int, scheme: Scheme) -> None:
    rating = rate(city.sheet(number), scheme)
    assert REASONS[scores.reason[number]] is rating.reason, number
    assert scores.rating_class(number) is rating.rating_class
    if rating.bounds is None:
        assert math.isnan(scores.low[number])
        return
    b = rating.bounds
    pairs = [
        (scores.p, b.p), (scores.low, b.low), (scores.high, b.high), (scores.n_effective, b.n_effective),
        (scores.phi, b.phi), (scores.p_value, b.p_value), (scores.unknown_share, rating.unknown_share),
    ]  # fmt: skip
    for values, expected in pairs:
        assert same(float(values[number]), expected), (number, float(values[number]), expected)
    assert rating.weighting is not None
    weights = scores.weights.w[city.home == number]
    by_level = {cell.levels: cell.weight for cell in rating.weighting.cells}
    for row, w in zip(np.flatnonzero(city.home == number), weights, strict=True):
        key = tuple((f"v{v}", f"{int(level[row]):02d}") for v, level in enumerate(city.levels))
        assert same(float(w), by_level[key])
    check_statistics(scores, rating, number)


def check_statistics(scores: CityScores, rating: Rating, number: int) -> None:
    statistics, count = scores.statistics, len(rating.items)
    for column, item in enumerate(rating.items):
        for offset, share in ((0, item.strict), (count, item.combined)):
            if share is not None:
                assert same(float(statistics.estimate[number, offset + column]), share.weighted)
    means = [*(item.score for item in rating.items), *(d.score for d in rating.dimensions), rating.index]
    for column, mean in enumerate(means):
        if mean is not None:
            place = (number, 2 * count + column)
            assert same(float(statistics.estimate[place]), mean.mean)
            assert same(float(statistics.v0[place]), mean.variance.v0)
            assert same(float(statistics.v1[place]), mean.variance.v1)


@pytest.mark.parametrize("name", SCHEMES)
def test_every_home_of_a_city_is_scored_as_if_alone(name):
    scores = score_city(CITY, SCHEMES[name])
    chosen = range(CITY.homes) if name == "default" else range(0, CITY.homes, 4)
    for number in chosen:
        check_home(scores, CITY, number, SCHEMES[name])


def test_bounds_and_dropped_variables_occur_in_that_city():
    scores = score_city(CITY)
    upper = score_city(CITY, SCHEMES["strict"])
    lower = np.bincount(CITY.home, CITY.ballots) / CITY.members
    assert (np.abs(scores.weights.g - lower[CITY.home]) < 1e-12).any()
    rated = [rate(CITY.sheet(number), SCHEMES["strict"]) for number in range(0, CITY.homes, 3)]
    assert any(rating.weighting is not None and rating.weighting.dropped for rating in rated)
    assert (upper.weights.g <= 1.6 + 1e-12).all()
    assert len(set(scores.reason.tolist())) >= 5


def test_the_third_variance_is_the_one_of_r():
    scores = score_city(CITY)
    scheme = Scheme()
    for number in range(0, CITY.homes, 50):
        sheet = CITY.sheet(number)
        weights = weigh(sheet, scheme)
        for column, question in ((0, sheet.questions[0]), (5, sheet.questions[5])):
            answers = sheet.answers(question)[:, :3].astype(float)
            line = linearise(moments_of_points(answers, (100, 50, 0)), weights)
            expected = overall_correction(line, weights, sheet.members)
            assert same(float(scores.statistics.v_overall[number, 42 + column]), expected)


def test_homes_that_are_held_empty_or_impossible_are_told_apart_as_alone():
    held = CITY.held.copy()
    held[3] = True
    roster = CITY.roster.copy()
    cell = int(np.flatnonzero(CITY.home == 5)[0])
    roster[cell] = CITY.ballots[cell] - 1
    voted = CITY.home != 9
    city = replace(
        CITY,
        held=held,
        home=CITY.home[voted],
        ballots=CITY.ballots[voted],
        roster=roster[voted],
        levels=tuple(level[voted] for level in CITY.levels),
        answers=CITY.answers[voted],
        scores=CITY.scores[voted],
    )
    scores = score_city(city)
    for number in (3, 5, 8, 9, 10):
        check_home(scores, city, number, Scheme())
    assert [REASONS[scores.reason[number]].value for number in (3, 5, 9)] == ["H1", "H1", "I1"]


def test_counts_by_sql_equal_the_tally_number_by_number(tmp_path):
    """The second route beside the tallies, in small; the whole city in both databases is the benchmark's."""
    blocks = list(draw_city(12, np.random.default_rng(4), median=40))
    counts = join_counts([count_block(block) for block in blocks])
    rows = in_sqlite(blocks, tmp_path, Clock())
    assert same_counts(rows, counts)
    wrong = counts.answers.copy()
    wrong[0, 3, 1] += 1
    assert not same_counts(rows, replace(counts, answers=wrong))


def test_ballots_in_any_order_give_the_same_counts_exactly():
    block = next(draw_city(40, np.random.default_rng(3)))
    order = np.random.default_rng(4).permutation(len(block.cell))
    counted = tally(block.cell, len(block.home), block.ballots)
    shuffled = tally(block.cell[order], len(block.home), block.ballots[order])
    assert np.array_equal(counted.answers, shuffled.answers)
    assert np.array_equal(counted.scores, shuffled.scores)
    assert counted.answers[:, 0].sum() + (block.ballots[:, 0] == 4).sum() == len(block.ballots)
    scores = score_city(count_block(block))
    assert np.array_equal(score_city(count_block(block)).p, scores.p, equal_nan=True)


def test_scores_and_validity_of_single_ballots():
    ballots = np.array([[0, 0, 1, 2, 3, 4], [4, 0, 4, 4, 4, 4], [0, 0, 0, 0, 4, 4]], dtype=np.uint8)
    assert dimension_scores(ballots, [1, 2, 3, 4, 5]).tolist() == [60 * 150 // 3, -1, 6000]
    assert dimension_scores(ballots, [1, 2, 3, 4]).tolist() == [60 * 150 // 3, -1, 6000]
    assert is_valid(ballots).tolist() == [True, False, True]


def test_sums_of_squares_are_exact_beyond_the_floats():
    value = np.full(20_000, 600_000**2 - 1, dtype=np.int64)
    assert int(exact_sum(np.zeros(20_000, dtype=np.int64), value, 1)[0]) == 20_000 * (600_000**2 - 1)


def test_means_of_a_city_equal_the_mean_ballot_by_ballot():
    block = next(draw_city(30, np.random.default_rng(11)))
    city = count_block(block)
    scores = score_city(city)
    score = dimension_scores(block.ballots, range(1, 6)) / 60
    w = scores.weights.w[block.cell]
    for number in range(30):
        mine = (city.home[block.cell] == number) & (score >= 0)
        expected = float((w[mine] * score[mine]).sum() / w[mine].sum())
        assert float(scores.statistics.estimate[number, 63]) == pytest.approx(expected, rel=1e-12)


def test_moments_within_a_domain_leave_the_rest_out():
    moments = Moments(np.ones(3), np.arange(3.0), np.arange(3.0) ** 2).within([True, False, True])
    assert moments.total.tolist() == [0, 0, 2]
