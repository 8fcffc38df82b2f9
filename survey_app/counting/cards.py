"""Which credentials are of cards: count and protocol sheet have the pepper to tell, others have not."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.box.models import Card
from survey_app.seals.codes import card_credential


def card_credentials(box: Session, class_ids: Collection[str], pepper: bytes) -> dict[bytes, str]:
    """The class of every card by the credential that is signed for it."""
    rows = box.scalars(select(Card).where(Card.class_id.in_(class_ids)))
    return {card_credential(pepper, row.code_mac): row.class_id for row in rows}
