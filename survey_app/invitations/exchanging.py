"""Exchange at the desk: a link not used yet for a card from the envelope or a paper form."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound, Refused
from survey_app.invitations.models import Exchange, Invitation, InvitationState
from survey_app.invitations.slips import round_for_codes
from survey_app.invitations.window import Phase, phase
from survey_app.journal.operations import record
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.models import BallotClass, Channel, Round, RoundHome
from survey_app.rounds.queries import visible_round_home
from survey_app.units.models import Unit


def home_at_desk(
    session: Session, actor: Actor, round_id: str, home_id: int
) -> tuple[Round, RoundHome, Unit]:
    """A home whose desk this working group or organiser may open."""
    actor.need("card.hand_out")
    home, unit = visible_round_home(session, actor, round_id, home_id)
    refuse_own_home(session, actor, home_id)
    if actor.role is Role.WORKING_GROUP:
        return session.get_one(Round, round_id), home, unit
    return round_for_codes(session, actor, round_id), home, unit


def exchange(
    session: Session,
    actor: Actor,
    round_: Round,
    home: RoundHome,
    invitation: Invitation,
    wanted: Exchange,
    *,
    at: datetime,
) -> None:
    """Spend an open entitlement at the desk. Whoever comes second, here or on a phone, is refused.

    The one statement that spends is the same kind as at the issue of a signature: only one of them finds
    the row open.
    """
    actor.need("card.hand_out")
    refuse_own_home(session, actor, home.home_id)
    if invitation.round_id != round_.id or invitation.home_id != home.home_id:
        raise NotFound("member")
    if phase(round_, at) is not Phase.OPEN:
        raise Refused("voting_not_open" if phase(round_, at) is Phase.EARLY else "voting_closed")
    if wanted is Exchange.CARD:
        _refuse_empty_envelope(session, home, invitation.class_id)
    spent = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.state == InvitationState.OPEN)
        .values(state=InvitationState.EXCHANGED, exchanged_for=wanted)
        .execution_options(synchronize_session=False)
        .returning(Invitation.id)
    ).one_or_none()
    if spent is None:
        raise Refused("entitlement_used")
    # The line names home and channel, not the member: the journal stays longer than the roster.
    subject = f"{round_.id}/{home.home_id}"
    record(session, actor, "invitation.exchanged", "round_home", subject, at=at, channel=str(wanted))


def _refuse_empty_envelope(session: Session, home: RoundHome, class_id: str) -> None:
    """The last card is given once: the class is locked while its cards are counted."""
    if home.channel != Channel.LINKS or not home.cards:
        raise Refused("no_cards_here")
    session.scalars(select(BallotClass).where(BallotClass.id == class_id).with_for_update()).one()
    drawn = session.scalar(
        select(func.count()).where(
            Invitation.class_id == class_id,
            Invitation.state == InvitationState.EXCHANGED,
            Invitation.exchanged_for == Exchange.CARD,
        )
    )
    if (drawn or 0) >= home.cards:
        raise Refused("envelope_is_empty")
