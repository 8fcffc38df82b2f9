"""The arithmetic of the chain: a line's digest covers its content and the digest of the line before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.journal.models import JournalHead, JournalLine

GENESIS = bytes(32)


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: the line's number and what is wrong with it."""

    number: int
    reason: str


def line_digest(line: JournalLine) -> bytes:
    """SHA-256 over the previous digest and the canonical JSON of the line."""
    content = {
        "number": line.number,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": line.account_id,
        "actor": line.actor,
        "unit": line.unit_id,
        "verb": line.verb,
        "kind": line.subject_kind,
        "subject": line.subject_id,
        "details": line.details,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.previous + text.encode()).digest()


def head(session: Session) -> tuple[int, str]:
    """Number and hex digest of the last line, as printed on protocol sheets and orders."""
    row = session.get(JournalHead, 1)
    return (0, GENESIS.hex()) if row is None else (row.number, row.digest.hex())


def verify(session: Session, expected_head: str | None = None) -> list[Break]:
    """Walk the chain and list every break; `expected_head` is a (shortened) hex digest from paper."""
    breaks: list[Break] = []
    number, previous, seen = 0, GENESIS, {GENESIS.hex()}
    for line in session.scalars(
        select(JournalLine).order_by(JournalLine.number).execution_options(yield_per=1000)
    ):
        number += 1
        if line.number != number:
            breaks.append(Break(number, "line_missing"))
            number = line.number
        if line.previous != previous:
            breaks.append(Break(line.number, "previous_differs"))
        if line_digest(line) != line.digest:
            breaks.append(Break(line.number, "content_changed"))
        previous = line.digest
        seen.add(previous.hex())
    last, digest = head(session)
    if last != number or digest != previous.hex():
        breaks.append(Break(last, "head_differs"))
    if expected_head and not any(item.startswith(expected_head.lower()) for item in seen):
        breaks.append(Break(last, "printed_head_unknown"))
    return breaks
