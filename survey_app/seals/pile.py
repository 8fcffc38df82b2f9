"""The word on a pile of paper forms: it opens what was keyed of the pile until two keyings agree.

    word = 50 random bits as ten characters of base32 and two check characters, on the cover of the pile
    k    = PBKDF2-SHA256(word, salt = HMAC(pepper of the environment, pile id), rounds)
    draft = nonce[12] || AES-256-GCM(HMAC(k, "draft"), nonce, padded answers, place)

Whoever has the pile may read it anyway, so its cover is where the word may stand; the server keeps it
nowhere. `place` names pile and form and is also what stands for the credential when a form is sealed.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey_app.seals import base32
from survey_app.seals.envelope import pad, unpad
from survey_app.seals.errors import Mistyped, SealBroken

WORD_CHARACTERS = 12
DIGEST_BYTES = 32
_SECRET_CHARACTERS = 10
_ROUNDS = 100_000
_NONCE_BYTES = 12


def make_word() -> str:
    """Draw a word and write it in groups of four."""
    secret = base32.encode(secrets.token_bytes(8), _SECRET_CHARACTERS)
    return base32.grouped(secret + base32.check_characters(secret, WORD_CHARACTERS - _SECRET_CHARACTERS))


def read_word(typed: str) -> str:
    """The canonical characters of a typed word, or `Mistyped`."""
    word = base32.canonical(typed, WORD_CHARACTERS)
    secret, checks = word[:_SECRET_CHARACTERS], word[_SECRET_CHARACTERS:]
    if checks != base32.check_characters(secret, len(checks)):
        raise Mistyped("check")
    return word


def place_in_pile(pile_id: str, sheet: int) -> bytes:
    """Where a form lies; all parts have fixed lengths, and no credential of a member is as short."""
    return b"paper" + bytes.fromhex(pile_id) + sheet.to_bytes(4, "big")


@dataclass(frozen=True)
class PileKey:
    """What a word opens, held only while one request is answered."""

    _key: bytes = field(repr=False)

    @classmethod
    def of(cls, word: str, pepper: bytes, pile_id: str) -> Self:
        """Slow on purpose: the word is short enough to be copied by hand."""
        salt = hmac.digest(pepper, b"pile" + bytes.fromhex(pile_id), "sha256")
        return cls(hashlib.pbkdf2_hmac("sha256", word.encode("ascii"), salt, _ROUNDS, dklen=32))

    @property
    def check(self) -> bytes:
        """By this the right word is known."""
        return hmac.digest(self._key, b"check", "sha256")

    def digest(self, payload: bytes, place: bytes) -> bytes:
        """Alike for two keyings of one form that agree, and for nothing else that can be looked at."""
        return hmac.digest(self._key, b"digest" + place + payload, "sha256")

    def close(self, payload: bytes, place: bytes) -> bytes:
        """Put a keyed form away under the word; every draft has the same size."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, pad(payload), place)

    def open(self, draft: bytes, place: bytes) -> bytes:
        """Read a draft again, or raise `SealBroken`."""
        try:
            return unpad(self._cipher.decrypt(draft[:_NONCE_BYTES], draft[_NONCE_BYTES:], place))
        except InvalidTag:
            raise SealBroken from None

    @property
    def _cipher(self) -> AESGCM:
        return AESGCM(hmac.digest(self._key, b"draft", "sha256"))
