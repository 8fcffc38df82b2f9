"""A round whose members have contacts, and a post room that sends to a local mail server and SMS gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Post
from survey_app.app import create_app
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.invitations.models import Invitation, InvitationState, Sending
from survey_app.invitations.sending import Way
from survey_app.invitations.sending_states import Route
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.models import Delivery
from survey_app.outbox.post_office import PostOffice, channels_of, transports_of
from survey_app.outbox.sending import send_due
from survey_app.rosters.models import RosterMember
from survey_app.rosters.secrets import RosterKeys
from survey_app.worker import collect, collect_letters, step
from tests.support.http_gateway import Gateway
from tests.support.round_builder import BuiltRound
from tests.support.smtp_server import Mailbox

LINK = re.compile(r"http\S+/e#\S+")


@dataclass
class PostRound:
    """A round and the world around its messages."""

    built: BuiltRound
    workshop: Workshop
    app: Flask
    mailbox: Mailbox
    gateway: Gateway

    @property
    def home(self) -> int:
        return self.built.home_ids[0]

    @property
    def way(self) -> Way:
        return Way(Route.CONTACT, channels_of(self.workshop.settings))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with committing(write_session(self.built.databases.roster)) as session:
            yield session

    def officer(self) -> Any:
        return self.built.actor(self.built.officer_post)

    def chair(self) -> Any:
        return self.built.actor(self.built.chair_posts[0])

    def act(self, operation: Any, post: Post, *arguments: Any, **named: Any) -> Any:
        with self.writing() as session:
            return operation(
                session, self.built.actor(post), self.built.id, *arguments, at=self.built.clock(), **named
            )

    def jobs(self) -> None:
        handlers, _schedules = collect()
        while step(self.workshop, handlers):
            pass

    def work(self, minutes: float = 0) -> None:
        """Jobs and letters that are due after so many minutes."""
        self.built.clock.at += timedelta(minutes=minutes)
        self.jobs()
        office = PostOffice(transports_of(self.workshop.settings))
        while send_due(self.workshop, office, collect_letters(), writing=self.app.app_context):
            pass

    def links(self) -> list[str]:
        """Every link that went out, by mail and by SMS."""
        texts = [*self.mailbox.texts(), *(call.content["text"] for call in self.gateway.calls)]
        return sorted(LINK.search(text).group(0) for text in texts)

    def rows(self) -> list[Delivery]:
        with reading(read_session(self.built.databases.roster)) as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def sendings(self) -> list[Sending]:
        with reading(read_session(self.built.databases.roster)) as session:
            return list(session.scalars(select(Sending).order_by(Sending.asked_at)))

    def voted(self, count: int) -> list[str]:
        """Let the first members of the home use their entitlement; the codes of the others."""
        with self.writing() as session:
            rows = session.scalars(
                select(Invitation)
                .join(RosterMember, RosterMember.id == Invitation.member_id)
                .where(Invitation.home_id == self.home)
                .order_by(RosterMember.id)
            ).all()
            for row in rows[:count]:
                row.state = InvitationState.ISSUED
        return self.built.codes(self.home)[count:]


def give_contacts(built: BuiltRound, *, without: int = 0) -> None:
    """Every other member has a phone, the others an address; the last `without` have nothing."""
    keys = RosterKeys.of(built.settings)
    with committing(write_session(built.databases.roster)) as session:
        members = session.scalars(select(RosterMember).order_by(RosterMember.id)).all()
        for number, member in enumerate(members[: len(members) - without], start=1):
            contact = f"m{number}@example.test" if number % 2 else f"138{number:08d}"
            member.contact_wrapped = keys.seal(contact, member.roster_id, member.number)
            member.contact_mac = keys.contact_mac(contact)


def with_post(built: BuiltRound, mailbox: Mailbox, gateway: Gateway, **settings: str) -> PostRound:
    """The round on an installation with mail and SMS."""
    built.settings = replace(
        built.settings,
        smtp_url=mailbox.url,
        mail_from="评家 <pingjia@example.test>",
        sms_url=gateway.url,
        **settings,
    )
    app = create_app(built.settings, built.databases, clock=built.clock)
    return PostRound(built, built.workshop, app, mailbox, gateway)
