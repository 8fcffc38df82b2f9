"""What the phone and the reader get."""

import json

import pytest

from questionnaires import MAX_BYTES, load, narrow, plain_text, public_form

CORE = load("national-core-1")


def test_the_phone_gets_every_question_its_options_and_its_limits():
    form = public_form(CORE, "zh")
    items = [item for section in form["sections"] for item in section["items"]]
    assert [item["id"] for item in items] == [item.id for item in CORE.closed_questions]
    assert [item["number"] for item in items] == list(range(1, 23))
    assert items[0]["text"] == "职工之家的场地和设施，您用着满意吗？"
    assert [option["code"] for option in form["options"]] == ["SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN"]
    assert [option["opinion"] for option in form["options"]] == [True, True, True, False]
    assert [(each["id"], each["limit"]) for each in form["open"]] == [("t1", 300), ("t2", 300)]
    assert form["closed"] == 22
    assert form["limits"] == {"bytes": MAX_BYTES, "minimum": 11}
    assert form["fingerprint"] == CORE.fingerprint


def test_the_phone_is_told_nothing_about_points_duties_or_visibility():
    text = json.dumps(public_form(CORE, "en"))
    secret = {"points", "value", "duty", "observability", "role", "base"}
    assert not [name for name in secret if f'"{name}":' in text]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_form_is_plain_data_in_one_language_and_small_enough_for_the_first_visit(lang):
    form = public_form(CORE, lang)
    text = json.dumps(form, ensure_ascii=False)
    assert json.loads(text) == form
    assert ("满意" in text) == (lang == "zh")
    assert len(text.encode()) < 8_000


def test_the_plain_text_can_be_read_aloud_from_the_first_question_to_the_last():
    lines = plain_text(CORE, "zh").splitlines()
    assert lines[0] == "会员评议职工之家测评表"
    assert "21. 总的来说，您对咱们职工之家满意吗？" in lines
    assert lines[-1] == "您觉得做得最好的一件事是什么？"
    assert sum(line.split(".")[0].isdigit() for line in lines) == 22


def test_a_form_without_open_questions_ends_with_its_options():
    assert plain_text(narrow(CORE, ["q6"]), "zh").splitlines()[-1] == "满意 / 基本满意 / 不满意 / 不了解"


def test_an_open_question_is_found_by_its_id():
    assert CORE.open_question("t2").text("en") == "What one thing is done best?"
    assert CORE.open_question("t3") is None
