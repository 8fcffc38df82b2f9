"""How sendings stand, in sums: no screen tells of any member, except that a contact did not work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound
from survey_app.invitations.models import Invitation, Sending
from survey_app.invitations.sending_states import Audience, SendingState
from survey_app.invitations.slips import round_for_codes
from survey_app.invitations.turnout import EXACT_FROM, rounded
from survey_app.outbox import deliveries
from survey_app.outbox.deliveries import DeliveryState
from survey_app.rosters.models import RosterMember
from survey_app.rosters.secrets import open_contact
from survey_app.rounds.models import RoundHome

MOST_LISTED = 20


@dataclass(frozen=True)
class Progress:
    """One sending as it may be shown.

    `sent` is None as long as telling it could tell who has voted: a sending to those who have not voted shows
    its count when it is done, and rounded like turnout in homes under 50.
    """

    sending: Sending
    planned: bool
    busy: bool
    sent: int | None
    exact: bool
    failed: int
    doubtful: int
    targeted: bool


def progress_of(session: Session, sending: Sending, members: int, at: datetime) -> Progress:
    """The sums of one sending."""
    counts = deliveries.counts(session, sending.id)
    moving = counts[DeliveryState.WAITING] + counts[DeliveryState.SENDING]
    planned = sending.state == SendingState.ASKED and sending.run_at > at
    busy = not planned and (sending.state == SendingState.ASKED or moving > 0)
    targeted = sending.audience == Audience.NOT_VOTED
    exact = not targeted or members >= EXACT_FROM
    sent = counts[DeliveryState.SENT]
    return Progress(
        sending=sending,
        planned=planned,
        busy=busy,
        sent=None if targeted and (busy or planned) else sent if exact else rounded(sent, members).used,
        exact=exact,
        failed=0 if targeted else counts[DeliveryState.FAILED] + counts[DeliveryState.GIVEN_UP],
        doubtful=0 if targeted else counts["doubtful"],
        targeted=targeted,
    )


def sendings_of(session: Session, round_id: str, home: RoundHome, at: datetime) -> list[Progress]:
    """The sendings of a home, newest first."""
    rows = session.scalars(
        select(Sending)
        .where(Sending.round_id == round_id, Sending.home_id == home.home_id)
        .order_by(Sending.asked_at.desc(), Sending.id)
        .limit(MOST_LISTED)
    )
    return [progress_of(session, row, home.members, at) for row in rows]


def latest_sendings(
    session: Session, round_id: str, homes: list[RoundHome], at: datetime
) -> dict[int, Progress]:
    """The newest sending of each home of a round."""
    sizes = {home.home_id: home.members for home in homes}
    newest = (
        select(Sending.home_id, func.max(Sending.asked_at).label("asked_at"))
        .where(Sending.round_id == round_id)
        .group_by(Sending.home_id)
        .subquery()
    )
    rows = session.scalars(
        select(Sending)
        .join(newest, (Sending.home_id == newest.c.home_id) & (Sending.asked_at == newest.c.asked_at))
        .where(Sending.round_id == round_id)
    )
    return {
        row.home_id: progress_of(session, row, sizes[row.home_id], at) for row in rows if row.home_id in sizes
    }


@dataclass(frozen=True)
class Failure:
    """A member whom a letter did not reach: the roster number, so that the contact can be mended."""

    number: str
    reason: str


def failures(session: Session, actor: Actor, sending_id: str) -> tuple[Sending, list[Failure]]:
    """Whom a sending to everybody did not reach; for the organiser's officer and nobody else.

    Of a sending to those who have not voted nothing is listed: the list would tell who has not.
    """
    actor.need("link.send")
    sending = session.get(Sending, sending_id)
    if sending is None:
        raise NotFound("sending")
    round_for_codes(session, actor, sending.round_id)
    if sending.audience == Audience.NOT_VOTED:
        return sending, []
    rows = deliveries.not_arrived(session, sending.id)
    reasons = {str(row.payload["invitation"]): row.error or "" for row in rows}
    numbers = session.execute(
        select(Invitation.id, RosterMember.number)
        .join(RosterMember, RosterMember.id == Invitation.member_id)
        .where(Invitation.round_id == sending.round_id, Invitation.home_id == sending.home_id)
    )
    listed = [Failure(number, reasons[key]) for key, number in numbers if key in reasons]
    return sending, sorted(listed, key=lambda one: (len(one.number), one.number))


@dataclass(frozen=True)
class Reach:
    """How many members of a home can be reached how."""

    phones: int
    mails: int
    nothing: int


def reach_of(session: Session, wrapping_key: bytes, roster_id: int | None) -> Reach:
    """Counted over the contacts of a roster."""
    rows = session.execute(
        select(RosterMember.contact_wrapped, RosterMember.number).where(RosterMember.roster_id == roster_id)
    )
    contacts = [open_contact(wrapping_key, wrapped, roster_id or 0, number) for wrapped, number in rows]
    mails = sum("@" in contact for contact in contacts)
    nothing = sum(not contact for contact in contacts)
    return Reach(len(contacts) - mails - nothing, mails, nothing)
