"""A draft votes by what the superior confirmed last, without anybody choosing the home again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM, Role
from survey_app.core.db import committing, write_session
from survey_app.core.errors import Refused
from survey_app.instruments.operations import store_bundled
from survey_app.rosters import operations as rosters
from survey_app.rosters.entries import MemberEntry
from survey_app.rosters.models import Roster
from survey_app.rosters.secrets import RosterKeys
from survey_app.rounds import operations
from survey_app.rounds.attaching import register_attaching
from survey_app.rounds.listing import candidate_homes
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState
from survey_app.rounds.policy import Policy
from survey_app.units.models import Unit
from tests.support.cast import actor_for, make_account, make_home, make_unit

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
VALUES = {"year": 2026, "opens_at": AT + timedelta(days=7), "closes_at": AT + timedelta(days=20)}


@pytest.fixture
def place(databases, settings):
    """A home, a draft round that has chosen it, and the keys of rosters."""
    register_attaching()
    with committing(write_session(databases.roster)) as session:
        district = make_unit(session, "柳堤区总工会")
        home = make_home(session, district)
        officer = actor_for(session, make_account(session, Role.OFFICER, district)[1])
        scheme = operations.issue_scheme(
            session, officer, district, year=2026, title="办法", policy=Policy(), at=AT
        )
        form = next(v for v in store_bundled(session, SYSTEM, at=AT) if v.name == "national-core-1")

        def plan(choose: bool = True, **values: object) -> Round:
            given = {"title": "年度评议", **VALUES, **values}
            made = operations.create_round(session, officer, district, scheme, form, values=given, at=AT)
            if choose:
                operations.set_homes(session, officer, made, [home.id], at=AT)
            return made

        round_ = plan()
        yield session, home, round_, RosterKeys.of(settings), plan


def hand_in(session: Session, home: Unit, keys: RosterKeys, members: int = 2, year: int = 2026) -> Roster:
    entries = [MemberEntry(f"H{n}", f"会员{n}", "") for n in range(members)]
    return rosters.import_roster(
        session, SYSTEM, home, entries, keys=keys, year=year, eligible_on=date(2026, 6, 1), at=AT
    )


def confirm(session: Session, roster: Roster) -> Roster:
    rosters.submit(session, SYSTEM, roster, at=AT)
    return rosters.confirm(session, SYSTEM, roster, at=AT, reason="核对过，没有问题")


def attached(session: Session, round_: Round, home: Unit) -> tuple[int | None, int]:
    row = session.get_one(RoundHome, (round_.id, home.id), populate_existing=True)
    return row.roster_id, row.members


def test_a_draft_takes_a_roster_confirmed_after_its_homes_were_chosen(place):
    session, home, round_, keys, _plan = place
    assert attached(session, round_, home) == (None, 0)
    roster = hand_in(session, home, keys)
    assert attached(session, round_, home) == (None, 0), "a draft is nothing to vote by"
    confirm(session, roster)
    assert attached(session, round_, home) == (roster.id, 2)
    rosters.return_roster(session, SYSTEM, roster, reason="少了三个人", at=AT)
    assert attached(session, round_, home) == (None, 0)
    rosters.delete_draft(session, SYSTEM, roster, at=AT)


def test_a_list_of_another_year_is_not_taken(place):
    session, home, round_, keys, _plan = place
    confirm(session, hand_in(session, home, keys, year=2027))
    assert attached(session, round_, home) == (None, 0)


@pytest.mark.parametrize("state", [RoundState.READY, RoundState.VOTING, RoundState.COUNTED])
def test_a_list_in_use_is_not_replaced_unless_a_repeat_is_planned(place, state):
    session, home, round_, keys, plan = place
    rosters.freeze(session, confirm(session, hand_in(session, home, keys)), at=AT)
    round_.state = state
    session.flush()
    with pytest.raises(Refused) as caught:
        hand_in(session, home, keys, members=3)
    assert caught.value.code == "roster_in_use"
    repeat = plan(kind=RoundKind.REPEAT)
    if state == RoundState.COUNTED:
        newer = confirm(session, hand_in(session, home, keys, members=3))
        assert attached(session, repeat, home) == (newer.id, 3)
        assert attached(session, round_, home)[1] == 2
    else:
        with pytest.raises(Refused):
            hand_in(session, home, keys, members=3)


def test_a_home_of_another_round_cannot_be_chosen_and_says_so(place):
    session, _home, round_, _keys, plan = place
    assert [choice.open for choice in candidate_homes(session, round_)] == [True]
    assert [choice.open for choice in candidate_homes(session, plan(choose=False))] == [False]
