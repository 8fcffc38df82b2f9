"""Turnout: one source, delayed and rounded for small homes while they vote, exact for the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.background import HANDLERS
from survey_app.invitations.models import Invitation, InvitationState, TurnoutDay
from survey_app.invitations.turnout import turnout, turnout_by_day
from survey_app.outbox.jobs import LeasedJob
from survey_app.rounds.models import RoundState
from tests.support.round_builder import HomeSpec


@pytest.fixture
def voting(build):
    """A small and a large home that vote."""
    return build(HomeSpec.of(30), HomeSpec.of(60)).prepare().open()


def use(built, home_id: int, count: int) -> None:
    """So many members of a home have used their entitlement."""
    with committing(write_session(built.databases.roster)) as session:
        first = (
            select(Invitation.id).where(Invitation.home_id == home_id).order_by(Invitation.id).limit(count)
        )
        ids = session.scalars(first).all()
        session.execute(update(Invitation).where(Invitation.id.in_(ids)).values(state=InvitationState.ISSUED))


def shown(built, home_id: int, state: RoundState = RoundState.VOTING):
    with reading(read_session(built.databases.roster)) as session:
        return turnout(session, built.id, home_id, at=built.clock(), state=state)


def read_day(built) -> None:
    HANDLERS["invitations.turnout"](built.workshop, LeasedJob(0, "invitations.turnout", {}, 1, ""))


def test_a_large_home_is_shown_as_it_is(voting):
    large = voting.home_ids[1]
    use(voting, large, 31)
    found = shown(voting, large)
    assert (found.used, found.members, found.exact) == (31, 60, True)
    assert found.shown_percent == pytest.approx(51.6667, abs=1e-3)


def test_a_small_home_changes_once_a_day_and_in_steps_of_five(voting):
    small = voting.home_ids[0]
    use(voting, small, 10)
    assert shown(voting, small).shown_percent == 0, "nothing before the first daily reading"
    read_day(voting)
    first = shown(voting, small)
    assert (first.shown_percent, first.used, first.exact) == (35.0, 11, False)
    use(voting, small, 16)
    read_day(voting)
    assert shown(voting, small) == first, "the day's first reading stays"
    voting.clock.at += timedelta(days=1)
    read_day(voting)
    assert shown(voting, small).shown_percent == 55.0


def test_one_more_ballot_is_never_seen_in_a_small_home(voting):
    """Watching after a single submission tells nothing (L19): the figure moves with the day only."""
    small, large = voting.home_ids
    use(voting, small, 5)
    use(voting, large, 5)
    read_day(voting)
    before = shown(voting, small), shown(voting, large)
    use(voting, small, 6)
    use(voting, large, 6)
    assert shown(voting, small) == before[0]
    assert shown(voting, large) != before[1], "the control: where figures are live, one ballot is seen"


def test_after_the_close_every_home_is_exact(voting):
    small = voting.home_ids[0]
    use(voting, small, 7)
    found = shown(voting, small, RoundState.CLOSED)
    assert (found.used, found.exact) == (7, True)


def test_the_step_line_is_rounded_like_the_figure(voting):
    small, large = voting.home_ids
    for count in (3, 8):
        use(voting, small, count)
        use(voting, large, count)
        voting.clock.at += timedelta(days=1)
        read_day(voting)
    with reading(read_session(voting.databases.roster)) as session:
        steps = [one.shown_percent for _day, one in turnout_by_day(session, voting.id, small, 30)]
        exact = [one.used for _day, one in turnout_by_day(session, voting.id, large, 60)]
        days = session.scalars(select(TurnoutDay.day)).all()
    assert steps == [10.0, 25.0]
    assert exact == [3, 8]
    assert all(len(one) == 10 for one in days), "days, never hours"
