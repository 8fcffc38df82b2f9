"""Writes of the identified side: mint, void and reissue, grant a replacement; undo for a round gone back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Fault, Invalid, Refused
from survey_app.invitations.codes import CodeBook
from survey_app.invitations.models import (
    Invitation,
    InvitationState,
    ReplacementCount,
    RetiredCode,
    TurnoutDay,
)
from survey_app.journal.operations import record
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.models import BallotClass, Round, RoundState

BATCH = 5_000
HANDED_OUT = frozenset({RoundState.READY, RoundState.OPENING, RoundState.VOTING})


def mint(session: Session, book: CodeBook, ballot_class: BallotClass, member_ids: Iterable[int]) -> int:
    """One entitlement for each member of a class; ids are random, so they say nothing about the roster."""
    rows = []
    for member_id in member_ids:
        invitation_id = secrets.token_hex(16)
        rows.append(
            {
                "id": invitation_id,
                "round_id": ballot_class.round_id,
                "home_id": ballot_class.home_id,
                "class_id": ballot_class.id,
                "member_id": member_id,
                "generation": 1,
                "code_mac": book.mac(invitation_id, 1),
                "state": InvitationState.OPEN,
            }
        )
    # In the order of their random ids: the order of rows must not repeat the order of the roster.
    rows.sort(key=lambda row: str(row["id"]))
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Invitation), rows[start : start + BATCH])
    return len(rows)


def void_and_reissue(
    session: Session, actor: Actor, round_: Round, invitation: Invitation, book: CodeBook, *, at: datetime
) -> str:
    """Void an unused code and give the member's new one; the old one then says that it was replaced."""
    actor.need("invitation.replace")
    refuse_own_home(session, actor, invitation.home_id)
    _refuse_wrong_round(round_, invitation)
    if invitation.state != InvitationState.OPEN:
        raise Refused("code_used", state=invitation.state)
    code = _renew(session, invitation, book)
    record(session, actor, "invitation.reissued", "round_home", _subject(invitation), at=at)
    return code


def grant_replacement(
    session: Session,
    actor: Actor,
    round_: Round,
    invitation: Invitation,
    book: CodeBook,
    *,
    reason: str,
    at: datetime,
) -> str:
    """Give a new code to a member whose issued ballot is lost; R of the class rises and is printed."""
    actor.need("invitation.replace")
    refuse_own_home(session, actor, invitation.home_id)
    _refuse_wrong_round(round_, invitation)
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, "reason")])
    if invitation.state != InvitationState.ISSUED:
        raise Refused("code_not_issued", state=invitation.state)
    granted = session.get(ReplacementCount, invitation.class_id, with_for_update=True)
    if granted is None:
        granted = ReplacementCount(class_id=invitation.class_id, granted=0)
        session.add(granted)
    granted.granted += 1
    invitation.state, invitation.blinded_hash = InvitationState.OPEN, None
    code = _renew(session, invitation, book)
    # The line names home and reason, not the member: the journal stays longer than the roster.
    subject = _subject(invitation)
    record(session, actor, "invitation.replaced", "round_home", subject, at=at, reason=reason.strip())
    return code


def _refuse_wrong_round(round_: Round, invitation: Invitation) -> None:
    if invitation.round_id != round_.id or round_.state not in HANDED_OUT:
        raise Refused("wrong_state", thing="round", state=round_.state, action="replace")


def _renew(session: Session, invitation: Invitation, book: CodeBook) -> str:
    session.add(RetiredCode(code_mac=invitation.code_mac, round_id=invitation.round_id))
    invitation.generation += 1
    invitation.code_mac = book.mac(invitation.id, invitation.generation)
    session.flush()
    return book.code(invitation.id, invitation.generation)


def _subject(invitation: Invitation) -> str:
    return f"{invitation.round_id}/{invitation.home_id}"


def void_all(session: Session, round_: Round) -> None:
    """A round goes back to draft: every code becomes a replaced one, every entitlement goes."""
    old = select(Invitation.code_mac, literal(round_.id)).where(Invitation.round_id == round_.id)
    session.execute(insert(RetiredCode).from_select(["code_mac", "round_id"], old))
    classes = select(BallotClass.id).where(BallotClass.round_id == round_.id)
    session.execute(delete(ReplacementCount).where(ReplacementCount.class_id.in_(classes)))
    session.execute(delete(Invitation).where(Invitation.round_id == round_.id))
    session.execute(delete(TurnoutDay).where(TurnoutDay.round_id == round_.id))
    session.expire_all()
