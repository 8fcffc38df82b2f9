"""Members of the demo: each votes through the real issue and the real cast, sealed on its own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Questionnaire, encode, read_answers
from survey_app.box.casting import Cast, cast
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.demo.story import COMMENTS, DemoHome
from survey_app.instruments.queries import questionnaire_of
from survey_app.invitations.codes import CodeBook, issuing_key
from survey_app.invitations.issuing import grant
from survey_app.invitations.models import Invitation
from survey_app.rosters.models import RosterMember
from survey_app.rounds.models import BallotClass, RoundHome, RoundSecret
from survey_app.seals.blind import MemberSide, key_tag
from survey_app.seals.envelope import seal


@dataclass(frozen=True)
class Voter:
    """What a member's phone learns from the link."""

    invitation_id: str
    generation: int
    class_id: str
    issuing_public: bytes


OPTIONS = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")
COMMENTING = 0.18


@dataclass
class Electorate:
    """The voters of one home with the answers they will give, until each has voted."""

    databases: Databases
    settings: Settings
    book: CodeBook
    questionnaire: Questionnaire
    opening_public: bytes
    fingerprint: bytes
    pending: list[tuple[Voter, dict[str, object]]]

    @classmethod
    def of(
        cls,
        databases: Databases,
        settings: Settings,
        round_id: str,
        home_id: int,
        home: DemoHome,
        chance: random.Random,
    ) -> Electorate:
        """Everybody of a prepared home who is going to vote."""
        with reading(read_session(databases.roster)) as session:
            secret = session.get_one(RoundSecret, round_id)
            row = session.get_one(RoundHome, (round_id, home_id))
            questionnaire = questionnaire_of(session, row.questionnaire_id)
            voters = list(_voters(session, round_id, home_id, home))
            if secret.opening_public is None or row.sheet_fingerprint is None:
                raise RuntimeError("the round is not prepared")
            return cls(
                databases,
                settings,
                CodeBook.of(settings, secret),
                questionnaire,
                secret.opening_public,
                row.sheet_fingerprint,
                list(zip(voters, _answers(questionnaire, home, chance), strict=True)),
            )

    def vote(self, ballots: int, *, at: datetime) -> int:
        """Let the next `ballots` members vote; returns how many did."""
        now, self.pending = self.pending[:ballots], self.pending[ballots:]
        for voter, raw in now:
            self._cast(voter, raw, at)
        return len(now)

    def _cast(self, voter: Voter, raw: dict[str, object], at: datetime) -> None:
        member = MemberSide.start(voter.issuing_public)
        mac = self.book.mac(voter.invitation_id, voter.generation)
        with committing(write_session(self.databases.roster)) as session:
            granted = grant(session, mac, key_tag(voter.issuing_public), member.blinded, at=at)
        key = issuing_key(self.settings, granted.class_id, granted.issuing_private)
        signature = member.finalise(key.blind_sign(member.blinded))
        sealed = seal(
            self.opening_public,
            encode(read_answers(self.questionnaire, raw)),
            sheet_fingerprint=self.fingerprint,
            class_id=bytes.fromhex(voter.class_id),
            credential=member.message,
        )
        with committing(write_session(self.databases.box)) as session:
            cast(session, Cast(voter.class_id, member.message, signature, sealed))


def _voters(session: Session, round_id: str, home_id: int, home: DemoHome) -> Iterator[Voter]:
    """The first so many members of every stratum; the rest keep silent."""
    left = {stratum.employment: stratum.voters for stratum in home.strata}
    rows = session.execute(
        select(Invitation, BallotClass.issuing_public, RosterMember.employment)
        .join(BallotClass, BallotClass.id == Invitation.class_id)
        .join(RosterMember, RosterMember.id == Invitation.member_id)
        .where(Invitation.round_id == round_id, Invitation.home_id == home_id)
        .order_by(RosterMember.number)
    )
    for invitation, public, employment in rows:
        if left.get(employment, 0) > 0:
            left[employment] -= 1
            yield Voter(invitation.id, invitation.generation, invitation.class_id, public)


def _answers(
    questionnaire: Questionnaire, home: DemoHome, chance: random.Random
) -> Iterator[dict[str, object]]:
    """Raw answers: the overall question exactly as told, the items around it, a few comments."""
    overall = [option for option, n in zip(OPTIONS, home.overall, strict=True) for _ in range(n)]
    chance.shuffle(overall)
    for opinion in overall:
        raw: dict[str, object] = {"q21": opinion, "q22": opinion if opinion != "UNKNOWN" else "BASIC"}
        for item in questionnaire.closed_questions:
            if item.id not in raw:
                raw[item.id] = chance.choices(OPTIONS, _leaning(item.id, opinion, home))[0]
        if home.members >= 20 and chance.random() < COMMENTING:
            question, text = chance.choice(COMMENTS)
            raw[question] = text
        yield raw


def _leaning(item: str, opinion: str, home: DemoHome) -> Sequence[float]:
    """How a member who feels `opinion` overall answers an item."""
    if item in home.unseen:
        return (0.25, 0.2, 0.1, 0.45)
    if item in home.weak:
        return (0.12, 0.25, 0.55, 0.08)
    return {
        "SATISFIED": (0.74, 0.2, 0.02, 0.04),
        "BASIC": (0.3, 0.52, 0.1, 0.08),
        "DISSATISFIED": (0.1, 0.28, 0.52, 0.1),
        "UNKNOWN": (0.2, 0.25, 0.1, 0.45),
    }[opinion]
