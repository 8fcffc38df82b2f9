"""A roster goes draft, submitted, confirmed, frozen, in the right hands, with warnings and secrets."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import func, select

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, read_session, write_session
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.outbox.models import Message
from survey_app.rosters import listing, operations, queries
from survey_app.rosters.entries import MemberEntry
from survey_app.rosters.models import RosterMember
from tests.support.cast import actor_for
from tests.survey_app.rosters.conftest import ELIGIBLE, NOON


def some(count, first=1, **fields):
    return [
        MemberEntry(f"H{number}", f"会员{number}", f"138{number:08d}", **fields)
        for number in range(first, first + count)
    ]


@pytest.fixture
def book(databases):
    with committing(write_session(databases.roster)) as session:
        yield session


@pytest.fixture
def bring(book, people, keys):
    """Import entries for a home and a year, as the chair of the home unless said otherwise."""

    def bring_in(entries, who="chair", home="home", year=2026):
        actor = SYSTEM if who is None else actor_for(book, people[who])
        return operations.import_roster(
            book, actor, people[home], entries, keys=keys, year=year, eligible_on=ELIGIBLE, at=NOON
        )

    return bring_in


def test_a_roster_goes_from_the_chair_to_the_superior_and_is_frozen(book, people, bring):
    chair, officer = actor_for(book, people["chair"]), actor_for(book, people["officer"])
    roster = bring(some(100, employment="合同制"))
    operations.submit(book, chair, roster, at=NOON)
    operations.confirm(book, officer, roster, at=NOON)
    operations.freeze(book, roster, at=NOON)
    assert (roster.state, roster.members, roster.warnings) == ("frozen", 100, [])
    assert roster.digest == operations.digest_of(book, roster.id)
    assert len(queries.members_of(book, roster.id)) == 100
    book.get_one(RosterMember, queries.members_of(book, roster.id)[0].id).name = "别人"
    assert roster.digest != operations.digest_of(book, roster.id)


def test_a_contact_is_unreadable_at_rest_and_opens_for_its_member_only(book, bring, settings):
    roster = bring(some(2))
    first, second = book.scalars(select(RosterMember).order_by(RosterMember.number)).all()
    assert b"13800000001" not in first.contact_wrapped
    assert queries.contact_of(book, settings.wrapping_key, first.id) == "13800000001"
    first.contact_wrapped = second.contact_wrapped
    with pytest.raises(Exception, match=r"^$|broken|wrap"):
        queries.contact_of(book, settings.wrapping_key, first.id)
    assert roster.members == 2


def test_a_second_import_replaces_the_draft_and_a_bad_one_changes_nothing(book, bring):
    roster = bring(some(5))
    again = bring(some(3))
    assert (again.id, again.members) == (roster.id, 3)
    with book.begin_nested() as attempt:
        with pytest.raises(Invalid) as caught:
            bring([*some(2), *some(1)])
        attempt.rollback()
    assert [fault.code for fault in caught.value.faults] == ["number_twice_plain"]
    assert book.scalar(select(func.count()).select_from(RosterMember)) == 3


def test_the_wrong_hands_are_refused_in_the_operation_itself(book, people, bring):
    for who, problem in (
        ("stranger", NotFound),
        ("neighbour_chair", NotFound),
        ("street_officer", Refused),
        ("auditor", Refused),
    ):
        with pytest.raises(problem):
            bring(some(3), who)
    roster = bring(some(100))
    chair, officer = actor_for(book, people["chair"]), actor_for(book, people["officer"])
    with pytest.raises(Refused):
        operations.confirm(book, officer, roster, at=NOON)
    operations.submit(book, chair, roster, at=NOON)
    for who in ("chair", "auditor", "street_officer"):
        with pytest.raises(Refused):
            operations.confirm(book, actor_for(book, people[who]), roster, at=NOON)
    with pytest.raises(NotFound):
        operations.confirm(book, actor_for(book, people["stranger"]), roster, at=NOON)
    with pytest.raises(Refused):
        bring(some(3))
    own = dataclasses.replace(officer, unit_id=people["home"].id)
    with pytest.raises(Refused, match="own_roster"):
        operations.confirm(book, own, roster, at=NOON)
    assert roster.state == "submitted"


def test_a_returned_roster_is_a_draft_again_with_the_reason(book, people, bring):
    chair, officer = actor_for(book, people["chair"]), actor_for(book, people["officer"])
    roster = bring(some(100))
    operations.submit(book, chair, roster, at=NOON)
    with pytest.raises(Invalid):
        operations.return_roster(book, officer, roster, reason=" ", at=NOON)
    with pytest.raises(Conflict):
        operations.return_roster(book, officer, roster, reason="少了三车间的人", at=NOON, version=0)
    operations.return_roster(book, officer, roster, reason="少了三车间的人", at=NOON)
    told = {message.post_id: message.kind for message in book.scalars(select(Message))}
    assert told == {people["officer"].id: "roster.submitted", people["chair"].id: "roster.returned"}
    assert (roster.state, roster.return_reason) == ("draft", "少了三车间的人")
    assert bring(some(103)).members == 103


def test_the_three_warnings_are_counted_and_confirming_needs_a_reason(book, people, bring):
    chair, officer = actor_for(book, people["chair"]), actor_for(book, people["officer"])
    last = bring(some(100), None, year=2025)
    operations.submit(book, SYSTEM, last, at=NOON)
    operations.confirm(book, SYSTEM, last, at=NOON)
    operations.freeze(book, last, at=NOON)
    shared = [dataclasses.replace(one, contact="13900000000") for one in some(3, 200)]
    roster = bring([*some(90), *shared])
    operations.submit(book, chair, roster, at=NOON)
    assert roster.warnings == [
        {"code": "figure_differs", "stated": 100, "members": 93},
        {"code": "contact_shared", "contacts": 1, "members": 3},
    ]
    operations.return_roster(book, officer, roster, reason="请核对人数", at=NOON)
    roster = bring([*some(85), *some(15, 500)])
    assert roster.warnings == [{"code": "much_changed", "year": 2025, "joined": 15, "left": 15}]
    operations.submit(book, chair, roster, at=NOON)
    with pytest.raises(Invalid, match="invalid_input"):
        operations.confirm(book, officer, roster, at=NOON)


def test_exactly_five_and_twenty_percent_are_no_warning(book, bring, people):
    last = bring(some(100), None, year=2025)
    operations.submit(book, SYSTEM, last, at=NOON)
    operations.confirm(book, SYSTEM, last, at=NOON)
    operations.freeze(book, last, at=NOON)
    assert bring([*some(90), *some(10, 500)]).warnings == []
    assert bring([*some(95), *some(10, 500)]).warnings == []
    assert [warning["code"] for warning in bring([*some(95), *some(11, 500)]).warnings] == ["figure_differs"]


def test_the_same_person_in_two_homes_is_shown_to_the_superior(book, people, bring):
    roster = bring(some(4))
    bring([MemberEntry("N9", " 会员 2 ", "13800000002"), *some(1, 900)], None, "neighbour")
    bring([MemberEntry("N9", "会员3", "13800000003")], None, "neighbour", year=2025)
    found = queries.same_persons(book, roster)
    assert [(one.number, one.other_home, one.other_number) for one in found] == [
        ("H2", "青禾纺织公司工会", "N9")
    ]


def test_after_freezing_a_new_list_is_a_new_edition(book, bring):
    roster = bring(some(100))
    operations.submit(book, SYSTEM, roster, at=NOON)
    operations.confirm(book, SYSTEM, roster, at=NOON)
    operations.freeze(book, roster, at=NOON)
    later = bring(some(99))
    assert (later.edition, later.state, roster.members) == (2, "draft", 100)
    assert queries.latest_roster(book, roster.home_id, 2026).id == later.id


def test_a_list_counts_what_is_in_scope_and_nothing_else(databases, people, keys):
    with committing(write_session(databases.roster)) as session:
        for home in ("home", "neighbour"):
            operations.import_roster(
                session,
                SYSTEM,
                people[home],
                some(3),
                keys=keys,
                year=2026,
                eligible_on=ELIGIBLE,
                at=NOON,
            )
    with read_session(databases.roster) as session:
        seen = {
            who: listing.visible_rosters(session, actor_for(session, people[who]), year=2026)[1]
            for who in ("officer", "street_officer", "stranger", "chair")
        }
        counts = listing.count_by_state(session, actor_for(session, people["stranger"]), 2026)
    assert seen == {"officer": 2, "street_officer": 1, "stranger": 0, "chair": 1}
    assert +counts == {}
