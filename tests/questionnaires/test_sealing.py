"""The bytes that are sealed: they fit, they come back, and rubbish gives faults."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import (
    MAX_BYTES,
    AnswerError,
    AnswerSheet,
    Item,
    Role,
    Wording,
    decode,
    encode,
    extend,
    load,
    read_answers,
)

CORE = load("national-core-1")


def local(number: int) -> Item:
    name = Wording((("en", f"Matter {number}"), ("zh", f"事项{number}")))
    return Item(f"l{number}", Role.LOCAL, name, name)


LONGEST_FORM = extend(CORE, [local(number) for number in (1, 2, 3)])


def longest(comment: str) -> AnswerSheet:
    raw = {item.id: "DISSATISFIED" for item in LONGEST_FORM.closed_questions}
    return read_answers(LONGEST_FORM, raw | {"t1": comment, "t2": comment})


def test_two_chinese_comments_of_300_characters_fit():
    assert len(encode(longest("工" * 300))) < 2400


@pytest.mark.parametrize("char", ["\U0001f600", "\U00020000", '"', "\\", "\ufffd"])
def test_the_worst_characters_fit_on_the_longest_form(char):
    sheet = longest(char * 300)
    assert len(sheet.comments[0][1]) == 300
    assert len(encode(sheet)) <= 2943 < MAX_BYTES
    assert decode(encode(sheet), LONGEST_FORM) == sheet


def test_line_breaks_fit_too():
    assert len(encode(longest("a" + "\n" * 298 + "b"))) < MAX_BYTES


@given(
    st.lists(
        st.sampled_from(["SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN", ""]), min_size=22, max_size=22
    ),
    st.text(max_size=300),
    st.text(max_size=300),
)
@settings(max_examples=200, deadline=None)
def test_every_sheet_fits_and_comes_back(choices, one, two):
    raw = {item.id: code for item, code in zip(CORE.closed_questions, choices, strict=True)}
    sheet = read_answers(CORE, raw | {"q1": "BASIC", "t1": one, "t2": two})
    data = encode(sheet)
    assert len(data) <= MAX_BYTES
    assert decode(data, CORE) == sheet


def test_the_bytes_are_what_a_phone_writes_with_json_stringify():
    sheet = read_answers(CORE, {"t1": '说“好”\n"行"', "q2": "UNKNOWN", "q1": "SATISFIED"})
    expected = '{"q1":"SATISFIED","q2":"UNKNOWN","t1":"说“好”\\n\\"行\\""}'
    assert encode(sheet).decode() == expected


def test_a_phone_that_escapes_or_reorders_is_read_as_well():
    data = json.dumps({"t1": "好", "q1": "BASIC"}, indent=1).encode()
    assert decode(data, CORE) == read_answers(CORE, {"q1": "BASIC", "t1": "好"})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[]", "not_json"),
        (b"null", "not_json"),
        (b'{"q1":NaN}', "unknown_option"),
        (b"[" * MAX_BYTES, "not_json"),
        (b'{"q1":' * 500, "not_json"),
        (b'{"q1":"BASIC","q1":"SATISFIED"}', "answered_twice"),
        (b'{"q1":{"q2":"BASIC","q2":"BASIC"}}', "answered_twice"),
        (b" " * (MAX_BYTES + 1), "too_many_bytes"),
        (b"{}", "nothing_chosen"),
        (b'{"q1":"1"}', "unknown_option"),
    ],
)
def test_rubbish_that_somebody_sealed_gives_faults_and_never_a_crash(data, code):
    with pytest.raises(AnswerError) as refused:
        decode(data, CORE)
    assert code in refused.value.codes


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_sheet_or_faults(data):
    with pytest.raises(AnswerError):
        decode(data, CORE)


def test_a_sheet_that_does_not_fit_is_refused_before_it_is_sealed():
    sheet = replace(longest("好"), comments=(("t1", "\U0001f600" * 700), ("t2", "好")))
    with pytest.raises(AnswerError) as refused:
        encode(sheet)
    assert refused.value.codes == ("too_many_bytes",)
