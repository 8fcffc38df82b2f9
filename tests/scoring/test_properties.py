"""Properties that hold for every sheet: weights, bounds, classes; and a second route to the weights."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, minimize

from scoring import Cell, Question, QuestionKind, RatingClass, ReasonCode, Scheme, Sheet, Variable, rate
from scoring.exchange import canonical, load, plain, write
from scoring.sheet import Floats
from scoring.uncertainty import limits
from scoring.weighting import Weights, weigh
from tests.scoring.sheets import answers

QUICK = settings(max_examples=60, deadline=None)
ORDER = [RatingClass.DISSATISFIED, RatingClass.INSUFFICIENT, RatingClass.QUALIFIED, RatingClass.ELIGIBLE]


@st.composite
def cell_counts(draw: st.DrawFn, levels: dict[str, str]) -> Cell:
    ballots = draw(st.integers(0, 60))
    silent = draw(st.integers(0, 80))
    first = draw(st.integers(0, ballots))
    second = draw(st.integers(0, ballots - first))
    third = draw(st.integers(0, ballots - first - second))
    fourth = draw(st.integers(0, ballots - first - second - third))
    return Cell(levels, ballots + silent, ballots, answers(first, second, third, fourth))


@st.composite
def sheets(draw: st.DrawFn, most: int = 4, variables: int = 2) -> Sheet:
    sizes = [draw(st.integers(1, most)) for _ in range(variables)]
    cells = tuple(
        draw(cell_counts({f"v{v}": f"{index[v]}" for v in range(variables)})) for index in np.ndindex(*sizes)
    )
    return Sheet("家", sum(cell.roster or 0 for cell in cells), cells)


def achieved(weights: Weights) -> list[tuple[Floats, Floats]]:
    """Weighted ballots and members of every level of every variable in use."""
    totals = weights.w * weights.ballots
    return [
        (np.array([totals[m.codes == level].sum() for level in range(len(m.labels))]), m.targets)
        for m in weights.margins
    ]


@QUICK
@given(sheets())
def test_weights_meet_every_level_of_the_roster_within_the_bounds(sheet):
    weights = weigh(sheet, Scheme())
    if weights.n == 0:
        return
    for totals, targets in achieved(weights):
        assert totals == pytest.approx(targets.astype(float), rel=1e-9)
    assert float((weights.w * weights.ballots).sum()) == pytest.approx(sheet.members, rel=1e-9)
    voted = weights.ballots > 0
    assert weights.w[voted].min() >= 1 - 1e-9
    assert weights.g[voted].max() <= 5 + 1e-9


@QUICK
@given(sheets(), st.sampled_from([1.2, 1.5, 2.0]))
def test_a_tighter_cap_keeps_the_margins_or_says_which_variable_was_dropped(sheet, cap):
    weights = weigh(sheet, Scheme(g_upper=cap))
    for totals, targets in achieved(weights):
        assert totals == pytest.approx(targets.astype(float), rel=1e-9)
    if weights.n:
        assert weights.g[weights.ballots > 0].max() <= cap + 1e-9
    names = [margin.variable for margin in weights.margins]
    assert not set(names) & set(weights.dropped)


@settings(max_examples=25, deadline=None)
@given(sheets(most=3))
def test_the_weights_are_those_of_a_general_optimiser(sheet):
    """Second route: minimise sum n g log g under the same margins and bounds with SLSQP."""
    weights = weigh(sheet, Scheme())
    if not weights.margins or weights.n == 0:
        return
    voted = weights.ballots > 0
    n, lower = weights.ballots[voted] / weights.n, weights.n / sheet.members
    rows = [
        np.where(m.codes[voted] == level, n, 0.0) for m in weights.margins for level in range(len(m.labels))
    ]
    targets = np.concatenate([m.targets / sheet.members for m in weights.margins])
    found = minimize(
        lambda g: float((n * g * np.log(g)).sum()),
        np.clip(weights.g[voted] * 0.5 + 0.5, lower, 5),
        jac=lambda g: n * (np.log(g) + 1),
        bounds=[(lower, 5)] * len(n),
        constraints=LinearConstraint(np.array(rows), targets, targets),
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 300},
    )
    mine = float((n * weights.g[voted] * np.log(weights.g[voted])).sum())
    if found.success:
        assert mine <= found.fun + 1e-7
        assert weights.g[voted] == pytest.approx(found.x, abs=2e-3)


@QUICK
@given(sheets())
def test_merging_loses_no_member_and_no_ballot_and_leaves_no_thin_level(sheet):
    weights = weigh(sheet, Scheme())
    for margin in weights.margins:
        counts = np.bincount(margin.codes, weights.ballots, len(margin.labels))
        assert int(margin.targets.sum()) == sheet.members
        assert counts.min() >= 5
        assert margin.targets.min() >= 10


@QUICK
@given(sheets())
def test_bounds_embrace_the_rate_and_codes_fit_the_figures(sheet):
    rating = rate(sheet)
    if rating.bounds is None:
        assert rating.rating_class in (RatingClass.INSUFFICIENT, RatingClass.HELD)
        return
    b = rating.bounds
    assert 0 <= b.low <= b.p <= b.high <= 1
    assert 0 <= b.phi <= 1
    assert 1 <= b.n_effective <= b.n_kish + 1e-9
    assert rating.worst_case is not None
    assert rating.worst_case.low - 1e-12 <= rating.turnout.favourable / rating.turnout.members
    if rating.reason is ReasonCode.D1:
        assert b.high < 0.6
    if rating.reason is ReasonCode.A1:
        assert b.low >= 0.9 - 1e-9
        assert 3 * rating.turnout.ballots >= 2 * rating.turnout.members
    assert (rating.rating_class is RatingClass.INSUFFICIENT) == rating.reason.value.startswith("I")


@QUICK
@given(sheets(variables=1))
def test_only_the_overall_question_and_the_roster_decide(sheet):
    questions = (Question("overall", QuestionKind.OVERALL), Question("1", dimension="a"), Question("2"))
    cells = tuple(
        Cell(c.levels, c.roster, c.ballots, {**c.counts, "1": {"DISSATISFIED": c.ballots}})
        for c in sheet.cells
    )
    more = rate(Sheet(sheet.home, sheet.members, cells, questions))
    assert (more.rating_class, more.reason, more.bounds) == (
        rate(sheet).rating_class, rate(sheet).reason, rate(sheet).bounds,
    )  # fmt: skip


@QUICK
@given(st.integers(10, 400), st.data())
def test_more_favourable_ballots_never_make_the_class_worse(members, data):
    ballots = data.draw(st.integers(1, members))
    worse = data.draw(st.integers(0, ballots - 1))
    ranks = [
        ORDER.index(
            rate(Sheet("家", members, (Cell({}, members, ballots, answers(k, 0, ballots - k)),))).rating_class
        )
        for k in (worse, worse + 1)
    ]
    assert ranks[0] <= ranks[1]


@QUICK
@given(sheets(), st.randoms())
def test_row_order_and_key_order_change_not_a_byte(sheet, chance):
    document = write(sheet)
    first = canonical(plain(rate(sheet)))
    chance.shuffle(document["cells"])
    for cell in document["cells"]:
        cell["counts"] = {
            q: dict(sorted(given.items(), key=lambda _: chance.random()))
            for q, given in cell["counts"].items()
        }
    again, _ = load(json.dumps(document))
    assert canonical(plain(rate(again))) == first


@QUICK
@given(st.floats(0, 1), st.floats(10, 5000), st.floats(0, 1), st.sampled_from([0.01, 0.05, 0.1]))
def test_limits_shrink_with_the_roster_and_mirror_each_other(p, n, phi, alpha):
    here = limits(p, n, phi, alpha)
    wide = limits(p, n, 1.0, alpha)
    assert 0 <= here.low <= p <= here.high <= 1
    if 1 <= p * n <= n - 1:  # nearer to the ends the half-unit point lies outside the uncorrected limit
        assert wide.low <= here.low + 1e-9
        assert here.high <= wide.high + 1e-9
    mirror = limits(1 - p, n, phi, alpha)
    assert mirror.low == pytest.approx(1 - here.high, abs=1e-6)
    assert mirror.high == pytest.approx(1 - here.low, abs=1e-6)


@QUICK
@given(sheets(variables=2))
def test_a_joint_variable_is_post_stratification(sheet):
    scheme = Scheme(variables=(Variable(("v0", "v1")),), min_level_ballots=1, min_level_roster=1)
    weights = weigh(sheet, scheme)
    if not weights.margins:
        return
    code, targets = weights.margins[0].codes, weights.margins[0].targets
    n = np.bincount(code, weights.ballots, len(targets))
    expected = (targets / np.maximum(n, 1))[code]
    voted = weights.ballots > 0
    assert weights.w[voted] == pytest.approx(expected[voted], rel=1e-9)
    assert all(math.isfinite(value) for value in weights.w)
