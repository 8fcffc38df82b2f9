"""What happens beside the phones: channels of a draft, the desk 发放, cards, plain forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from survey_app.accounts.models import Post
from survey_app.accounts.queries import actor_of_post
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.cards import cards_for
from survey_app.invitations.exchanging import exchange
from survey_app.invitations.models import Exchange
from survey_app.invitations.queries import invitation_of_number
from survey_app.rounds.channels import classes_of, count_desk, set_channel
from survey_app.rounds.models import Channel, Round, RoundHome
from survey_app.units.models import Unit
from tests.support.cast import make_account
from tests.support.round_builder import BuiltRound


def choose_channel(
    built: BuiltRound, home_id: int, channel: Channel = Channel.LINKS, *, cards: int = 0
) -> None:
    """The officer decides in the draft how a home votes."""
    with committing(write_session(built.databases.roster)) as session:
        officer = actor_of_post(session, built.officer_post.id)
        round_ = session.get_one(Round, built.id)
        set_channel(session, officer, round_, [home_id], channel=channel, cards=cards, at=built.clock())


def post_at(built: BuiltRound, home_id: int, role: Role) -> Post:
    """Somebody with a duty at a home of the round."""
    with committing(write_session(built.databases.roster)) as session:
        return make_account(session, role, session.get_one(Unit, home_id), built.id)[1]


def hand_out(built: BuiltRound, group: Post, number: str, wanted: Exchange) -> None:
    """The working group exchanges the link of the member with this number."""
    with committing(write_session(built.databases.roster)) as session:
        person = actor_of_post(session, group.id)
        round_ = session.get_one(Round, built.id)
        home = session.get_one(RoundHome, (built.id, group.unit_id))
        found = invitation_of_number(session, built.id, home.home_id, number)
        assert found is not None, f"no member has the number {number}"
        exchange(session, person, round_, home, found, wanted, at=built.clock())


def count_at_desk(
    built: BuiltRound, group: Post, *, present: int | None = None, left: Mapping[str, int] | None = None
) -> None:
    """When voting is over the group counts who came and what is left in the envelopes, by class label."""
    with committing(write_session(built.databases.roster)) as session:
        person = actor_of_post(session, group.id)
        round_ = session.get_one(Round, built.id)
        home = session.get_one(RoundHome, (built.id, group.unit_id))
        rows = session.scalars(classes_of(built.id, group.unit_id)).all()
        cards_left = {row.id: (left or {})[row.label] for row in rows} if left is not None else {}
        count_desk(session, person, round_, home, present=present, cards_left=cards_left, at=built.clock())


def cards_by_class(built: BuiltRound, home_id: int) -> dict[str, list[str]]:
    """The codes of a home's printed cards by the label on the card."""
    with reading(read_session(built.databases.roster)) as session:
        home = session.get_one(RoundHome, (built.id, home_id))
        found: dict[str, list[str]] = {}
        for card in cards_for(session, built.settings, home):
            found.setdefault(card.class_label, []).append(card.code)
    return found


@dataclass(frozen=True)
class PlainForm:
    """A browser without script at the card's page: posts what the forms hold, keeps no cookie."""

    app: Flask

    def post(self, step: str, code: str, answers: Mapping[str, object] | None = None) -> TestResponse:
        data = {"step": step, "code": code, **(answers or {})}
        reply = self.app.test_client(use_cookies=False).post("/card", data=data)
        assert "Set-Cookie" not in reply.headers, "a member's page must never set a cookie"
        return reply

    def vote(self, code: str, answers: Mapping[str, object]) -> str:
        """The three steps of a member; the receipt."""
        assert self.post("open", code).status_code == 200
        assert self.post("review", code, answers).status_code == 200
        return receipt_on(self.post("cast", code, answers))


def receipt_on(page: TestResponse) -> str:
    """The receipt that stands on a page."""
    found = re.search(r'class="code">\s*((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})', page.text)
    assert found, f"no receipt on this page:\n{page.text[:3000]}"
    return found.group(1)
