"""Background work of sendings: write the letters' rows when their hour has come, forget them at the end."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.db import committing, write_session
from survey_app.invitations.claiming import forget_claims_of_rounds_over, forget_pauses_over
from survey_app.invitations.models import Invitation, Sending
from survey_app.invitations.operations import HANDED_OUT
from survey_app.invitations.sending import JOB, end_of_rounds_over
from survey_app.invitations.sending_states import LETTER, NUDGE, Audience, Route, SendingState, channel_for
from survey_app.outbox import deliveries
from survey_app.outbox.jobs import Handler, LeasedJob, Workshop
from survey_app.outbox.post_office import channels_of
from survey_app.outbox.schedules import Schedule
from survey_app.outbox.transport import Channel
from survey_app.rosters.models import RosterMember
from survey_app.rosters.secrets import open_contact
from survey_app.rounds.models import Round


def write_letters(workshop: Workshop, leased: LeasedJob) -> None:
    """One row for each member of the home who can be reached; doing it twice writes them once."""
    with committing(write_session(workshop.databases.roster)) as session:
        sending = session.get(Sending, leased.payload["sending"], with_for_update=True)
        if sending is None or sending.state != SendingState.ASKED:
            return
        if session.get_one(Round, sending.round_id).state not in HANDED_OUT:
            sending.state = SendingState.ENDED
            return
        letters, sending.unreachable = _letters(session, workshop, sending)
        kind = NUDGE if sending.audience == Audience.NOT_VOTED else LETTER
        at = workshop.clock()
        sending.total = deliveries.post_all(session, kind, letters, at=at, batch=sending.id)
        sending.state = SendingState.POSTED


def _letters(
    session: Session, workshop: Workshop, sending: Sending
) -> tuple[list[tuple[Channel, dict[str, Any]]], int]:
    """The letters in random order, so that a row's place says nothing about its member; and the rest."""
    settings, route = workshop.settings, Route(sending.route)
    usable = channels_of(settings)
    rows = session.execute(
        select(Invitation.id, RosterMember.contact_wrapped, RosterMember.roster_id, RosterMember.number)
        .join(RosterMember, RosterMember.id == Invitation.member_id)
        .where(Invitation.round_id == sending.round_id, Invitation.home_id == sending.home_id)
    )
    letters: list[tuple[Channel, dict[str, Any]]] = []
    unreachable = 0
    for invitation_id, wrapped, roster_id, number in rows:
        contact = open_contact(settings.wrapping_key, wrapped, roster_id, number)
        channel = channel_for(contact, route)
        if contact and channel in usable:
            payload = {"invitation": invitation_id, "purpose": sending.purpose, "route": sending.route}
            letters.append((channel, payload))
        else:
            unreachable += 1
    secrets.SystemRandom().shuffle(letters)
    return letters, unreachable


def forget(workshop: Workshop, _leased: LeasedJob) -> None:
    """Rows of rounds that are over say no more for whom they were."""
    with committing(write_session(workshop.databases.roster)) as session:
        end_of_rounds_over(session)
        forget_claims_of_rounds_over(session)
        forget_pauses_over(session, workshop.clock())


HANDLERS: dict[str, Handler] = {JOB: write_letters, "invitations.forget": forget}
SCHEDULES = (Schedule("invitations.forget", minutes=60),)
