"""The issuer's half of RFC 9474: key making and the raw private operation on a blinded message.

The private operation works on numbers a stranger chose, so it defends itself three times: a random
factor on the base, a random multiple of the group order on both exponents, and powers in constant
time. Without these lines the time of an answer reveals the key.
"""

import secrets
from dataclasses import dataclass, field
from typing import Self

import gmpy2
from cryptography.hazmat.primitives.asymmetric import rsa

from survey_app.seals.blind import MODULUS_BITS, MODULUS_BYTES, blind, finalise
from survey_app.seals.errors import BadBlindedMessage, BadKey, SigningFault
from survey_app.seals.pss import PUBLIC_EXPONENT

_PRIME_BYTES = MODULUS_BYTES // 2
_EXPONENT_BLINDING_BITS = 64


def _power(base: int, exponent: int, modulus: int) -> int:
    return int(gmpy2.powmod_sec(base, exponent, modulus))


def _public_power(base: int, modulus: int) -> int:
    # The exponent is known to everybody, so the sixfold time of Python's own power buys nothing.
    return int(gmpy2.powmod(base, PUBLIC_EXPONENT, modulus))


def _inverse(value: int, modulus: int) -> int:
    return int(gmpy2.invert(value, modulus))


@dataclass(frozen=True)
class IssuingKey:
    """The private numbers of one ballot class, held only while signatures are given."""

    n: int
    p: int = field(repr=False)
    q: int = field(repr=False)
    d_p: int = field(repr=False)
    d_q: int = field(repr=False)
    q_inverse: int = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """Make an RSA-2048 key; OpenSSL sets the top bits of both primes, so n has 2048 bits."""
        numbers = rsa.generate_private_key(PUBLIC_EXPONENT, MODULUS_BITS).private_numbers()
        return cls.from_primes(numbers.p, numbers.q)

    @classmethod
    def from_primes(cls, p: int, q: int) -> Self:
        """Derive everything else from the two primes."""
        e = PUBLIC_EXPONENT
        return cls(p * q, p, q, _inverse(e, p - 1), _inverse(e, q - 1), _inverse(q, p))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read back what `to_bytes` wrote: a fraction of the time of one signature, so no cache is
        needed that would outlive the erasure of the stored key."""
        if len(data) != 2 * _PRIME_BYTES:
            raise BadKey
        p = int.from_bytes(data[:_PRIME_BYTES], "big")
        q = int.from_bytes(data[_PRIME_BYTES:], "big")
        try:
            key = cls.from_primes(p, q)
        except ZeroDivisionError:
            raise BadKey from None
        if key.n.bit_length() != MODULUS_BITS:
            raise BadKey
        return key

    def to_bytes(self) -> bytes:
        """The two primes, 128 bytes each: to be wrapped before it is stored."""
        return self.p.to_bytes(_PRIME_BYTES, "big") + self.q.to_bytes(_PRIME_BYTES, "big")

    @property
    def public_n(self) -> bytes:
        """The public modulus as it stands on the round sheet."""
        return self.n.to_bytes(self.size, "big")

    @property
    def size(self) -> int:
        """Length of the modulus, of blinded messages and of signatures in bytes."""
        return (self.n.bit_length() + 7) // 8

    def blind_sign(self, blinded: bytes) -> bytes:
        """Sign a blinded message; a miscomputed result is destroyed, never answered."""
        message = check_blinded(blinded, self.public_n)
        factor, inverse = self._base_blinding()
        hidden = message * _public_power(factor, self.n) % self.n
        signature = self._private(hidden) * inverse % self.n
        # One wrong half of the remainder theorem would hand the factors of n to whoever asked.
        if _public_power(signature, self.n) != message:
            raise SigningFault
        return signature.to_bytes(self.size, "big")

    def sign(self, message: bytes) -> bytes:
        """A signature for a message of this side's own, as a phone would take it home: for cards."""
        done = blind(self.public_n, message)
        return finalise(self.public_n, message, self.blind_sign(done.blinded), done.inverse)

    def _base_blinding(self) -> tuple[int, int]:
        while True:
            factor = 1 + secrets.randbelow(self.n - 1)
            try:
                return factor, _inverse(factor, self.n)
            except ZeroDivisionError:  # pragma: no cover - would mean that chance has factored n
                continue

    def _private(self, hidden: int) -> int:
        s_p = _power(hidden % self.p, _hide_exponent(self.d_p, self.p - 1), self.p)
        s_q = _power(hidden % self.q, _hide_exponent(self.d_q, self.q - 1), self.q)
        return s_q + self.q * ((s_p - s_q) * self.q_inverse % self.p)


def _hide_exponent(exponent: int, order: int) -> int:
    return exponent + order * secrets.randbits(_EXPONENT_BLINDING_BITS)


def check_blinded(blinded: bytes, public_n: bytes) -> int:
    """Refuse a blinded message of another length or outside 0 < b < n before anything is written."""
    value = int.from_bytes(blinded, "big")
    if len(blinded) != len(public_n) or not 0 < value < int.from_bytes(public_n, "big"):
        raise BadBlindedMessage
    return value
