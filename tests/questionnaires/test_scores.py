"""Dimension scores and index of one ballot: exact whole numbers."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import (
    INDEX_UNIT,
    SCORE_UNIT,
    dimension_scores,
    equal_weights,
    index,
    load,
    narrow,
    read_answers,
    weights_by_dimension,
)

CORE = load("national-core-1")
SHORT = load("national-short-1")
POINTS = {1: 100, 2: 50, 3: 0}
FIRST = {"D1": 0, "D2": 5, "D3": 11, "D4": 16}
SIZE = {"D1": 5, "D2": 6, "D3": 5, "D4": 4}
BALLOTS = st.lists(st.integers(0, 4), min_size=22, max_size=22)


def mean_by_fractions(codes: list[int], section: str) -> Fraction | None:
    """The second route: positions typed by hand, points from a table, fractions instead of sixtieths."""
    given = codes[FIRST[section] : FIRST[section] + SIZE[section]]
    points = [POINTS[code] for code in given if code in POINTS]
    return Fraction(sum(points), len(points)) if 2 * len(points) >= SIZE[section] else None


@given(BALLOTS)
@settings(max_examples=300, deadline=None)
def test_a_dimension_score_is_the_exact_mean_of_its_opinions(codes):
    for section, score in zip(FIRST, dimension_scores(CORE, codes), strict=True):
        wanted = mean_by_fractions(codes, section)
        assert (None if score is None else Fraction(score, SCORE_UNIT)) == wanted


@given(BALLOTS, st.lists(st.integers(0, 100), min_size=3, max_size=3).filter(lambda cut: sum(cut) <= 100))
@settings(max_examples=300, deadline=None)
def test_the_index_is_the_exact_weighted_mean_and_needs_every_dimension(codes, three):
    weights = [*three, 100 - sum(three)]
    means = [mean_by_fractions(codes, section) for section in FIRST]
    result = index(dimension_scores(CORE, codes), weights)
    if None in means:
        assert result is None
    else:
        wanted = sum(mean * weight for mean, weight in zip(means, weights, strict=True)) / 100
        assert Fraction(result, INDEX_UNIT) == wanted


@pytest.mark.parametrize(("section", "needed"), [("D1", 3), ("D2", 3), ("D3", 3), ("D4", 2)])
def test_a_score_needs_opinions_on_half_of_the_items(section, needed):
    place = list(FIRST).index(section)
    for opinions, expected in ((needed - 1, None), (needed, 6000)):
        codes = [4] * 22
        codes[FIRST[section] : FIRST[section] + opinions] = [1] * opinions
        assert dimension_scores(CORE, codes)[place] == expected


def test_not_knowing_is_neither_good_nor_bad():
    answered = [1, 2, 3, 0, 0, *(0,) * 17]
    with_unknown = [1, 2, 3, 4, 4, *(0,) * 17]
    assert (
        dimension_scores(CORE, answered) == dimension_scores(CORE, with_unknown) == (3000, None, None, None)
    )


def test_the_overall_and_the_chairs_item_never_enter_a_score():
    codes = [2] * 20
    scores = {dimension_scores(CORE, [*codes, overall, chair]) for overall in range(5) for chair in range(5)}
    assert scores == {(3000,) * 4}


def test_the_short_form_scores_each_dimension_by_its_one_item():
    assert dimension_scores(SHORT, [1, 2, 3, 4, 1]) == (6000, 3000, 0, None)


def test_a_form_without_dimensions_has_no_scores_and_no_index():
    again = narrow(CORE, ["q6"])
    assert dimension_scores(again, [1, 1]) == ()
    assert equal_weights(again) == ()


def test_a_sheet_gives_its_own_scores_and_index():
    sheet = read_answers(CORE, {item.id: "BASIC" for item in CORE.closed_questions})
    assert sheet.dimension_scores == (3000,) * 4
    assert sheet.index((25, 30, 25, 20)) == 50 * INDEX_UNIT


def test_equal_weights_add_up_to_a_hundred():
    assert equal_weights(CORE) == (25, 25, 25, 25)


def test_a_policys_weights_are_put_in_the_order_of_the_dimensions():
    assert weights_by_dimension(CORE, {"D4": 20, "D1": 25, "D3": 25, "D2": 30}) == (25, 30, 25, 20)
    with pytest.raises(KeyError):
        weights_by_dimension(CORE, {"D1": 100})


@pytest.mark.parametrize("weights", [(25, 25, 25), (25, 25, 25, 26), (50, 50, 50, -50)])
def test_weights_that_are_no_percents_of_a_whole_are_refused(weights):
    with pytest.raises(ValueError):
        index((0, 0, 0, 0), weights)
