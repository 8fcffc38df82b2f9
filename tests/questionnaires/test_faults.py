"""A definition that cannot be used tells every fault at once, each at its place."""

import copy

import pytest

from questionnaires import QuestionnaireError, from_dict, from_json, load

CORE = load("national-core-1")


def faults_after(change) -> set[tuple[str, str]]:
    plain = copy.deepcopy(CORE.to_dict())
    change(plain)
    with pytest.raises(QuestionnaireError) as refused:
        from_dict(plain)
    return {(each.code, each.where) for each in refused.value.faults}


def first_item(plain: dict) -> dict:
    return plain["sections"][0]["items"][0]


SHAPE = {
    "a missing field": (lambda plain: plain.pop("version"), ("missing_field", "version")),
    "a superfluous field": (lambda plain: plain.update(colour="red"), ("unknown_field", "colour")),
    "a text where a number belongs": (lambda plain: plain.update(version="1"), ("wrong_type", "version")),
    "true where a number belongs": (lambda plain: plain.update(version=True), ("wrong_type", "version")),
    "a number where a text belongs": (lambda plain: plain.update(id=7), ("wrong_type", "id")),
    "a list where a mapping belongs": (lambda plain: plain.update(scale=[]), ("wrong_type", "scale")),
    "a mapping where a list belongs": (
        lambda plain: plain.update(sections={}),
        ("wrong_type", "sections"),
    ),
    "an item that is a text": (
        lambda plain: plain["sections"][0]["items"].append("q99"),
        ("wrong_type", "sections[0].items[5]"),
    ),
    "an empty value": (lambda plain: plain.update(title=None), ("wrong_type", "title")),
    "an unknown role": (
        lambda plain: first_item(plain).update(role="boss"),
        ("unknown_choice", "sections[0].items[0].role"),
    ),
    "a later schema": (lambda plain: plain.update(schema=2), ("unknown_schema", "schema")),
    "languages that are no texts": (
        lambda plain: plain.update(languages=["zh", 3]),
        ("wrong_type", "languages"),
    ),
}

MEANING = {
    "a bad questionnaire id": (lambda plain: plain.update(id="National Core"), ("bad_id", "id")),
    "version nought": (lambda plain: plain.update(version=0), ("bad_version", "version")),
    "no Chinese": (lambda plain: plain.update(languages=["en"]), ("missing_language", "languages")),
    "a language without texts": (
        lambda plain: plain.update(languages=["zh", "en", "ug"]),
        ("missing_text", "q1.question"),
    ),
    "a text in an undeclared language": (
        lambda plain: plain["title"].update(fr="Bonjour"),
        ("undeclared_language", "title"),
    ),
    "a blank text": (
        lambda plain: first_item(plain)["question"].update(zh=" "),
        ("missing_text", "q1.question"),
    ),
    "an invisible character": (
        lambda plain: first_item(plain)["question"].update(zh="您满\u200b意吗？"),
        ("unprintable_text", "q1.question"),
    ),
    "a text in another normal form": (
        lambda plain: first_item(plain)["question"].update(en="cafe\u0301"),
        ("unprintable_text", "q1.question"),
    ),
    "a text of 201 characters": (
        lambda plain: first_item(plain)["question"].update(zh="问" * 201),
        ("text_too_long", "q1.question"),
    ),
    "a label too long for a chart": (
        lambda plain: first_item(plain)["label"].update(zh="九个字的图表短名称"),
        ("text_too_long", "q1.label"),
    ),
    "an option value out of order": (
        lambda plain: plain["scale"]["options"][0].update(value=0),
        ("bad_value", "scale.SATISFIED"),
    ),
    "points that rise": (
        lambda plain: plain["scale"]["options"][0].update(points=40),
        ("bad_points", "scale"),
    ),
    "points above a hundred": (
        lambda plain: plain["scale"]["options"][0].update(points=101),
        ("bad_points", "scale.SATISFIED"),
    ),
    "an option twice": (
        lambda plain: plain["scale"]["options"][1].update(code="SATISFIED"),
        ("repeated", "scale"),
    ),
    "a section without items": (
        lambda plain: plain["sections"][0].update(items=[]),
        ("empty_section", "D1"),
    ),
    "the same question id twice": (
        lambda plain: first_item(plain).update(id="q2"),
        ("repeated", "questions"),
    ),
    "the same duty twice": (lambda plain: first_item(plain).update(duty="D1-2"), ("repeated", "duties")),
    "the same words twice": (
        lambda plain: first_item(plain).update(question=plain["sections"][0]["items"][1]["question"]),
        ("repeated", "question_texts"),
    ),
    "an id that looks like an open question": (
        lambda plain: first_item(plain).update(id="t9"),
        ("bad_id", "t9"),
    ),
    "an id reserved for local items": (lambda plain: first_item(plain).update(id="l1"), ("bad_id", "l1")),
    "the chair in a dimension": (
        lambda plain: first_item(plain).update(role="chair"),
        ("role_in_wrong_section", "q1"),
    ),
    "a duty of another dimension": (
        lambda plain: first_item(plain).update(duty="D2-9"),
        ("duty_of_other_dimension", "q1"),
    ),
    "a duty item without a duty": (lambda plain: first_item(plain).pop("duty"), ("bad_duty", "q1")),
    "a duty item of unknown visibility": (
        lambda plain: first_item(plain).pop("observability"),
        ("missing_field", "q1.observability"),
    ),
    "an overall item that claims a duty": (
        lambda plain: plain["sections"][4]["items"][0].update(duty="D1-1"),
        ("duty_not_allowed", "q21"),
    ),
    "no overall item": (
        lambda plain: plain["sections"][4]["items"].pop(0),
        ("overall_items", "sections"),
    ),
    "two chair items": (
        lambda plain: plain["sections"][4]["items"].append({**plain["sections"][4]["items"][1], "id": "q23"}),
        ("chair_items", "sections"),
    ),
    "seven items in a dimension": (
        lambda plain: plain["sections"][1]["items"].append(
            {**plain["sections"][1]["items"][0], "id": "q30", "duty": "D2-7"}
        ),
        ("too_many_items", "D2"),
    ),
    "three open questions": (
        lambda plain: plain["open"].append({**plain["open"][0], "id": "t3"}),
        ("too_many_open_questions", "open"),
    ),
    "room for 301 characters": (lambda plain: plain["open"][0].update(limit=301), ("bad_limit", "t1")),
    "a bad language code": (lambda plain: plain["languages"].append("Chinese"), ("bad_id", "languages")),
    "a bad option code": (
        lambda plain: plain["scale"]["options"][0].update(code="very good"),
        ("bad_id", "scale"),
    ),
    "a bad section id": (lambda plain: plain["sections"][4].update(id="general"), ("bad_id", "general")),
    "an open question with a closed id": (lambda plain: plain["open"][0].update(id="q40"), ("bad_id", "q40")),
    "a base that is no fingerprint": (lambda plain: plain.update(base="abc"), ("bad_fingerprint", "base")),
}


@pytest.mark.parametrize(("change", "fault"), SHAPE.values(), ids=SHAPE)
def test_a_fault_of_shape_is_found_at_its_place(change, fault):
    assert faults_after(change) == {fault}


@pytest.mark.parametrize(("change", "fault"), MEANING.values(), ids=MEANING)
def test_a_fault_of_meaning_is_found_at_its_place(change, fault):
    assert fault in faults_after(change)


def test_every_fault_of_shape_is_told_at_once():
    plain = copy.deepcopy(CORE.to_dict())
    plain.pop("id")
    plain["extra"] = 1
    first_item(plain)["role"] = "boss"
    first_item(plain).pop("label")
    plain["open"][1]["limit"] = "many"
    with pytest.raises(QuestionnaireError) as refused:
        from_dict(plain)
    assert {(each.code, each.where) for each in refused.value.faults} == {
        ("missing_field", "id"),
        ("unknown_field", "extra"),
        ("unknown_choice", "sections[0].items[0].role"),
        ("missing_field", "sections[0].items[0].label"),
        ("wrong_type", "open[1].limit"),
    }


def test_every_fault_of_meaning_is_told_at_once():
    plain = copy.deepcopy(CORE.to_dict())
    plain["version"] = 0
    plain["scale"]["options"][0]["points"] = 101
    first_item(plain)["id"] = "q2"
    plain["open"][0]["limit"] = 0
    plain["title"]["en"] = ""
    with pytest.raises(QuestionnaireError) as refused:
        from_dict(plain)
    assert {"bad_version", "bad_points", "repeated", "bad_limit", "missing_text"} == set(refused.value.codes)


@pytest.mark.parametrize("rubbish", [None, [], "text", 3, {}])
def test_rubbish_is_refused_with_faults_and_never_with_a_crash(rubbish):
    with pytest.raises(QuestionnaireError) as refused:
        from_dict(rubbish)
    assert refused.value.faults


@pytest.mark.parametrize("rubbish", [b"", b"{", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_json_are_one_fault(rubbish):
    with pytest.raises(QuestionnaireError) as refused:
        from_json(rubbish)
    assert refused.value.codes == ("not_json",)


def test_a_fault_reads_as_place_code_and_facts():
    with pytest.raises(QuestionnaireError) as refused:
        from_dict({**CORE.to_dict(), "version": 0})
    assert str(refused.value) == "version: bad_version (given=0)"
