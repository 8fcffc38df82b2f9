"""Cast by card: the code's keyed hash is the credential, and the first ballot under it wins."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.box.casting import store
from survey_app.box.models import BoxClass, BoxState, Card, Intake, Leaf
from survey_app.core.errors import NotFound, Refused
from survey_app.seals.envelope import SEALED_BYTES
from survey_app.seals.receipts import cred_hash, leaf, sealed_hash


@dataclass(frozen=True)
class CardEntry:
    """What a card stands for: its class, and whether a ballot lies in the box under it."""

    box_class: BoxClass
    code_mac: bytes
    used: bool


def card_entry(session: Session, code_mac: bytes) -> CardEntry:
    """The card of a code, or NotFound."""
    card = session.get(Card, code_mac)
    if card is None:
        raise NotFound("card")
    box_class = session.get_one(BoxClass, card.class_id)
    return CardEntry(box_class, code_mac, _stored_leaf(session, code_mac) is not None)


def cast_card(session: Session, code_mac: bytes, sealed: bytes) -> bytes:
    """Put a card's ballot in and return the leaf of what is stored under the card.

    Raises NotFound (no such card) or Refused (casting shut or not yet open).
    """
    if len(sealed) != SEALED_BYTES:
        raise ValueError("lengths are checked where the call is read")
    card = session.get(Card, code_mac)
    if card is None:
        raise NotFound("card")
    # Shared lock: shutting the class waits for ballots on their way, and none can slip in behind it.
    box_class = session.scalars(
        select(BoxClass).where(BoxClass.id == card.class_id).with_for_update(read=True)
    ).one()
    if box_class.state == BoxState.CASTING:
        store(session, card.class_id, code_mac, None, sealed)
    stored = _stored_leaf(session, code_mac)
    if stored is None:
        raise Refused("casting_shut" if box_class.state != BoxState.PREPARED else "casting_not_open")
    return stored


def _stored_leaf(session: Session, code_mac: bytes) -> bytes | None:
    """The leaf in the intake; after counting, on the list of leaves."""
    hashed = cred_hash(code_mac)
    sealed = session.scalars(select(Intake.sealed).where(Intake.cred_hash == hashed)).one_or_none()
    if sealed is not None:
        return leaf(hashed, sealed_hash(sealed))
    card = session.get_one(Card, code_mac)
    return session.scalars(
        select(Leaf.leaf).where(Leaf.class_id == card.class_id, Leaf.cred == code_mac)
    ).one_or_none()
