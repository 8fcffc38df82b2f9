"""Agreement with R's survey package to 1e-9 relative, and with published worked examples to their digits."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from scoring import Basis, Cell, Scheme, Sheet, Variable
from scoring.calibration import Distance, calibrate
from scoring.comparison import benjamini_hochberg
from scoring.rating import kish_design_effect
from scoring.uncertainty import Proportion, Variance, bounds, wilson
from scoring.variance import (
    Moments,
    cell_correction,
    contrast,
    design_effect,
    jackknife,
    linearise,
    moments_of_points,
    overall_correction,
    unit_correction,
)
from scoring.weighting import Margin, Weights, bounded_rake, dummies, weigh

ORACLES = Path(__file__).parent / "oracles"
CASES = json.loads((ORACLES / "survey_cases.json").read_text())["cases"]
OPTIONS = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")
FIGURES = {"points": (100, 50, 0), "favourable": (1, 1, 0), "top": (1, 0, 0)}


def close(expected: float) -> object:
    return pytest.approx(expected, rel=1e-9, abs=1e-13)


def sheet_of(case: dict) -> tuple[Sheet, Scheme]:
    cells = tuple(
        Cell(cell["levels"], cell["roster"], cell["ballots"], {"overall": cell["counts"]})
        for cell in case["cells"]
    )
    names = tuple(case["cells"][0]["levels"])
    variables = (Variable(names),) if case["how"] == "joint" else tuple(Variable((name,)) for name in names)
    basis = Basis.RAW if case["how"] == "none" else Basis.WEIGHTED
    cap = case["cap"] if case.get("cap") else 1e9
    scheme = Scheme(basis=basis, variables=variables, min_level_ballots=1, min_level_roster=1, g_upper=cap)
    return Sheet("R", case["N"], cells), scheme


def moments_of(case: dict, figure: str, sheet: Sheet) -> Moments:
    by_key = {tuple(sorted(cell["levels"].items())): cell for cell in case["cells"]}
    rows = [by_key[cell.key] for cell in sheet.cells]
    if figure == "score":
        table = np.array(
            [[row["score"][k] for k in ("count", "sum", "squares")] for row in rows], dtype=float
        )
        return Moments(table[:, 0], table[:, 1], table[:, 2])
    answers = np.array([[row["counts"][option] for option in OPTIONS[:3]] for row in rows], dtype=float)
    return moments_of_points(answers, FIGURES[figure])


def test_there_are_enough_cases_of_every_kind():
    kinds = [case["how"] for case in CASES]
    assert len(CASES) >= 50
    assert {kind: kinds.count(kind) for kind in set(kinds)}.keys() == {"none", "joint", "rake", "bounded"}
    assert min(kinds.count(kind) for kind in set(kinds)) >= 9


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['how']}")
def test_weights_estimates_errors_and_design_effects_equal_r(case):
    sheet, scheme = sheet_of(case)
    weights = weigh(sheet, scheme)
    assert weights.dropped == ()
    order = {
        tuple(sorted(cell["levels"].items())): g for cell, g in zip(case["cells"], case["g"], strict=True)
    }
    assert list(weights.g) == [close(order[cell.key]) for cell in sheet.cells]
    assert kish_design_effect(weights) == close(case["kish"])
    for figure, expected in case["figures"].items():
        moments = moments_of(case, figure, sheet)
        line = linearise(moments, weights)
        variance = overall_correction(line, weights, sheet.members)
        v0, v1 = unit_correction(line, weights)
        assert line.estimate == close(expected["est"])
        assert math.sqrt(variance) == close(expected["se"])
        assert (v0, v1) == (close(expected["v0"]), close(expected["v1"]))
        assert weights.rank == expected["q"]
        assert design_effect(variance, moments, weights, replace=False) == close(expected["deff"])
        assert design_effect(variance, moments, weights, replace=True) == close(expected["deff_replace"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['how']}")
def test_domains_and_contrasts_equal_r(case):
    sheet, scheme = sheet_of(case)
    weights = weigh(sheet, scheme)
    moments = moments_of(case, "points", sheet)
    parts = []
    for number, (estimate, error) in enumerate(
        zip(case["domains"]["est"], case["domains"]["se"], strict=True)
    ):
        part = moments.within([cell.levels["a"] == str(number + 1) for cell in sheet.cells])
        parts.append(part)
        line = linearise(part, weights)
        assert line.estimate == close(estimate)
        assert math.sqrt(overall_correction(line, weights, sheet.members)) == close(error)
    difference = contrast(parts[0], parts[1], weights)
    assert difference.estimate == pytest.approx(case["contrast"]["est"], rel=1e-9, abs=1e-11)
    variance = overall_correction(difference, weights, sheet.members)
    assert math.sqrt(variance) == close(case["contrast"]["se"])


def has_enough_ballots(case: dict) -> bool:
    """Fifteen ballots for each degree of freedom; below, R's n/(n-1) is known to be too small for Taylor."""
    return (
        case["how"] != "bounded"
        and sum(c["ballots"] for c in case["cells"]) >= 15 * case["figures"]["top"]["q"]
    )


@pytest.mark.parametrize("case", list(filter(has_enough_ballots, CASES)), ids=lambda c: c["id"])
def test_the_jackknife_stays_near_taylor(case):
    sheet, scheme = sheet_of(case)
    weights = weigh(sheet, scheme)
    answers = sheet.answers(sheet.overall)[:, :-1].astype(float)
    taylor = overall_correction(linearise(moments_of(case, "points", sheet), weights), weights, sheet.members)
    again = jackknife(answers, (100, 50, 0), weights, sheet.members, (0.0, 1e9))
    assert 0.95 < math.sqrt(again / taylor) < 1.15


def test_school_data_to_the_printed_digits():
    """California schools: stratified mean 662.29 (SE 9.4089) and total enrolment 3,687,178 (SE 114,642)."""
    api = json.loads((ORACLES / "P1_api.json").read_text())
    for sample, key in (
        ("stratified_sample", "stratified"),
        ("simple_sample", "simple_poststratified_by_type"),
    ):
        strata = api[sample]
        roster = np.array([api["roster"][name] for name in strata])
        ballots = np.array([row["n"] for row in strata.values()])
        total, n = int(roster.sum()), int(ballots.sum())
        w = roster / ballots
        stratum = (Margin("stype", tuple(strata), np.arange(3), roster),)
        weights = Weights(ballots, w, w * n / total, dummies(3, [np.arange(3)]), 3, stratum, (), ())
        api00 = Moments(
            *(np.array([float(r[k]) for r in strata.values()]) for k in ("n", "sum_api00", "sumsq_api00"))
        )
        enroll = Moments(
            *(np.array([float(r[k]) for r in strata.values()]) for k in ("n", "sum_enroll", "sumsq_enroll"))
        )
        means = [linearise(m, weights) for m in (api00, enroll)]
        if key == "stratified":
            errors = [math.sqrt(cell_correction(line, weights, roster)) for line in means]
            assert (f"{means[0].estimate:.2f}", f"{errors[0]:.4f}") == ("662.29", "9.4089")
            assert (f"{total * means[1].estimate:.0f}", f"{total * errors[1]:.0f}") == ("3687178", "114642")
        else:
            errors = [math.sqrt(overall_correction(line, weights, total)) for line in means]
        # The sampling weights in R's copy of the data are single-precision floats: seven digits there.
        rel = 1e-7 if key == "stratified" else 1e-9
        expected = api["recomputed"][key]
        assert means[0].estimate == pytest.approx(expected["mean_api00"]["est"], rel=rel)
        assert errors[0] == pytest.approx(expected["mean_api00"]["se"], rel=rel)
        assert total * means[1].estimate == pytest.approx(expected["total_enroll"]["est"], rel=rel)
        assert total * errors[1] == pytest.approx(expected["total_enroll"]["se"], rel=rel)


def test_the_tables_of_kalton_and_flores_cervantes():
    table = json.loads((ORACLES / "P2_kalton_flores_cervantes.json").read_text())
    n, margins = kalton_margins(table)
    roster = np.array([cell["N"] for cell in table["cells"]])
    members = int(roster.sum())
    base = members / n.sum()
    joint = [Margin("ab", (), np.arange(12), roster)]
    for name, g in {
        "poststratified": bounded_rake(n, members, joint, 0.0, 1e9),
        "raked": bounded_rake(n, members, margins, 0.0, 1e9),
    }.items():
        assert g is not None
        assert [round(float(w), 2) for w in base * g] == pytest.approx(
            table["published_rounded_to_2"][name], abs=0.0051
        )
        assert [round(float(w), 6) for w in base * g] == pytest.approx(table["recomputed"][name], abs=1.1e-6)


@pytest.mark.parametrize(
    ("name", "distance", "limits"),
    [
        ("raked", Distance.EXPONENTIAL, (-math.inf, math.inf)),
        ("linear", Distance.LINEAR, (-math.inf, math.inf)),
        ("logit_bounds_0.5_2.2", Distance.LOGIT, (0.5, 2.2)),
        ("truncated_linear_0.5_2.2", Distance.TRUNCATED, (0.5, 2.2)),
    ],
)
def test_the_other_distances_of_kalton_and_flores_cervantes(name, distance, limits):
    table = json.loads((ORACLES / "P2_kalton_flores_cervantes.json").read_text())
    n, margins = kalton_margins(table)
    weights = calibrate(n, margins, distance, limits)
    assert weights is not None
    assert weights.tolist() == pytest.approx(table["published_rounded_to_2"][name], abs=0.0051)
    assert weights.tolist() == pytest.approx(table["recomputed"][name], abs=1.1e-6)


def kalton_margins(table: dict) -> tuple[np.ndarray, list[Margin]]:
    n = np.array([cell["n"] for cell in table["cells"]])
    roster = np.array([cell["N"] for cell in table["cells"]])
    codes = [np.array([cell[name] - 1 for cell in table["cells"]]) for name in ("a", "b")]
    return n, [
        Margin("ab"[i], (), code, np.array([roster[code == level].sum() for level in range(code.max() + 1)]))
        for i, code in enumerate(codes)
    ]


@pytest.mark.parametrize("case", [case for case in CASES if case["how"] == "rake"], ids=lambda c: c["id"])
def test_raking_and_calibration_are_two_routes_to_the_same_weights(case):
    sheet, scheme = sheet_of(case)
    weights = weigh(sheet, scheme)
    again = calibrate(weights.ballots, weights.margins, Distance.EXPONENTIAL)
    assert again is not None
    assert again == pytest.approx(weights.w, rel=1e-8)


def test_calibration_without_a_solution_says_so():
    table = json.loads((ORACLES / "P2_kalton_flores_cervantes.json").read_text())
    n, margins = kalton_margins(table)
    assert calibrate(n, margins, Distance.TRUNCATED, (0.99, 1.2)) is None


def test_bounded_raking_of_that_table_meets_margins_within_bounds_and_is_the_optimum():
    table = json.loads((ORACLES / "P2_kalton_flores_cervantes.json").read_text())
    n, margins = kalton_margins(table)
    members = int(margins[0].targets.sum())
    base = members / n.sum()
    g = bounded_rake(n, members, margins, 0.9 / base, 2.2 / base)
    assert g is not None
    w = g * base
    assert w.min() >= 0.9 - 1e-9
    assert w.max() <= 2.2 + 1e-9
    for margin in margins:
        for level, target in enumerate(margin.targets):
            assert (n * w)[margin.codes == level].sum() == pytest.approx(target, rel=1e-10)
    assert bounded_rake(n, members, margins, 1.0 / base, 1.2 / base) is None


def test_newcombe_table_one():
    table = json.loads((ORACLES / "P3_newcombe.json").read_text())
    printed = table["published_to_4_places"]
    for row, score, exact in zip(table["rows"], printed["wilson"], printed["clopper_pearson"], strict=True):
        x, n = row["x"], row["n"]
        interval = wilson(x / n, n, 0.95)
        assert (interval.low, interval.high) == (close(row["wilson"][0]), close(row["wilson"][1]))
        assert [round(interval.low, 4), round(interval.high, 4)] == score
        rate = Proportion(x / n, n, x, n, math.inf, n, 1.0, Variance(0, 0), x)
        limits = bounds(rate, 0.025)
        assert (limits.low, limits.high) == (
            close(row["clopper_pearson"][0]),
            close(row["clopper_pearson"][1]),
        )
        assert [round(limits.low, 4), round(limits.high, 4)] == exact


def test_the_worked_example_of_benjamini_and_hochberg():
    example = json.loads((ORACLES / "P4_benjamini_hochberg.json").read_text())
    p = np.array(example["p"])
    assert int(benjamini_hochberg(p, example["q"]).sum()) == example["published"]["rejected_bh"]
    assert int((p <= example["q"] / len(p)).sum()) == example["published"]["rejected_bonferroni"]
