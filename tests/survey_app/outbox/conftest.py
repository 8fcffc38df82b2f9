"""A mail server, a gateway, and a post room that sends what is due on a clock the test sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.outbox import deliveries
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.models import Delivery
from survey_app.outbox.post_office import PostOffice
from survey_app.outbox.sending import Draft, Forgets, LetterKind, send_due
from survey_app.outbox.transport import Channel, Letter
from survey_app.outbox.transport_sms import SmsTransport
from survey_app.outbox.transport_smtp import SmtpTransport
from tests.support.cast import MADE_AT, StandingClock
from tests.support.http_gateway import Gateway, http_gateway
from tests.support.smtp_server import Mailbox, smtp_server

SECRET = "THE-LINK-OF-THE-MEMBER"
PATIENCE_S = 0.5


def compose(draft: Draft) -> Letter:
    """A letter whose secret part is derived at sending and stands in no row."""
    return Letter(draft.channel, draft.payload["to"], f"您好 {SECRET}-{draft.payload['to']}", "评议")


KINDS = {
    "test.plain": LetterKind(compose),
    "test.member": LetterKind(compose, Forgets.WHEN_SENT),
    "test.nudge": LetterKind(compose, Forgets.ALWAYS),
}


@dataclass
class PostRoom:
    """The outbox of one installation, with everything a test wants to know of it."""

    workshop: Workshop
    clock: StandingClock
    office: PostOffice
    kinds: dict[str, LetterKind] = field(default_factory=lambda: dict(KINDS))

    def post(self, to: str, channel: Channel = Channel.MAIL, kind: str = "test.plain") -> int:
        with committing(write_session(self.workshop.databases.roster)) as session:
            row = deliveries.post(session, channel, kind, {"to": to}, at=self.clock(), batch="b")
            return row.id

    def work(self, minutes: float = 0) -> int:
        self.clock.instant += timedelta(minutes=minutes)
        return send_due(self.workshop, self.office, self.kinds)

    def row(self, delivery_id: int) -> Delivery:
        with reading(read_session(self.workshop.databases.roster)) as session:
            return session.get_one(Delivery, delivery_id)

    def rows(self) -> list[Delivery]:
        with reading(read_session(self.workshop.databases.roster)) as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with smtp_server() as box:
        box.patience = PATIENCE_S
        yield box


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """An HTTP gateway."""
    with http_gateway() as running:
        yield running


@pytest.fixture
def room(settings: Settings, databases: Databases, mailbox: Mailbox, gateway: Gateway) -> PostRoom:
    """An outbox with mail and SMS."""
    open_settings = replace(
        settings, smtp_url=mailbox.url, mail_from="评家 <pingjia@example.test>", sms_url=gateway.url
    )
    clock = StandingClock(MADE_AT)
    office = PostOffice(
        {
            Channel.MAIL: SmtpTransport(mailbox.url, open_settings.mail_from, PATIENCE_S),
            Channel.SMS: SmsTransport(gateway.url, "key", PATIENCE_S),
        }
    )
    return PostRoom(Workshop(databases, open_settings, clock), clock, office)


def instant(minutes: float) -> datetime:
    """So many minutes after the tests' beginning."""
    return MADE_AT + timedelta(minutes=minutes)
