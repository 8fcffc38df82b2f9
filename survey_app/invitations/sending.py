"""Ask for links to be sent to the contacts on the roster: by the organiser's officer, never by the chair."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound, Refused
from survey_app.invitations.models import Invitation, Sending
from survey_app.invitations.operations import HANDED_OUT
from survey_app.invitations.sending_states import (
    CLAIM,
    LETTER,
    Audience,
    Purpose,
    Route,
    SendingState,
    channel_for,
    ways,
)
from survey_app.invitations.slips import round_for_codes
from survey_app.journal.operations import record
from survey_app.outbox import deliveries
from survey_app.outbox.jobs import enqueue
from survey_app.outbox.transport import Channel
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.rounds.queries import round_homes, visible_round_home

MOST_LINK_SENDINGS = 3
JOB = "invitations.send"


@dataclass(frozen=True)
class Way:
    """Which route was chosen, and which channels this installation has."""

    route: Route
    open_channels: frozenset[Channel]

    def need_one(self) -> None:
        """Refuse when nobody could be reached at all."""
        if not ways(self.route) & self.open_channels:
            raise Refused("no_channel")


def round_to_send(session: Session, actor: Actor, round_id: str, *, lock: bool = False) -> Round:
    """A round whose links this officer may send: organised below him in the line of affiliation."""
    actor.need("link.send")
    round_ = round_for_codes(session, actor, round_id)
    if lock:
        # Two officers who press at once are counted one after the other.
        session.refresh(round_, with_for_update=True)
    return round_


def ask_links(
    session: Session,
    actor: Actor,
    round_id: str,
    home_ids: Collection[int],
    way: Way,
    *,
    at_opening: bool = False,
    at: datetime,
) -> list[Sending]:
    """Ask for everybody's link to be sent to these homes, now or at the opening."""
    round_ = round_to_send(session, actor, round_id, lock=True)
    _refuse_late(round_, at)
    way.need_one()
    homes = {home.home_id: home for home, _unit in round_homes(session, round_id)}
    if not set(home_ids) <= set(homes):
        raise NotFound("home")
    later = at_opening and round_.opens_at > at
    run_at = round_.opens_at if later else at
    asked = []
    for home_id in home_ids:
        refuse_own_home(session, actor, home_id)
        if sendings_left(session, round_.id, home_id) > 0:
            purpose = Purpose.OPENING if later else Purpose.LINKS
            asked.append(ask(session, actor, round_, homes[home_id], purpose, way, run_at=run_at, at=at))
    if not asked:
        raise Refused("sendings_used_up", most=MOST_LINK_SENDINGS)
    return asked


def ask(
    session: Session,
    actor: Actor,
    round_: Round,
    home: RoundHome,
    purpose: Purpose,
    way: Way,
    *,
    audience: Audience = Audience.EVERYONE,
    run_at: datetime,
    at: datetime,
) -> Sending:
    """The row of a sending, its job and its journal line; the rights are the caller's affair."""
    sending = Sending(
        id=secrets.token_hex(16),
        round_id=round_.id,
        home_id=home.home_id,
        purpose=purpose,
        audience=audience,
        route=way.route,
        state=SendingState.ASKED,
        asked_at=at,
        asked_by=actor.account_id,
        run_at=run_at,
    )
    session.add(sending)
    enqueue(session, JOB, at=run_at, slot=f"{JOB}/{sending.id}", sending=sending.id)
    subject = f"{round_.id}/{home.home_id}"
    verb = "reminder.asked" if purpose is Purpose.REMINDER else "links.asked"
    record(session, actor, verb, "round_home", subject, at=at, audience=str(audience))
    return sending


def sendings_left(session: Session, round_id: str, home_id: int) -> int:
    """How often the links of a home may still be sent to everybody."""
    used = session.scalar(
        select(func.count())
        .select_from(Sending)
        .where(
            Sending.round_id == round_id,
            Sending.home_id == home_id,
            Sending.purpose.in_((Purpose.LINKS, Purpose.OPENING)),
            Sending.state != SendingState.ENDED,
        )
    )
    return MOST_LINK_SENDINGS - (used or 0)


def send_again(session: Session, actor: Actor, round_id: str, sending_id: str, *, at: datetime) -> int:
    """Try the letters of a sending once more that did not arrive; how many there are."""
    round_ = round_to_send(session, actor, round_id, lock=True)
    _refuse_late(round_, at)
    sending = session.get(Sending, sending_id)
    if sending is None or sending.round_id != round_id or sending.state != SendingState.POSTED:
        raise NotFound("sending")
    count = deliveries.try_again(session, sending.id, at=at)
    subject = f"{round_id}/{sending.home_id}"
    record(session, actor, "links.sent_again", "round_home", subject, at=at, count=count)
    return count


def send_one(
    session: Session,
    actor: Actor,
    round_id: str,
    invitation: Invitation,
    contact: str,
    way: Way,
    *,
    at: datetime,
) -> None:
    """Send one member's present link to the contact on the roster: after a replacement or a mended contact.

    Letters to this member that failed before are not tried any more.
    """
    round_ = round_to_send(session, actor, round_id, lock=True)
    _refuse_late(round_, at)
    channel = _channel_to(contact, way)
    home, _unit = visible_round_home(session, actor, round_id, invitation.home_id)
    if _singles(session, round_id, home.home_id) >= home.members:
        raise Refused("singles_used_up", most=home.members)
    for sending_id in _posted(session, round_id, home.home_id):
        for row in deliveries.not_arrived(session, sending_id):
            if row.payload.get("invitation") == invitation.id:
                row.payload = {}
    sending = ask(session, actor, round_, home, Purpose.ONE, way, run_at=at, at=at)
    # One letter is a row at once: no job has to know for whom it is.
    sending.state, sending.total = SendingState.POSTED, 1
    payload = {"invitation": invitation.id, "purpose": Purpose.ONE, "route": way.route}
    deliveries.post(session, channel, LETTER, payload, at=at, batch=sending.id)


def send_claimed(
    session: Session, round_: Round, invitation: Invitation, contact: str, way: Way, *, at: datetime
) -> bool:
    """Send the present link to the contact on the roster because its member claimed it by the poster.

    No journal line and no sending: what a member does is nobody's business. False when there is no way to
    the contact; the page answers alike. How often a number may claim is the caller's affair.
    """
    channel = channel_for(contact, way.route)
    if not contact or channel not in way.open_channels:
        return False
    payload = {"invitation": invitation.id, "purpose": Purpose.ONE, "route": way.route}
    deliveries.post(session, channel, CLAIM, payload, at=at, batch=_claims(round_.id))
    return True


def _claims(round_id: str) -> str:
    return f"claim/{round_id}"


def _channel_to(contact: str, way: Way) -> Channel:
    if not contact:
        raise Refused("no_contact")
    channel = channel_for(contact, way.route)
    if channel not in way.open_channels:
        raise Refused("no_channel")
    return channel


def _singles(session: Session, round_id: str, home_id: int) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(Sending)
            .where(Sending.round_id == round_id, Sending.home_id == home_id, Sending.purpose == Purpose.ONE)
        )
        or 0
    )


def _posted(session: Session, round_id: str, home_id: int) -> Sequence[str]:
    return session.scalars(
        select(Sending.id).where(
            Sending.round_id == round_id,
            Sending.home_id == home_id,
            Sending.state == SendingState.POSTED,
        )
    ).all()


def _refuse_late(round_: Round, at: datetime) -> None:
    if round_.state not in HANDED_OUT or at >= round_.closes_at:
        raise Refused("wrong_state", thing="round", state=round_.state, action="send")


def end_sendings(session: Session, round_: Round, *, reason: str) -> None:
    """The round's links are worth nothing any more: stop what waits, and forget for whom the rest was."""
    rows = session.scalars(
        select(Sending).where(Sending.round_id == round_.id, Sending.state != SendingState.ENDED)
    ).all()
    deliveries.forget(session, [*(row.id for row in rows), _claims(round_.id)], reason)
    for row in rows:
        row.state = SendingState.ENDED


def end_for_draft(session: Session, round_: Round) -> None:
    """A round goes back to draft: its links are void (a step of the undo)."""
    end_sendings(session, round_, reason="link_void")


OVER = frozenset(set(RoundState) - HANDED_OUT - {RoundState.DRAFT, RoundState.PREPARING})


def end_of_rounds_over(session: Session) -> int:
    """Close the sendings of every round whose voting is over; how many rounds."""
    # No DISTINCT on whole rounds: PostgreSQL cannot compare their JSON columns.
    running = select(Sending.round_id).where(Sending.state != SendingState.ENDED)
    rounds = session.scalars(select(Round).where(Round.state.in_(OVER), Round.id.in_(running))).all()
    for round_ in rounds:
        end_sendings(session, round_, reason="round_over")
    return len(rounds)
