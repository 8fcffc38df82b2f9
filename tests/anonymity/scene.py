"""A home that votes in an order the attacker knows, every ballot and comment telling whose it is."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sqlalchemy import select

from questionnaires import Questionnaire, read_answers
from survey_app.app import create_app
from survey_app.box.models import Leaf
from survey_app.core.db import read_session, reading
from survey_app.rosters.models import RosterMember
from tests.support.member_client import MemberClient, Send, answers_of, over_flask
from tests.support.round_builder import BuiltRound

BITS = 10


def telling_answers(questionnaire: Questionnaire, number: int, comment: str = "") -> dict[str, object]:
    """Answers that no other member of the home gives: the number, one bit for each question."""
    raw = answers_of(questionnaire, comment=comment)
    for bit, item in enumerate(questionnaire.closed_questions[:BITS]):
        if number >> bit & 1:
            raw[item.id] = "DISSATISFIED"
    return raw


def words_of(number: int) -> str:
    """A comment that names its writer."""
    return f"金丝雀第{number:04d}号"


@dataclass
class Scene:
    """Who voted as the how-manieth, and what that person's ballot, comment and leaf look like."""

    built: BuiltRound
    home_id: int
    arrivals: list[str]
    """Codes in the order of arrival; everything else is told by the place in this list."""
    roster_places: list[int]
    credentials: list[bytes] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    last_cast: dict[str, object] = field(default_factory=dict)

    def vote(self, send: Send | None = None, *, first: int = 0, last: int | None = None) -> None:
        """Members vote one after the other, in process or over a connection that is given."""
        built = self.built
        through = send or over_flask(create_app(built.settings, built.databases, clock=built.clock))
        known: MemberClient | None = None
        for number, code in list(enumerate(self.arrivals))[first:last]:
            client = MemberClient(through, code)
            client.look_up()
            if known is None:
                client.read_sheet()
                known = client
            client.sheet, client.sheet_hash = known.sheet, known.sheet_hash
            client.questionnaire = known.questionnaire
            form = built.questionnaire
            self.receipts.append(client.vote(telling_answers(form, number, words_of(number))))
            assert client.side is not None
            self.credentials.append(client.side.message)
            self.last_cast = client.cast_call()

    @property
    def ballots(self) -> dict[tuple[int, ...], int]:
        """Whose answers these are: codes -> place in the order of arrival."""
        form = self.built.questionnaire
        return {read_answers(form, telling_answers(form, n)).codes: n for n in range(len(self.arrivals))}

    @property
    def comments(self) -> dict[str, int]:
        """Whose words these are."""
        return {words_of(number): number for number in range(len(self.arrivals))}

    def leaf_places(self) -> list[int]:
        """For each arrival the place of its leaf in the table, as a holder of every log could know it."""
        with reading(read_session(self.built.databases.box)) as box:
            wanted = select(Leaf.cred).where(Leaf.home_id == self.home_id, Leaf.round_id == self.built.id)
            places = {cred: place for place, cred in enumerate(box.scalars(wanted))}
        return [places[cred] for cred in self.credentials]


def set_scene(built: BuiltRound, seed: int) -> Scene:
    """Members of the first home, arriving in an order drawn from a seed."""
    home_id = built.home_ids[0]
    codes = list(enumerate(built.codes(home_id)))
    random.Random(seed).shuffle(codes)
    return Scene(built, home_id, [code for _, code in codes], [place for place, _ in codes])


def member_numbers(built: BuiltRound) -> list[str]:
    """The roster numbers, in the order of the roster."""
    with reading(read_session(built.databases.roster)) as session:
        return list(session.scalars(select(RosterMember.number).order_by(RosterMember.id)))
