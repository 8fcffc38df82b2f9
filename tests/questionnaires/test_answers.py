"""From what a member sends to an answer sheet, or every fault."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import AnswerError, AnswerSheet, Fault, load, read_answers, sheet_of_codes
from questionnaires.answers import TURNING_MARKS, cleaned

CORE = load("national-core-1")
SHORT = load("national-short-1")
IDS = [item.id for item in CORE.closed_questions]
CODES = ["SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN"]

CHOICES = st.dictionaries(st.sampled_from(IDS), st.sampled_from(CODES), min_size=1)


def faults_of(raw: dict, questionnaire=CORE) -> list[tuple[str, str]]:
    with pytest.raises(AnswerError) as refused:
        read_answers(questionnaire, raw)
    return [(each.code, each.where) for each in refused.value.faults]


def test_the_codes_stand_in_the_order_of_the_form_whatever_the_order_of_the_answers():
    raw = {"q22": "UNKNOWN", "q3": "DISSATISFIED", "q2": "BASIC", "q1": "SATISFIED"}
    sheet = read_answers(CORE, raw)
    assert sheet.codes == (1, 2, 3, *(0,) * 18, 4)
    assert sheet == read_answers(CORE, dict(reversed(raw.items())))
    assert (sheet.code_of("q3"), sheet.code_of("q4")) == (3, 0)


@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_answer_is_the_same_as_none(blank):
    assert read_answers(CORE, {"q1": "BASIC", "q2": blank, "t1": blank}) == read_answers(
        CORE, {"q1": "BASIC"}
    )


def test_every_fault_of_an_answer_is_told_at_once():
    raw = {
        "q1": "PERFECT",
        "q2": 1,
        "q3": ["BASIC"],
        "q99": "BASIC",
        "t1": "长" * 301,
        "t2": 5,
        "q4": "basic",
    }
    assert faults_of(raw) == [
        ("unknown_question", "q99"),
        ("unknown_option", "q1"),
        ("unknown_option", "q2"),
        ("unknown_option", "q3"),
        ("unknown_option", "q4"),
        ("text_too_long", "t1"),
        ("not_text", "t2"),
    ]


@pytest.mark.parametrize("raw", [{}, {"q1": ""}, {"t1": "只写了话"}])
def test_an_answer_in_which_nothing_is_chosen_is_refused(raw):
    assert faults_of(raw) == [("nothing_chosen", "answers")]


def test_the_chairs_question_is_unknown_on_the_short_form():
    assert faults_of({"q22": "BASIC", "s1": "BASIC"}, SHORT) == [("unknown_question", "q22")]


def test_a_fault_repeats_only_the_beginning_of_what_was_sent():
    with pytest.raises(AnswerError) as refused:
        read_answers(CORE, {"q1": "\n<script>" * 100})
    assert len(dict(refused.value.faults[0].details)["given"]) <= 40
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("form", "answered", "valid"), [(CORE, 10, False), (CORE, 11, True), (SHORT, 2, False), (SHORT, 3, True)]
)
def test_a_ballot_is_valid_when_half_of_the_closed_questions_carry_an_answer(form, answered, valid):
    raw = {item.id: "UNKNOWN" for item in form.closed_questions[:answered]}
    sheet = read_answers(form, raw)
    assert (sheet.answered, sheet.is_valid) == (answered, valid)


def test_comments_keep_the_members_words_and_lose_only_what_hurts():
    assert cleaned("  “食堂”'s <b>; DROP TABLE\t好\r\n不好\r完 ") == "“食堂”'s <b>; DROP TABLE\t好\n不好\n完"
    assert cleaned("a\x00b\x1bc\x7fd\x85e\x9ff") == "abcdef"
    assert cleaned("转\u202e向\u2066") == "转向"
    assert cleaned("半个\ud83d字") == "半个\ufffd字"
    assert (
        cleaned("一家\U0001f468\u200d\U0001f469\u200d\U0001f467")
        == "一家\U0001f468\u200d\U0001f469\u200d\U0001f467"
    )


def test_a_comment_of_exactly_300_characters_is_kept_and_a_blank_one_is_none():
    sheet = read_answers(CORE, {"q1": "BASIC", "t1": "长" * 300, "t2": " \n "})
    assert sheet.comments == (("t1", "长" * 300),)


def test_the_comments_stand_in_the_order_of_the_form():
    sheet = read_answers(CORE, {"t2": "二", "q1": "BASIC", "t1": "一"})
    assert sheet.comments == (("t1", "一"), ("t2", "二"))


def test_stored_numbers_make_the_same_sheet_again():
    sheet = read_answers(CORE, {"q1": "BASIC", "q22": "UNKNOWN"})
    assert sheet_of_codes(CORE, sheet.codes) == sheet


def test_stored_numbers_that_are_none_of_the_scales_are_all_told():
    with pytest.raises(AnswerError) as refused:
        sheet_of_codes(CORE, (5, -1, *(1,) * 20))
    assert [each.where for each in refused.value.faults] == ["q1", "q2"]
    with pytest.raises(AnswerError) as refused:
        sheet_of_codes(CORE, (1,) * 21)
    assert refused.value.codes == ("wrong_length",)


@given(CHOICES, st.text(max_size=300), st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_the_raw_mapping_of_a_sheet_reads_back_to_the_sheet(choices, one, two):
    sheet = read_answers(CORE, choices | {"t1": one, "t2": two})
    assert read_answers(CORE, sheet.to_raw()) == sheet


@given(
    st.dictionaries(
        st.text(max_size=5) | st.sampled_from([*IDS, "t1"]), st.none() | st.text() | st.integers()
    )
)
@settings(max_examples=150, deadline=None)
def test_anything_that_is_sent_gives_a_sheet_or_faults(raw):
    outcome: AnswerSheet | tuple[Fault, ...]
    try:
        outcome = read_answers(CORE, raw)
    except AnswerError as refused:
        outcome = refused.faults
    chosen = [value for name, value in raw.items() if name in IDS and value in CODES]
    assert isinstance(outcome, AnswerSheet) or outcome
    assert not isinstance(outcome, AnswerSheet) or outcome.answered == len(chosen) > 0


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_cleaning_twice_changes_nothing_and_leaves_text_that_can_be_stored(text):
    once = cleaned(text)
    assert cleaned(once) == once
    assert "\x00" not in once.encode("utf-8").decode("utf-8")
    assert not set(once) & TURNING_MARKS
