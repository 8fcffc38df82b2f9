"""Sheets counted from single ballots, against the counts by another hand."""

from __future__ import annotations

import pytest

from scoring import INDEX, FaultyInput, Question, QuestionKind, rate
from scoring.ballots import Ballot, equal_percents, sheet_of_ballots
from scoring.exchange import digest_of_sheet
from tests.scoring.test_estimates import QUESTIONS, ROSTER, random_ballots, sheet_of

ROSTERS = {(("class", level),): members for level, members in ROSTER.items()}


@pytest.mark.parametrize("seed", range(4))
def test_ballots_give_the_sheet_that_was_counted_by_hand(seed):
    raw = [(level, answers) for level, answers in random_ballots(seed) if 2 * len(answers) >= len(QUESTIONS)]
    ballots = [Ballot({"class": level}, answers) for level, answers in raw]
    sheet = sheet_of_ballots("家", ROSTERS, reversed(ballots), QUESTIONS)
    assert digest_of_sheet(sheet) == digest_of_sheet(sheet_of(raw))
    assert rate(sheet) == rate(sheet_of(raw))


def test_a_ballot_with_fewer_than_half_of_its_answers_is_not_valid():
    full = {q.id: "SATISFIED" for q in QUESTIONS}
    half = dict(list(full.items())[:5])
    ballots = [
        Ballot({"class": "x"}, full),
        Ballot({"class": "x"}, half),
        Ballot({"class": "y"}, dict(list(half.items())[:4])),
    ]
    assert sheet_of_ballots("家", ROSTERS, ballots, QUESTIONS).ballots == 2
    silent = [Ballot({"class": "x"}, dict.fromkeys(full, "UNKNOWN"))]
    sheet = sheet_of_ballots("家", ROSTERS, silent, QUESTIONS)
    assert sheet.ballots == 1
    assert sheet.cells[0].scores[INDEX].count == 0


def test_an_unknown_class_or_option_is_a_fault():
    with pytest.raises(FaultyInput, match="UNKNOWN_CLASS"):
        sheet_of_ballots("家", ROSTERS, [Ballot({"class": "z"}, {})], QUESTIONS)
    strange = {q.id: "PERHAPS" for q in QUESTIONS}
    with pytest.raises(FaultyInput, match="UNKNOWN_OPTION"):
        sheet_of_ballots("家", ROSTERS, [Ballot({"class": "x"}, strange)], QUESTIONS)


def test_equal_percents_are_whole_and_add_up():
    three = [Question("o", QuestionKind.OVERALL), *(Question(n, dimension=n) for n in "abc")]
    assert equal_percents(three) == {"a": 34, "b": 33, "c": 33}
    assert equal_percents(three[:1]) == {}
