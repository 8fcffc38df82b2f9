"""Tables of the journal: lines chained by hash, and one head row that every writer locks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class JournalLine(RosterBase):
    """One line: who, what, when, on which thing; never an answer, never an act of a member."""

    __tablename__ = "journal_line"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[int]
    actor: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[int]
    verb: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(64), index=True)
    details: Mapped[dict[str, Any]]
    previous: Mapped[bytes] = mapped_column(LargeBinary(32))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class JournalHead(RosterBase):
    """The end of the chain; locking it makes lines consecutive under any number of writers."""

    __tablename__ = "journal_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
