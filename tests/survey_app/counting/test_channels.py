"""Cards and paper are counted in the same transaction as links; many homes on several cores; by command."""

from __future__ import annotations

import subprocess

import pytest
from sqlalchemy import select, update

from questionnaires import encode, read_answers
from survey_app.app import create_app
from survey_app.box.models import Ballot, BoxClass, Card, Intake, Leaf, Paper
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Refused
from survey_app.counting import preparing
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount, PaperBatch
from survey_app.invitations.codes import issuing_key
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.rounds.models import BallotClass, RoundState
from survey_app.seals.codes import card_credential
from survey_app.seals.envelope import seal
from survey_app.seals.opening import make_halves
from survey_app.seals.pile import place_in_pile
from survey_app.seals.receipts import cred_hash
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec
from tests.support.server import run_pingjia


def exchange(built, cards: int, paper: int) -> None:
    """So many members of the only home have taken a card or a paper form."""
    with committing(write_session(built.databases.roster)) as session:
        ids = session.scalars(select(Invitation.id).order_by(Invitation.id).limit(cards + paper)).all()
        for kind, chosen in (("card", ids[:cards]), ("paper", ids[cards:])):
            session.execute(
                update(Invitation)
                .where(Invitation.id.in_(chosen))
                .values(state=InvitationState.EXCHANGED, exchanged_for=kind)
            )


def settle_batch(built) -> None:
    """The batch of the paper forms, keyed by both tellers without a difference."""
    with committing(write_session(built.databases.roster)) as session:
        session.add(
            PaperBatch(
                id="b" * 32, round_id=built.id, home_id=built.home_ids[0], ordinal=1, sheets=3, settled=True
            )
        )


def card_ballot(built, box_class: BoxClass, number: int) -> tuple[Card, Intake]:
    """A printed card and the ballot sealed under its code."""
    mac = bytes([number]) * 32
    credential = card_credential(built.settings.code_pepper, mac)
    payload = encode(read_answers(built.questionnaire, answers_of(built.questionnaire)))
    sealed = seal(
        box_class.opening_public,
        payload,
        sheet_fingerprint=box_class.sheet_fingerprint,
        class_id=bytes.fromhex(box_class.id),
        credential=credential,
    )
    with reading(read_session(built.databases.roster)) as session:
        wrapped = session.get_one(BallotClass, box_class.id).issuing_private
    signature = issuing_key(built.settings, box_class.id, wrapped).sign(credential)
    intake = Intake(
        cred_hash=cred_hash(credential),
        class_id=box_class.id,
        cred=credential,
        sig=signature,
        sealed=sealed,
    )
    return Card(code_mac=mac, class_id=box_class.id), intake


def paper_form(built, box_class: BoxClass, sheet: int, keying: int = 1, digest: bytes | None = None) -> Paper:
    """A sealed form; one row without a digest once two tellers keyed it alike."""
    return Paper(
        batch="b" * 32,
        sheet=sheet,
        keying=keying,
        round_id=built.id,
        home_id=built.home_ids[0],
        class_id=box_class.id,
        sealed=seal(
            box_class.opening_public,
            encode(read_answers(built.questionnaire, answers_of(built.questionnaire, "BASIC"))),
            sheet_fingerprint=box_class.sheet_fingerprint,
            class_id=bytes.fromhex(box_class.id),
            credential=place_in_pile("b" * 32, sheet),
        ),
        digest=digest,
    )


@pytest.fixture
def three_ways(build):
    """Six links, three cards and three paper forms in a home of twelve, closed."""
    built = build(HomeSpec.of(12)).prepare().open()
    exchange(built, cards=3, paper=3)
    settle_batch(built)
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    voted = 0
    for code in built.codes(built.home_ids[0]):
        client = MemberClient(send, code)
        if client.look_up()["state"] == "open":
            client.vote(answers_of(built.questionnaire))
            voted += 1
    assert voted == 6
    with committing(write_session(built.databases.box)) as box:
        box_class = box.scalars(select(BoxClass)).one()
        for number in (1, 2, 3):
            box.add_all(card_ballot(built, box_class, number))
            box.add(paper_form(built, box_class, number))
    return built.close()


def test_links_cards_and_paper_are_counted_together(three_ways):
    three_ways.count().finish()
    with reading(read_session(three_ways.databases.roster)) as session:
        count = session.scalars(select(HomeCount)).one()
    assert (count.sealed, count.paper, count.valid, count.void) == (9, 3, 12, 0)
    assert (count.exchanged_card, count.exchanged_paper, count.issued) == (3, 3, 6)
    with reading(read_session(three_ways.databases.box)) as box:
        assert len(box.scalars(select(Ballot.id)).all()) == 12
        assert len(box.scalars(select(Leaf.leaf)).all()) == 9, "paper has no receipt"
        assert box.scalars(select(Paper)).first() is None
    assert audit(three_ways.databases).passed


def test_forms_that_two_tellers_keyed_differently_stop_the_opening_before_it_begins(three_ways):
    with committing(write_session(three_ways.databases.box)) as box:
        row = box.scalars(select(Paper).where(Paper.sheet == 2)).one()
        row.digest = b"1" * 32
        other = paper_form(three_ways, box.scalars(select(BoxClass)).one(), 2, 2, digest=b"2" * 32)
        box.add(other)
    with pytest.raises(Refused, match="paper_not_settled"):
        three_ways.count()
    assert three_ways.state is RoundState.CLOSED


def test_a_settled_form_that_is_gone_or_exchanged_does_not_pass_for_another(three_ways):
    with committing(write_session(three_ways.databases.box)) as box:
        first = box.scalars(select(Paper).where(Paper.sheet == 1)).one()
        box.scalars(select(Paper).where(Paper.sheet == 2)).one().sealed = first.sealed
        box.delete(box.scalars(select(Paper).where(Paper.sheet == 3)).one())
    with pytest.raises(Refused, match="paper_not_settled"):
        three_ways.count()
    assert three_ways.state is RoundState.CLOSED
    with committing(write_session(three_ways.databases.box)) as box:
        box.add(paper_form(three_ways, box.scalars(select(BoxClass)).one(), 3))
    three_ways.count().finish()
    with reading(read_session(three_ways.databases.roster)) as session:
        count = session.scalars(select(HomeCount)).one()
    assert (count.paper, count.valid, count.void) == (3, 11, 1), "a seal opens in its own place only"


def test_a_ballot_signed_for_no_card_of_the_home_holds_it(three_ways):
    with committing(write_session(three_ways.databases.box)) as box:
        box.delete(box.get_one(Card, b"\x01" * 32))
    three_ways.count().finish()
    with reading(read_session(three_ways.databases.roster)) as session:
        count = session.scalars(select(HomeCount)).one()
    # No card has left this home's envelope, so the two that remain are held as well.
    assert {one["code"]: one["excess"] for one in count.held} == {
        "more_link_ballots_than_signatures": 1,
        "more_cards_than_handed_out": 2,
    }


def test_a_ballot_without_a_signature_is_not_counted_not_even_a_cards(three_ways):
    with committing(write_session(three_ways.databases.box)) as box:
        credential = card_credential(three_ways.settings.code_pepper, b"\x01" * 32)
        box.get_one(Intake, cred_hash(credential)).sig = None
    three_ways.count().finish()
    with reading(read_session(three_ways.databases.roster)) as session:
        count = session.scalars(select(HomeCount)).one()
    assert (count.valid, count.void) == (11, 1)
    assert "ballots_without_valid_credential" in {line["code"] for line in count.held}


def test_keys_made_ahead_on_every_core_are_as_good(build, monkeypatch):
    monkeypatch.setattr(preparing, "MANY_HOMES", 2)
    built = build(HomeSpec.of(11), HomeSpec.of(12)).prepare()
    assert built.state is RoundState.READY
    assert audit(built.databases).passed


def open_by_command(built, halves: tuple[str, str]) -> subprocess.CompletedProcess[str]:
    typed = "\n".join(halves) + "\n"
    return run_pingjia(built.settings, "box", "open", built.id, "--workers", "2", typed=typed)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_command_opens_several_homes_on_two_cores(build):
    built = build(HomeSpec.of(10), HomeSpec.of(11), HomeSpec.of(12), HomeSpec.of(10)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for home in built.home_ids:
        for code in built.codes(home):
            MemberClient(send, code).vote(answers_of(built.questionnaire))
    built.close()
    wrong = open_by_command(built, make_halves())
    assert (wrong.returncode, "passphrase_wrong" in wrong.stderr) == (2, True)
    assert built.state is RoundState.CLOSED
    right = open_by_command(built, built.key.halves)
    assert right.returncode == 0, right.stderr
    built.finish()
    with reading(read_session(built.databases.box)) as box:
        assert len(box.scalars(select(Ballot.id)).all()) == 43
    assert audit(built.databases).passed
