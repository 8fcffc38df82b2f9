"""Cast and receipt: what the box takes, what it refuses, what it answers, what it publishes."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from survey_app.app import create_app
from survey_app.box.models import Intake
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.models import HomeCount
from survey_app.counting.operations import void_home
from survey_app.counting.voting import destroy
from survey_app.rounds.models import Round, RoundState
from survey_app.seals.envelope import SEALED_BYTES
from survey_app.worker import work
from tests.support.member_client import MemberClient, Turned, answers_of, base64_text, over_flask
from tests.support.round_builder import HomeSpec


@pytest.fixture
def voting(build):
    """A round of two homes that votes."""
    built = build(HomeSpec.of(12), HomeSpec.of(11)).prepare().open()
    return built, create_app(built.settings, built.databases, clock=built.clock)


def ready(built, app, home: int = 0, member: int = 0) -> MemberClient:
    """A member with a signed credential and a sealed ballot."""
    client = MemberClient(over_flask(app), built.codes(built.home_ids[home])[member]).start()
    client.issue()
    client.seal(answers_of(built.questionnaire))
    return client


def turned(client: MemberClient, **changes: object) -> str:
    with pytest.raises(Turned) as refused:
        client.call("/box/cast", **{**client.cast_call(), **changes})
    return refused.value.code


def test_only_a_ballot_with_a_valid_signature_of_its_class_goes_in(voting):
    built, app = voting
    client, other = ready(built, app), ready(built, app, home=1)
    assert turned(client, **{"class": other.entitlement["class"]}) == "signature_bad"
    assert turned(client, s=base64_text(bytes(256))) == "signature_bad"
    assert turned(client, m=base64_text(bytes(64))) == "signature_bad"
    assert turned(client, **{"class": "0" * 32}) == "not_found"
    for changes in (
        {"m": base64_text(bytes(63))},
        {"s": base64_text(bytes(255))},
        {"x": base64_text(bytes(SEALED_BYTES - 1))},
        {"x": base64_text(bytes(SEALED_BYTES + 1))},
        {"class": "../" * 10},
        {"class": None},
    ):
        assert turned(client, **changes) == "bad_call"
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 0
    assert client.cast()


def test_no_ballot_goes_in_before_opening_or_after_shutting(build):
    built = build(HomeSpec.of(12)).prepare()
    app = create_app(built.settings, built.databases, clock=built.clock)
    built.open()
    client = ready(built, app)
    with built.databases.box.begin() as connection:
        connection.execute(text("UPDATE box_class SET state = 'prepared'"))
    assert turned(client) == "casting_not_open"
    with built.databases.box.begin() as connection:
        connection.execute(text("UPDATE box_class SET state = 'casting'"))
    built.close()
    assert turned(client) == "casting_shut"


def test_a_sealed_ballot_has_one_size_whatever_it_holds(voting):
    """Length tells nothing (test 17)."""
    built, app = voting
    longest = answers_of(built.questionnaire, "DISSATISFIED", comment="𠮷" * 300)
    longest[built.questionnaire.open_questions[1].id] = "𠮷" * 300
    shortest = {"q1": "UNKNOWN"}
    sizes = set()
    for member, answers in enumerate((longest, shortest)):
        client = MemberClient(over_flask(app), built.codes(built.home_ids[0])[member])
        client.vote(answers)
        sizes.add(len(client.sealed))
    assert sizes == {SEALED_BYTES}


def test_the_receipt_page_works_without_script_and_before_opening_finds_nothing(voting):
    built, app = voting
    receipt = ready(built, app).cast()
    browser = app.test_client()
    assert "回执码" in browser.get("/r").text
    missing = browser.post("/r", data={"receipt": receipt})
    assert "还没开箱，现在查不到" in missing.text
    assert "三种可能" not in missing.text, "nothing is opened: no reason is needed"
    assert "还没开箱，现在查不到" in browser.get("/r").text, "said before anybody types"
    assert "没有查到" not in missing.text, "nothing is wrong before the opening"
    assert "Set-Cookie" not in missing.headers
    mistyped = browser.post("/r", data={"receipt": "123"})
    assert (mistyped.status_code, "回执码有16位" in mistyped.text) == (422, True)
    listed = browser.get(f"/published/{built.id}/{built.home_ids[0]}")
    assert "还没有开箱" in listed.text
    assert browser.get(f"/published/{built.id}/{built.home_ids[0]}/leaves.txt").status_code == 404
    assert browser.get(f"/published/{'0' * 32}/1").status_code == 404


def test_what_is_published_holds_no_answer_and_no_order(voting):
    """Every file of every home: figures, digest and sorted leaves (test 16)."""
    built, app = voting
    receipts = []
    for number, code in enumerate(built.codes(built.home_ids[0])):
        option = "SATISFIED" if number % 2 else "DISSATISFIED"
        receipts.append(
            MemberClient(over_flask(app), code).vote(answers_of(built.questionnaire, option, "金丝雀"))
        )
    built.close().count()
    browser = app.test_client()
    assert "还没开箱" in browser.post("/r", data={"receipt": receipts[0]}).text, (
        "not before the confirmations"
    )
    built.finish()
    page = browser.get(f"/published/{built.id}/{built.home_ids[0]}").text
    lines = browser.get(f"/published/{built.id}/{built.home_ids[0]}/leaves.txt").text.split()
    assert lines == sorted(lines)
    assert all(len(line) == 64 for line in lines)
    found = browser.post("/r", data={"receipt": receipts[3]}).text
    assert "查到了，计入了" in found
    for canary in ("SATISFIED", "DISSATISFIED", "金丝雀", built.questionnaire.overall.id):
        assert canary not in page + "".join(lines) + found
    assert "没有开箱" in browser.get(f"/published/{built.id}/{built.home_ids[1]}").text


def test_the_receipt_page_says_what_became_of_the_ballot(build):
    """Counted; opened and then voided; too few valid; never opened; a round that was cancelled."""
    built = build(*(HomeSpec.of(12),) * 3, HomeSpec.of(9)).prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    counted, voided, few, shut = built.home_ids
    receipts = {}
    for home in built.home_ids:
        for number, code in enumerate(built.codes(home)):
            raw = answers_of(built.questionnaire)
            blank = home == few and number < 3
            answers = dict(list(raw.items())[:1]) if blank else raw
            receipts[home] = MemberClient(over_flask(app), code).vote(answers)
    built.close()

    def told(home: int) -> str:
        return app.test_client().post("/r", data={"receipt": receipts[home]}).text

    built.count().finish()
    with committing(write_session(built.databases.roster)) as session:
        line = {"code": "more_link_ballots_than_signatures", "class_id": "", "label": "", "excess": 1}
        session.get_one(HomeCount, (built.id, voided)).held = [line]
        void_home(
            session,
            built.actor(built.officer_post),
            session.get_one(Round, built.id),
            voided,
            reason="多一张",
            at=built.clock(),
        )
    work(built.databases, built.settings, built.clock, once=True)
    assert "计入了" in told(counted)
    assert "这一家的票作废了" in told(voided)
    assert "有效票只有9张，不足10张，没有计票" in told(few)
    for home in (voided, few, shut):
        assert "计入了</h" not in told(home)
    assert "没有查到" in told(shut)
    assert "票没有开封就销毁了" in told(shut)
    listed = {home: app.test_client().get(f"/published/{built.id}/{home}").text for home in built.home_ids}
    assert "这一家的票作废了" in listed[voided]
    assert "没有计票" in listed[few]
    assert "票已经原样销毁" in listed[shut]
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(Round, built.id).state = RoundState.CANCELLED
    destroy(built.workshop, built.id)
    assert "这一轮取消了" in told(counted)
    assert app.test_client().get(f"/published/{built.id}/{counted}").status_code == 404
