"""The poster's claim: the same answer for everybody, the same link to the contact, at most three times."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations import claiming
from survey_app.invitations.models import ClaimCount
from survey_app.invitations.sending import Way
from survey_app.invitations.sending_letters import compose
from survey_app.invitations.sending_states import Route
from survey_app.invitations.sending_work import forget
from survey_app.outbox.jobs import LeasedJob
from survey_app.outbox.models import Delivery
from survey_app.outbox.sending import Draft
from survey_app.outbox.transport import Channel
from survey_app.rosters.models import RosterMember
from survey_app.rosters.secrets import RosterKeys
from tests.support.round_builder import HomeSpec

WAY = Way(Route.CONTACT, frozenset({Channel.SMS, Channel.MAIL}))


@pytest.fixture
def voting(build, monkeypatch):
    """A voting home whose first member has a telephone and whose second has none."""
    built = build(HomeSpec.of(12))
    with committing(write_session(built.databases.roster)) as session:
        member = session.scalars(select(RosterMember).where(RosterMember.number == "0001")).one()
        keys = RosterKeys.of(built.settings)
        member.contact_wrapped = keys.seal("13800000001", member.roster_id, member.number)
    built.prepare().open()
    monkeypatch.setattr("survey_app.invitations.claim_routes.channels_of", lambda settings: WAY.open_channels)
    return built


def letters(built) -> list[dict[str, object]]:
    with reading(read_session(built.databases.roster)) as session:
        return list(session.scalars(select(Delivery.payload)))


def claim(built, number: str = "0001") -> bool:
    with committing(write_session(built.databases.roster)) as session:
        return claiming.claim(session, built.settings, built.home_ids[0], number, WAY, at=built.clock())


def test_the_link_that_comes_is_the_members_own_and_stands_in_no_row(voting):
    assert claim(voting)
    (payload,) = letters(voting)
    assert set(payload) == {"invitation", "purpose", "route"}
    with committing(write_session(voting.databases.roster)) as session:
        letter = compose(Draft(voting.workshop, session, Channel.SMS, payload, voting.clock()))
    assert letter.address == "13800000001"
    assert letter.text.endswith(voting.links(voting.home_ids[0])[0])


def test_three_times_a_round_and_once_an_hour(voting):
    outcomes = []
    for minutes in (0, 59, 60, 90, 121, 400):
        voting.clock.at += timedelta(minutes=minutes)
        outcomes.append(claim(voting))
    assert outcomes == [True, False, True, True, False, False]
    assert len(letters(voting)) == 3


def test_no_row_tells_at_which_minute_a_member_asked(voting):
    voting.clock.at += timedelta(minutes=17, seconds=23)
    assert claim(voting)

    def pause() -> datetime:
        with reading(read_session(voting.databases.roster)) as session:
            return session.scalars(select(ClaimCount.again_from)).one()

    at = voting.clock.at
    assert pause() - at >= timedelta(hours=1)
    assert (pause().minute, pause().second, pause().microsecond) == (0, 0, 0)
    voting.clock.at += timedelta(minutes=61)
    assert not claim(voting), "the pause lasts until the full hour"
    voting.clock.at = at + timedelta(hours=2)
    forget(voting.workshop, LeasedJob(0, "invitations.forget", {}, 1, "x"))
    assert pause() == claiming.NO_PAUSE, "a pause that is over leaves no time behind"
    assert claim(voting)
    assert not claim(voting)


def test_many_who_press_at_once_get_one_letter(voting):
    with ThreadPoolExecutor(8) as pool:
        outcomes = Counter(pool.map(lambda _: claim(voting), range(24)))
    assert outcomes == {True: 1, False: 23}
    assert len(letters(voting)) == 1


def test_who_claimed_is_forgotten_when_voting_is_over(voting):
    claim(voting)
    voting.close()
    forget(voting.workshop, LeasedJob(0, "invitations.forget", {}, 1, "x"))
    with reading(read_session(voting.databases.roster)) as session:
        assert session.scalar(select(func.count()).select_from(ClaimCount)) == 0
    assert not claim(voting), "no link can be claimed after the close"


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_answers_alike_to_members_strangers_and_the_impatient(voting):
    app = create_app(voting.settings, voting.databases, clock=voting.clock)
    address = f"/h/{voting.home_ids[0]}/claim"
    pages = set()
    for number in ("0001", "0001", "0002", "9999", "", "' OR 1=1 --"):
        client = app.test_client(use_cookies=False)
        reply = client.post(address, data={"number": number})
        assert "Set-Cookie" not in reply.headers
        assert reply.status_code == 200
        pages.add(re.sub(r"\s+", " ", reply.text))
    assert len(pages) == 1
    assert len(letters(voting)) == 1
    assert app.test_client().get(address).status_code == 200
    assert len(letters(voting)) == 1, "looking sends nothing"
    foreign = app.test_client().post(
        address, data={"number": "0001"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 400
    assert app.test_client().get("/h/999999/claim").status_code == 404
