"""Receipts: the code a member keeps, and the published list on which it is found again.

A receipt proves that a sealed ballot was counted in. It proves nothing about what was in it.
"""

import hashlib
from collections.abc import Iterable

from survey_app.seals import base32

RECEIPT_CHARACTERS = 16
_PREFIX_BYTES = 10


def cred_hash(credential: bytes) -> bytes:
    """Hash of a credential: the message of a signature, or the code MAC of a card."""
    return hashlib.sha256(credential).digest()


def sealed_hash(sealed: bytes) -> bytes:
    """Hash of a sealed ballot, kept after the ballot itself is gone."""
    return hashlib.sha256(sealed).digest()


def leaf(credential_hash: bytes, hash_of_sealed: bytes) -> bytes:
    """One line of the published list; the zero byte keeps leaves apart from any other hash."""
    if len(credential_hash) != 32 or len(hash_of_sealed) != 32:
        raise ValueError("a leaf is made of two SHA-256 values")
    return hashlib.sha256(b"\x00" + credential_hash + hash_of_sealed).digest()


def leaf_of(credential: bytes, sealed: bytes) -> bytes:
    """The leaf of a ballot at hand."""
    return leaf(cred_hash(credential), sealed_hash(sealed))


def receipt(leaf_value: bytes) -> str:
    """The 16 characters that the phone shows, in groups of four."""
    return base32.grouped(base32.encode(leaf_value, RECEIPT_CHARACTERS))


def receipt_prefix(typed: str) -> bytes:
    """The first ten bytes of the leaf that a typed receipt stands for."""
    return base32.decode(base32.canonical(typed, RECEIPT_CHARACTERS), _PREFIX_BYTES)


def published(leaves: Iterable[bytes]) -> list[bytes]:
    """The list as it is published: sorted, so that it says nothing about the order of arrival."""
    return sorted(leaves)


def list_digest(leaves: Iterable[bytes]) -> bytes:
    """SHA-256 over the sorted leaves, printed on the protocol sheet."""
    return hashlib.sha256(b"".join(published(leaves))).digest()
