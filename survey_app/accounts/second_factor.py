"""The second factor: six digits of an authenticator (TOTP, RFC 6238), and recovery codes for a lost phone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.accounts.models import Account, RecoveryCode
from survey_app.accounts.passwords import ALPHABET, plain
from survey_app.core.actor import Actor
from survey_app.core.errors import Refused
from survey_app.journal.operations import record
from survey_app.seals.wrapping import unwrap, wrap

STEP_SECONDS = 30
CODES = 10
PURPOSE = "account.totp"


def new_secret() -> str:
    """A fresh secret, in the letters an authenticator accepts."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """The otpauth address that the QR shows."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="评家")


def enrol(
    session: Session,
    actor: Actor,
    account: Account,
    secret: str,
    digits: str,
    wrapping_key: bytes,
    *,
    at: datetime,
) -> list[str]:
    """Turn the second factor on after the first right digits; returns the recovery codes, shown once."""
    _need_own(actor, account)
    step = _matching_step(secret, digits, at, None)
    if step is None:
        raise Refused("second_factor_wrong")
    account.totp_secret = wrap(wrapping_key, secret.encode(), purpose=PURPOSE, owner=_owner(account))
    account.totp_last_step = step
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = [_new_code() for _ in range(CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_code_hash(code)) for code in codes)
    record(session, actor, "account.second_factor_on", "account", account.id, at=at)
    return codes


def remove(session: Session, actor: Actor, account: Account, *, at: datetime) -> None:
    """Turn the second factor off: the own one, or that of somebody whose password is being reset."""
    if actor.account_id != account.id and not actor.is_system:
        actor.need("account.invite")
    account.totp_secret = account.totp_last_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    record(session, actor, "account.second_factor_off", "account", account.id, at=at)


def _need_own(actor: Actor, account: Account) -> None:
    """Nobody gives another person a second factor."""
    if actor.account_id != account.id:
        raise Refused("role_may_not", permission="own")


def accepts(session: Session, account: Account, entered: str, wrapping_key: bytes, *, at: datetime) -> bool:
    """Whether the digits (each step once) or a recovery code (each once) let this account in."""
    if account.totp_secret is None:
        return False
    secret = unwrap(wrapping_key, account.totp_secret, purpose=PURPOSE, owner=_owner(account)).decode()
    step = _matching_step(secret, "".join(entered.split()), at, account.totp_last_step)
    if step is not None:
        account.totp_last_step = step
        return True
    return _spend_code(session, account, entered, at)


def codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes have not been used."""
    unused = select(RecoveryCode.id).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return len(session.scalars(unused).all())


def _matching_step(secret: str, digits: str, at: datetime, last: int | None) -> int | None:
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(at.timestamp()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        fits = hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())
        if fits and (last is None or step > last):
            return step
    return None


def _spend_code(session: Session, account: Account, entered: str, at: datetime) -> bool:
    found = session.scalars(
        select(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_hash == _code_hash(entered),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    ).first()
    if found is None:
        return False
    found.used_at = at
    return True


def _new_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def _code_hash(code: str) -> bytes:
    return hashlib.sha256(plain(code).encode()).digest()


def _owner(account: Account) -> bytes:
    return str(account.id).encode()
