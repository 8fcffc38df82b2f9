"""Wrapped secrets open under their own key, purpose and owner only."""

import pytest

from survey_app.seals.errors import WrapBroken
from survey_app.seals.wrapping import unwrap, wrap

KEY = b"k" * 32


def test_what_was_wrapped_is_unwrapped() -> None:
    wrapped = wrap(KEY, b"secret", purpose="issuing", owner=b"row")
    assert b"secret" not in wrapped
    assert unwrap(KEY, wrapped, purpose="issuing", owner=b"row") == b"secret"


def test_nothing_repeats_when_the_same_secret_is_wrapped_again() -> None:
    assert len({wrap(KEY, b"secret", purpose="issuing", owner=b"row") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("key", "purpose", "owner"),
    [
        (b"l" * 32, "issuing", b"row"),
        (KEY, "round key", b"row"),
        (KEY, "issuing", b"other"),
        (KEY, "issuin", b"grow"),
    ],
)
def test_another_key_purpose_or_owner_opens_nothing(key: bytes, purpose: str, owner: bytes) -> None:
    wrapped = wrap(KEY, b"secret", purpose="issuing", owner=b"row")
    with pytest.raises(WrapBroken):
        unwrap(key, wrapped, purpose=purpose, owner=owner)


def test_every_altered_byte_is_noticed() -> None:
    wrapped = wrap(KEY, b"secret", purpose="issuing", owner=b"row")
    for position in range(len(wrapped)):
        damaged = bytearray(wrapped)
        damaged[position] ^= 1
        with pytest.raises(WrapBroken):
            unwrap(KEY, bytes(damaged), purpose="issuing", owner=b"row")
    for size in range(len(wrapped)):
        with pytest.raises(WrapBroken):
            unwrap(KEY, wrapped[:size], purpose="issuing", owner=b"row")


def test_a_short_key_and_an_ambiguous_purpose_are_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        wrap(b"k" * 16, b"secret", purpose="issuing", owner=b"row")
    with pytest.raises(ValueError, match="zero byte"):
        wrap(KEY, b"secret", purpose="issuing\x00", owner=b"row")
