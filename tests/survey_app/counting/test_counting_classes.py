"""Counting classes: merged by the rule, and never fewer than ten persons behind a stored row (test 26)."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.box.models import Ballot, CountingClass
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.counting.classes import ClassTurnout, counting_classes
from survey_app.counting.opening import home_task
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.rounds.channels import classes_of
from survey_app.rounds.models import RoundHome
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec


def classes(*pairs: tuple[int, int], levels: tuple[tuple[str, ...], ...] = ()) -> list[ClassTurnout]:
    """Classes from (members, valid ballots); without levels each stands alone."""
    return [
        ClassTurnout(f"c{at}", at, levels[at] if levels else (f"l{at}",), members, valid)
        for at, (members, valid) in enumerate(pairs)
    ]


def merged(*pairs: tuple[int, int], levels=()) -> list[tuple[tuple[str, ...], int]]:
    return [(one.ids, one.valid) for one in counting_classes(classes(*pairs, levels=levels))]


def test_classes_of_ten_ballots_stay():
    assert merged((20, 10), (20, 10)) == [(("c0",), 10), (("c1",), 10)]


def test_the_class_with_the_fewest_ballots_joins_the_one_with_the_next_fewest():
    assert merged((20, 9), (30, 20), (30, 12)) == [(("c0", "c2"), 21), (("c1",), 20)]


def test_kin_comes_before_size():
    levels = (("甲", "男"), ("乙", "男"), ("甲", "女"))
    assert merged((20, 9), (30, 12), (40, 20), levels=levels) == [(("c0", "c2"), 29), (("c1",), 12)]


def test_a_class_that_would_weigh_more_than_five_times_is_merged():
    # 10 of 600 answered against 590 of 600: each of the ten would stand for 60, more than 5 x 2.
    assert merged((600, 10), (600, 590)) == [(("c0", "c1"), 600)]
    assert len(merged((50, 10), (600, 590))) == 2


def test_a_home_with_fewer_than_ten_valid_ballots_has_no_class():
    assert merged((20, 5), (20, 4)) == []


# A shared machine may pause a test for longer than any deadline.
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(15, 400), st.integers(0, 400)), min_size=1, max_size=8))
def test_every_class_that_is_left_has_ten_and_holds_everybody_once(pairs):
    pairs = [(max(members, valid), valid) for members, valid in pairs]
    found = counting_classes(classes(*pairs))
    if sum(valid for _, valid in pairs) < 10:
        assert found == []
        return
    assert all(one.valid >= 10 for one in found)
    assert sorted(id for one in found for id in one.ids) == [f"c{at}" for at in range(len(pairs))]


def redeemed_in(session, class_ids: list[str]) -> int:
    """How many members used their entitlement in these ballot classes."""
    found = session.scalar(
        select(func.count())
        .select_from(Invitation)
        .where(Invitation.class_id.in_(class_ids), Invitation.state == InvitationState.ISSUED)
    )
    return found or 0


def test_behind_every_stored_row_stand_ten_persons_who_redeemed(build):
    built = build(HomeSpec((("合同制", 30), ("劳务派遣", 16), ("聘用制", 16)))).prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    codes = built.codes(built.home_ids[0])
    # Sixteen of the first group, three of the second, one of the third.
    for code in [*codes[:16], *codes[30:33], codes[46]]:
        MemberClient(over_flask(app), code).vote(answers_of(built.questionnaire))
    built.close().count().finish()
    with reading(read_session(built.databases.box)) as box:
        rows = box.execute(select(Ballot.counting_class)).scalars().all()
        groups = {row.id: json.loads(row.ballot_classes) for row in box.scalars(select(CountingClass))}
    assert len(rows) == 20
    with reading(read_session(built.databases.roster)) as session:
        behind = [redeemed_in(session, groups[row]) for row in rows]
        assert min(behind) >= 10
        # The control: had ballot classes been stored, one row would have had one person behind it.
        naive = [redeemed_in(session, [one]) for group in groups.values() for one in group]
        assert min(count for count in naive if count) == 1


def test_nobody_chooses_after_the_vote_with_whom_a_class_is_merged(build):
    """Levels stand on the sheet, so under its fingerprint, before the vote; rows changed later do nothing."""
    built = build(HomeSpec((("在编", 15), ("合同制", 20), ("劳务派遣", 20)))).prepare().open()
    home = built.home_ids[0]
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    codes = built.codes(home)
    for code in [*codes[:4], *codes[15:27], *codes[35:47]]:
        MemberClient(send, code).vote(answers_of(built.questionnaire))
    with committing(write_session(built.databases.roster)) as session:
        rows = session.scalars(classes_of(built.id, home)).all()
        before = home_task(session, built.id, home).levels
        # As if it had been decided afterwards that the small class belongs to the last one.
        rows[0].levels = dict(rows[2].levels)
    with reading(read_session(built.databases.roster)) as session:
        assert home_task(session, built.id, home).levels == before
    found = [one.what for one in audit(built.databases).findings]
    assert found == ["the levels by which classes are merged are not those of the sheet"]
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(RoundHome, (built.id, home)).work_report_text = "另一份"
    assert "the work report is not the one of the sheet" in [
        one.what for one in audit(built.databases).findings
    ]
