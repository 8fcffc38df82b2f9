"""The policy: whole defaults, every fault at once, floors of anonymity, only ever tighter below."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_app.core.errors import Invalid
from survey_app.rounds.policy import Policy


def codes(policy: Policy) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.where) for fault in policy.faults()}


def test_the_default_policy_has_no_fault_and_survives_storage() -> None:
    assert Policy().faults() == []
    assert Policy.from_dict(Policy().to_dict()) == Policy()


def test_every_fault_is_listed_at_once() -> None:
    wrong = replace(Policy(), t_bad=0.95, alpha=0.7, min_turnout="3/2", dimension_weights=(50, 50, 50, 0))
    assert codes(wrong) == {
        ("policy_lines_out_of_order", "t_bad"),
        ("policy_out_of_range", "alpha"),
        ("policy_out_of_range", "min_turnout"),
        ("policy_weights_not_100", "dimension_weights"),
    }


@pytest.mark.parametrize(
    ("field", "value"), [("min_ballots", 9), ("award_min_ballots", 5), ("class_least", 14)]
)
def test_no_policy_goes_below_the_floor_that_protects_the_voters(field: str, value: int) -> None:
    assert ("policy_below_floor", field) in codes(replace(Policy(), **{field: value}))


def test_plan_and_review_leave_half_of_the_time_for_the_work() -> None:
    assert ("policy_plan_takes_too_long", "completion_days_a") in codes(replace(Policy(), plan_workdays_a=8))


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        Policy.from_dict({"t_bad": 0.6, "t_awful": 0.1})
    assert [fault.where for fault in caught.value.faults] == ["t_awful"]


@pytest.mark.parametrize(
    "change",
    [
        {"t_bad": 0.5},
        {"t_good": 0.85},
        {"min_turnout": "1/3"},
        {"max_unknown": "1/2"},
        {"basis": "raw"},
        {"inspectors": 1},
    ],
)
def test_a_lower_level_may_not_loosen(change: dict[str, object]) -> None:
    loosened = replace(Policy(), **change).loosened_against(Policy())  # type: ignore[arg-type]
    assert [fault.where for fault in loosened] == list(change)


def test_a_lower_level_may_tighten() -> None:
    tighter = replace(Policy(), t_bad=0.65, min_turnout="2/3", max_unknown="1/4", inspectors=3)
    assert tighter.loosened_against(Policy()) == []
