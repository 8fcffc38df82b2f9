"""The desk 发放: a link for a card or a paper form, once over all channels, and nobody listed."""

from __future__ import annotations

import base64
import io
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from survey_app.app import create_app
from survey_app.core.actor import Role
from survey_app.core.db import read_session, reading
from survey_app.core.errors import Refused
from survey_app.invitations.models import Exchange, Invitation, InvitationState
from survey_app.journal.models import JournalLine
from survey_app.seals.codes import code_mac
from tests.support.at_rest import everything_in
from tests.support.cast import signed_in_client
from tests.support.desk import cards_by_class, choose_channel, hand_out, post_at
from tests.support.member_client import MemberClient, Turned, over_flask
from tests.support.round_builder import HomeSpec

RACES = 200
RACERS = 8
ONLY_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])


def states(built) -> Counter[tuple[str, str | None]]:
    with reading(read_session(built.databases.roster)) as session:
        rows = session.execute(select(Invitation.state, Invitation.exchanged_for))
        return Counter((state, wanted) for state, wanted in rows)


def stands_in(text: str, built, code: str) -> bool:
    """Whether a code stands in what was read or stored, as it is or as its keyed hash."""
    mac = code_mac(built.settings.code_pepper, code)
    return any(one in text for one in (code, mac.hex(), base64.b64encode(mac).decode()))


def at_desk(built, group, number: str, wanted: Exchange = Exchange.PAPER) -> str:
    try:
        hand_out(built, group, number, wanted)
    except Refused as refused:
        return refused.code
    return "exchanged"


def test_200_races_of_exchange_against_issue_have_one_winner_each(build):
    built = build(HomeSpec.of(RACES)).prepare().open()
    group = post_at(built, built.home_ids[0], Role.WORKING_GROUP)
    app = create_app(built.settings, built.databases, clock=built.clock)
    clients = [MemberClient(over_flask(app), code).start() for code in built.codes(built.home_ids[0])]

    def on_phone(client: MemberClient) -> str:
        try:
            client.issue()
        except Turned as turned:
            return turned.code
        return "issued"

    def race(number: int) -> tuple[str, str]:
        line = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pair:
            phone = pair.submit(lambda: (line.wait(), on_phone(clients[number]))[1])
            desk = pair.submit(lambda: (line.wait(), at_desk(built, group, f"{number + 1:04d}"))[1])
            return phone.result(), desk.result()

    with ThreadPoolExecutor(RACERS) as pool:
        outcomes = Counter(pool.map(race, range(RACES)))
    lawful = {("issued", "entitlement_used"), ("code_exchanged", "exchanged")}
    assert set(outcomes) <= lawful, outcomes
    assert sum(outcomes.values()) == RACES
    assert states(built) == {
        key: count
        for key, count in (
            ((InvitationState.ISSUED, None), outcomes["issued", "entitlement_used"]),
            ((InvitationState.EXCHANGED, "paper"), outcomes["code_exchanged", "exchanged"]),
        )
        if count
    }


def test_many_at_once_on_one_invitation_spend_it_once(build):
    built = build(HomeSpec.of(12)).prepare().open()
    group = post_at(built, built.home_ids[0], Role.WORKING_GROUP)
    with ThreadPoolExecutor(RACERS) as pool:
        found = Counter(pool.map(lambda _: at_desk(built, group, "0001"), range(40)))
    assert found == {"exchanged": 1, "entitlement_used": 39}


def test_the_envelope_never_gives_more_cards_than_it_holds(build):
    built = build(HomeSpec.of(12))
    choose_channel(built, built.home_ids[0], cards=3)
    built.prepare().open()
    group = post_at(built, built.home_ids[0], Role.WORKING_GROUP)
    numbers = [f"{number:04d}" for number in range(1, 13)]
    with ThreadPoolExecutor(RACERS) as pool:
        found = Counter(pool.map(lambda number: at_desk(built, group, number, Exchange.CARD), numbers))
    assert found == {"exchanged": 3, "envelope_is_empty": 9}


def test_only_while_voting_and_only_where_cards_are_printed(build):
    built = build(HomeSpec.of(12)).prepare()
    group = post_at(built, built.home_ids[0], Role.WORKING_GROUP)
    assert at_desk(built, group, "0001") == "voting_not_open"
    built.open()
    assert at_desk(built, group, "0001", Exchange.CARD) == "no_cards_here"
    assert at_desk(built, group, "0001") == "exchanged"
    built.close()
    assert at_desk(built, group, "0002") == "voting_closed"


@ONLY_SQLITE
class TestTheDesk:
    @pytest.fixture
    def desk(self, build):
        built = build(HomeSpec((("合同制", 24), ("劳务派遣", 18))), HomeSpec.of(12))
        for home in built.home_ids:
            choose_channel(built, home, cards=5)
        built.prepare().open()
        app = create_app(built.settings, built.databases, clock=built.clock)
        group = post_at(built, built.home_ids[0], Role.WORKING_GROUP)
        browser = signed_in_client(app, built.databases, group)
        return built, app, browser, f"/issue/{built.id}/{built.home_ids[0]}"

    def test_finds_one_member_and_lists_nobody(self, desk):
        _built, _app, browser, address = desk
        assert "会员" in browser.get(address).text
        for page in (browser.get(address), browser.send(address, {"number": "0001"})):
            assert "会员2" not in page.text, "no other member may be on the page"
            assert "0002" not in page.text
        assert "没有这个会员号" in browser.send(address, {"number": "9999"}).text

    def test_marks_the_member_and_tells_the_envelope_of_his_class(self, desk):
        built, app, browser, address = desk
        found = browser.send(address, {"number": "0001"}).text
        assert "类的信封" in found
        done = browser.send(f"{address}/exchange", {"number": "0001", "for": "card"}, follow_redirects=True)
        assert "已登记换票卡" in done.text
        again = browser.send(f"{address}/exchange", {"number": "0001", "for": "paper"})
        assert "一人一票" in again.text
        assert "不能换" in browser.send(address, {"number": "0001"}).text
        assert states(built)[InvitationState.EXCHANGED, "card"] == 1
        code = built.codes(built.home_ids[0])[0]
        assert MemberClient(over_flask(app), code).look_up()["state"] == "exchanged"
        with reading(read_session(built.databases.roster)) as session:
            line = session.scalars(
                select(JournalLine).where(JournalLine.verb == "invitation.exchanged")
            ).one()
            assert "0001" not in str(line.details), "the journal names no member"
        # Which card was drawn is known to nobody: the whole side of the names holds none of them.
        kept = "".join(map(str, everything_in(built.databases.roster).values()))
        drawn = [code for codes in cards_by_class(built, built.home_ids[0]).values() for code in codes]
        assert len(drawn) == 10
        assert not [one for one in drawn if stands_in(kept + found + done.text, built, one)]
        assert stands_in(kept, built, code), "the control: of a link the keyed hash is kept"

    def test_paper_is_had_from_the_superior_and_from_the_working_group(self, desk):
        built, app, browser, address = desk
        officer = signed_in_client(app, built.databases, built.officer_post)
        for number, hand in (("0002", officer), ("0003", browser)):
            assert f"会员{int(number)}" not in hand.get(address).text
            done = hand.send(f"{address}/exchange", {"number": number, "for": "paper"}, follow_redirects=True)
            assert "已登记换纸质票" in done.text
        assert states(built)[InvitationState.EXCHANGED, "paper"] == 2

    def test_prints_cards_and_paper_forms_and_the_journal_counts_the_cards(self, desk):
        built, _app, browser, address = desk
        cards = PdfReader(io.BytesIO(browser.send(f"{address}/cards.pdf").data))
        text = "".join(page.extract_text() for page in cards.pages)
        assert text.count("A类") == text.count("B类") == 5
        form = browser.send(f"{address}/paper.pdf", {"class_id": "B", "copies": "2"})
        assert len(PdfReader(io.BytesIO(form.data)).pages) == 2
        with reading(read_session(built.databases.roster)) as session:
            line = session.scalars(select(JournalLine).where(JournalLine.verb == "cards.printed")).one()
            assert line.details["count"] == 10

    def test_belongs_to_working_group_and_organiser_of_the_home_alone(self, desk):
        built, app, browser, address = desk
        other = address.rsplit("/", 1)[0] + f"/{built.home_ids[1]}"
        assert browser.get(other).status_code == 404
        officer = signed_in_client(app, built.databases, built.officer_post)
        assert officer.get(address).status_code == 200
        for post in (built.chair_posts[0], built.custodian_posts[0]):
            stranger = signed_in_client(app, built.databases, post)
            assert stranger.get(address).status_code == 403
            assert stranger.send(f"{address}/cards.pdf").status_code == 403

    def test_counts_what_is_left_and_refuses_impossible_numbers(self, desk):
        built, app, _browser, address = desk
        built.close()
        browser = signed_in_client(
            app, built.databases, post_at(built, built.home_ids[0], Role.WORKING_GROUP)
        )
        page = browser.get(f"{address}/count").text
        fields = [part.split('"')[0] for part in page.split('name="left-')[1:]]
        assert len(fields) == 2
        wrong = browser.send(f"{address}/count", {f"left-{one}": "6" for one in fields})
        assert "0到5" in wrong.text
        done = browser.send(f"{address}/count", {f"left-{one}": "0" for one in fields}, follow_redirects=True)
        assert "已点清" in done.text
        assert browser.get(f"{address}/count").text.count('value="0"') == 2
