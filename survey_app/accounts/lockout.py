"""Counts wrong passwords per login and locks it for a quarter of an hour; existing or not looks the same."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.accounts.models import SignInFailure

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def tidy(login: str) -> str:
    """A login as it is stored: without blanks around it, in small letters."""
    return login.strip().lower()[:60]


def is_locked(session: Session, login: str, *, at: datetime) -> bool:
    """Whether nobody may try this login now."""
    row = session.get(SignInFailure, _key(login))
    return row is not None and row.locked_until is not None and row.locked_until > at


def note_failure(session: Session, login: str, *, at: datetime) -> int:
    """Count one failure and return how many tries are left before the lock (0: locked now)."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        make(SignInFailure)
        .values(login_hash=_key(login), failures=0, last_at=at)
        .on_conflict_do_nothing(index_elements=["login_hash"])
    )
    row = session.get_one(SignInFailure, _key(login), with_for_update=True)
    if at - row.last_at > FORGOTTEN_AFTER or (row.locked_until is not None and row.locked_until <= at):
        row.failures, row.locked_until = 0, None
    row.failures, row.last_at = row.failures + 1, at
    if row.failures >= MOST_FAILURES:
        row.locked_until = at + LOCKED_FOR
    session.flush()
    return max(MOST_FAILURES - row.failures, 0)


def forget_failures(session: Session, login: str) -> None:
    """After the right password, or when an administrator lifts the lock."""
    session.execute(delete(SignInFailure).where(SignInFailure.login_hash == _key(login)))


def forget_old(session: Session, *, at: datetime) -> None:
    """Remove rows nobody needs any more (a daily job)."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FORGOTTEN_AFTER))


def _key(login: str) -> bytes:
    return hashlib.sha256(tidy(login).encode()).digest()
