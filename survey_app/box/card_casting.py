"""What the box knows of a card: its class, and whether a ballot lies here under the credential made for it.

The ballot itself is cast like any other, signed for its class: nothing in the intake tells it apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, Card, Intake, Leaf
from survey_app.core.errors import NotFound
from survey_app.seals.receipts import cred_hash


@dataclass(frozen=True)
class CardEntry:
    """What a card stands for: its class, and whether a ballot lies in the box under it."""

    box_class: BoxClass
    used: bool


def card_entry(session: Session, code_mac: bytes, credential: bytes) -> CardEntry:
    """The card of a code, or NotFound."""
    card = session.get(Card, code_mac)
    if card is None:
        raise NotFound("card")
    return CardEntry(session.get_one(BoxClass, card.class_id), _is_used(session, card.class_id, credential))


def _is_used(session: Session, class_id: str, credential: bytes) -> bool:
    """In the intake; after counting, on the list of leaves."""
    if session.get(Intake, cred_hash(credential)) is not None:
        return True
    found = select(Leaf.leaf).where(Leaf.class_id == class_id, Leaf.cred == credential).limit(1)
    return session.scalars(found).first() is not None
