"""The JSON face: what goes in comes out, every fault at once, the same bytes for the same counts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scoring import (
    INDEX,
    Basis,
    Cell,
    FaultyInput,
    Question,
    QuestionKind,
    Scheme,
    ScoreSums,
    Sheet,
    Variable,
    rate,
)
from scoring.__main__ import main
from scoring.exchange import canonical, digest_of_sheet, load, plain, write
from tests.scoring.sheets import answers, changhe, postal_branch


def test_a_sheet_survives_writing_and_reading():
    scheme = Scheme(basis=Basis.RAW, variables=(Variable(("class",), levels=("b", "a")),))
    for sheet in (changhe(), postal_branch()):
        again, scheme_again = load(json.dumps(write(sheet, scheme)))
        assert again == sheet
        assert scheme_again == scheme
        assert digest_of_sheet(again) == digest_of_sheet(sheet)


def test_the_digest_knows_counts_but_not_row_order_nor_zeros():
    document = write(changhe())
    digest = digest_of_sheet(changhe())
    document["cells"].reverse()
    document["cells"][0]["counts"]["overall"]["UNKNOWN"] = document["cells"][0]["counts"]["overall"].pop(
        "UNKNOWN"
    )
    assert digest_of_sheet(load(json.dumps(document))[0]) == digest
    document["cells"][0]["counts"]["overall"]["BASIC"] -= 1
    assert digest_of_sheet(load(json.dumps(document))[0]) != digest


def test_the_rating_is_the_same_bytes_in_any_row_order():
    document = write(changhe())
    first = canonical(plain(rate(*load(json.dumps(document)))))
    document["cells"].reverse()
    assert canonical(plain(rate(*load(json.dumps(document))))) == first


def test_every_fault_of_a_sheet_is_told_at_once(tmp_path, capsys):
    document = write(changhe()) | {"N": 187, "electorate": {"kind": "delegates"}, "scheme": {"alpha": 0.7}}
    document["cells"][0]["counts"]["overall"]["PERHAPS"] = 100
    document["groups"] = [{"label": "派遣", "members": 3, "redeemed": -4}]
    path = tmp_path / "sheet.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert main(["rate", str(path)]) == 2
    told = capsys.readouterr().err
    for code in (
        "ROSTER_DOES_NOT_ADD_UP",
        "UNKNOWN_OPTION",
        "MORE_ANSWERS_THAN_BALLOTS",
        "groups.派遣: NEGATIVE",
        "electorate.present: MISSING",
        "scheme.alpha: OUT_OF_RANGE",
    ):
        assert code in told


BAD = {
    "not JSON": "{",
    "not an object": "[1]",
    "null": "null",
    "deep": "[" * 100_000,
    "empty": "{}",
    "wrong kinds": '{"home": 3, "N": "many", "cells": 5, "held": "no", "questions": [{"kind": "other"}]}',
    "cells of nonsense": '{"home": "a", "N": 10, "cells": [3, {"levels": [], "ballots": true}]}',
    "not a number": '{"home": "a", "N": NaN, "cells": []}',
    "huge": '{"home": "a", "N": 1e400, "cells": []}',
    "ratio by zero": '{"home": "a", "N": 0, "cells": [{"ballots": 0}], "scheme": {"min_turnout": "1/0"}}',
    "unknown key": '{"home": "a", "N": 0, "cells": [{"ballots": 0, "counts": {}}], "colour": "red"}',
    "percent": '{"home": "a", "N": 0, "cells": [{"ballots": 0}], "scheme": {"dimension_weights": {"a": 99}}}',
    "names": '{"home": "a", "N": 0, "cells": [{"ballots": 0}], "scheme": {"variables": [{"names": "age"}]}}',
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_document_is_a_list_of_faults_and_exit_code_2(name, tmp_path, capsys):
    path = tmp_path / "sheet.json"
    path.write_text(BAD[name], encoding="utf-8")
    assert main(["rate", str(path)]) == 2
    assert capsys.readouterr().err.strip()


def test_a_missing_file_and_bytes_that_are_no_text_are_faults_too(tmp_path):
    assert main(["rate", str(tmp_path / "none.json")]) == 2
    (tmp_path / "gbk.json").write_bytes('{"home": "家"}'.encode("gb18030"))
    assert main(["rate", str(tmp_path / "gbk.json")]) == 2


def test_the_command_prints_the_rating(tmp_path):
    path = tmp_path / "sheet.json"
    path.write_text(json.dumps(write(postal_branch())), encoding="utf-8")
    command = [sys.executable, "-m", "scoring", "rate", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    printed = json.loads(done.stdout)
    assert printed["rating_class"] == "ELIGIBLE"
    assert round(100 * printed["strict"]["raw"], 2) == 92.70
    assert round(100 * printed["return_rate"], 2) == 97.16


def test_sums_that_cannot_be_are_refused():
    questions = (Question("overall", QuestionKind.OVERALL), Question("1", dimension="设施"))

    def sheet(**scores: ScoreSums) -> Sheet:
        return Sheet("家", 20, (Cell({}, 20, 12, answers(12), scores),), questions)

    assert rate(sheet(设施=ScoreSums(12, 72000, 432000000))).dimensions[0].score is not None
    for code, scores in {
        "MORE_SCORES_THAN_BALLOTS": ScoreSums(13, 0, 0),
        "TOTAL_OUT_OF_RANGE": ScoreSums(1, 6001, 36012001),
        "SQUARES_OUT_OF_RANGE": ScoreSums(2, 6000, 17999999),
    }.items():
        with pytest.raises(FaultyInput, match=code):
            sheet(设施=scores)
    with pytest.raises(FaultyInput, match="UNKNOWN_DIMENSION"):
        sheet(别的=ScoreSums(1, 0, 0))
    with pytest.raises(FaultyInput, match="SQUARES"):
        sheet(**{INDEX: ScoreSums(2, 600000, 1)})


def test_margins_must_cover_what_the_ballots_carry():
    cells = (Cell({"age": "a"}, None, 12, answers(12)), Cell({"age": "b"}, None, 12, answers(12)))
    with pytest.raises(FaultyInput, match=r"margins\.age: MISSING"):
        Sheet("家", 40, cells)
    with pytest.raises(FaultyInput, match=r"margins\.age\.b: MISSING"):
        Sheet("家", 40, cells, margins={"age": {"a": 40}})
    assert rate(Sheet("家", 40, cells, margins={"age": {"a": 15, "b": 25}})).weighting is not None
