"""Write one line into the journal, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.journal.chain import GENESIS, line_digest
from survey_app.journal.models import JournalHead, JournalLine


def record(
    session: Session,
    actor: Actor,
    verb: str,
    subject_kind: str,
    subject_id: str | int,
    *,
    at: datetime,
    **details: Any,
) -> JournalLine:
    """Append a line: `actor` did `verb` to the subject at `at`. Details must be JSON and free of answers."""
    session.flush()
    head = session.scalars(select(JournalHead).where(JournalHead.id == 1).with_for_update()).one_or_none()
    if head is None:
        head = JournalHead(id=1, number=0, digest=GENESIS)
        session.add(head)
    line = JournalLine(
        number=head.number + 1,
        at=at,
        account_id=actor.account_id,
        actor=actor.name,
        unit_id=actor.unit_id,
        verb=verb,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        details=details,
        previous=head.digest,
        digest=b"",
    )
    line.digest = line_digest(line)
    session.add(line)
    head.number, head.digest = line.number, line.digest
    session.flush()
    return line
