"""The sealed ballot: answers padded to one size, readable only with the opening key.

    sealed = OAEP(opening key, k)[384] || nonce[12] || AES-256-GCM(k, nonce, padded answers)[3088]

Context, both as OAEP label and as associated data, fixed lengths:

    "pingjia-ballot-1"[16] || sheet fingerprint[32] || class id[16] || SHA-256(credential)[32]

so a sealed ballot opens only in the round, home, class and under the credential it was cast with.
"""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from survey_app.seals.errors import PayloadTooLong, SealBroken
from survey_app.seals.opening import OPENING_BYTES, load_public
from survey_app.seals.receipts import cred_hash

PADDED_BYTES = 3072
PAYLOAD_BYTES = PADDED_BYTES - 2
SEALED_BYTES = OPENING_BYTES + 12 + PADDED_BYTES + 16
_DOMAIN = b"pingjia-ballot-1"


def seal(
    opening_public: bytes, payload: bytes, *, sheet_fingerprint: bytes, class_id: bytes, credential: bytes
) -> bytes:
    """Seal answers for the opening key (SubjectPublicKeyInfo, DER) in their context."""
    context = ballot_context(sheet_fingerprint, class_id, credential)
    key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
    locked_key = load_public(opening_public).encrypt(key, _oaep(context))
    return locked_key + nonce + AESGCM(key).encrypt(nonce, pad(payload), context)


def open_sealed(
    opening_private: RSAPrivateKey,
    sealed: bytes,
    *,
    sheet_fingerprint: bytes,
    class_id: bytes,
    credential: bytes,
) -> bytes:
    """Open a sealed ballot in its context, or raise `SealBroken` without saying where it broke."""
    context = ballot_context(sheet_fingerprint, class_id, credential)
    if len(sealed) != SEALED_BYTES:
        raise SealBroken
    locked_key, nonce, body = (
        sealed[:OPENING_BYTES],
        sealed[OPENING_BYTES:][:12],
        sealed[OPENING_BYTES + 12 :],
    )
    try:
        key = opening_private.decrypt(locked_key, _oaep(context))
        return unpad(AESGCM(key).decrypt(nonce, body, context))
    except (ValueError, InvalidTag):
        raise SealBroken from None


def ballot_context(sheet_fingerprint: bytes, class_id: bytes, credential: bytes) -> bytes:
    """What a sealed ballot is bound to; all parts have fixed lengths, so no two contexts collide."""
    if len(sheet_fingerprint) != 32 or len(class_id) != 16:
        raise ValueError("a fingerprint has 32 bytes and a class id 16")
    return _DOMAIN + sheet_fingerprint + class_id + cred_hash(credential)


def pad(payload: bytes) -> bytes:
    """Two bytes of length, the payload, zeros: every ballot has the same size."""
    if len(payload) > PAYLOAD_BYTES:
        raise PayloadTooLong
    return (len(payload).to_bytes(2, "big") + payload).ljust(PADDED_BYTES, b"\x00")


def unpad(padded: bytes) -> bytes:
    """Undo `pad`; anything that `pad` would not have written is a broken seal."""
    payload = padded[2 : 2 + int.from_bytes(padded[:2], "big")]
    if len(padded) != PADDED_BYTES or len(payload) > PAYLOAD_BYTES or pad(payload) != padded:
        raise SealBroken
    return payload


def _oaep(context: bytes) -> padding.OAEP:
    return padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=context)
