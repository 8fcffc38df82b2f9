"""The unified social credit code (GB 32100-2015): eighteen characters, the last checks the others."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


def tidy(text: str) -> str:
    """As it is stored: without blanks, in capitals."""
    return "".join(text.split()).upper()


def is_valid(code: str) -> bool:
    """Whether the code has the right length and letters and its check character fits."""
    if len(code) != LENGTH or any(letter not in _VALUE for letter in code):
        return False
    return code[-1] == check_character(code[:-1])


def check_character(first: str) -> str:
    """The eighteenth character for the first seventeen: weights are the powers of 3 modulo 31."""
    total = sum(_VALUE[letter] * pow(3, place, 31) for place, letter in enumerate(first))
    return ALPHABET[(31 - total % 31) % 31]
