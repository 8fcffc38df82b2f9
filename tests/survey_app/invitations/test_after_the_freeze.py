"""What a desk can do once the roster is frozen never gives a member a second ballot that nobody counts."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.box.models import Intake
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Refused
from survey_app.invitations.codes import CodeBook
from survey_app.invitations.models import Exchange, Invitation, InvitationState, ReplacementCount
from survey_app.invitations.operations import grant_replacement, void_and_reissue
from survey_app.invitations.queries import invitation_of_number
from survey_app.rosters.contacts import mend_contact
from survey_app.rosters.secrets import RosterKeys
from survey_app.rounds.models import Round, RoundSecret
from tests.support.desk import hand_out, post_at
from tests.support.member_client import MemberClient, Turned, answers_of, over_flask
from tests.support.round_builder import HomeSpec

MEMBERS = 11


class Desk:
    """Every act of a desk on one member, found by the roster number."""

    def __init__(self, built) -> None:
        self.built, self.home = built, built.home_ids[0]
        self.group = post_at(built, self.home, Role.WORKING_GROUP)

    def _on(self, number: str, act, **named: str) -> str:
        with committing(write_session(self.built.databases.roster)) as session:
            round_ = session.get_one(Round, self.built.id)
            book = CodeBook.of(self.built.settings, session.get(RoundSecret, round_.id))
            found = invitation_of_number(session, round_.id, self.home, number)
            officer = self.built.actor(self.built.officer_post)
            return act(session, officer, round_, found, book, at=self.built.clock(), **named)

    def mend(self, number: str, contact: str) -> None:
        with committing(write_session(self.built.databases.roster)) as session:
            found = invitation_of_number(session, self.built.id, self.home, number)
            mend_contact(session, RosterKeys.of(self.built.settings), found.member_id, contact)

    def exchange(self, number: str) -> None:
        hand_out(self.built, self.group, number, Exchange.PAPER)

    def reissue(self, number: str) -> str:
        return self._on(number, void_and_reissue)

    def replace(self, number: str) -> str:
        return self._on(number, grant_replacement, reason="说丢了")


def refusal(act, *given: str) -> str:
    with pytest.raises(Refused) as refused:
        act(*given)
    return refused.value.code


def told(send, code: str, answers) -> str:
    """What a phone hears that tries to vote by this code."""
    client = MemberClient(send, code)
    state = client.look_up()["state"]
    if state != "void":
        try:
            client.vote(answers)
        except Turned as turned:
            return turned.code
        return "voted"
    return str(state)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_one_member_has_one_ballot_whatever_the_desk_does_in_any_order(build):
    built = build(HomeSpec.of(MEMBERS)).prepare().open()
    desk, answers = Desk(built), answers_of(built.questionnaire)
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    before = built.codes(desk.home)
    every_code = list(before)

    # The first takes paper, the second votes; nothing that follows opens their entitlements again.
    desk.exchange("0001")
    MemberClient(send, before[1]).vote(answers)
    for number in ("0001", "0002"):
        desk.mend(number, "13900000001")
        assert refusal(desk.exchange, number) == "entitlement_used"
        assert refusal(desk.reissue, number) == "code_used"
    assert refusal(desk.replace, "0001") == "code_not_issued"
    # A mended contact, here one for many, reaches the same code; a reissued one takes the old one's place.
    for number in ("0003", "0004"):
        desk.mend(number, "13900000001")
    assert built.codes(desk.home) == before
    every_code += [desk.reissue("0003"), desk.reissue("0003"), desk.reissue("0004")]
    desk.exchange("0004")
    # One ballot said to be lost: the only act that opens an entitlement twice, and it is counted.
    every_code.append(desk.replace("0002"))

    said = Counter(told(send, code, answers) for code in every_code)
    with reading(read_session(built.databases.roster)) as session:
        granted = session.scalar(select(func.sum(ReplacementCount.granted)))
        paper = session.scalar(select(func.count()).where(Invitation.state == InvitationState.EXCHANGED))
    with reading(read_session(built.databases.box)) as box:
        sealed = box.scalar(select(func.count()).select_from(Intake))
    assert (granted, paper, sealed) == (1, 2, MEMBERS - 1)
    assert (said["voted"], said["void"]) == (MEMBERS - 2, 4), said
    assert sealed + paper == MEMBERS + granted, "the one more is the replacement, which holds the home"
