"""Issue: one entitlement, one blind signature. The only act of a member that this side ever sees."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from survey_app.core.db import RosterBase
from survey_app.core.errors import Conflict, NotFound, Refused
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.invitations.window import Hours, Phase, may_sign_again, phase
from survey_app.rounds.models import BallotClass, Round
from survey_app.seals.blind import key_tag
from survey_app.seals.issuing import check_blinded

# Every member asks these: written once for the process, and no column more than the answer needs.
_invitation, _class, _round = Invitation.__table__.c, BallotClass.__table__.c, Round.__table__.c
_OF_CODE = (
    select(
        *(_invitation.id, _class.id, _class.issuing_public, _class.issuing_private),
        *(_round.state, _round.opens_at, _round.closes_at),
    )
    .join_from(Invitation.__table__, BallotClass.__table__, _class.id == _invitation.class_id)
    .join(Round.__table__, _round.id == _invitation.round_id)
    .where(_invitation.code_mac == bindparam("mac"))
)
_SPEND = (
    update(RosterBase.metadata.tables["invitation"])
    .where(
        _invitation.id == bindparam("spent"),
        # A reissue may have committed since the row was read: the old code spends nothing.
        _invitation.code_mac == bindparam("mac"),
        _invitation.state == InvitationState.OPEN,
    )
    .values(state=InvitationState.ISSUED, blinded_hash=bindparam("hashed"))
    .returning(_invitation.id)
)


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
    row = session.execute(_OF_CODE, {"mac": code_mac}).one_or_none()
    if row is None:
        raise NotFound("code")
    invitation_id, class_id, issuing_public, issuing_private = row[:4]
    if not hmac.compare_digest(tag, key_tag(issuing_public)):
        raise Refused("key_differs")
    check_blinded(blinded, issuing_public)
    _spend(session, invitation_id, code_mac, hashlib.sha256(blinded).digest(), Hours(*row[4:]), at)
    if issuing_private is None:
        raise Refused("voting_closed")
    return Granted(class_id, issuing_private)


def _spend(
    session: Session,
    invitation_id: str,
    code_mac: bytes,
    blinded_hash: bytes,
    hours: Hours,
    at: datetime,
) -> None:
    now = phase(hours, at)
    if now is Phase.EARLY:
        raise Refused("voting_not_open")
    if now is Phase.OPEN:
        spent = session.execute(
            _SPEND, {"spent": invitation_id, "mac": code_mac, "hashed": blinded_hash}
        ).one_or_none()
        if spent is not None:
            return
    _recognise(session, invitation_id, blinded_hash, hours, at)


def _recognise(session: Session, invitation_id: str, blinded_hash: bytes, hours: Hours, at: datetime) -> None:
    """A phone asks again: the same message is signed again until casting closes, another one never."""
    state, stored = session.execute(
        select(Invitation.state, Invitation.blinded_hash).where(Invitation.id == invitation_id)
    ).one()
    if state == InvitationState.EXCHANGED:
        raise Refused("code_exchanged")
    if state == InvitationState.OPEN or not may_sign_again(hours, at):
        raise Refused("voting_closed")
    if stored is None or not hmac.compare_digest(stored, blinded_hash):
        raise Conflict("issued_elsewhere")
