"""RSASSA-PSS with SHA-384 and a salt of exactly 48 bytes, as RFC 9474 uses it."""

import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA384

PUBLIC_EXPONENT = 65537
SALT_BYTES = 48
_HASH_BYTES = 48
_PADDING = padding.PSS(mgf=padding.MGF1(SHA384()), salt_length=SALT_BYTES)


def encode(message: bytes, modulus_bits: int, salt: bytes) -> int:
    """EMSA-PSS-ENCODE of RFC 8017, section 9.1.1, as the integer that gets signed."""
    if len(salt) != SALT_BYTES:
        raise ValueError("the salt has exactly 48 bytes")
    encoded_bits = modulus_bits - 1
    encoded_bytes = (encoded_bits + 7) // 8
    hashed = hashlib.sha384(b"\x00" * 8 + hashlib.sha384(message).digest() + salt).digest()
    block = b"\x01" + salt
    block = block.rjust(encoded_bytes - _HASH_BYTES - 1, b"\x00")
    mask = _mgf1(hashed, len(block))
    masked = int.from_bytes(block, "big") ^ int.from_bytes(mask, "big")
    masked &= (1 << encoded_bits - 8 * (_HASH_BYTES + 1)) - 1
    return int.from_bytes(masked.to_bytes(len(block), "big") + hashed + b"\xbc", "big")


def _mgf1(seed: bytes, length: int) -> bytes:
    rounds = -(-length // _HASH_BYTES)
    return b"".join(hashlib.sha384(seed + i.to_bytes(4, "big")).digest() for i in range(rounds))[:length]


def verify(public_n: bytes, message: bytes, signature: bytes) -> bool:
    """RSASSA-PSS-VERIFY by the `cryptography` package; refuses any other salt length."""
    if len(signature) != len(public_n):
        return False
    try:
        _public_key(public_n).verify(signature, message, _PADDING, SHA384())
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=4096)
def _public_key(public_n: bytes) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(PUBLIC_EXPONENT, int.from_bytes(public_n, "big")).public_key()
