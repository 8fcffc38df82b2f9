"""Issue: one entitlement, one blind signature. The only act of a member that this side ever sees."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.core.errors import Conflict, NotFound, Refused
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.invitations.window import Phase, may_sign_again, phase
from survey_app.rounds.models import BallotClass, Round
from survey_app.seals.blind import key_tag
from survey_app.seals.issuing import check_blinded


@dataclass(frozen=True)
class Granted:
    """The right to one signature: the class whose key signs, with its wrapped private half."""

    class_id: str
    issuing_private: bytes


def grant(session: Session, code_mac: bytes, tag: bytes, blinded: bytes, *, at: datetime) -> Granted:
    """Spend an open entitlement on this blinded message, or recognise the message it was spent on.

    Everything about the message is checked before the one statement that spends. Raises `BadBlindedMessage`,
    NotFound (no such code), Refused (early, closed, exchanged, wrong key) or Conflict (spent on another).
    """
    row = session.execute(
        select(Invitation.id, BallotClass, Round)
        .join(BallotClass, BallotClass.id == Invitation.class_id)
        .join(Round, Round.id == Invitation.round_id)
        .where(Invitation.code_mac == code_mac)
    ).one_or_none()
    if row is None:
        raise NotFound("code")
    invitation_id, ballot_class, round_ = row
    if not hmac.compare_digest(tag, key_tag(ballot_class.issuing_public)):
        raise Refused("key_differs")
    check_blinded(blinded, ballot_class.issuing_public)
    _spend(session, invitation_id, code_mac, hashlib.sha256(blinded).digest(), round_, at)
    if ballot_class.issuing_private is None:
        raise Refused("voting_closed")
    return Granted(ballot_class.id, ballot_class.issuing_private)


def _spend(
    session: Session,
    invitation_id: str,
    code_mac: bytes,
    blinded_hash: bytes,
    round_: Round,
    at: datetime,
) -> None:
    now = phase(round_, at)
    if now is Phase.EARLY:
        raise Refused("voting_not_open")
    if now is Phase.OPEN:
        spent = session.execute(
            update(Invitation)
            .where(
                Invitation.id == invitation_id,
                # A reissue may have committed since the row was read: the old code spends nothing.
                Invitation.code_mac == code_mac,
                Invitation.state == InvitationState.OPEN,
            )
            .values(state=InvitationState.ISSUED, blinded_hash=blinded_hash)
            .execution_options(synchronize_session=False)
            .returning(Invitation.id)
        ).one_or_none()
        if spent is not None:
            return
    _recognise(session, invitation_id, blinded_hash, round_, at)


def _recognise(
    session: Session, invitation_id: str, blinded_hash: bytes, round_: Round, at: datetime
) -> None:
    """A phone asks again: the same message is signed again until casting closes, another one never."""
    state, stored = session.execute(
        select(Invitation.state, Invitation.blinded_hash).where(Invitation.id == invitation_id)
    ).one()
    if state == InvitationState.EXCHANGED:
        raise Refused("code_exchanged")
    if state == InvitationState.OPEN or not may_sign_again(round_, at):
        raise Refused("voting_closed")
    if stored is None or not hmac.compare_digest(stored, blinded_hash):
        raise Conflict("issued_elsewhere")
