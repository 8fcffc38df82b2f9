"""The member's half of RFC 9474, RSABSSA-SHA384-PSS-Randomized, and the check everybody makes.

The browser does the same in `static/ballot/blind.js`; `MemberSide` lets tests, benchmarks and
rehearsals vote without one. The issuing half is in `issuing`.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from math import gcd

from survey_app.seals import pss
from survey_app.seals.errors import BadBlindedMessage, BadKey, BadSignature

PREFIX_BYTES = 32
CREDENTIAL_BYTES = 32
MESSAGE_BYTES = PREFIX_BYTES + CREDENTIAL_BYTES
MODULUS_BITS = 2048
MODULUS_BYTES = MODULUS_BITS // 8
KEY_TAG_BYTES = 4


@dataclass(frozen=True)
class Blinded:
    """A blinded message to send away and the inverse that stays at home."""

    blinded: bytes
    inverse: bytes = field(repr=False)


@dataclass(frozen=True)
class MemberSide:
    """One member's way through the protocol, from a fresh credential to a signature."""

    public_n: bytes
    message: bytes = field(repr=False)
    blinded: bytes
    inverse: bytes = field(repr=False)

    @classmethod
    def start(cls, public_n: bytes) -> "MemberSide":
        """Draw a credential and blind it for the key of the member's class."""
        check_public_n(public_n)
        message = prepare(secrets.token_bytes(CREDENTIAL_BYTES))
        done = blind(public_n, message)
        return cls(public_n, message, done.blinded, done.inverse)

    def finalise(self, blind_signature: bytes) -> bytes:
        """Unblind the issuer's answer into a signature that verifies, or raise `BadSignature`."""
        return finalise(self.public_n, self.message, blind_signature, self.inverse)


def check_public_n(public_n: bytes) -> None:
    """Accept a modulus of exactly 2048 bits only."""
    if len(public_n) != MODULUS_BYTES or not public_n[0] & 0x80 or not public_n[-1] & 1:
        raise BadKey


def key_tag(public_n: bytes) -> bytes:
    """Four bytes by which issuer and member notice that they speak of different keys."""
    return hashlib.sha256(public_n).digest()[:KEY_TAG_BYTES]


def prepare(credential: bytes) -> bytes:
    """Put a random prefix before the credential, so that no message is chosen by its structure."""
    return secrets.token_bytes(PREFIX_BYTES) + credential


def blind(public_n: bytes, message: bytes) -> Blinded:
    """Encode the message and hide it behind a random factor."""
    n = int.from_bytes(public_n, "big")
    return blind_with(public_n, message, salt=secrets.token_bytes(pss.SALT_BYTES), factor=_factor(n))


def blind_with(public_n: bytes, message: bytes, *, salt: bytes, factor: int) -> Blinded:
    """Blind with given randomness: only the test vectors have a reason to call this."""
    n = int.from_bytes(public_n, "big")
    encoded = pss.encode(message, n.bit_length(), salt)
    if gcd(encoded, n) != 1:
        raise BadBlindedMessage
    blinded = encoded * pow(factor, pss.PUBLIC_EXPONENT, n) % n
    size = len(public_n)
    return Blinded(blinded.to_bytes(size, "big"), pow(factor, -1, n).to_bytes(size, "big"))


def finalise(public_n: bytes, message: bytes, blind_signature: bytes, inverse: bytes) -> bytes:
    """Take the random factor off again and keep the signature only if it verifies."""
    size = len(public_n)
    if len(blind_signature) != size or len(inverse) != size:
        raise BadSignature
    n = int.from_bytes(public_n, "big")
    unblinded = int.from_bytes(blind_signature, "big") * int.from_bytes(inverse, "big") % n
    signature = unblinded.to_bytes(size, "big")
    if not pss.verify(public_n, message, signature):
        raise BadSignature
    return signature


def verify(public_n: bytes, message: bytes, signature: bytes) -> bool:
    """Is this a signature of the class key over a credential of exactly the right length?"""
    check_public_n(public_n)
    return len(message) == MESSAGE_BYTES and pss.verify(public_n, message, signature)


def _factor(n: int) -> int:
    while True:
        factor = 1 + secrets.randbelow(n - 1)
        if gcd(factor, n) == 1:
            return factor
