"""The member's three calls: what they answer, what they refuse, and what they never do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.rounds.models import BallotClass, Round
from survey_app.seals.codes import parse_fragment
from survey_app.web import guessing
from tests.anonymity.walk import addresses
from tests.support.at_rest import everything_in
from tests.support.member_client import MemberClient, Turned, answers_of, base64_text, over_flask
from tests.support.round_builder import AFTER, CLOSES_AT, DURING, OPENS_AT, HomeSpec

CRAWLERS = ("MicroMessenger preview bot", "facebookexternalhit/1.1", "Baiduspider/2.0", "Mail scanner")


@pytest.fixture
def voting(build):
    """A round that votes, its application and its codes."""
    built = build(HomeSpec.of(12)).prepare().open()
    return built, create_app(built.settings, built.databases, clock=built.clock)


def states(built) -> dict[str, int]:
    with reading(read_session(built.databases.roster)) as session:
        rows = session.execute(
            select(Invitation.state, func.count().label("n")).group_by(Invitation.state)
        ).all()
        return {row.state: row.n for row in rows}


def test_a_look_up_tells_state_and_place_and_no_key(voting):
    built, app = voting
    code = built.codes(built.home_ids[0])[0]
    found = MemberClient(over_flask(app), code).look_up()
    assert sorted(found) == ["class", "home", "phase", "round", "state"]
    assert (found["state"], found["phase"], found["home"]) == ("open", "open", built.home_ids[0])
    typed = code.lower().replace("0", "o").replace("1", "l")
    grouped = " ".join(typed[at : at + 4] for at in range(0, 20, 4))
    assert MemberClient(over_flask(app), grouped).look_up() == found, "a code typed by hand is read kindly"


def test_the_sheet_is_the_same_bytes_for_the_whole_home_and_fits_the_link(voting):
    built, app = voting
    bodies = set()
    for link in built.links(built.home_ids[0])[:3]:
        fragment = parse_fragment(link.partition("#")[2])
        client = MemberClient(over_flask(app), fragment.code, fragment.fingerprint)
        client.look_up()
        client.read_sheet()
        bodies.add(over_flask(app)("/e/sheet", {"home": built.home_ids[0], "round": built.id})[1])
        assert client.facts["closes_at"].startswith("2026-06-26T10:00")
    assert len(bodies) == 1


def test_an_extension_of_the_hours_is_on_the_sheet_at_once(voting):
    built, app = voting
    client = MemberClient(over_flask(app), built.codes(built.home_ids[0])[0])
    client.look_up()
    first = client.read_sheet()
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(Round, built.id).closes_at += timedelta(days=2)
    assert client.read_sheet() == first
    assert client.facts["closes_at"].startswith("2026-06-28T10:00"), "kept bytes must not outlive their facts"


def test_a_tampered_sheet_is_refused_by_the_client(voting):
    built, app = voting
    fragment = parse_fragment(built.links(built.home_ids[0])[0].partition("#")[2])
    with pytest.raises(AssertionError, match="not the link's"):
        MemberClient(over_flask(app), fragment.code, "0" * 26).start()


def test_the_same_message_is_signed_again_and_another_one_never(voting):
    built, app = voting
    code = built.codes(built.home_ids[0])[0]
    client = MemberClient(over_flask(app), code).start()
    first = client.issue()
    second = client.issue()
    assert first == second, "a lost reply is repeated, to the byte"
    thief = MemberClient(over_flask(app), code).start()
    with pytest.raises(Turned) as refused:
        thief.issue()
    assert (refused.value.status, refused.value.code) == (409, "issued_elsewhere")
    assert states(built) == {"issued": 1, "open": 11}
    assert thief.look_up()["state"] == "issued"


def test_a_wrong_message_spends_nothing(voting):
    built, app = voting
    client = MemberClient(over_flask(app), built.codes(built.home_ids[0])[0]).start()
    tag = base64_text(bytes(4))
    good = base64_text(client.side.blinded)
    zero, large = base64_text(bytes(256)), base64_text(b"\xff" * 256)
    for values, code in (
        ({"tag": tag, "b": good}, "key_differs"),
        ({"tag": "!", "b": good}, "bad_call"),
        ({"tag": tag}, "bad_call"),
        ({"tag": tag, "b": base64_text(bytes(255))}, "bad_call"),
        ({"tag": tag, "b": 7}, "bad_call"),
    ):
        with pytest.raises(Turned) as refused:
            client.call("/e/issue", code=client.code, **values)
        assert refused.value.code == code
    from survey_app.seals.blind import key_tag

    right = base64_text(key_tag(client.side.public_n))
    for blinded in (zero, large):
        with pytest.raises(Turned, match="bad_call"):
            client.call("/e/issue", code=client.code, tag=right, b=blinded)
    assert states(built) == {"open": 12}


def test_unknown_codes_are_delayed_but_never_hold_up_a_valid_one(voting, monkeypatch):
    built, app = voting
    slept: list[float] = []
    monkeypatch.setattr(guessing.time, "sleep", slept.append)
    client = MemberClient(over_flask(app), "0" * 20)
    with pytest.raises(Turned, match="404 code_unknown"):
        client.look_up()
    assert slept == [guessing.DELAY_SECONDS]
    for _ in range(guessing.DELAYED_AT_ONCE):
        guessing._waiting.acquire()
    try:
        with pytest.raises(Turned, match="400 code_look_up_busy"):
            client.look_up()
        assert MemberClient(over_flask(app), built.codes(built.home_ids[0])[0]).look_up()["state"] == "open"
    finally:
        for _ in range(guessing.DELAYED_AT_ONCE):
            guessing._waiting.release()


@pytest.mark.parametrize(
    "request_of",
    [
        {"data": b"{}", "content_type": "text/plain"},
        {"data": b"[]", "content_type": "application/json"},
        {"data": b"{", "content_type": "application/json"},
        {"json": {}, "headers": {"Sec-Fetch-Site": "cross-site"}},
        {"json": {"code": "x" * 20_000}},
    ],
)
def test_calls_that_our_page_would_not_make_are_refused(voting, request_of):
    _built, app = voting
    for path in ("/e/lookup", "/e/sheet", "/e/issue", "/box/cast"):
        reply = app.test_client(use_cookies=False).post(path, **request_of)
        assert reply.status_code == 400, (path, reply.status_code)
        assert "Set-Cookie" not in reply.headers


def test_member_calls_are_never_stored_and_set_no_cookie(voting):
    built, app = voting
    for path in ("/e/lookup", "/e/sheet"):
        call = {"code": built.codes(built.home_ids[0])[0], "home": built.home_ids[0], "round": built.id}
        reply = app.test_client().post(path, json=call)
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in reply.headers


def test_a_hundred_page_loads_change_nothing(voting):
    """Previews and scanners open links; nothing is spent or written by looking (test 9)."""
    built, app = voting
    code = built.codes(built.home_ids[0])[0]
    blanks = {"round_id": [built.id], "home_id": built.home_ids, "unit_id": built.home_ids}
    open_to_all = addresses(app, "GET", blanks, {"member", "public"})
    assert {"/e", "/e/code", "/r", "/card", f"/h/{built.home_ids[0]}"} <= set(open_to_all)
    before = [everything_in(engine) for engine in (built.databases.roster, built.databases.box)]
    for number in range(50):
        crawler = {"User-Agent": CRAWLERS[number % len(CRAWLERS)]}
        url = open_to_all[number % len(open_to_all)]
        for method, address in (("GET", url), ("HEAD", f"{url}?code={code}")):
            reply = app.test_client().open(address, method=method, headers=crawler)
            assert reply.status_code < 500, address
    MemberClient(over_flask(app), code).start()
    assert [everything_in(engine) for engine in (built.databases.roster, built.databases.box)] == before
    assert states(built) == {"open": 12}
    # The control: the same look sees one entitlement spent.
    MemberClient(over_flask(app), code).start().issue()
    assert everything_in(built.databases.roster) != before[0]


def test_hours_hold_even_when_nobody_presses_a_button(voting):
    built, app = voting
    codes = built.codes(built.home_ids[0])
    early, late, retry = (MemberClient(over_flask(app), code).start() for code in codes[:3])
    built.clock.at = OPENS_AT - timedelta(seconds=1)
    assert early.look_up()["phase"] == "early"
    with pytest.raises(Turned, match="403 voting_not_open"):
        early.issue()
    built.clock.at = DURING
    first = retry.issue()
    built.clock.at = CLOSES_AT
    assert late.look_up()["phase"] == "closed"
    with pytest.raises(Turned, match="403 voting_closed"):
        late.issue()
    built.clock.at = CLOSES_AT + timedelta(minutes=14)
    built.request("close")
    assert retry.issue() == first, "a phone in retry may finish until casting closes"
    with pytest.raises(Turned, match="403 voting_closed"):
        late.issue()
    retry.seal(answers_of(built.questionnaire))
    assert retry.cast()
    built.clock.at = AFTER
    from survey_app.counting.voting import close_votes

    close_votes(built.workshop, built.id)
    with pytest.raises(Turned, match="403 voting_closed"):
        retry.issue()
    assert retry.cast(), "the stored ballot still answers with its receipt"
    with reading(read_session(built.databases.roster)) as session:
        assert set(session.scalars(select(BallotClass.issuing_private))) == {None}


def test_an_exchanged_entitlement_is_refused(voting):
    built, app = voting
    client = MemberClient(over_flask(app), built.codes(built.home_ids[0])[0]).start()
    with committing(write_session(built.databases.roster)) as session:
        row = session.scalars(select(Invitation).order_by(Invitation.member_id)).first()
        row.state, row.exchanged_for = InvitationState.EXCHANGED, "card"
    with pytest.raises(Turned, match="403 code_exchanged"):
        client.issue()


def test_codes_of_a_round_gone_back_to_draft_are_void(build):
    from survey_app.rounds.operations import return_to_draft

    built = build(HomeSpec.of(12)).prepare()
    app = create_app(built.settings, built.databases, clock=built.clock)
    code = built.codes(built.home_ids[0])[0]
    with committing(write_session(built.databases.roster)) as session:
        officer = built.actor(built.officer_post)
        return_to_draft(session, officer, session.get_one(Round, built.id), reason="改名册", at=built.clock())
    assert MemberClient(over_flask(app), code).call("/e/lookup", code=code) == {"state": "void"}
