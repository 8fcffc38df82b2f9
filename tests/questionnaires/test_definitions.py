"""The two national definitions: what they ask, and that nobody edits them after first use."""

import dataclasses
import subprocess
import sys
import tomllib

import pytest

from questionnaires import (
    Form,
    Observability,
    QuestionnaireError,
    Role,
    SectionKind,
    available,
    from_dict,
    from_json,
    load,
    parse,
)
from questionnaires.loader import DEFINITIONS

CORE = load("national-core-1")
SHORT = load("national-short-1")

FROZEN = {
    "national-core-1": "1cf6e2d3997f973829f212a7b76f0392c27c80c0d17bc44d82128a5a3bed174f",
    "national-short-1": "ffe51de25694855c36e734ab6653879fc2f615c5ea03ed401fa15a49de8e3836",
}
"""Written down on the day of first use. A change here breaks every round that used the old text."""


def test_no_bundled_definition_has_changed_since_it_was_written_down():
    assert {name: load(name).fingerprint for name in available()} == FROZEN


def test_the_core_has_twenty_duties_in_four_dimensions_of_five_six_five_four():
    assert [section.id for section in CORE.dimensions] == ["D1", "D2", "D3", "D4"]
    assert [len(section.items) for section in CORE.dimensions] == [5, 6, 5, 4]
    assert [section.minimum for section in CORE.dimensions] == [3, 3, 3, 2]
    duties = [item.duty for section in CORE.dimensions for item in section.items]
    sizes = zip((1, 2, 3, 4), (5, 6, 5, 4), strict=True)
    assert duties == [f"D{field}-{place}" for field, size in sizes for place in range(1, size + 1)]


def test_the_questions_are_numbered_q1_to_q22_and_t1_t2():
    assert [item.id for item in CORE.closed_questions] == [f"q{number}" for number in range(1, 23)]
    assert [each.id for each in CORE.open_questions] == ["t1", "t2"]
    assert {each.limit for each in (*CORE.open_questions, *SHORT.open_questions)} == {300}


def test_the_overall_item_and_the_chairs_item_stand_apart_from_every_dimension():
    assert (CORE.overall.id, CORE.chair.id) == ("q21", "q22")
    scored = {item.id for section in CORE.dimensions for item in section.items}
    assert not scored & {"q21", "q22"}


def test_eight_duties_are_easy_to_see_six_so_so_and_six_hardly():
    levels = [item.observability for item in CORE.closed_questions if item.role is Role.DUTY]
    counts = {level: levels.count(level) for level in Observability}
    assert counts == {Observability.HIGH: 8, Observability.MIDDLE: 6, Observability.LOW: 6}


def test_the_short_form_has_one_item_per_dimension_the_overall_item_and_one_open_question():
    assert SHORT.form is Form.SHORT
    assert [len(section.items) for section in SHORT.dimensions] == [1, 1, 1, 1]
    assert [item.id for item in SHORT.closed_questions] == ["s1", "s2", "s3", "s4", "q21"]
    assert SHORT.overall == CORE.overall
    assert SHORT.chair is None
    assert SHORT.open_questions == CORE.open_questions[:1]
    assert SHORT.scale == CORE.scale


def test_the_scale_gives_points_to_opinions_only():
    scale = [(option.code, option.value, option.points) for option in CORE.scale.options]
    assert scale == [("SATISFIED", 1, 100), ("BASIC", 2, 50), ("DISSATISFIED", 3, 0), ("UNKNOWN", 4, None)]
    assert [option.text("zh") for option in CORE.scale.options] == ["满意", "基本满意", "不满意", "不了解"]


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_every_text_exists_in_chinese_and_english(name):
    for where, wording in load(name).wordings():
        assert set(dict(wording.texts)) == {"zh", "en"}, where
        assert wording.text("zh") != wording.text("en")


def test_the_chart_labels_are_those_of_the_designs_pages():
    labels = [item.label.text("zh") for item in CORE.closed_questions]
    assert labels[:5] == ["场地和设施", "找得到人", "制度上墙", "服务通知", "办事程序"]
    assert labels[16:20] == ["向单位争取", "服务站联动", "外来服务", "积极分子"]
    titles = [section.title.text("zh") for section in CORE.sections]
    assert titles == ["服务设施", "服务职责", "管理制度", "运行机制", "总的看"]


def test_an_unknown_language_reads_the_chinese_text():
    assert CORE.overall.text("ug") == "总的来说，您对咱们职工之家满意吗？"


@pytest.mark.parametrize("name", sorted(FROZEN))
def test_a_stored_version_is_rebuilt_to_the_same_questionnaire_and_fingerprint(name):
    original = load(name)
    for rebuilt in (from_dict(original.to_dict()), from_json(original.to_json())):
        assert rebuilt == original
        assert rebuilt.fingerprint == original.fingerprint


def test_the_fingerprint_does_not_depend_on_the_order_of_fields():
    def turned(value):
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(list(value))}
        return [turned(each) for each in value] if isinstance(value, list) else value

    assert list(turned(CORE.to_dict())) != list(CORE.to_dict())
    assert from_dict(turned(CORE.to_dict())).fingerprint == CORE.fingerprint


def test_the_fingerprint_changes_with_every_single_text():
    plain = CORE.to_dict()
    seen = {CORE.fingerprint}
    for section in plain["sections"]:
        for item in section["items"]:
            before = item["question"]["zh"]
            item["question"]["zh"] = before.replace("满意吗", "满不满意")
            seen.add(from_dict(plain).fingerprint)
            item["question"]["zh"] = before
    assert len(seen) == 1 + 22


def test_another_process_computes_the_same_fingerprint():
    code = "from questionnaires import load; print(load('national-core-1').fingerprint)"
    # A different hash seed shuffles sets and so would show any dependence on their order.
    for seed in ("1", "2"):
        ran = subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True)
        assert ran.stdout.decode().strip() == CORE.fingerprint, ran.stderr


def test_a_questionnaire_cannot_be_changed_in_place():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CORE.version = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        CORE.closed_questions[0].duty = None


def test_a_name_that_is_not_bundled_is_refused_before_any_file_is_opened():
    for name in ("../loader", "national-core-2", ""):
        with pytest.raises(QuestionnaireError) as refused:
            load(name)
        assert refused.value.codes == ("unknown_definition",)


def test_a_text_that_is_not_toml_is_one_fault():
    with pytest.raises(QuestionnaireError) as refused:
        parse("schema = ")
    assert refused.value.codes == ("not_toml",)


def test_a_definition_file_reads_as_the_same_mapping_that_is_stored():
    # One shape for files, database and editor: nothing in a file is lost or renamed on the way in.
    text = (DEFINITIONS / "national-core-1.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == CORE.to_dict()
    assert {section.kind for section in CORE.sections} == {SectionKind.DIMENSION, SectionKind.GENERAL}
