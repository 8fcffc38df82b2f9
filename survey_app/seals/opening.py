"""The opening key of a round, locked under a passphrase that two custodians hold by halves.

    locked = "pingjia-unlock-1"[16] || rounds[4, big endian] || salt[16] || nonce[12]
             || AES-256-GCM(k, nonce, PKCS #8 DER)
    k = PBKDF2-SHA256(passphrase, salt, rounds), associated data = the 48 bytes before the ciphertext

The passphrase is the 26 canonical characters of both halves in order, as ASCII, without their check
characters. `static/ballot/opening.js` writes and reads the same bytes. The server needs `unlock` alone,
once, in the child process that opens the box; `OpeningKey.make` serves tests and the demonstration.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from survey_app.seals import base32
from survey_app.seals.errors import BadKey, HalfMistyped, LockBroken, Mistyped
from survey_app.seals.pss import PUBLIC_EXPONENT

OPENING_BITS = 3072
OPENING_BYTES = OPENING_BITS // 8
DERIVATION_ROUNDS = 600_000
_MAGIC = b"pingjia-unlock-1"
_HEADER_BYTES = len(_MAGIC) + 4 + 16 + 12
# PKCS #8 of an RSA-3072 key is a little under 1,800 bytes; leading zeros of its numbers vary the length.
_LOCKED_MINIMUM, _LOCKED_MAXIMUM = 1700, 2000
_HALF_BYTES = 8
_HALF_CHARACTERS = 13


@dataclass(frozen=True)
class OpeningKey:
    """A new opening key as it leaves the custodians' hands: public half, locked half, two slips."""

    public: bytes
    locked: bytes
    halves: tuple[str, str] = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Make a key, draw a passphrase, lock the private half, forget both."""
        private = rsa.generate_private_key(PUBLIC_EXPONENT, OPENING_BITS)
        halves = make_halves()
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(public, lock(private, passphrase(*halves)), halves)


def make_halves() -> tuple[str, str]:
    """Draw 128 random bits and write them as two halves with a check character each."""
    return _write_half(1, secrets.token_bytes(_HALF_BYTES)), _write_half(2, secrets.token_bytes(_HALF_BYTES))


def passphrase(first: str, second: str) -> bytes:
    """Read both typed halves; a mistyped or exchanged one raises `HalfMistyped` with its number."""
    return (read_half(1, first) + read_half(2, second)).encode("ascii")


def read_half(half: int, typed: str) -> str:
    """The 13 canonical characters of one typed half."""
    try:
        text = base32.canonical(typed, _HALF_CHARACTERS + 1)
        body, check = text[:-1], text[-1]
        base32.decode(body, _HALF_BYTES)
    except Mistyped as error:
        raise HalfMistyped(half, error.fault) from None
    if check != _check(half, body):
        raise HalfMistyped(half, "swapped" if check == _check(3 - half, body) else "check")
    return body


def _write_half(half: int, data: bytes) -> str:
    body = base32.encode(data, _HALF_CHARACTERS)
    return base32.grouped(body + _check(half, body))


def _check(half: int, body: str) -> str:
    # The number of the half is summed in, so the same slip typed into both fields is noticed.
    return base32.check_characters(f"{half}{body}", 1)


def lock(private: rsa.RSAPrivateKey, secret: bytes) -> bytes:
    """Encrypt the private half under the passphrase."""
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    header = _MAGIC + DERIVATION_ROUNDS.to_bytes(4, "big") + salt + nonce
    return header + AESGCM(_derive(secret, salt, DERIVATION_ROUNDS)).encrypt(nonce, der, header)


def check_locked(locked: bytes) -> None:
    """Refuse an upload that cannot be a locked opening key; only the passphrase tells whether it is one."""
    # One number of rounds on both sides; it stands in the header so that a later version may raise it.
    expected = _MAGIC + DERIVATION_ROUNDS.to_bytes(4, "big")
    if not locked.startswith(expected) or not _LOCKED_MINIMUM <= len(locked) <= _LOCKED_MAXIMUM:
        raise LockBroken


def unlock(locked: bytes, secret: bytes) -> rsa.RSAPrivateKey:
    """Decrypt the private half, or raise `LockBroken`."""
    check_locked(locked)
    header, body = locked[:_HEADER_BYTES], locked[_HEADER_BYTES:]
    try:
        der = AESGCM(_derive(secret, header[20:36], DERIVATION_ROUNDS)).decrypt(header[36:], body, header)
        private = load_der_private_key(der, None)
    except (InvalidTag, ValueError, UnsupportedAlgorithm):
        raise LockBroken from None
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size != OPENING_BITS:
        raise LockBroken
    return private


def _derive(secret: bytes, salt: bytes, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", secret, salt, rounds, dklen=32)


@lru_cache(maxsize=64)
def load_public(der: bytes) -> rsa.RSAPublicKey:
    """Read an uploaded public half; anything but RSA-3072 with exponent 65537 is refused."""
    try:
        public = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey from None
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size != OPENING_BITS:
        raise BadKey
    if public.public_numbers().e != PUBLIC_EXPONENT:
        raise BadKey
    return public


def public_of(private: rsa.RSAPrivateKey) -> bytes:
    """The public half, to check that an unlocked key is the one on the round sheets."""
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
