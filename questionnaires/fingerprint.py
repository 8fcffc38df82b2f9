"""Canonical JSON and its SHA-256: the name of a frozen version that nobody can reuse for another text.

Canonical means: keys sorted, no spaces, Chinese written as itself, no floating-point numbers.
Two definitions have the same fingerprint if and only if they have the same canonical bytes.
"""

import hashlib
import json
from collections.abc import Mapping


def canonical_json(data: Mapping[str, object]) -> bytes:
    """The one byte string of a plain mapping, whatever the order in which it was built."""
    _refuse_floats(data)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def fingerprint_of(data: Mapping[str, object]) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(data)).hexdigest()


def _refuse_floats(value: object) -> None:
    """Floating-point numbers print differently on different systems, so none may be hashed."""
    if isinstance(value, float):
        raise TypeError("canonical JSON holds no floating-point number")
    if isinstance(value, Mapping):
        for name, each in value.items():
            # A number as key would be written as text and so collide with the text.
            if not isinstance(name, str):
                raise TypeError("canonical JSON has text keys only")
            _refuse_floats(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_floats(each)
