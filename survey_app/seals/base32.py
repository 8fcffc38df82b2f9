"""Crockford base32 for people: encoding, tolerant reading and check characters.

The alphabet has no I, L, O and U, so the usual misreadings can be undone instead of refused.
"""

import unicodedata

from survey_app.seals.errors import Mistyped

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_MISREAD = str.maketrans("ILO", "110")
# Dashes and dots of every keyboard, and what messengers slip in without showing it.
_IGNORED = frozenset("-_.·\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u200b\u200c\u200d\u2060\ufeff")


def encode(data: bytes, characters: int) -> str:
    """Write the first `5 * characters` bits of `data`; missing bits on the right are zero."""
    bits, wanted = 8 * len(data), 5 * characters
    number = int.from_bytes(data, "big")
    number = number >> bits - wanted if bits > wanted else number << wanted - bits
    return "".join(ALPHABET[number >> shift & 31] for shift in range(wanted - 5, -1, -5))


def decode(text: str, size: int) -> bytes:
    """Read back `size` bytes of canonical characters; the unused bits on the right must be zero."""
    number = 0
    for character in text:
        number = number << 5 | _VALUE[character]
    unused = 5 * len(text) - 8 * size
    if unused < 0 or number & (1 << unused) - 1:
        raise Mistyped("check")
    return (number >> unused).to_bytes(size, "big")


def canonical(typed: str, length: int) -> str:
    """Read what a person typed: any case and width, spaces and dashes, I and L for 1, O for 0."""
    wide = unicodedata.normalize("NFKC", typed).upper()
    text = "".join(c for c in wide if not c.isspace() and c not in _IGNORED).translate(_MISREAD)
    if any(character not in _VALUE for character in text):
        raise Mistyped("character")
    if len(text) != length:
        raise Mistyped("length")
    return text


def check_characters(text: str, count: int) -> str:
    """Weighted sums over the field of 32 elements, one per check character.

    Position i weighs a^i in the first sum and a^2i in the second, with a primitive. The weights
    differ and none is zero, so one check character catches every wrong character and every exchange
    of two; two of them catch any two wrong characters. Holds for up to 30 characters.
    """
    return "".join(ALPHABET[_weighted_sum(text, power)] for power in range(1, count + 1))


def _weighted_sum(text: str, power: int) -> int:
    total = 0
    for character in text:
        total ^= _VALUE[character]
        for _ in range(power):
            total <<= 1
            if total & 32:
                total ^= 0b100101  # x^5 + x^2 + 1 is primitive
    return total


def grouped(text: str) -> str:
    """Write in groups of four, as on slips, cards and posters."""
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
