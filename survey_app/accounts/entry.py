"""The way in: login and password, then the second factor; every outcome is a value, so that it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts import lockout, second_factor
from survey_app.accounts.models import Account
from survey_app.accounts.passwords import match_nobody, matches
from survey_app.accounts.queries import actor_of_post, posts_of
from survey_app.accounts.sign_ins import note_confirmed, open_sign_in
from survey_app.core.actor import SYSTEM
from survey_app.core.clock import beijing_day
from survey_app.journal.operations import record


class Outcome(StrEnum):
    """How an attempt ended. WRONG and LOCKED look the same for a login that nobody has."""

    WRONG = "wrong"
    LOCKED = "locked"
    EXPIRED = "expired"
    NO_POST = "no_post"
    SECOND_FACTOR = "second_factor"
    IN = "in"


@dataclass(frozen=True)
class Attempt:
    """The outcome, the tries left before the lock, and the new session's token when the person is in."""

    outcome: Outcome
    tries_left: int = 0
    token: str | None = None
    account_id: int | None = None


def account_by_login(session: Session, login: str) -> Account | None:
    """The account with this login, however it was typed."""
    return session.scalars(select(Account).where(Account.login == lockout.tidy(login))).one_or_none()


def password_fits(session: Session, login: str, password: str, *, at: datetime) -> bool:
    """Whether login and password belong together; slow, so it comes before the writing transaction."""
    if lockout.is_locked(session, login, at=at):
        return False
    account = account_by_login(session, login)
    if account is None or account.disabled_at is not None:
        match_nobody(password)
        return False
    return matches(account.password_hash, password)


def enter(session: Session, login: str, fits: bool, *, at: datetime) -> Attempt:
    """Write down an attempt whose password was checked; open the session unless a second factor is asked."""
    if lockout.is_locked(session, login, at=at):
        return Attempt(Outcome.LOCKED)
    account = account_by_login(session, login)
    if not fits or account is None:
        return _failed(session, login, account, at)
    if account.password_expires_at is not None and account.password_expires_at <= at:
        return Attempt(Outcome.EXPIRED)
    if not posts_of(session, account.id, beijing_day(at)):
        return Attempt(Outcome.NO_POST)
    if account.totp_secret is not None:
        return Attempt(Outcome.SECOND_FACTOR, account_id=account.id)
    return _opened(session, account, at)


def enter_second(
    session: Session, account_id: int, entered: str, wrapping_key: bytes, *, at: datetime
) -> Attempt:
    """The second step of an attempt whose password was right; wrong digits count towards the same lock."""
    account = session.get(Account, account_id, with_for_update=True)
    if account is None or account.disabled_at is not None:
        return Attempt(Outcome.WRONG)
    if lockout.is_locked(session, account.login, at=at):
        return Attempt(Outcome.LOCKED)
    if not second_factor.accepts(session, account, entered, wrapping_key, at=at):
        return _failed(session, account.login, account, at)
    return _opened(session, account, at)


def confirm(session: Session, account_id: int, fits: bool, *, token: str, at: datetime) -> Attempt:
    """Write down that a signed-in person has given the password again, or failed to."""
    account = session.get_one(Account, account_id)
    if lockout.is_locked(session, account.login, at=at):
        return Attempt(Outcome.LOCKED)
    if not fits:
        return _failed(session, account.login, account, at)
    lockout.forget_failures(session, account.login)
    note_confirmed(session, token, at=at)
    return Attempt(Outcome.IN)


def _opened(session: Session, account: Account, at: datetime) -> Attempt:
    lockout.forget_failures(session, account.login)
    token = open_sign_in(session, account, at=at)
    first = posts_of(session, account.id, beijing_day(at))[0]
    record(session, actor_of_post(session, first.id), "account.sign_in", "account", account.id, at=at)
    return Attempt(Outcome.IN, token=token, account_id=account.id)


def _failed(session: Session, login: str, account: Account | None, at: datetime) -> Attempt:
    left = lockout.note_failure(session, login, at=at)
    if left:
        return Attempt(Outcome.WRONG, tries_left=left)
    if account is not None:
        record(session, SYSTEM, "account.locked", "account", account.id, at=at)
    return Attempt(Outcome.LOCKED)
