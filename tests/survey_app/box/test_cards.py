"""Cards drawn from an envelope: the plain form, one ballot a card, and a count that fits the desk."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from questionnaires import load
from survey_app.accounts.queries import actor_of_post
from survey_app.app import create_app
from survey_app.box.models import BoxClass, Card, Intake
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount
from survey_app.counting.preparing import _write_box
from survey_app.counting.voting import destroy
from survey_app.invitations.models import Exchange, Invitation
from survey_app.invitations.turnout import turnout
from survey_app.rounds.models import Channel, Round, RoundHome, RoundState
from survey_app.rounds.operations import return_to_draft
from survey_app.seals.blind import verify
from survey_app.seals.codes import card_credential, code_mac
from survey_app.seals.receipts import cred_hash
from survey_app.web import guessing
from tests.support.desk import (
    PlainForm,
    cards_by_class,
    choose_channel,
    count_at_desk,
    hand_out,
    post_at,
    receipt_on,
)
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

TWO_CLASSES = HomeSpec((("合同制", 24), ("劳务派遣", 18)))
FORM = load("national-core-1")


def intake(built) -> int:
    with reading(read_session(built.databases.box)) as box:
        return box.scalar(select(func.count()).select_from(Intake)) or 0


def test_links_and_cards_of_one_home_are_counted_together_and_nothing_is_held(build):
    built = build(TWO_CLASSES)
    home = built.home_ids[0]
    choose_channel(built, home, cards=6)
    built.prepare().open()
    group = post_at(built, home, Role.WORKING_GROUP)
    app = create_app(built.settings, built.databases, clock=built.clock)
    for number in ("0001", "0002", "0025"):
        hand_out(built, group, number, Exchange.CARD)
    cards = cards_by_class(built, home)
    assert {label[:2]: len(codes) for label, codes in cards.items()} == {"A类": 6, "B类": 6}
    contract = next(codes for label, codes in cards.items() if label.endswith("合同制"))
    agency = next(codes for label, codes in cards.items() if label.endswith("劳务派遣"))
    receipts = [
        PlainForm(app).vote(code, answers_of(FORM, "DISSATISFIED", comment="凭卡"))
        for code in (contract[3], contract[5], agency[0])
    ]
    for code in built.codes(home)[3:13]:
        MemberClient(over_flask(app), code).vote(answers_of(FORM))
    built.close()
    with pytest.raises(Invalid, match="round_not_complete"):
        built.count()
    count_at_desk(built, group, left={"合同制": 4, "劳务派遣": 5})
    built.count().finish()

    with reading(read_session(built.databases.roster)) as session:
        counted = session.get_one(HomeCount, (built.id, home))
        assert (counted.issued, counted.exchanged_card, counted.sealed, counted.valid) == (10, 3, 13, 13)
        assert counted.held == []
    assert len(set(receipts)) == 3
    assert "已经投过票" in PlainForm(app).post("open", agency[0]).text
    for receipt in receipts:
        assert "查到了" in app.test_client().post("/r", data={"receipt": receipt}).text
    assert not audit(built.databases).findings


def told_apart(cards: set[bytes], rows) -> int:
    """How many rows of the intake a reader of the box can tell as cards': by shape, by the cards' hashes."""
    usual = Counter((len(cred), sig and len(sig), len(sealed)) for cred, sig, sealed in rows).most_common(1)
    known = cards | {cred_hash(mac) for mac in cards} | {sha256(mac).digest() for mac in cards}
    return sum(
        (len(cred), sig and len(sig), len(sealed)) != usual[0][0]
        or any(mac in cred for mac in known)
        or cred_hash(cred) in known
        for cred, sig, sealed in rows
    )


def test_one_card_among_links_cannot_be_told_in_the_box(build):
    built = build(HomeSpec.of(12))
    home = built.home_ids[0]
    choose_channel(built, home, cards=3)
    built.prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    hand_out(built, post_at(built, home, Role.WORKING_GROUP), "0001", Exchange.CARD)
    PlainForm(app).vote(cards_by_class(built, home)["全体会员"][1], answers_of(FORM))
    for code in built.codes(home)[1:]:
        if MemberClient(over_flask(app), code).look_up()["state"] == "open":
            MemberClient(over_flask(app), code).vote(answers_of(FORM))
    with reading(read_session(built.databases.box)) as box:
        macs = set(box.scalars(select(Card.code_mac)))
        rows = [tuple(row) for row in box.execute(select(Intake.cred, Intake.sig, Intake.sealed))]
        n = box.scalars(select(BoxClass.issuing_public)).one()
    assert len(rows) >= 11
    assert all(verify(n, cred, sig) for cred, sig, _sealed in rows)
    assert told_apart(macs, rows) == 0
    # The control: a card's row as it used to be, its hash for a credential and no signature.
    naive = [(next(iter(macs)), None, rows[0][2]), *rows[1:]]
    assert told_apart(macs, naive) == 1
    # The other control: with the environment's pepper the one card is found; the docs say so.
    with_pepper = {card_credential(built.settings.code_pepper, mac) for mac in macs}
    assert sum(cred in with_pepper for cred, _sig, _sealed in rows) == 1


def test_a_card_used_beyond_what_left_the_envelope_holds_the_home(build):
    built = build(HomeSpec.of(20))
    home = built.home_ids[0]
    choose_channel(built, home, cards=5)
    built.prepare().open()
    group = post_at(built, home, Role.WORKING_GROUP)
    app = create_app(built.settings, built.databases, clock=built.clock)
    hand_out(built, group, "0001", Exchange.CARD)
    codes = next(iter(cards_by_class(built, home).values()))
    for code in codes[:2]:
        PlainForm(app).vote(code, answers_of(FORM))
    for code in built.codes(home)[1:11]:
        MemberClient(over_flask(app), code).vote(answers_of(FORM))
    built.close()
    count_at_desk(built, group, left={"全体会员": 4})
    built.count()
    with reading(read_session(built.databases.roster)) as session:
        held = session.get_one(HomeCount, (built.id, home)).held
    assert [(line["code"], line["excess"]) for line in held] == [("more_cards_than_handed_out", 1)]


def test_a_home_of_cards_only_has_no_links_and_those_who_came_stand_for_the_exchanges(build):
    built = build(TWO_CLASSES)
    home = built.home_ids[0]
    choose_channel(built, home, Channel.CARDS, cards=30)
    built.prepare()
    with reading(read_session(built.databases.roster)) as session:
        assert session.scalar(select(func.count()).select_from(Invitation)) == 0
        assert session.get_one(RoundHome, (built.id, home)).members == 42
    built.open()
    group = post_at(built, home, Role.WORKING_GROUP)
    app = create_app(built.settings, built.databases, clock=built.clock)
    codes = cards_by_class(built, home)["全体会员"]
    for code in codes[:12]:
        PlainForm(app).vote(code, answers_of(FORM))
    built.close()
    count_at_desk(built, group, present=14, left={"全体会员": 16})
    with reading(read_session(built.databases.roster)) as session:
        shown = turnout(session, built.id, home, at=built.clock(), state=RoundState.CLOSED)
        assert (shown.used, shown.members) == (14, 42)
    built.count().finish()
    with reading(read_session(built.databases.roster)) as session:
        counted = session.get_one(HomeCount, (built.id, home))
        assert (counted.exchanged_card, counted.valid, counted.held) == (14, 12, [])
    assert not audit(built.databases).findings


def test_preparing_again_writes_the_same_cards_and_a_return_to_draft_voids_them(build):
    built = build(HomeSpec.of(20))
    home = built.home_ids[0]
    choose_channel(built, home, cards=7)
    built.prepare()

    def stored() -> set[bytes]:
        with reading(read_session(built.databases.box)) as box:
            return set(box.scalars(select(Card.code_mac)))

    before = stored()
    codes = next(iter(cards_by_class(built, home).values()))
    assert {code_mac(built.settings.code_pepper, code) for code in codes} == before
    _write_box(built.workshop, built.id, home)
    assert stored() == before
    with committing(write_session(built.databases.roster)) as session:
        officer = actor_of_post(session, built.officer_post.id)
        round_ = session.get_one(Round, built.id)
        return_to_draft(session, officer, round_, reason="名单有误", at=built.clock())
    destroy(built.workshop, built.id)
    assert stored() == set()


class TestThePage:
    @pytest.fixture
    def voting(self, build, monkeypatch):
        monkeypatch.setattr(guessing, "DELAY_SECONDS", 0)
        built = build(HomeSpec.of(20))
        choose_channel(built, built.home_ids[0], cards=3)
        built.prepare()
        app = create_app(built.settings, built.databases, clock=built.clock)
        return built, PlainForm(app), next(iter(cards_by_class(built, built.home_ids[0]).values()))

    def test_says_what_is_wrong_with_a_code(self, voting):
        _built, form, codes = voting
        mistyped = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "1")
        assert "抄错了" in form.post("open", mistyped).text
        assert form.post("open", "0" * 20).status_code == 404
        assert form.post("open", "123").status_code == 422

    def test_waits_for_the_opening_and_ends_at_the_close(self, voting):
        built, form, codes = voting
        assert "还没开始" in form.post("open", codes[0]).text
        assert "还没开始" in form.post("cast", codes[0], answers_of(FORM)).text
        built.open()
        assert form.post("open", codes[0]).status_code == 200
        built.close()
        assert "没有用过" in form.post("open", codes[0]).text
        assert "没有用过" in form.post("cast", codes[0], answers_of(FORM)).text
        assert intake(built) == 0

    def test_keeps_answers_between_its_steps_and_stores_nothing_before_the_last(self, voting):
        built, form, codes = voting
        built.open()
        answers = answers_of(FORM, "BASIC", comment="一句<话>")
        looked = form.post("review", codes[0], answers)
        assert looked.text.count('value="BASIC"') == 2 * 22
        assert "一句&lt;话&gt;" in looked.text
        again = form.post("open", codes[0], answers)
        assert again.text.count(" checked") == 22
        assert form.post("review", codes[0], {}).status_code == 422
        assert intake(built) == 0

    def test_a_second_cast_of_one_card_changes_nothing_and_shows_the_first_receipt(self, voting):
        built, form, codes = voting
        built.open()
        first = form.vote(codes[0], answers_of(FORM))
        second = form.post("cast", codes[0], answers_of(FORM, "DISSATISFIED"))
        assert receipt_on(second) == first
        assert "先前已经投过一次" in second.text
        assert "已经投过票" in form.post("open", codes[0]).text
        assert intake(built) == 1

    def test_refuses_other_pages_and_bodies_that_no_form_makes(self, voting):
        built, form, codes = voting
        client = form.app.test_client(use_cookies=False)
        foreign = client.post("/card", data={"code": codes[0]}, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 400
        built.open()
        assert form.post("cast", codes[0], {"sealed": "AAAA"}).status_code == 400
        assert form.post("steal", codes[0]).status_code == 400
        assert intake(built) == 0
