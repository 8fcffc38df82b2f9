"""Codes of members and cards, the link that carries one, and the 核对码 that names a round sheet.

Codes are derived, never stored: the same key, subject and number give the same code at every
sending and printing, and the database keeps only `code_mac`.
"""

import hashlib
import hmac
from typing import NamedTuple

from survey_app.seals import base32
from survey_app.seals.errors import CodeMistyped, Mistyped

SECRET_CHARACTERS = 18
CODE_CHARACTERS = 20
FINGERPRINT_CHARACTERS = 26
VERIFICATION_CHARACTERS = 16
ID_BYTES = 16


class LinkFragment(NamedTuple):
    """What a personal link carries behind its #, where no server and no log sees it."""

    code: str
    fingerprint: str


def member_code(round_key: bytes, invitation_id: bytes, generation: int) -> str:
    """Derive a member's code; a higher generation voids the former one."""
    return _derive(round_key, invitation_id, generation)


def card_code(round_key: bytes, class_id: bytes, number: int) -> str:
    """Derive the code printed on the card with this number in its class."""
    return _derive(round_key, class_id, number)


def _derive(round_key: bytes, subject_id: bytes, number: int) -> str:
    if len(round_key) != 32 or len(subject_id) != ID_BYTES:
        raise ValueError("a round key has 32 bytes and a subject id 16")
    # The widths are fixed, so no two pairs of subject and number share an input.
    digest = hmac.digest(round_key, subject_id + number.to_bytes(4, "big"), "sha256")
    secret = base32.encode(digest, SECRET_CHARACTERS)
    return secret + base32.check_characters(secret, CODE_CHARACTERS - SECRET_CHARACTERS)


def normalise(typed: str) -> str:
    """Turn typed characters into the canonical 20, or say what is wrong with them."""
    try:
        code = base32.canonical(typed, CODE_CHARACTERS)
    except Mistyped as error:
        raise CodeMistyped(error.fault) from None
    secret, checks = code[:SECRET_CHARACTERS], code[SECRET_CHARACTERS:]
    if checks != base32.check_characters(secret, len(checks)):
        raise CodeMistyped("check")
    return code


def code_mac(pepper: bytes, code: str) -> bytes:
    """The only form in which a code is stored: HMAC-SHA256 under the pepper of the environment."""
    if len(pepper) < 32:
        raise ValueError("the pepper has at least 32 bytes")
    return hmac.digest(pepper, code.encode("ascii"), "sha256")


def card_credential(pepper: bytes, mac: bytes) -> bytes:
    """The message that is signed for a card: of a link's length, and no look at the box leads to it.

    Derived, so that a card sent twice stays one ballot; only whoever has the pepper can derive it.
    """
    if len(pepper) < 32:
        raise ValueError("the pepper has at least 32 bytes")
    return hmac.digest(pepper, b"card-credential" + mac, "sha512")


def local_key(code: str) -> str:
    """The key under which a phone keeps its local state for this code, also when two share it."""
    return hashlib.sha256(code.encode("ascii")).hexdigest()


def short_fingerprint(fingerprint: bytes) -> str:
    """The 128 bits of a sheet's fingerprint that travel in the link."""
    return base32.encode(fingerprint[:16], FINGERPRINT_CHARACTERS)


def verification_code(fingerprint: bytes) -> str:
    """核对码: the first 16 characters, in groups of four, on poster, slip, card and page."""
    return base32.grouped(short_fingerprint(fingerprint)[:VERIFICATION_CHARACTERS])


def link_fragment(code: str, fingerprint: bytes) -> str:
    """Build the part of the link from # on."""
    return f"#{code}{short_fingerprint(fingerprint)}"


def parse_fragment(fragment: str) -> LinkFragment:
    """Read the part of a link from # on; a cut or altered one is refused."""
    text = fragment.removeprefix("#")
    code = normalise(text[:CODE_CHARACTERS])
    try:
        short = base32.canonical(text[CODE_CHARACTERS:], FINGERPRINT_CHARACTERS)
        base32.decode(short, 16)
    except Mistyped as error:
        raise CodeMistyped(error.fault) from None
    return LinkFragment(code, short)
