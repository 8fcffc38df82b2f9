"""The statistician's table and the command line around it."""

from __future__ import annotations

import json

import pytest

from scoring import METHOD_VERSION, rate, written
from scoring.__main__ import main
from scoring.exchange import write
from scoring.tables import estimates, table
from tests.scoring.sheets import changhe, one_class
from tests.scoring.test_estimates import random_ballots, sheet_of
from tests.scoring.test_methods import merged


def test_the_table_agrees_with_the_rating_on_every_question_and_score():
    sheet = sheet_of(random_ballots(3))
    rating, rows = rate(sheet), {(r.question, r.figure, r.domain): r for r in estimates(sheet)}
    for item in rating.items:
        assert item.combined is not None
        assert item.score is not None
        assert rows[item.id, "combined", ""].estimate == pytest.approx(item.combined.weighted, rel=1e-12)
        assert rows[item.id, "points", ""].estimate == pytest.approx(item.score.mean, rel=1e-12)
        assert rows[item.id, "points", ""].se_unit == pytest.approx(item.score.error, rel=1e-9)
    for dimension in rating.dimensions:
        assert dimension.score is not None
        assert rows[dimension.name, "score", ""].estimate == pytest.approx(dimension.score.mean, rel=1e-12)


def test_routes_to_the_same_standard_error_stay_near_each_other():
    for row in estimates(changhe()):
        assert row.se_overall <= row.se_without
        assert row.se_unit <= row.se_without
        if row.domain:
            continue
        assert row.se_jackknife is not None
        assert row.se_cells is not None
        assert row.se_jackknife == pytest.approx(row.se_overall, rel=0.15)
        assert row.se_cells == pytest.approx(row.se_unit, rel=0.15)


def test_classes_weighted_by_their_roster_add_up_to_the_home():
    rows = estimates(changhe())
    shares = {row.domain: row.estimate for row in rows if row.figure == "combined"}
    assert len(shares) == 4
    assert min(shares.values()) < shares[""] < max(shares.values())


def test_a_home_without_enough_ballots_has_an_empty_table():
    assert estimates(one_class(30, 1)) == ()
    assert estimates(one_class(30, 0)) == ()


def test_the_table_of_an_earlier_version_knows_nothing_of_classes_counted_together():
    then, now = table(merged(), method="1.0"), table(merged())
    assert (then.method_version, now.method_version) == ("1.0", METHOD_VERSION)
    assert then.rows == estimates(one_class(160, 40, 20, 40)) != now.rows
    assert then.input_digest != now.input_digest


def test_the_commands_print_json(tmp_path, capsys):
    path = tmp_path / "sheet.json"
    path.write_text(json.dumps(write(changhe())), encoding="utf-8")
    assert main(["estimate", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    rating = written(rate(changhe()))
    assert len(printed["rows"]) == len(estimates(changhe()))
    for name in ("home", "parameters", "method_version", "input_digest", "parameters_digest"):
        assert printed[name] == rating[name]
    assert main(["simulate", "--homes", "60", "--seed", "5"]) == 0
    city = json.loads(capsys.readouterr().out)
    assert (city["homes"], city["seed"], city["method_version"]) == (60, 5, METHOD_VERSION)
    assert city["parameters"] == rating["parameters"]
    assert main(["simulate", "--homes", "0"]) == 2
