"""The round sheet has one spelling, one fingerprint, and refuses to mislead."""

import hashlib
import json
from dataclasses import replace

import pytest

from survey_app.seals import sheet
from survey_app.seals.errors import SheetRefused
from survey_app.seals.issuing import IssuingKey
from survey_app.seals.opening import OpeningKey
from survey_app.seals.sheet import RoundSheet, SheetClass


@pytest.fixture(scope="module")
def facts() -> RoundSheet:
    return RoundSheet(
        round_id=b"r" * 16,
        round_title="2026年度会员评议职工之家",
        home_id=b"h" * 16,
        home_name="城建集团工会",
        questionnaire_fingerprint=b"q" * 32,
        opening_public=OpeningKey.make().public,
        classes=(
            SheetClass(b"a" * 16, "女会员", 37, IssuingKey.make().public_n, {"gender": ["女"]}),
            SheetClass(b"b" * 16, "男会员", 52, IssuingKey.make().public_n, {"gender": ["男"]}),
        ),
        merge_by=("gender",),
        work_report="这一年",
    )


def test_the_sheet_says_what_a_phone_needs(facts: RoundSheet) -> None:
    read = json.loads(facts.to_bytes())
    assert read["version"] == 2
    assert [c["levels"] for c in read["classes"]] == [{"gender": ["女"]}, {"gender": ["男"]}]
    assert read["merge_by"] == ["gender"]
    assert read["report"] == hashlib.sha256("这一年".encode()).hexdigest()
    assert read["round"] == {"id": (b"r" * 16).hex(), "title": "2026年度会员评议职工之家"}
    assert read["home"]["name"] == "城建集团工会"
    assert [(c["label"], c["size"], c["e"]) for c in read["classes"]] == [
        ("女会员", 37, 65537),
        ("男会员", 52, 65537),
    ]


def test_the_same_facts_have_the_same_fingerprint_and_others_another(facts: RoundSheet) -> None:
    assert facts.to_bytes() == replace(facts).to_bytes()
    fingerprint = sheet.fingerprint(facts.to_bytes())
    for change in (
        {"round_title": "别的"},
        {"home_id": b"i" * 16},
        {"questionnaire_fingerprint": b"p" * 32},
        {"classes": facts.classes[:1]},
        {"classes": facts.classes[::-1]},
        {"opening_public": OpeningKey.make().public},
        {"classes": (replace(facts.classes[0], levels={"gender": ["男"]}), *facts.classes[1:])},
        {"merge_by": ("gender", "department")},
        {"work_report": "另一份"},
    ):
        assert sheet.fingerprint(replace(facts, **change).to_bytes()) != fingerprint


def test_every_altered_byte_changes_the_fingerprint(facts: RoundSheet) -> None:
    good = facts.to_bytes()
    seen = {sheet.fingerprint(good)}
    for position in range(len(good)):
        altered = bytearray(good)
        altered[position] ^= 1
        seen.add(sheet.fingerprint(bytes(altered)))
    assert len(seen) == len(good) + 1


def test_a_sheet_that_could_mislead_is_refused(facts: RoundSheet) -> None:
    first, second = facts.classes
    for change in (
        {"classes": ()},
        {"classes": (first, first)},
        {"classes": (first, replace(second, public_n=first.public_n))},
        {"classes": (first, replace(second, public_n=b"\x7f" + second.public_n[1:]))},
        {"opening_public": b"not a key"},
        {"round_id": b"short"},
        {"questionnaire_fingerprint": b"short"},
    ):
        with pytest.raises(SheetRefused):
            replace(facts, **change).to_bytes()


def test_canonical_json_has_one_spelling() -> None:
    assert sheet.canonical_json({"b": [1, None, True], "a": "家"}) == '{"a":"家","b":[1,null,true]}'.encode()
    assert sheet.canonical_json({"a": 1, "b": 2}) == sheet.canonical_json({"b": 2, "a": 1})
    for value in ({"a": 0.1}, [1, [2.0]], {"a": {"b": float("nan")}}, {1: "a"}):
        with pytest.raises(SheetRefused):
            sheet.canonical_json(value)
