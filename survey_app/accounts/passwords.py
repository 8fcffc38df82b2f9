"""Passwords: hashing with argon2id, one-time passwords for paper, and what makes a password too easy."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from survey_app.core.errors import Fault

LEAST, MOST = 10, 128
LEAST_DIFFERENT = 5
# No 0 O 1 l I: these are read from paper.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP = 3, 4
COMMON = (
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "asdfghjkl",
    "1qaz2wsx3edc",
    "password",
    "admin",
    "zonggonghui",
    "gonghui",
    "woaini1314",
    "iloveyou",
    "abcdefghij",
)
_hasher = PasswordHasher()
# A one-time password has 59 random bits and an end: guessing it is hopeless at any cost per try, and
# thousands are printed at once.
_quick = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
# Each check takes 64 MiB for a moment; a rush of sign-ins waits here instead of exhausting the memory.
_at_once = BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """The hash to store for a password a person has chosen."""
    with _at_once:
        return _hasher.hash(password)


def hash_one_time(password: str) -> str:
    """The hash to store for a one-time password, however it will be typed."""
    return _quick.hash(plain(password))


def matches(stored: str, password: str) -> bool:
    """Whether `password` is the one behind `stored`, as written or as read from a one-time sheet."""
    return _verify(stored, password) or (plain(password) != password and _verify(stored, plain(password)))


def match_nobody(password: str) -> None:
    """Take as long as a real check, so that the time does not tell which logins exist."""
    _verify(_nobody(), password)


def one_time_password() -> str:
    """A random password for paper, such as k7mw-3xqp-9tzd."""
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
    return "-".join("".join(letters[start : start + GROUP]) for start in range(0, GROUPS * GROUP, GROUP))


def plain(password: str) -> str:
    """A one-time password without its hyphens and blanks, in small letters."""
    return "".join(password.split()).replace("-", "").lower()


def faults_of(password: str, login: str) -> list[Fault]:
    """Everything that makes a password too easy to guess."""
    faults = []
    if len(password) < LEAST:
        faults.append(Fault("password_short", {"least": LEAST}))
    if len(password) > MOST:
        faults.append(Fault("password_long", {"most": MOST}))
    if len(set(password)) < LEAST_DIFFERENT:
        faults.append(Fault("password_monotonous"))
    if _is_common(password.lower()):
        faults.append(Fault("password_common"))
    if login and login.lower() in password.lower():
        faults.append(Fault("password_has_login"))
    return faults


def _is_common(password: str) -> bool:
    return any(password.startswith(word) and len(password) <= len(word) + 4 for word in COMMON)


def _verify(stored: str, password: str) -> bool:
    if len(password) > MOST:
        return False
    try:
        with _at_once:
            return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))
