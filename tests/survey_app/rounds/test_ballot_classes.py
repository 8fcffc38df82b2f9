"""Ballot classes on rosters small enough to count by hand, and on any roster hypothesis can think of."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.rounds.ballot_classes import form_classes

VARIABLES = ("employment", "age_band", "gender", "department")


@dataclass(frozen=True)
class Row:
    """A member as far as classes are concerned."""

    id: int
    employment: str = "合同制"
    age_band: str = ""
    gender: str = ""
    department: str = ""


def roster(*groups: tuple[int, dict[str, str]]) -> list[Row]:
    """Members numbered from 1: `(how many, their fields)`."""
    rows: list[Row] = []
    for count, fields in groups:
        rows += [Row(len(rows) + number, **fields) for number in range(1, count + 1)]
    return rows


def sizes(rows, variables=VARIABLES, **options) -> dict[str, int]:
    return {one.label: len(one.member_ids) for one in form_classes(rows, variables, **options)}


def test_a_home_under_forty_members_is_one_class():
    rows = roster((20, {"employment": "合同制"}), (19, {"employment": "劳务派遣"}))
    assert sizes(rows) == {"全体会员": 39}
    assert sizes([*rows, Row(40)]) == {"劳务派遣": 19, "合同制": 21}


def test_a_level_under_fifteen_joins_the_smallest_other_one():
    rows = roster(
        (14, {"employment": "劳务派遣"}), (30, {"employment": "合同制"}), (20, {"employment": "聘用制"})
    )
    assert sizes(rows) == {"劳务派遣、聘用制": 34, "合同制": 30}


def test_an_age_band_joins_its_neighbour_only():
    rows = roster(
        (40, {"age_band": "35岁以下"}),
        (30, {"age_band": "36-45岁"}),
        (25, {"age_band": "46-55岁"}),
        (5, {"age_band": "56岁以上"}),
    )
    assert sizes(rows) == {"35岁以下": 40, "36-45岁": 30, "46-55岁、56岁以上": 30}


def test_the_longest_prefix_counts_in_which_every_combination_has_fifteen():
    rows = roster(
        (20, {"employment": "合同制", "gender": "女"}),
        (20, {"employment": "合同制", "gender": "男"}),
        (20, {"employment": "劳务派遣", "gender": "女"}),
        (15, {"employment": "劳务派遣", "gender": "男"}),
    )
    assert sizes(rows, ("employment", "gender")) == {
        "劳务派遣，女": 20,
        "劳务派遣，男": 15,
        "合同制，女": 20,
        "合同制，男": 20,
    }
    assert sizes(rows[:-1], ("employment", "gender")) == {"劳务派遣": 34, "合同制": 40}, "14 are too few"


def test_there_are_at_most_eight_classes():
    rows = roster(*((15, {"employment": f"第{number}类"}) for number in range(9)))
    assert sizes(rows, ("employment",)) == {"全体会员": 135}
    assert len(sizes(rows[:120], ("employment",))) == 8


def test_no_demographic_field_means_one_class():
    assert sizes([Row(number) for number in range(1, 101)]) == {"全体会员": 100}


# A shared machine may pause a test for longer than any deadline.
@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["合同制", "劳务派遣", "聘用制", ""]),
            st.sampled_from(["35岁以下", "36-45岁", "46岁以上", ""]),
            st.sampled_from(["男", "女", ""]),
        ),
        max_size=160,
    ),
    st.randoms(use_true_random=False),
)
def test_every_member_stands_in_one_class_that_is_large_enough_in_any_order(fields, random):
    rows = [Row(number, *each) for number, each in enumerate(fields, start=1)]
    formed = form_classes(rows, VARIABLES)
    assert sorted(id for one in formed for id in one.member_ids) == [row.id for row in rows]
    assert len(formed) <= 8
    if len(formed) > 1:
        assert min(len(one.member_ids) for one in formed) >= 15
    mixed = [replace(row) for row in rows]
    random.shuffle(mixed)
    assert form_classes(mixed, VARIABLES) == formed
