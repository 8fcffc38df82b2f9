"""Secrets at rest: AES-256-GCM under the environment's key, bound to a purpose and an owner.

A wrapped value copied into another row or column does not open there.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from survey_app.seals.errors import WrapBroken

_VERSION = b"\x01"
_NONCE_BYTES = 12
_OVERHEAD = len(_VERSION) + _NONCE_BYTES + 16


def wrap(key: bytes, secret: bytes, *, purpose: str, owner: bytes) -> bytes:
    """Encrypt a secret for one purpose and one owner (the id of its row)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + _cipher(key).encrypt(nonce, secret, _associated(purpose, owner))


def unwrap(key: bytes, wrapped: bytes, *, purpose: str, owner: bytes) -> bytes:
    """Decrypt a secret, or refuse a value made under another key, purpose or owner."""
    if len(wrapped) < _OVERHEAD or wrapped[:1] != _VERSION:
        raise WrapBroken
    nonce, body = wrapped[1 : 1 + _NONCE_BYTES], wrapped[1 + _NONCE_BYTES :]
    try:
        return _cipher(key).decrypt(nonce, body, _associated(purpose, owner))
    except InvalidTag:
        raise WrapBroken from None


def _cipher(key: bytes) -> AESGCM:
    if len(key) != 32:
        raise ValueError("the wrapping key has 32 bytes")
    return AESGCM(key)


def _associated(purpose: str, owner: bytes) -> bytes:
    # The zero byte ends the purpose, so that no purpose and owner can be read as another pair.
    if "\x00" in purpose:
        raise ValueError("a purpose has no zero byte")
    return b"pingjia-wrap-1\x00" + purpose.encode() + b"\x00" + owner
