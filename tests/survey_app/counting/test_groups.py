"""The record of who stayed away names groups, never a few people."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from survey_app.app import create_app
from survey_app.core.db import read_session, reading
from survey_app.counting.models import HomeCount
from survey_app.rosters.models import RosterMember
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

ONE_ALONE = HomeSpec((("合同制", 24), ("劳务派遣", 15), ("非全日制", 1)))


def test_no_stored_group_has_fewer_members_than_a_class_must(build):
    built = build(ONE_ALONE, HomeSpec.of(12)).prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    for home, voters in zip(built.home_ids, (20, 11), strict=True):
        for code in built.codes(home)[:voters]:
            MemberClient(over_flask(app), code).vote(answers_of(built.questionnaire))
    built.close().count().finish()
    with reading(read_session(built.databases.roster)) as session:
        counts = {row.home_id: row for row in session.scalars(select(HomeCount))}
        levels = Counter(session.scalars(select(RosterMember.employment)))
    assert levels["非全日制"] == 1, "the control: the roster has a level of one"
    large, small = (counts[home] for home in built.home_ids)
    assert large.groups
    assert min(group["members"] for group in large.groups) >= 15
    by_work = [group for group in large.groups if group["variable"] == "employment"]
    assert sorted((group["label"], group["members"]) for group in by_work) == [
        ("劳务派遣、非全日制", 16),
        ("合同制", 24),
    ]
    assert sum(group["redeemed"] for group in by_work) == 20
    assert small.groups == [], "a home smaller than a class has no groups"
