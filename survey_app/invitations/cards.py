"""The cards of a home: codes derived for printing, class by class, and journalled like slips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Refused
from survey_app.core.settings import Settings
from survey_app.invitations.codes import CodeBook, card_link
from survey_app.invitations.operations import HANDED_OUT
from survey_app.journal.operations import record
from survey_app.papers.cards import Card
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.channels import classes_of, letter_of
from survey_app.rounds.models import Round, RoundHome, RoundSecret


def request_cards(session: Session, actor: Actor, round_: Round, home: RoundHome, *, at: datetime) -> None:
    """Note who prints how many; nothing may be printed before `ready` and after the close."""
    actor.need("slip.print")
    refuse_own_home(session, actor, home.home_id)
    if not home.cards:
        raise Refused("no_cards_here")
    if round_.state not in HANDED_OUT:
        raise Refused("wrong_state", thing="round", state=round_.state, action="cards")
    classes = session.scalars(classes_of(round_.id, home.home_id)).all()
    subject = f"{round_.id}/{home.home_id}"
    count = home.cards * len(classes)
    record(session, actor, "cards.printed", "round_home", subject, at=at, count=count)


def cards_for(session: Session, settings: Settings, home: RoundHome) -> Iterator[Card]:
    """Every card of a home with its class in words. They are shuffled before they are set."""
    book = CodeBook.of(settings, session.get(RoundSecret, home.round_id))
    fingerprint = home.sheet_fingerprint or b""
    classes = session.scalars(classes_of(home.round_id, home.home_id)).all()
    for row in classes:
        label = f"{letter_of(row.ordinal)}类：{row.label}" if len(classes) > 1 else "全体会员"
        for number in range(1, home.cards + 1):
            code = book.card(row.id, number)
            yield Card(card_link(settings.base_url, code, fingerprint), code, label)
