"""Links by message: derived at sending, stored nowhere, sent once, failures named to the officer only."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from survey_app.core.db import RosterBase, read_session, reading
from survey_app.core.errors import NotFound, Refused
from survey_app.counting.voting import open_votes
from survey_app.invitations.codes import CodeBook
from survey_app.invitations.operations import void_and_reissue
from survey_app.invitations.queries import invitation_of_number
from survey_app.invitations.sending import (
    MOST_LINK_SENDINGS,
    ask_links,
    end_of_rounds_over,
    send_again,
    send_claimed,
    send_one,
)
from survey_app.invitations.sending_progress import failures, progress_of
from survey_app.journal.models import JournalLine
from survey_app.rosters.queries import contact_of
from survey_app.rounds.models import Round, RoundSecret
from tests.support.http_gateway import http_gateway
from tests.support.post_round import PostRound, give_contacts, with_post
from tests.support.round_builder import OPENS_AT, HomeSpec
from tests.support.smtp_server import smtp_server

MEMBERS = 12


@pytest.fixture
def ready(build):
    """A round at `ready`: eleven of twelve members have a contact."""
    with smtp_server() as mailbox, http_gateway() as gateway:
        built = build(HomeSpec.of(MEMBERS), HomeSpec.of(11))
        give_contacts(built, without=11 + 1)
        yield with_post(built.prepare(), mailbox, gateway)


@pytest.fixture
def voting(ready) -> PostRound:
    """The same round while members vote."""
    ready.built.open()
    return ready


class OnSqliteOnly:
    """For what does not depend on the database."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"


def send(round_: PostRound, **named: object) -> None:
    round_.act(ask_links, round_.built.officer_post, [round_.home], round_.way, **named)


def stored_text(round_: PostRound) -> str:
    """Everything the roster database stores, as text."""
    with reading(read_session(round_.built.databases.roster)) as session:
        return "\n".join(
            str(tuple(row))
            for table in RosterBase.metadata.sorted_tables
            for row in session.execute(select(table))
        )


def file_bytes(round_: PostRound) -> bytes:
    """The bytes of the SQLite files, the write-ahead log included."""
    name = make_url(round_.built.settings.database_url).database or ""
    return b"".join(path.read_bytes() for path in Path(name).parent.glob("roster.sqlite3*"))


def test_every_member_with_a_contact_gets_his_own_link_and_no_row_ever_holds_one(voting, caplog):
    caplog.set_level(logging.DEBUG, logger="pingjia")
    on_files = voting.built.settings.database_url.startswith("sqlite")
    expected = sorted(voting.built.links(voting.home)[: MEMBERS - 1])
    codes = voting.built.codes(voting.home)
    voting.gateway.moods = [(500, {})]
    send(voting)
    voting.jobs()
    waiting = stored_text(voting), file_bytes(voting) if on_files else b""
    someone = voting.rows()[0].payload["invitation"]
    assert someone in waiting[0], "the search finds what is there"
    if on_files:
        assert someone.encode() in waiting[1]
    voting.work()
    voting.work(5)
    assert voting.links() == sorted([*expected, *_sent_twice(voting, expected)])
    after = stored_text(voting), file_bytes(voting) if on_files else b""
    for code in codes:
        for text, raw in (waiting, after):
            assert code not in text
            assert code.encode() not in raw
        assert code not in caplog.text
    assert {(row.state, str(row.payload), row.batch) for row in voting.rows()} == {
        ("sent", "{}", voting.sendings()[0].id)
    }
    (sending,) = voting.sendings()
    assert (sending.total, sending.unreachable) == (MEMBERS - 1, 1)


def _sent_twice(voting: PostRound, expected: list[str]) -> list[str]:
    """The one SMS that the gateway answered with an error and then took: seen twice, sent once more."""
    seen = voting.links()
    return [link for link in expected if seen.count(link) == 2]


def test_two_officers_who_press_at_once_never_pass_the_limit(voting):
    results: list[str] = []

    def press() -> None:
        try:
            send(voting)
            results.append("asked")
        except Refused as error:
            results.append(error.code)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["asked"] * MOST_LINK_SENDINGS + ["sendings_used_up"] * 5


class TestSending(OnSqliteOnly):
    """The life of a sending."""

    def test_doing_the_job_twice_writes_the_letters_once(self, voting):
        send(voting)
        with voting.writing() as session:
            from survey_app.outbox.jobs import enqueue

            enqueue(session, "invitations.send", at=voting.built.clock(), sending=voting.sendings()[0].id)
        voting.work()
        assert len(voting.rows()) == MEMBERS - 1
        assert len(voting.links()) == MEMBERS - 1

    def test_rows_stand_in_an_order_that_says_nothing(self, voting):
        orders = set()
        for _ in range(3):
            send(voting)
            voting.jobs()
        rows = voting.rows()
        for sending in voting.sendings():
            orders.add(tuple(row.payload["invitation"] for row in rows if row.batch == sending.id))
        assert len(orders) == 3

    def test_a_text_names_union_home_and_close_and_carries_the_link_last(self, voting):
        send(voting)
        voting.work()
        text = voting.gateway.calls[0].content["text"]
        assert text.startswith(
            "【柳溪市总工会】请您评一评咱们的职工之家（第1机械厂工会），不记名，约2分钟，6月26日18:00截止。"
        )
        assert "别转给别人：http://localhost/e#" in text
        mail = voting.mailbox.texts()[0]
        assert "打开后页面上的核对码应当是" in mail
        assert "0772-1234567" in mail
        assert "/e#" not in str(voting.mailbox.taken[0][1]["Subject"])

    def test_a_reissued_link_is_the_one_that_is_sent_and_the_letter_goes_to_one(self, voting):
        with voting.writing() as session:
            invitation = invitation_of_number(session, voting.built.id, voting.home, "0002")
            book = CodeBook.of(voting.built.settings, session.get(RoundSecret, voting.built.id))
            old = voting.built.codes(voting.home)[1]
            round_ = session.get_one(Round, voting.built.id)
            new = void_and_reissue(
                session, voting.officer(), round_, invitation, book, at=voting.built.clock()
            )
        one(voting, "0002")
        voting.work()
        (link,) = voting.links()
        assert new in link
        assert old not in link
        (row,) = voting.rows()
        assert row.payload == {}

    def test_a_letter_waits_for_its_generation_until_it_is_written(self, voting):
        send(voting)
        voting.jobs()
        with voting.writing() as session:
            invitation = invitation_of_number(session, voting.built.id, voting.home, "0001")
            book = CodeBook.of(voting.built.settings, session.get(RoundSecret, voting.built.id))
            round_ = session.get_one(Round, voting.built.id)
            new = void_and_reissue(
                session, voting.officer(), round_, invitation, book, at=voting.built.clock()
            )
        voting.work()
        assert sum(new in link for link in voting.links()) == 1

    def test_failures_are_listed_by_number_for_the_officer_and_gone_when_voting_is_over(self, voting):
        voting.mailbox.moods = ["550 5.1.1 nobody"]
        voting.gateway.moods = [(200, {"ok": False, "reason": "number_stopped"})]
        send(voting)
        voting.work()
        (sending,) = voting.sendings()
        with voting.writing() as session:
            _sending, listed = failures(session, voting.officer(), sending.id)
            assert sorted(one.reason for one in listed) == ["address_stopped", "no_such_address"]
            assert all(len(one.number) == 4 for one in listed)
            shown = progress_of(session, sending, MEMBERS, voting.built.clock())
            assert (shown.sent, shown.failed, shown.busy, shown.exact) == (MEMBERS - 3, 2, False, True)
        with voting.writing() as session, pytest.raises(Refused, match="role_may_not"):
            failures(session, voting.chair(), sending.id)
        voting.built.close()
        with voting.writing() as session:
            assert end_of_rounds_over(session) == 1
        assert {str(row.payload) for row in voting.rows()} == {"{}"}

    def test_what_did_not_arrive_is_sent_again_and_a_mended_contact_replaces_it(self, voting):
        voting.gateway.moods = [(200, {"ok": False, "reason": "number_stopped"})]
        send(voting)
        voting.work()
        (sending,) = voting.sendings()
        with voting.writing() as session:
            _sending, (failed,) = failures(session, voting.officer(), sending.id)
        assert voting.act(send_again, voting.built.officer_post, sending.id) == 1
        voting.gateway.moods = [(200, {"ok": False, "reason": "number_stopped"})]
        voting.work()
        one(voting, failed.number)
        with voting.writing() as session:
            assert failures(session, voting.officer(), sending.id)[1] == []
        voting.work()
        assert len(set(voting.links())) == MEMBERS - 1

    def test_a_letter_at_the_opening_waits_until_voting_has_really_begun(self, ready):
        send(ready, at_opening=True)
        ready.work()
        assert ready.rows() == []
        ready.built.clock.at = OPENS_AT
        ready.work()
        assert {row.state for row in ready.rows()} == {"waiting"}
        assert {row.attempts for row in ready.rows()} == {0}
        ready.built.request("open")
        open_votes(ready.workshop, ready.built.id)
        ready.work(11)
        assert len(ready.links()) == MEMBERS - 1
        assert "开始" not in ready.gateway.calls[0].content["text"]

    def test_links_before_the_opening_say_when_it_opens(self, ready):
        send(ready)
        ready.work()
        assert "6月8日8:00开始，6月26日18:00截止" in ready.gateway.calls[0].content["text"]

    def test_a_round_that_ends_stops_every_letter_that_still_waits(self, voting):
        send(voting)
        voting.jobs()
        voting.built.close()
        voting.work()
        assert voting.links() == []
        assert {(row.state, row.error) for row in voting.rows()} == {("given_up", "round_over")}

    def test_a_round_that_goes_back_to_draft_voids_what_waits(self, ready):
        from survey_app.rounds.operations import return_to_draft

        send(ready)
        ready.jobs()
        with ready.writing() as session:
            round_ = session.get_one(Round, ready.built.id)
            return_to_draft(session, ready.officer(), round_, reason="改通知", at=ready.built.clock())
        ready.work()
        assert ready.links() == []
        assert {(row.state, row.error, str(row.payload)) for row in ready.rows()} == {
            ("given_up", "link_void", "{}")
        }

    def test_nothing_is_asked_where_nothing_can_be_sent(self, ready):
        from survey_app.invitations.sending import Way
        from survey_app.invitations.sending_states import Route

        nowhere = Way(Route.CONTACT, frozenset())
        with pytest.raises(Refused, match="no_channel"):
            ready.act(ask_links, ready.built.officer_post, [ready.home], nowhere)
        with pytest.raises(Refused, match="role_may_not"):
            ready.act(ask_links, ready.built.chair_posts[0], [ready.home], ready.way)
        ready.built.open().close()
        with pytest.raises(Refused, match="wrong_state"):
            send(ready)

    def test_the_journal_tells_who_sent_what_and_names_no_member(self, voting):
        send(voting)
        one(voting, "0003")
        with reading(read_session(voting.built.databases.roster)) as session:
            lines = session.scalars(select(JournalLine).where(JournalLine.verb == "links.asked")).all()
        assert [line.subject_id for line in lines] == [f"{voting.built.id}/{voting.home}"] * 2
        assert all("0003" not in str(line.details) for line in lines)

    def test_a_claimed_link_is_the_same_one_and_leaves_no_name(self, voting):
        voting.gateway.moods = [(200, {"ok": False, "reason": "number_stopped"})]
        assert [claim(voting, number) for number in ("0001", "0002", "0012")] == [True, True, False]
        voting.work()
        assert voting.built.links(voting.home)[0] in voting.links()
        assert [(row.state, row.payload) for row in voting.rows()] == [("sent", {}), ("failed", {})]
        assert voting.sendings() == []
        with reading(read_session(voting.built.databases.roster)) as session:
            assert "links.asked" not in session.scalars(select(JournalLine.verb)).all()

    def test_a_stranger_s_officer_finds_no_such_round(self, voting):
        from survey_app.core.actor import Role
        from tests.support.cast import make_account, make_unit

        with voting.writing() as session:
            post = make_account(session, Role.OFFICER, make_unit(session, "别处总工会"))[1]
        with pytest.raises(NotFound):
            voting.act(ask_links, post, [voting.home], voting.way)


def claim(voting: PostRound, number: str) -> bool:
    """What the poster's page does for a roster number."""
    with voting.writing() as session:
        invitation = invitation_of_number(session, voting.built.id, voting.home, number)
        assert invitation is not None
        contact = contact_of(session, voting.built.settings.wrapping_key, invitation.member_id)
        round_ = session.get_one(Round, voting.built.id)
        return send_claimed(session, round_, invitation, contact, voting.way, at=voting.built.clock())


def one(voting: PostRound, number: str) -> None:
    """Send one member's link once more."""
    with voting.writing() as session:
        invitation = invitation_of_number(session, voting.built.id, voting.home, number)
        assert invitation is not None
        contact = contact_of(session, voting.built.settings.wrapping_key, invitation.member_id)
        send_one(
            session,
            voting.officer(),
            voting.built.id,
            invitation,
            contact,
            voting.way,
            at=voting.built.clock(),
        )
