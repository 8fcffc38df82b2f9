"""Versions of the method: an earlier one gives what it gave then, an unknown one is refused by its name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from scoring import METHOD_VERSION, METHODS, FaultyInput, Stratum, rate, written
from scoring.__main__ import main
from scoring.exchange import digest_of_sheet, plain, write
from tests.scoring.sheets import changhe, one_class, postal_branch

# Printed by the engine as it was under 1.0, before it knew of classes counted together.
AS_PRINTED_THEN = (
    (changhe(), (0.7145323755624974, 0.8116909182094683)),
    (postal_branch(), (0.9933220402807533, 1.0)),
)
KEYS_THEN = {"p", "low", "high", "n_effective", "phi", "n_kish", "n_linear", "p_value", "full_count"}


def merged():
    """A home of two classes counted together that came unequally: the versions part here."""
    sheet = one_class(160, 40, 20, 40)
    strata = (Stratum(40, 8), Stratum(120, 92))
    return replace(sheet, cells=tuple(replace(cell, strata=strata) for cell in sheet.cells))


@pytest.mark.parametrize(("sheet", "limits"), AS_PRINTED_THEN)
def test_the_first_version_gives_what_it_gave_then(sheet, limits):
    then = written(rate(sheet, method="1.0"))
    assert then["method_version"] == "1.0"
    assert then["bounds"].keys() == KEYS_THEN
    assert (then["bounds"]["low"], then["bounds"]["high"]) == pytest.approx(limits, abs=1e-15)


def test_the_first_version_knows_nothing_of_classes_counted_together():
    then, now = rate(merged(), method="1.0"), rate(merged())
    blind = one_class(160, 40, 20, 40)
    assert written(then) == written(rate(blind, method="1.0"))
    assert then.input_digest == digest_of_sheet(blind)
    assert now.bounds.low < then.bounds.low < then.bounds.high < now.bounds.high
    assert now.bounds.n_kish < then.bounds.n_kish


def test_the_newest_version_is_the_default_and_writes_all_it_knows():
    assert METHODS[-1] == METHOD_VERSION
    assert written(rate(merged())) == plain(rate(merged(), method=METHOD_VERSION))
    assert written(rate(merged()))["bounds"].keys() == KEYS_THEN | {"below", "above", "award_low"}
    assert written(rate(merged(), method="1.1"))["bounds"].keys() == KEYS_THEN | {"below", "above"}
    assert written(rate(replace(merged(), held=True), method="1.0"))["bounds"] is None


def test_an_unknown_version_is_refused_by_its_name(tmp_path, capsys):
    with pytest.raises(FaultyInput, match=r"UNKNOWN_METHOD \(9\.9; known: 1\.0, 1\.1, 1\.2\)"):
        rate(changhe(), method="9.9")
    file = tmp_path / "sheet.json"
    file.write_text(json.dumps(write(changhe())), encoding="utf-8")
    assert main(["rate", str(file), "--method", "9.9"]) == 2
    assert "method: UNKNOWN_METHOD (9.9; known: 1.0, 1.1, 1.2)" in capsys.readouterr().err
    assert main(["rate", str(file), "--method", "1.0"]) == 0
    assert json.loads(capsys.readouterr().out) == written(rate(changhe(), method="1.0"))
