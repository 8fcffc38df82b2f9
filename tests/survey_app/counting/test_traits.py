"""Traits of ballots: the stored numbers reach the signs as what they mean, and stay with the count."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text, update

from questionnaires import load, narrow
from survey_app.app import create_app
from survey_app.box.models import Opening
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.counting.erasing import erase_vote
from survey_app.counting.models import HomeCount
from survey_app.counting.traits import compared_places, traits_row
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import BuiltRound, HomeSpec

FORM = load("national-core-1")
BLANK, SATISFIED, BASIC, DISSATISFIED, UNKNOWN = range(5)
OVERALL, CHAIR = FORM.position(FORM.overall.id), FORM.position(FORM.chair.id)


def ballot(overall: int, *items: int, chair: int = SATISFIED) -> tuple[int, ...]:
    """A ballot as it is stored; the items given repeat over the duties."""
    codes = [items[number % len(items)] for number in range(len(FORM.closed_questions))]
    codes[OVERALL], codes[CHAIR] = overall, chair
    return tuple(codes)


def test_the_overall_question_comes_first_and_the_chair_is_left_out():
    places = compared_places(FORM)
    assert (places[0], len(places)) == (OVERALL, 21)
    assert CHAIR not in places


def test_a_re_evaluation_has_no_traits_and_does_not_fail_for_it():
    again = narrow(FORM, ["q6", "q9"])
    ballots = [(SATISFIED, BASIC, DISSATISFIED)] * 40
    assert traits_row(again, ballots, 60) is None


def test_stored_numbers_mean_what_the_scale_says():
    ballots = [
        *[ballot(SATISFIED, SATISFIED)] * 4,  # all the best
        *[ballot(BASIC, BASIC)] * 3,  # straight, not the best
        *[ballot(SATISFIED, DISSATISFIED)] * 2,  # against itself, straight, 20 critical answers each
        ballot(DISSATISFIED, SATISFIED),  # against itself the other way, one critical answer
        *[ballot(UNKNOWN, SATISFIED, UNKNOWN)] * 2,  # no opinion; eleven critical answers each
        *[ballot(BLANK, BLANK)] * 1,  # 21 critical answers, straight in nothing
    ]
    row = traits_row(FORM, ballots, 40)
    assert row is not None
    assert (row["members"], row["ballots"]) == (40, 13)
    assert row["rate"] == 9 / 10, "不了解 and blank are no opinion"
    assert (row["straight"], row["all_top"], row["contradictory"]) == (4 + 3 + 2 + 1, 5, 3)
    assert row["critical"] == 2 * 20 + 1 + 2 * 11 + 21
    assert (row["uneven"], row["pairs"]) == (2, 1)


def test_the_answer_about_the_chair_changes_no_trait():
    same = [ballot(SATISFIED, BASIC, SATISFIED, chair=chair) for chair in (SATISFIED, DISSATISFIED) * 6]
    assert traits_row(FORM, same, 12) == traits_row(FORM, [same[0]] * 12, 12)


def test_fewer_than_ten_ballots_leave_no_traits():
    assert traits_row(FORM, [ballot(SATISFIED, SATISFIED)] * 9, 12) is None


@pytest.fixture
def counted(build) -> BuiltRound:
    """A counted round: twelve ballots in one home, nine in another."""
    built = build(HomeSpec.of(13), HomeSpec.of(12)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for home, turnout in zip(built.home_ids, (12, 9), strict=True):
        for number, code in enumerate(built.codes(home)[:turnout]):
            option = "SATISFIED" if number % 3 else "DISSATISFIED"
            MemberClient(send, code).vote(answers_of(built.questionnaire, option))
    return built.close().count().finish()


def stored(built: BuiltRound, home: int) -> tuple[object, object]:
    """The traits of a home on both sides."""
    key = (built.id, built.home_ids[home])
    with reading(read_session(built.databases.box)) as box:
        inside = box.get_one(Opening, key).traits
    with reading(read_session(built.databases.roster)) as session:
        return inside and json.loads(inside), session.get_one(HomeCount, key).traits


def findings_of(built: BuiltRound) -> list[str]:
    return [one.what for one in audit(built.databases).findings]


def test_counting_keeps_the_traits_on_both_sides_and_audit_recounts_them(counted):
    inside, outside = stored(counted, 0)
    assert inside == outside
    assert inside["ballots"] == 12
    assert inside["rate"] == 8 / 12
    assert stored(counted, 1) == (None, None), "nine ballots were never opened"
    assert findings_of(counted) == []
    for engine, table in ((counted.databases.box, "opening"), (counted.databases.roster, "home_count")):
        with engine.begin() as connection:
            altered = json.dumps({**inside, "pairs": 7})
            connection.execute(
                text(f"UPDATE {table} SET traits = :traits WHERE home_id = :home"),
                {"traits": altered, "home": counted.home_ids[0]},
            )
        assert ("traits differ between box and roster" in findings_of(counted)) == (table == "opening")
    assert findings_of(counted) == ["the traits differ from a recount of the ballots"]


def test_a_count_made_before_traits_were_kept_stays_valid_and_a_voided_vote_keeps_none(counted):
    erase_vote(counted.databases, counted.id, counted.home_ids[0])
    assert stored(counted, 0)[0] is None
    with committing(write_session(counted.databases.roster)) as session:
        session.execute(update(HomeCount).values(traits=None))
    assert not [fault for fault in findings_of(counted) if "traits" in fault]
