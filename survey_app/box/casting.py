"""Cast: a sealed ballot goes in once, whatever is lost on the way; the receipt comes from the stored row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Insert, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, BoxState, Intake, Leaf
from survey_app.core.db import BoxBase
from survey_app.core.errors import NotFound, Refused
from survey_app.seals.blind import MESSAGE_BYTES, verify
from survey_app.seals.envelope import SEALED_BYTES
from survey_app.seals.receipts import cred_hash, leaf, leaf_of, sealed_hash

# Every ballot asks these: written once for the process, and no column more than the answer needs.
_class, _intake = BoxClass.__table__.c, Intake.__table__.c
# Shared lock: shutting the class waits for ballots on their way, and none can slip in behind it.
_CLASS = (
    select(_class.issuing_public, _class.state)
    .where(_class.id == bindparam("class_id"))
    .with_for_update(read=True)
)


@cache
def _insert(dialect: str) -> Insert:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # Never insert and catch: PostgreSQL would write the key and a time into its log (L10).
    insert = make(BoxBase.metadata.tables["intake"]).on_conflict_do_nothing(index_elements=["cred_hash"])
    return insert.returning(_intake.cred_hash, _intake.sealed)


@dataclass(frozen=True)
class Cast:
    """A ballot as it arrives: class, credential, signature, sealed answers."""

    class_id: str
    credential: bytes
    signature: bytes
    sealed: bytes

    def __post_init__(self) -> None:
        if len(self.credential) != MESSAGE_BYTES or len(self.sealed) != SEALED_BYTES:
            raise ValueError("lengths are checked where the call is read")


def cast(session: Session, ballot: Cast) -> bytes:
    """Put a ballot in and return the leaf of what is stored under its credential: the first ballot wins.

    Raises NotFound (no such class) or Refused (bad signature, casting shut or not yet open).
    """
    box_class = session.execute(_CLASS, {"class_id": ballot.class_id}).one_or_none()
    if box_class is None:
        raise NotFound("class")
    if not verify(box_class.issuing_public, ballot.credential, ballot.signature):
        raise Refused("signature_bad")
    stored = None
    if box_class.state == BoxState.CASTING:
        stored = store(session, ballot.class_id, ballot.credential, ballot.signature, ballot.sealed)
    stored = stored or _stored_leaf(session, ballot)
    if stored is None:
        raise Refused("casting_shut" if box_class.state != BoxState.PREPARED else "casting_not_open")
    return stored


def store(
    session: Session, class_id: str, credential: bytes, signature: bytes, sealed: bytes
) -> bytes | None:
    """Put a ballot under its credential and give its leaf; None when one lies there already."""
    row = session.execute(
        _insert(session.get_bind().dialect.name),
        {
            "cred_hash": cred_hash(credential),
            "class_id": class_id,
            "cred": credential,
            "sig": signature,
            "sealed": sealed,
        },
    ).one_or_none()
    return None if row is None else leaf(row.cred_hash, sealed_hash(row.sealed))


def _stored_leaf(session: Session, ballot: Cast) -> bytes | None:
    """The leaf of the row in the intake; after counting, of the same ballot on the published list."""
    hashed = cred_hash(ballot.credential)
    sealed = session.scalars(select(Intake.sealed).where(Intake.cred_hash == hashed)).one_or_none()
    if sealed is not None:
        return leaf(hashed, sealed_hash(sealed))
    return session.scalars(
        select(Leaf.leaf).where(Leaf.leaf == leaf_of(ballot.credential, ballot.sealed))
    ).one_or_none()
