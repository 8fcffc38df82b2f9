"""Reads of the journal, page by page; a superior sees the lines of units in its scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from survey_app.journal.models import JournalLine

PAGE = 50


@dataclass(frozen=True)
class JournalRow:
    """A line as the page shows it."""

    number: int
    at: datetime
    actor: str
    verb: str
    subject_kind: str
    subject_id: str
    details: dict[str, Any]
    digest: str


def journal_page(
    session: Session, units: Select[Any] | None, *, text: str = "", page: int = 1
) -> tuple[list[JournalRow], int, int]:
    """One page, newest first, with the number of lines and of pages. `units` limits who acted."""
    statement = select(JournalLine)
    if units is not None:
        statement = statement.where(JournalLine.unit_id.in_(units))
    if text:
        wanted = f"%{text}%"
        statement = statement.where(
            JournalLine.verb.like(wanted) | JournalLine.actor.like(wanted) | (JournalLine.subject_id == text)
        )
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = session.scalars(
        statement.order_by(JournalLine.number.desc()).offset((page - 1) * PAGE).limit(PAGE)
    )
    shown = [_row(line) for line in rows]
    return shown, total, max(1, -(-total // PAGE))


def lines_about(session: Session, kind: str, subject_id: str | int) -> list[JournalRow]:
    """Every line about one thing, oldest first."""
    rows = session.scalars(
        select(JournalLine)
        .where(JournalLine.subject_kind == kind, JournalLine.subject_id == str(subject_id))
        .order_by(JournalLine.number)
    )
    return [_row(line) for line in rows]


def _row(line: JournalLine) -> JournalRow:
    return JournalRow(
        number=line.number,
        at=line.at,
        actor=line.actor,
        verb=line.verb,
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        details=line.details,
        digest=line.digest.hex()[:12],
    )
