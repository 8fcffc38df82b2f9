"""What a card opens: class and use from the box, then sheet and questions of its home.

A card belongs to no member, so one reader may look into both books: the box says which home, and the other
side is asked for that home as any phone asks for it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime

from questionnaires import Questionnaire
from survey_app.box.card_casting import card_entry
from survey_app.core.db import Databases, read_session, reading
from survey_app.core.errors import Refused
from survey_app.core.settings import Settings
from survey_app.instruments.queries import questionnaire_of
from survey_app.invitations.codes import issuing_key
from survey_app.invitations.window import Phase, casting_until, phase
from survey_app.rounds.models import BallotClass, Electorate, Round, RoundHome, RoundKind
from survey_app.seals.codes import card_credential, code_mac, verification_code
from survey_app.units.models import Unit


@dataclass(frozen=True)
class CardPoll:
    """Everything the page of a card shows and seals with."""

    credential: bytes
    class_id: str
    class_label: str
    class_members: int
    several_classes: bool
    used: bool
    phase: Phase
    may_cast: bool
    round_title: str
    year: int
    practice: bool
    delegates: bool
    home_id: int
    home: str
    opens_at: datetime
    closes_at: datetime
    union: str
    contact: str
    questionnaire: Questionnaire
    sheet: bytes
    fingerprint: bytes
    opening_public: bytes

    @property
    def check_code(self) -> str:
        """What must equal the poster."""
        return verification_code(self.fingerprint)

    @property
    def sheet_text(self) -> str:
        """The sheet as the page's script reads it."""
        return base64.b64encode(self.sheet).decode("ascii")


def open_card(databases: Databases, settings: Settings, code: str, *, at: datetime) -> CardPoll:
    """The poll of a card's code, or NotFound."""
    mac = code_mac(settings.code_pepper, code)
    credential = card_credential(settings.code_pepper, mac)
    with reading(read_session(databases.box)) as box:
        entry = card_entry(box, mac, credential)
        class_id, used = entry.box_class.id, entry.used
        opening_public = entry.box_class.opening_public
    with reading(read_session(databases.roster)) as session:
        ballot_class = session.get_one(BallotClass, class_id)
        round_ = session.get_one(Round, ballot_class.round_id)
        home = session.get_one(RoundHome, (round_.id, ballot_class.home_id))
        now = phase(round_, at)
        return CardPoll(
            credential=credential,
            class_id=class_id,
            class_label=ballot_class.label,
            class_members=ballot_class.members,
            several_classes=ballot_class.members != home.members,
            used=used,
            phase=now,
            # Whoever had the page open at the close may still finish, as a phone may.
            may_cast=now is not Phase.EARLY and at < casting_until(round_),
            round_title=round_.title,
            year=round_.year,
            practice=round_.kind == RoundKind.PRACTICE,
            delegates=round_.electorate == Electorate.DELEGATES,
            home_id=home.home_id,
            home=session.get_one(Unit, home.home_id).name,
            opens_at=round_.opens_at,
            closes_at=round_.closes_at,
            union=round_.privacy_handler,
            contact=round_.privacy_contact,
            questionnaire=questionnaire_of(session, home.questionnaire_id),
            sheet=home.sheet or b"",
            fingerprint=home.sheet_fingerprint or b"",
            opening_public=opening_public,
        )


def card_signature(databases: Databases, settings: Settings, poll: CardPoll) -> bytes:
    """The class's signature for the card's credential, so that its ballot looks like everybody's.

    Signed as often as the card is sent: under one credential the box keeps one ballot.
    """
    with reading(read_session(databases.roster)) as session:
        wrapped = session.get_one(BallotClass, poll.class_id).issuing_private
    if wrapped is None:
        raise Refused("voting_closed")
    return issuing_key(settings, poll.class_id, wrapped).sign(poll.credential)
