"""The decision path: pictures of the design, every gate, every override, every boundary."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from scoring import (
    Basis,
    Electorate,
    ElectorateKind,
    FaultyInput,
    Forms,
    Group,
    RatingClass,
    ReasonCode,
    Scheme,
    rate,
)
from tests.scoring.sheets import changhe, classes, one_class, postal_branch, qinghe


def percent(value: float) -> str:
    return f"{100 * value:.2f}"


def test_the_picture_of_changhe_is_reproduced_to_its_printed_digits():
    rating = rate(changhe())
    assert (rating.rating_class, rating.reason, rating.reminder) == (
        RatingClass.QUALIFIED,
        ReasonCode.B1,
        True,
    )
    assert not rating.two_sides
    assert rating.combined is not None
    assert rating.strict is not None
    assert rating.bounds is not None
    assert rating.worst_case is not None
    assert (percent(rating.combined.weighted), percent(rating.combined.raw)) == ("76.69", "78.76")
    assert (percent(rating.strict.weighted), percent(rating.strict.raw)) == ("43.03", "45.13")
    assert f"{rating.combined.weighted_count:.2f} {rating.combined.weighted_base:.2f}" == "135.95 177.27"
    assert (percent(rating.bounds.low), percent(rating.bounds.high)) == ("71.45", "81.17")
    assert f"{rating.bounds.n_effective:.1f}" == "105.7"
    assert (percent(rating.worst_case.low), percent(rating.worst_case.high)) == ("47.85", "87.10")
    assert percent(rating.turnout_rate or 0) == "63.44"
    gates = {gate.code: gate for gate in rating.gates}
    assert percent(gates[ReasonCode.I3].value or 0) == "4.69"
    assert percent(gates[ReasonCode.I4].value or 0) == "45.83"
    assert rating.weighting is not None
    weights = {cell.levels[0][1]: f"{cell.weight:.4f}" for cell in rating.weighting.cells}
    assert weights == {"一线合同制职工": "1.6000", "劳务派遣职工": "2.1818", "管理与技术人员": "1.1667"}


def test_the_picture_of_qinghe_is_reproduced_to_its_printed_digits():
    rating = rate(qinghe())
    assert (rating.rating_class, rating.reason) == (RatingClass.DISSATISFIED, ReasonCode.D1)
    assert rating.bounds is not None
    figures = (rating.bounds.p, rating.bounds.low, rating.bounds.high, rating.turnout_rate or 0)
    assert [percent(figure) for figure in figures] == ["48.39", "43.15", "53.67", "68.57"]


def test_the_published_evaluation_of_a_postal_branch():
    rating = rate(postal_branch())
    assert rating.strict is not None
    assert rating.combined is not None
    figures = (rating.strict.raw, rating.combined.raw, rating.return_rate or 0)
    assert [percent(figure) for figure in figures] == ["92.70", "100.00", "97.16"]
    assert rating.rating_class is RatingClass.ELIGIBLE


# Highest rate rated 不满意 / lowest 合格 / lowest whose bound reaches the award line, in percent, by turnout.
WHAT_TURNOUT_BUYS = {
    30: "40.0/80.0/– 45.0/75.0/100.0 50.0/70.8/100.0 53.6/67.9/96.4 56.7/60.0/90.0",
    60: "46.7/73.3/100.0 50.0/70.0/97.5 52.1/66.7/95.8 56.1/64.9/93.0 58.3/60.0/90.0",
    150: "52.0/68.0/96.0 54.0/66.0/94.0 55.8/64.2/93.3 57.7/62.0/91.5 59.3/60.0/90.0",
    500: "56.0/64.0/92.8 57.3/63.0/91.9 58.0/62.0/91.5 58.9/61.1/90.7 59.8/60.0/90.0",
}


@pytest.mark.parametrize("members", WHAT_TURNOUT_BUYS)
def test_the_table_of_what_turnout_buys_is_the_designs(members):
    row = []
    for turnout in (0.50, 0.67, 0.80, 0.95, 1.00):
        ballots = round(members * turnout)
        ratings = [rate(one_class(members, k, dissatisfied=ballots - k)) for k in range(ballots + 1)]
        limits = [rating.bounds for rating in ratings if rating.bounds is not None]
        order = max(b.p for b in limits if b.high < 0.6 - 1e-9)
        fine = min(b.p for b in limits if b.low >= 0.6 - 1e-9)
        award = min((b.p for b in limits if b.low >= 0.9 - 1e-9), default=None)
        row.append("/".join("–" if p is None else f"{100 * p:.1f}" for p in (order, fine, award)))
    expected = WHAT_TURNOUT_BUYS[members].split()
    for got, want in zip(row, expected, strict=True):
        for a, b in zip(got.split("/"), want.split("/"), strict=True):
            assert a == b or abs(float(a) - float(b)) < 0.051  # the design prints one decimal


GATES = {
    "nine members": (one_class(9, 9), ReasonCode.I0),
    "nine members are asked before ballots": (one_class(9, 2), ReasonCode.I0),
    "nine ballots": (one_class(15, 9), ReasonCode.I1),
    "nine opinions": (one_class(15, 9, unknown=3), ReasonCode.I1),
    "one ballot short of half": (one_class(101, 30, dissatisfied=20), ReasonCode.I2),
    "exactly half is enough": (one_class(100, 50), ReasonCode.B1),
    "too much 不了解": (one_class(100, 40, 6, 20, unknown=34), ReasonCode.I3),
    "exactly a third 不了解 is allowed": (one_class(99, 66, unknown=33), ReasonCode.B1),
    "blank counts with 不了解": (one_class(90, 20, dissatisfied=25, unknown=14, blank=14), ReasonCode.I3),
    "a group that hardly took part": (
        one_class(100, 30, dissatisfied=30, groups=(Group("派遣", 20, 2), Group("合同", 80, 58))),
        ReasonCode.I4,
    ),
    "a group at exactly a fifth": (
        one_class(100, 50, groups=(Group("派遣", 20, 2), Group("合同", 80, 48))),
        ReasonCode.B1,
    ),
    "a group under ten members is no group": (
        one_class(90, 60, groups=(Group("派遣", 9, 0), Group("合同", 81, 60))),
        ReasonCode.A1,
    ),
    "a group under a tenth of the roster is no group": (
        one_class(200, 150, groups=(Group("派遣", 19, 0), Group("合同", 181, 150))),
        ReasonCode.A1,
    ),
    "the interval straddles the line": (one_class(100, 40, dissatisfied=27), ReasonCode.I5),
    "held by the count rule": (one_class(100, 80, held=True), ReasonCode.H1),
    "more ballots than members": (one_class(20, 21), ReasonCode.H1),
    "a class with more ballots than members": (
        classes(("a", 20, 21, 21, 0, 0, 0), ("b", 60, 40, 40, 0, 0, 0)),
        ReasonCode.H1,
    ),
    "worst case overrides turnout": (one_class(1000, 0, dissatisfied=450), ReasonCode.D2),
    "best evidence overrides 不了解, without an award": (one_class(100, 62, unknown=38), ReasonCode.B2),
    "best evidence overrides a missing group": (
        one_class(100, 70, groups=(Group("派遣", 20, 1), Group("合同", 80, 69))),
        ReasonCode.B2,
    ),
    "no override for too few opinions": (one_class(12, 9, unknown=3), ReasonCode.I1),
}


@pytest.mark.parametrize("name", GATES)
def test_gate(name):
    sheet, code = GATES[name]
    assert rate(sheet).reason is code


def test_a_held_home_gives_no_figure_and_gates_say_why():
    rating = rate(one_class(100, 80, held=True))
    assert rating.rating_class is RatingClass.HELD
    assert (rating.combined, rating.strict, rating.bounds, rating.items, rating.weighting) == (
        None,
        None,
        None,
        (),
        None,
    )


def test_a_home_accepted_in_spite_of_the_hold_is_rated_with_the_class_raised():
    sheet = classes(("a", 20, 21, 21, 0, 0, 0), ("b", 60, 40, 40, 0, 0, 0), held=True).accepted()
    rating = rate(sheet)
    assert sheet.members == 81
    assert rating.rating_class is RatingClass.ELIGIBLE


def test_a_home_with_more_ballots_than_forms_is_held_and_not_refused():
    sheet = one_class(20, 21, forms=Forms(20, 21), groups=(Group("派遣", 8, 9), Group("合同", 12, 12)))
    assert rate(sheet).reason is ReasonCode.H1
    assert rate(sheet.accepted()).reason is ReasonCode.A1
    with pytest.raises(FaultyInput, match="OUT_OF_ORDER"):
        one_class(20, 18, forms=Forms(17, 18))


def test_groups_of_several_variables_may_share_a_label_and_do_not_count_twice():
    groups = (Group("其他", 40, 30), Group("一线", 60, 40), Group("其他", 30, 20), Group("技术", 70, 50))
    gate = rate(one_class(100, 70, groups=groups, redeemed=70)).gates[-2]
    assert gate.limit == pytest.approx(0.14)
    assert gate.passed


def test_numbers_are_returned_even_when_a_gate_fires():
    rating = rate(one_class(101, 30, dissatisfied=20))
    assert rating.rating_class is RatingClass.INSUFFICIENT
    assert rating.bounds is not None
    assert rating.worst_case is not None


def test_the_overridden_gate_is_remembered():
    rating = rate(one_class(1000, 0, dissatisfied=450))
    assert (rating.rating_class, rating.overridden) == (RatingClass.DISSATISFIED, ReasonCode.I2)


def test_nobody_with_an_opinion_is_no_division_by_zero():
    for sheet in (
        one_class(30, 0, unknown=20),
        one_class(30, 0, blank=20),
        one_class(30, 0),
        one_class(0, 0),
    ):
        rating = rate(sheet)
        assert rating.rating_class is RatingClass.INSUFFICIENT
        assert rating.bounds is None


def test_a_full_count_without_blanks_has_no_error():
    rating = rate(one_class(50, 30, dissatisfied=20))
    assert rating.bounds is not None
    assert (rating.bounds.low, rating.bounds.p, rating.bounds.high) == (0.6, 0.6, 0.6)
    assert rating.reason is ReasonCode.B1
    one_blank = rate(one_class(50, 30, dissatisfied=19, blank=1))
    assert one_blank.bounds is not None
    assert one_blank.bounds.low < one_blank.bounds.p < one_blank.bounds.high


@pytest.mark.parametrize("favourable", [0, 100])
def test_unanimity_has_an_interval_on_one_side_only(favourable):
    bounds = rate(one_class(150, favourable, dissatisfied=100 - favourable)).bounds
    assert bounds is not None
    assert bounds.n_effective == pytest.approx(100)
    assert bounds.phi == pytest.approx(1 - 100 / 150)
    assert (bounds.high == 1.0 and bounds.low < 1) if favourable else (bounds.low == 0.0 and bounds.high > 0)


def test_classes_that_are_not_divided_in_themselves_fall_back_on_kish():
    bounds = rate(classes(("a", 60, 40, 40, 0, 0, 0), ("b", 60, 30, 0, 0, 30, 0))).bounds
    assert bounds is not None
    assert bounds.n_linear is None
    assert bounds.n_effective == bounds.n_kish


def test_an_award_needs_two_thirds_turnout_compared_as_whole_numbers():
    assert rate(one_class(300, 200)).rating_class is RatingClass.ELIGIBLE
    assert rate(one_class(301, 200)).rating_class is RatingClass.QUALIFIED


def test_an_award_counts_不了解_against_the_home():
    assert rate(one_class(300, 250, unknown=27)).reason is ReasonCode.A1
    assert rate(one_class(300, 250, unknown=28)).reason is ReasonCode.B1


def test_an_award_can_ask_for_more_ballots():
    sheet = one_class(25, 25)
    assert rate(sheet).reason is ReasonCode.A1
    assert rate(sheet, Scheme(award_min_ballots=30)).reason is ReasonCode.B1


def test_blank_ballots_do_not_enter_the_award_base_but_the_gate():
    assert rate(one_class(300, 250, blank=28)).reason is ReasonCode.A1


@pytest.mark.parametrize(("present", "code"), [(39, ReasonCode.I2), (40, ReasonCode.I5)])
def test_an_assembly_of_delegates_needs_two_thirds_present(present, code):
    electorate = Electorate(ElectorateKind.DELEGATES, present)
    assert rate(one_class(60, 22, dissatisfied=13, electorate=electorate)).reason is code


def test_reminder_for_a_low_combined_or_a_lukewarm_strict_rate():
    assert rate(one_class(100, 79, dissatisfied=21)).reminder
    assert not rate(one_class(100, 80, dissatisfied=20)).reminder
    assert rate(one_class(100, 49, 36, 15)).reminder
    assert not rate(one_class(100, 50, 36, 14)).reminder


def test_raw_and_weighted_on_two_sides_of_a_line_are_marked():
    sheet = classes(("a", 100, 90, 52, 0, 38, 0), ("b", 100, 40, 28, 0, 12, 0))
    assert not rate(sheet).two_sides
    marked = rate(sheet, Scheme(t_bad=0.62))
    assert marked.combined is not None
    assert marked.combined.raw < 0.62 < marked.combined.weighted
    assert marked.two_sides
    assert not rate(sheet, Scheme(t_bad=0.62, basis=Basis.RAW)).two_sides


def test_raw_basis_uses_no_variable():
    rating = rate(changhe(), Scheme(basis=Basis.RAW))
    assert rating.weighting is not None
    assert rating.weighting.variables == ()
    assert rating.combined is not None
    assert rating.combined.weighted == pytest.approx(rating.combined.raw, abs=1e-15)


def test_a_weight_above_the_cap_drops_the_variable_and_says_so():
    sheet = classes(("a", 100, 95, 50, 0, 45, 0), ("b", 200, 12, 12, 0, 0, 0))
    rating = rate(sheet)
    assert rating.weighting is not None
    assert rating.weighting.dropped == ("class",)
    assert {cell.g for cell in rating.weighting.cells} == {1.0}


def test_thresholds_are_compared_in_the_homes_favour_within_the_tolerance():
    rating = rate(one_class(10, 6, dissatisfied=4), Scheme(t_bad=0.6 + 5e-10))
    assert rating.reason is ReasonCode.B1
    assert rate(one_class(10, 6, dissatisfied=4), Scheme(t_bad=0.6 + 5e-9)).reason is ReasonCode.D1


def test_tipping_point_and_delta_turn_the_verdict_exactly():
    rating = rate(changhe())
    assert rating.worst_case is not None
    tipping, turnout = rating.worst_case.tipping_point, rating.turnout
    assert tipping is not None
    assert (turnout.favourable + tipping * turnout.silent) / turnout.members == pytest.approx(0.6)
    assert rating.delta_to_line is not None
    assert rating.combined is not None
    p = rating.combined.weighted
    assert p / (p + (1 - p) / rating.delta_to_line) == pytest.approx(0.6)


def test_upper_bound_below_the_line_and_p_value_below_alpha_are_the_same_thing():
    for favourable in range(0, 67):
        rating = rate(one_class(100, favourable, dissatisfied=66 - favourable))
        assert rating.bounds is not None
        assert (rating.bounds.high < 0.6) == (rating.bounds.p_value < 0.05)


def test_rows_in_any_order_give_the_same_rating():
    sheet = changhe()
    assert rate(replace(sheet, cells=tuple(reversed(sheet.cells)))) == rate(sheet)


def test_turnout_line_is_an_exact_fraction():
    scheme = Scheme(min_turnout=Fraction(2, 3))
    assert rate(one_class(150, 100), scheme).reason is ReasonCode.A1
    assert rate(one_class(151, 100), scheme).reason is ReasonCode.B2
