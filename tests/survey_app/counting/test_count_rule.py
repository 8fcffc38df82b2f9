"""The count rule holds the home that breaks it and no other; replacements can be accepted, nothing else."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select, update

from survey_app.app import create_app
from survey_app.box.models import Ballot, BoxComment, Intake, Leaf, Tally
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Refused
from survey_app.counting.audit import audit
from survey_app.counting.erasing import erase_vote
from survey_app.counting.models import HomeCount
from survey_app.counting.operations import accept_hold, void_home
from survey_app.counting.protocol import protocol_of
from survey_app.counting.rule import Received, may_be_accepted, violations
from survey_app.invitations.codes import CodeBook
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.invitations.operations import grant_replacement
from survey_app.invitations.queries import ClassEntitlements
from survey_app.outbox.models import Job
from survey_app.papers.protocol_sheet import ProtocolSheet
from survey_app.rounds.models import Round, RoundHome, RoundSecret
from survey_app.seals.codes import code_mac
from tests.support.cast import signed_in_client
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec


def given(**values: int) -> list[ClassEntitlements]:
    base = {"members": 20, "issued": 10, "replaced": 0, "exchanged_card": 0, "exchanged_paper": 0}
    return [ClassEntitlements("c", "全体会员", **{**base, **values})]


def broken(entitled, **received: int) -> dict[str, int]:
    return {one.code: one.excess for one in violations(entitled, {"c": Received(**received)})}


@pytest.mark.parametrize(
    ("entitled", "received", "expected"),
    [
        (given(), {"link": 10}, {}),
        (given(), {"link": 11}, {"more_link_ballots_than_signatures": 1}),
        (given(issued=21), {"link": 10}, {"more_entitlements_than_members": 1}),
        (given(issued=21, replaced=1), {"link": 10}, {}),
        (given(issued=15, exchanged_card=6), {"link": 10}, {"more_entitlements_than_members": 1}),
        (given(exchanged_card=2, cards_handed_out=2), {"link": 9, "card": 2}, {}),
        (given(exchanged_card=2, cards_handed_out=1), {"card": 2}, {"more_cards_than_handed_out": 1}),
        (
            given(exchanged_card=1, cards_handed_out=2),
            {"card": 1},
            {"more_cards_handed_out_than_exchanged": 1},
        ),
        # One was replaced: the first phone's ballot came in after all, and the second by whatever way.
        (given(issued=11, replaced=1), {"link": 11}, {"more_ballots_than_entitlements": 1}),
        (
            given(replaced=1, exchanged_paper=1),
            {"link": 10, "paper": 1},
            {"more_ballots_than_entitlements": 1},
        ),
        (
            given(replaced=1, exchanged_card=1, cards_handed_out=1),
            {"link": 10, "card": 1},
            {"more_ballots_than_entitlements": 1},
        ),
        (given(replaced=1, exchanged_paper=1), {"link": 9, "paper": 1}, {}),
        (given(exchanged_paper=1), {"link": 10, "paper": 1}, {}),
        (given(exchanged_paper=1), {"paper": 2}, {"more_paper_than_exchanged": 1}),
        (given(), {"link": 9, "unverified": 1}, {"ballots_without_valid_credential": 1}),
    ],
)
def test_each_line_of_the_rule(entitled, received, expected):
    assert broken(entitled, **received) == expected


def test_ballots_of_a_class_that_the_roster_does_not_know_break_the_rule():
    assert [one.code for one in violations(given(), {"other": Received(link=1)})] == ["class_unknown"]


def test_only_an_excess_within_the_replacements_may_be_accepted():
    line = {"code": "more_link_ballots_than_signatures", "excess": 2, "replaced": 2}
    assert may_be_accepted([line])
    assert not may_be_accepted([{**line, "excess": 3}])
    assert not may_be_accepted([{**line, "code": "ballots_without_valid_credential"}])
    assert not may_be_accepted([])


@pytest.fixture
def voted(build):
    """Two homes in which everybody has voted."""
    built = build(HomeSpec.of(12), HomeSpec.of(12)).prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    for home in built.home_ids:
        for code in built.codes(home):
            MemberClient(over_flask(app), code).vote(answers_of(built.questionnaire))
    return built, app


def lose_a_signature(built, home_id: int, how_many: int = 1) -> None:
    """Somebody signs behind the program's back: more credentials than the roster knows of."""
    with committing(write_session(built.databases.roster)) as session:
        ids = session.scalars(
            select(Invitation.id).where(Invitation.home_id == home_id).limit(how_many)
        ).all()
        session.execute(
            update(Invitation)
            .where(Invitation.id.in_(ids))
            .values(state=InvitationState.OPEN, blinded_hash=None)
        )


def count_of(built, home_id: int) -> HomeCount:
    with reading(read_session(built.databases.roster)) as session:
        return session.get_one(HomeCount, (built.id, home_id))


def sheet_of(built, home_id: int) -> ProtocolSheet:
    """What the custodians sign for a home."""
    with reading(read_session(built.databases.roster)) as session:
        round_, home = session.get_one(Round, built.id), session.get_one(RoundHome, (built.id, home_id))
        return protocol_of(session, built.databases, built.settings.code_pepper, round_, home)


def decide(built, act, post, home_id: int, reason: str = "丢了手机，补发过") -> object:
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        return act(session, built.actor(post), round_, home_id, reason=reason, at=built.clock())


def test_more_ballots_than_signatures_hold_that_home_only(voted):
    built, _app = voted
    first, second = built.home_ids
    lose_a_signature(built, first)
    built.close().count().finish()
    assert [line["code"] for line in count_of(built, first).held] == ["more_link_ballots_than_signatures"]
    assert count_of(built, second).held == []
    assert count_of(built, first).valid == 12, "the home is counted all the same"
    assert audit(built.databases).passed
    with pytest.raises(Refused, match="hold_beyond_replacements"):
        decide(built, accept_hold, built.officer_post, first)
    decide(built, void_home, built.officer_post, first, "重评")
    erase_vote(built.databases, built.id, first)
    with reading(read_session(built.databases.box)) as box:
        for table in (Ballot, Tally, BoxComment):
            homes = set(box.scalars(select(table.home_id)))
            assert first not in homes
        assert box.scalar(select(func.count()).select_from(Leaf).where(Leaf.home_id == first)) == 12
    assert audit(built.databases).passed, "a voided home passes, and keeps its leaves"
    with pytest.raises(Refused, match="home_not_held"):
        decide(built, accept_hold, built.officer_post, second)
    assert sheet_of(built, second).remarks == ()
    with committing(write_session(built.databases.roster)) as session:
        line = {"code": "class_unknown", "class_id": "0" * 32, "label": "", "excess": 2, "replaced": 0}
        session.get_one(HomeCount, (built.id, second)).held = [line]
    assert sheet_of(built, second).remarks == ("有2张票不属于这一家的任何一类",), "no class has a line for it"


def test_a_replacement_that_voted_twice_is_accepted_by_officer_and_custodians(voted):
    built, app = voted
    home = built.home_ids[0]
    first = built.codes(home)[0]
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        book = CodeBook.of(built.settings, session.get_one(RoundSecret, built.id))
        mac = code_mac(built.settings.code_pepper, first)
        invitation = session.scalars(select(Invitation).where(Invitation.code_mac == mac)).one()
        officer = built.actor(built.officer_post)
        new = grant_replacement(session, officer, round_, invitation, book, reason="丢了", at=built.clock())
    client = MemberClient(over_flask(app), first)
    assert client.call("/e/lookup", code=first) == {"state": "void"}
    MemberClient(over_flask(app), new).vote(answers_of(built.questionnaire))
    # The thirteenth ballot has a signature of its own; thirteen ballots of twelve members are too many.
    built.close().count().finish()
    held = count_of(built, home)
    assert [(line["code"], line["excess"], line["replaced"]) for line in held.held] == [
        ("more_ballots_than_entitlements", 1, 1)
    ]
    assert (held.replaced, held.valid) == (1, 13)
    printed = [words for one in sheet_of(built, home).classes for words in one.violations]
    assert printed == ["补发过票的，可能有1张是同一人投了两次"], "the excess stands on the signed sheet"
    assert decide(built, accept_hold, built.officer_post, home) is False
    with pytest.raises(Conflict):
        decide(built, accept_hold, built.officer_post, home)
    assert decide(built, accept_hold, built.custodian_posts[0], home) is False
    assert decide(built, accept_hold, built.custodian_posts[1], home) is True
    assert count_of(built, home).hold_accepted_reason
    with reading(read_session(built.databases.roster)) as session:
        slots = session.scalars(select(Job.slot).where(Job.kind == "results.rate")).all()
    assert f"results.rate/{built.id}/{home}/decided" in slots


def test_a_forged_ballot_in_the_file_is_not_counted_and_holds_its_home(voted):
    built, _app = voted
    with committing(write_session(built.databases.box)) as box:
        real = box.scalars(select(Intake)).first()
        box.add(
            Intake(
                cred_hash=b"\x01" * 32,
                class_id=real.class_id,
                cred=b"\x02" * 64,
                sig=b"\x03" * 256,
                sealed=real.sealed,
            )
        )
    built.close().count().finish()
    counts = [count_of(built, home) for home in built.home_ids]
    forged = [count for count in counts if count.held]
    assert [line["code"] for count in forged for line in count.held] == ["ballots_without_valid_credential"]
    assert (forged[0].sealed, forged[0].valid, forged[0].void) == (13, 12, 1)
    assert audit(built.databases).passed


def test_a_seal_put_under_another_credential_does_not_open(voted):
    built, _app = voted
    with committing(write_session(built.databases.box)) as box:
        one, other = box.scalars(select(Intake).limit(2)).all()
        one.sealed, other.sealed = other.sealed, one.sealed
    built.close().count().finish()
    figures = [(count_of(built, home).valid, count_of(built, home).void) for home in built.home_ids]
    assert sorted(figures) in ([(10, 2), (12, 0)], [(11, 1), (11, 1)])


def test_the_page_of_a_held_home_offers_the_lawful_exits_only(voted):
    built, app = voted
    home, other = built.home_ids
    lose_a_signature(built, home)
    built.close().count().finish()
    address = f"/counts/{built.id}/{home}/hold"
    officer = signed_in_client(app, built.databases, built.officer_post)
    page = officer.get(address).text
    assert "网上投的票比领走的票多1张" in page
    assert "只能作废重评" in page
    assert 'value="accept"' not in page
    refused = officer.send(address, {"reason": "没事", "act": "accept"})
    assert "不能接受，只能作废重评" in refused.text
    custodian = signed_in_client(app, built.databases, built.custodian_posts[0])
    assert 'value="void"' not in custodian.get(address).text
    chair = signed_in_client(app, built.databases, built.chair_posts[0])
    assert chair.get(address).status_code == 404
    assert "票数都对得上" in officer.get(f"/counts/{built.id}/{other}/hold").text
    assert officer.send(address, {"reason": "重评", "act": "void"}).status_code == 303
    assert count_of(built, home).void_reason == "重评"
    assert "On hold for checking" in officer.get(f"{address}?lang=en").text
    printed = officer.get(f"/counts/{built.id}/{home}/protocol.pdf?lang=en").data
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed)).pages)
    assert "网上投的票比领走的票多1张" in re.sub(r"\s", "", words), (
        "the signed sheet is Chinese on every desk"
    )
