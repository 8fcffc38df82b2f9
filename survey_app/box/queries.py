"""Reads of the box for everybody: is my ballot counted, and what was published of a home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, BoxState, CountingClass, Leaf, Opening
from survey_app.core.errors import NotFound
from survey_app.seals.receipts import receipt_prefix

RECEIPT_BYTES = 10
LEAF_BYTES = 32
LEAST_BALLOTS = 10
"""Fewer are not opened; and of fewer valid ones nothing is kept but their number."""


class Fate(StrEnum):
    """What became of a ballot that was found, or of a home's box: members are told it as it is."""

    COUNTED = "counted"
    FEW_VALID = "few"
    VOIDED = "voided"
    UNOPENED = "unopened"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PublishedHome:
    """The figures of one opened box and the digest of its list. No answer is here, and no order."""

    round_id: str
    home_id: int
    sealed: int
    valid: int
    void: int
    leaves: int
    leaves_root: bytes
    fate: Fate
    rule_broken: bool

    @property
    def unopened(self) -> bool:
        """Whether the box stayed shut and its ballots were destroyed unread."""
        return self.fate is Fate.UNOPENED


def find_receipt(session: Session, typed: str) -> PublishedHome | None:
    """The home in whose list the receipt stands; None when it stands in no published one.

    The list of a round that was cancelled after its boxes were open is never published: its fate says so.
    Raises `Mistyped` when the characters cannot be a receipt.
    """
    prefix = receipt_prefix(typed)
    fill = LEAF_BYTES - RECEIPT_BYTES
    rows = session.execute(
        select(Leaf.round_id, Leaf.home_id).where(
            Leaf.leaf >= prefix + b"\x00" * fill, Leaf.leaf <= prefix + b"\xff" * fill
        )
    ).all()
    for round_id, home_id in rows:
        if _is_published(session, round_id) or _is_cancelled(session, round_id):
            return _home(session, round_id, home_id)
    return None


def published_home(session: Session, round_id: str, home_id: int) -> PublishedHome:
    """The published figures of a home; NotFound before the round is counted."""
    if session.get(Opening, (round_id, home_id)) is None or not _is_published(session, round_id):
        raise NotFound("published")
    return _home(session, round_id, home_id)


def _home(session: Session, round_id: str, home_id: int) -> PublishedHome:
    opening = session.get_one(Opening, (round_id, home_id))
    leaves = session.scalar(
        select(func.count()).select_from(Leaf).where(Leaf.round_id == round_id, Leaf.home_id == home_id)
    )
    return PublishedHome(
        round_id,
        home_id,
        opening.sealed,
        opening.valid,
        opening.void,
        leaves or 0,
        opening.leaves_root,
        _fate(session, opening),
        rule_broken=opening.held != "[]",
    )


def _fate(session: Session, opening: Opening) -> Fate:
    """Counting classes stay for good, unless the vote was voided or the round cancelled."""
    if _is_cancelled(session, opening.round_id):
        return Fate.CANCELLED
    if opening.unopened:
        return Fate.UNOPENED
    if opening.valid < LEAST_BALLOTS:
        return Fate.FEW_VALID
    kept = session.scalars(
        select(CountingClass.id)
        .where(CountingClass.round_id == opening.round_id, CountingClass.home_id == opening.home_id)
        .limit(1)
    ).first()
    return Fate.COUNTED if kept is not None else Fate.VOIDED


def leaf_lines(session: Session, round_id: str, home_id: int) -> Iterator[str]:
    """The sorted list, one leaf a line, in hexadecimal."""
    published_home(session, round_id, home_id)
    leaves = session.scalars(
        select(Leaf.leaf).where(Leaf.round_id == round_id, Leaf.home_id == home_id).order_by(Leaf.leaf)
    )
    return (f"{leaf.hex()}\n" for leaf in leaves.all())


def is_known(session: Session, round_id: str, home_id: int) -> bool:
    """Whether the box holds classes of this home, so that its list will come."""
    found = session.scalars(
        select(BoxClass.id).where(BoxClass.round_id == round_id, BoxClass.home_id == home_id).limit(1)
    ).first()
    return found is not None


def any_unopened(session: Session) -> bool:
    """Whether ballots may lie here of which no list exists yet: a receipt not found may be one of them."""
    waiting = select(BoxClass.id).where(BoxClass.state.in_((BoxState.CASTING, BoxState.SHUT)))
    return session.scalars(waiting.limit(1)).first() is not None


def any_opened(session: Session) -> bool:
    """Whether some home's list exists: before that no receipt can be found, whoever asks."""
    opened = select(BoxClass.id).where(BoxClass.state == BoxState.COUNTED)
    return session.scalars(opened.limit(1)).first() is not None


def _is_cancelled(session: Session, round_id: str) -> bool:
    """A cancelled round has lost its classes; what was opened of it before left its leaves alone."""
    return session.scalars(select(BoxClass.id).where(BoxClass.round_id == round_id).limit(1)).first() is None


def _is_published(session: Session, round_id: str) -> bool:
    """All classes of a round are set to counted at once, after the custodians' confirmations."""
    state = session.scalars(select(BoxClass.state).where(BoxClass.round_id == round_id).limit(1)).first()
    return state == BoxState.COUNTED
