"""Claim by the poster: a roster number brings its link to the contact on the roster, told to nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.core.settings import Settings
from survey_app.invitations.models import ClaimCount, Invitation, InvitationState
from survey_app.invitations.operations import HANDED_OUT
from survey_app.invitations.queries import invitation_of_number
from survey_app.invitations.sending import Way, send_claimed
from survey_app.rosters.queries import contact_of
from survey_app.rounds.models import Channel, Round, RoundHome, RoundState

MOST_CLAIMS = 3
PAUSE = timedelta(hours=1)
NO_PAUSE = datetime(2000, 1, 1, tzinfo=UTC)
SENDABLE = (InvitationState.OPEN, InvitationState.ISSUED)


def round_to_claim(session: Session, home_id: int, *, at: datetime) -> Round | None:
    """The round whose links this home's members may claim now: the voting one first."""
    rounds = session.scalars(
        select(Round)
        .join(RoundHome, RoundHome.round_id == Round.id)
        .where(
            RoundHome.home_id == home_id,
            RoundHome.channel == Channel.LINKS,
            Round.state.in_(HANDED_OUT),
            Round.closes_at > at,
        )
        .order_by(Round.closes_at)
    ).all()
    return min(rounds, key=lambda one: one.state != RoundState.VOTING, default=None)


def claim(session: Session, settings: Settings, home_id: int, number: str, way: Way, *, at: datetime) -> bool:
    """Send the link of this number if it may claim again. The caller answers alike in every case."""
    round_ = round_to_claim(session, home_id, at=at)
    invitation = invitation_of_number(session, round_.id, home_id, number) if round_ else None
    if round_ is None or invitation is None or invitation.state not in SENDABLE:
        return False
    contact = contact_of(session, settings.wrapping_key, invitation.member_id)
    if not contact or not _take_turn(session, invitation, at):
        return False
    return send_claimed(session, round_, invitation, contact, way, at=at)


def _take_turn(session: Session, invitation: Invitation, at: datetime) -> bool:
    """Three times a round, at least an hour apart, also for many who press at once: one statement decides."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        make(ClaimCount)
        .values(invitation_id=invitation.id, round_id=invitation.round_id, made=0, again_from=NO_PAUSE)
        .on_conflict_do_nothing()
    )
    taken = session.execute(
        update(ClaimCount)
        .where(
            ClaimCount.invitation_id == invitation.id,
            ClaimCount.made < MOST_CLAIMS,
            ClaimCount.again_from <= at,
        )
        .values(made=ClaimCount.made + 1, again_from=_again_from(at))
        .execution_options(synchronize_session=False)
        .returning(ClaimCount.made)
    ).one_or_none()
    return taken is not None


def _again_from(at: datetime) -> datetime:
    """The full hour after the pause: the row tells nobody the minute at which a member asked for the link."""
    until = at + PAUSE
    hour = until.replace(minute=0, second=0, microsecond=0)
    return hour if hour == until else hour + timedelta(hours=1)


def forget_pauses_over(session: Session, at: datetime) -> None:
    """A pause that is over needs no time any more: only the number of claims stays."""
    over = update(ClaimCount).where(ClaimCount.again_from <= at).values(again_from=NO_PAUSE)
    session.execute(over.execution_options(synchronize_session=False))


def forget_claims(session: Session, round_: Round) -> None:
    """A round goes back to draft: its claims are forgotten with its links (a step of the undo)."""
    session.execute(delete(ClaimCount).where(ClaimCount.round_id == round_.id))


def forget_claims_of_rounds_over(session: Session) -> None:
    """When voting is over, nobody needs to know who had claimed."""
    over = select(Round.id).where(Round.state.not_in([*HANDED_OUT, RoundState.DRAFT]))
    session.execute(delete(ClaimCount).where(ClaimCount.round_id.in_(over)))
