"""Every way in which cryptographic input can be refused.

SealError
├── BadKey            a key of the wrong kind, size or exponent
├── BadBlindedMessage a blinded message of the wrong length or range
├── SigningFault      the private operation miscomputed; the faulty value was destroyed
├── BadSignature      a signature that does not verify
├── PayloadTooLong    answers that do not fit the fixed padding
├── SealBroken        a sealed ballot that does not open in its own context
├── LockBroken        the locked opening key is damaged, or the passphrase is another one
├── WrapBroken        a wrapped secret that does not open under this key and owner
├── SheetRefused      a round sheet that must not be handed out
└── Mistyped          typed characters that cannot be right
    ├── CodeMistyped  a member's or card's code
    └── HalfMistyped  one half of the opening passphrase
"""

from typing import Literal

Fault = Literal["length", "character", "check", "swapped"]


class SealError(Exception):
    """Refused by a cryptographic check."""


class BadKey(SealError):
    """The key is of the wrong kind, size or exponent."""


class BadBlindedMessage(SealError):
    """The blinded message has the wrong length or is out of range."""


class SigningFault(SealError):
    """The private operation miscomputed, and its result was not released."""


class BadSignature(SealError):
    """The signature does not verify."""


class PayloadTooLong(SealError):
    """The answers do not fit the fixed padding."""


class SealBroken(SealError):
    """The sealed ballot does not open in the context it was cast in."""


class LockBroken(SealError):
    """The locked opening key does not open with this passphrase."""


class WrapBroken(SealError):
    """The wrapped secret does not open under this key for this owner."""


class SheetRefused(SealError):
    """The round sheet breaks one of its own rules."""


class Mistyped(SealError):
    """Typed characters cannot be right; `fault` says in which way."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


class CodeMistyped(Mistyped):
    """A code was mistyped."""


class HalfMistyped(Mistyped):
    """One half of the opening passphrase was mistyped; `half` is 1 or 2."""

    def __init__(self, half: int, fault: Fault) -> None:
        super().__init__(fault)
        self.half = half
