"""A lower level may add questions; it cannot change, move, drop or rescore a question of the core."""

import copy
from dataclasses import replace

import pytest

from questionnaires import (
    Form,
    Item,
    Observability,
    QuestionnaireError,
    Role,
    SectionKind,
    Wording,
    extend,
    faults_against,
    from_dict,
    from_json,
    items_from,
    load,
    narrow,
    read_answers,
)

CORE = load("national-core-1")


def wording(zh: str, en: str) -> Wording:
    return Wording((("en", en), ("zh", zh)))


def local(number: int, **changes) -> Item:
    item = Item(
        f"l{number}",
        Role.LOCAL,
        wording(f"食堂第{number}件事，您满意吗？", f"Canteen matter {number}?"),
        wording("食堂", "Canteen"),
    )
    return replace(item, **changes)


EXTENDED = extend(CORE, [local(1), local(2)])


def codes_of(call, *args) -> set[tuple[str, str]]:
    with pytest.raises(QuestionnaireError) as refused:
        call(*args)
    return {(each.code, each.where) for each in refused.value.faults}


def test_local_items_stand_behind_the_core_and_in_no_dimension():
    assert [item.id for item in EXTENDED.closed_questions[:22]] == [f"q{n}" for n in range(1, 23)]
    assert [item.id for item in EXTENDED.closed_questions[22:]] == ["l1", "l2"]
    assert EXTENDED.dimensions == CORE.dimensions
    assert EXTENDED.sections[-1].kind is SectionKind.LOCAL
    assert EXTENDED.base == CORE.fingerprint
    assert EXTENDED.fingerprint != CORE.fingerprint


def test_the_scores_of_a_ballot_are_the_same_whatever_it_says_on_local_items():
    core_answers = {f"q{number}": "BASIC" for number in range(1, 22)}
    plain = read_answers(CORE, core_answers)
    for code in ("SATISFIED", "DISSATISFIED", "UNKNOWN", ""):
        sheet = read_answers(EXTENDED, core_answers | {"l1": code, "l2": code})
        assert sheet.dimension_scores == plain.dimension_scores
        assert sheet.codes[:22] == plain.codes


def test_an_extension_can_be_stored_and_rebuilt_and_extended_again():
    assert from_json(EXTENDED.to_json()) == EXTENDED
    again = extend(EXTENDED, [local(3)])
    assert [item.id for item in again.closed_questions[22:]] == ["l1", "l2", "l3"]
    assert again.base == EXTENDED.fingerprint
    assert faults_against(EXTENDED, again) == []


def test_an_extension_of_the_core_has_no_fault_against_it():
    assert faults_against(CORE, EXTENDED) == []


def test_every_attempt_to_touch_the_core_is_told_at_once():
    attempts = [
        local(1, id="q5"),
        local(1, id="q21", role=Role.OVERALL),
        local(2, role=Role.DUTY, duty="D1-6", observability=Observability.HIGH),
        local(3, role=Role.CHAIR),
    ]
    assert codes_of(extend, CORE, attempts) >= {
        ("core_item_changed", "q5"),
        ("core_item_changed", "q21"),
        ("not_local", "l2"),
        ("not_local", "l3"),
    }


@pytest.mark.parametrize(
    ("items", "fault"),
    [
        ([], ("nothing_added", "L")),
        ([local(1), local(1)], ("repeated", "questions")),
        ([local(1, id="x1")], ("bad_id", "x1")),
        ([local(1, duty="D1-1")], ("duty_not_allowed", "l1")),
        ([local(n) for n in (1, 2, 3, 4)], ("too_many_questions", "sections")),
        ([local(1, question=Wording((("zh", "只有中文，您满意吗？"),)))], ("missing_text", "l1.question")),
        ([local(1, question=CORE.closed_questions[0].question)], ("repeated", "question_texts")),
    ],
)
def test_local_items_obey_the_same_checks_as_the_core(items, fault):
    assert fault in codes_of(extend, CORE, items)


def changed(change) -> dict:
    plain = copy.deepcopy(EXTENDED.to_dict())
    change(plain)
    return plain


def swap_items(plain):
    items = plain["sections"][1]["items"]
    items[0], items[1] = items[1], items[0]


def move_item(plain):
    item = plain["sections"][0]["items"].pop()
    plain["sections"][1]["items"].append({**item, "duty": "D2-9"})
    plain["sections"][1]["items"].pop(0)


TAMPERED = {
    "a reworded question": (
        lambda plain: plain["sections"][0]["items"][0]["question"].update(zh="场地好，您满意吗？"),
        ("core_item_changed", "q1"),
    ),
    "a relabelled bar": (
        lambda plain: plain["sections"][0]["items"][0]["label"].update(zh="好场地"),
        ("core_item_changed", "q1"),
    ),
    "a dropped question": (
        lambda plain: plain["sections"][0]["items"].pop(2),
        ("core_item_missing", "q3"),
    ),
    "a moved question": (move_item, ("core_item_changed", "q5")),
    "two questions in another order": (swap_items, ("core_changed", "D2.items")),
    "a retitled section": (
        lambda plain: plain["sections"][0]["title"].update(zh="设施"),
        ("core_changed", "D1"),
    ),
    "another formal heading": (
        lambda plain: plain["sections"][0]["formal"].update(zh="设施"),
        ("core_changed", "D1"),
    ),
    "a dropped section": (lambda plain: plain["sections"].pop(3), ("core_changed", "sections")),
    "sections in another order": (
        lambda plain: plain["sections"].insert(0, plain["sections"].pop(3)),
        ("core_changed", "sections"),
    ),
    "kinder points": (
        lambda plain: plain["scale"]["options"][1].update(points=90),
        ("core_changed", "scale"),
    ),
    "a renamed option": (
        lambda plain: plain["scale"]["options"][2]["text"].update(zh="还行"),
        ("core_changed", "scale"),
    ),
    "a dropped open question": (lambda plain: plain["open"].pop(), ("core_changed", "open_questions")),
    "another form": (lambda plain: plain.update(form="short"), ("core_changed", "form")),
    "another base": (lambda plain: plain.update(base="0" * 64), ("other_base", "base")),
    "no base": (lambda plain: plain.pop("base"), ("other_base", "base")),
}


@pytest.mark.parametrize(("change", "fault"), TAMPERED.values(), ids=TAMPERED)
def test_an_imported_form_that_tampers_with_the_core_is_found_out(change, fault):
    candidate = from_dict(changed(change))
    assert fault in {(each.code, each.where) for each in faults_against(CORE, candidate)}


def test_every_tampering_of_an_imported_form_is_told_at_once():
    def change(plain):
        for name in ("a reworded question", "kinder points", "a dropped open question", "another base"):
            TAMPERED[name][0](plain)

    found = {(each.code, each.where) for each in faults_against(CORE, from_dict(changed(change)))}
    assert found == {
        ("core_item_changed", "q1"),
        ("core_changed", "scale"),
        ("core_changed", "open_questions"),
        ("other_base", "base"),
    }


def test_items_written_by_an_officer_are_read_with_every_fault():
    text = {"zh": "班车准点，您满意吗？", "en": "Is the bus on time?"}
    good = {"id": "l1", "role": "local", "question": text, "label": {"zh": "班车", "en": "Bus"}}
    assert extend(CORE, items_from([good])).item("l1").text("zh") == "班车准点，您满意吗？"
    assert codes_of(items_from, [{**good, "role": 3}, {"id": "l2"}]) == {
        ("wrong_type", "local[0].role"),
        ("missing_field", "local[1].role"),
        ("missing_field", "local[1].question"),
        ("missing_field", "local[1].label"),
    }


def test_a_re_evaluation_asks_the_failed_items_and_the_overall_item_in_the_same_words():
    again = narrow(CORE, ["q9", "q6"])
    assert again.form is Form.RE_EVALUATION
    assert [item.id for item in again.closed_questions] == ["q21", "q6", "q9"]
    assert [again.item(id) for id in ("q6", "q9", "q21")] == [CORE.item(id) for id in ("q6", "q9", "q21")]
    assert again.dimensions == ()
    assert again.open_questions == ()
    assert again.base == CORE.fingerprint
    assert from_json(again.to_json()) == again


def test_a_re_evaluation_without_failed_items_asks_the_overall_item_alone():
    assert [item.id for item in narrow(CORE, []).closed_questions] == ["q21"]


def test_a_re_evaluation_may_ask_a_failed_local_item_again():
    assert [item.id for item in narrow(EXTENDED, ["l2"]).closed_questions] == ["q21", "l2"]
    assert from_dict(narrow(EXTENDED, ["l2"]).to_dict()) == narrow(EXTENDED, ["l2"])


def test_every_item_that_cannot_be_asked_again_is_told_at_once():
    assert codes_of(narrow, CORE, ["q99", "q22", "q21", "q6", "q6"]) == {
        ("unknown_question", "q99"),
        ("chair_not_asked_again", "q22"),
        ("overall_always_asked", "q21"),
        ("repeated", "q6"),
    }
