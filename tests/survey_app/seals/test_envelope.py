"""The sealed ballot opens in its own context only, and its size says nothing."""

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from survey_app.seals import envelope, opening
from survey_app.seals.errors import BadKey, PayloadTooLong, SealBroken
from survey_app.seals.issuing import IssuingKey
from survey_app.seals.opening import OpeningKey

CONTEXT = {"sheet_fingerprint": b"f" * 32, "class_id": b"k" * 16, "credential": b"m" * 64}


@pytest.fixture(scope="module")
def key() -> OpeningKey:
    return OpeningKey.make()


@pytest.fixture(scope="module")
def private(key: OpeningKey) -> RSAPrivateKey:
    return opening.unlock(key.locked, opening.passphrase(*key.halves))


@pytest.mark.parametrize("payload", [b"", b"{}", "好的意见".encode() * 200, b"x" * envelope.PAYLOAD_BYTES])
def test_what_was_sealed_is_opened(key: OpeningKey, private: RSAPrivateKey, payload: bytes) -> None:
    sealed = envelope.seal(key.public, payload, **CONTEXT)
    assert envelope.open_sealed(private, sealed, **CONTEXT) == payload


def test_the_sealed_size_is_equal_for_empty_and_longest_answers(key: OpeningKey) -> None:
    sizes = {len(envelope.seal(key.public, b"x" * n, **CONTEXT)) for n in (0, 1, 700, envelope.PAYLOAD_BYTES)}
    assert sizes == {envelope.SEALED_BYTES} == {384 + 12 + 3072 + 16}


def test_answers_beyond_the_padding_are_refused_before_sealing(key: OpeningKey) -> None:
    with pytest.raises(PayloadTooLong):
        envelope.seal(key.public, b"x" * (envelope.PAYLOAD_BYTES + 1), **CONTEXT)


def test_two_seals_of_the_same_answers_share_no_bytes(key: OpeningKey) -> None:
    first, second = (envelope.seal(key.public, b"{}", **CONTEXT) for _ in range(2))
    windows = {first[i : i + 8] for i in range(len(first) - 7)}
    assert not any(second[i : i + 8] in windows for i in range(len(second) - 7))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("sheet_fingerprint", b"g" * 32),  # another round or home
        ("class_id", b"l" * 16),  # another class
        ("credential", b"n" * 64),  # somebody else's credential
        ("credential", b"m" * 32),
    ],
)
def test_a_sealed_ballot_fails_in_any_other_context(
    key: OpeningKey, private: RSAPrivateKey, part: str, value: bytes
) -> None:
    sealed = envelope.seal(key.public, b"{}", **CONTEXT)
    with pytest.raises(SealBroken):
        envelope.open_sealed(private, sealed, **CONTEXT | {part: value})


def test_the_context_is_bound_by_the_seal_itself_and_by_the_locked_key(
    key: OpeningKey, private: RSAPrivateKey
) -> None:
    """Mixing the parts of two ballots of one member fails as well."""
    first = envelope.seal(key.public, b"1", **CONTEXT)
    second = envelope.seal(key.public, b"2", **CONTEXT)
    with pytest.raises(SealBroken):
        envelope.open_sealed(private, first[:384] + second[384:], **CONTEXT)


@pytest.mark.parametrize("position", [0, 383, 384, 395, 396, 2000, -16, -1])
def test_a_tampered_ballot_does_not_open(key: OpeningKey, private: RSAPrivateKey, position: int) -> None:
    sealed = bytearray(envelope.seal(key.public, b"{}", **CONTEXT))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        envelope.open_sealed(private, bytes(sealed), **CONTEXT)


@pytest.mark.parametrize("change", [-1, 1, -3484])
def test_a_ballot_of_another_length_does_not_open(
    key: OpeningKey, private: RSAPrivateKey, change: int
) -> None:
    sealed = envelope.seal(key.public, b"{}", **CONTEXT)
    other = sealed + bytes(change) if change > 0 else sealed[:change]
    with pytest.raises(SealBroken):
        envelope.open_sealed(private, other, **CONTEXT)


def test_another_opening_key_opens_nothing(key: OpeningKey) -> None:
    stranger = OpeningKey.make()
    other = opening.unlock(stranger.locked, opening.passphrase(*stranger.halves))
    with pytest.raises(SealBroken):
        envelope.open_sealed(other, envelope.seal(key.public, b"{}", **CONTEXT), **CONTEXT)


def test_padding_that_we_would_not_have_written_is_refused() -> None:
    honest = envelope.pad(b"ab")
    assert envelope.unpad(honest) == b"ab"
    hidden_byte = honest[:-1] + b"\x01"
    too_long = b"\xff\xff" + honest[2:]
    for padded in (hidden_byte, too_long, honest[:-1], honest + b"\x00", b""):
        with pytest.raises(SealBroken):
            envelope.unpad(padded)


def test_contexts_are_told_apart_by_fixed_lengths() -> None:
    context = envelope.ballot_context(**CONTEXT)
    assert len(context) == 96
    assert context[:64] == b"pingjia-ballot-1" + b"f" * 32 + b"k" * 16
    for part, value in (("sheet_fingerprint", b"f" * 31), ("class_id", b"k" * 17)):
        with pytest.raises(ValueError, match="32 bytes"):
            envelope.ballot_context(**CONTEXT | {part: value})


def test_an_issuing_key_is_no_opening_key() -> None:
    small = RSAPublicNumbers(65537, IssuingKey.make().n).public_key()
    der = small.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for bad in (der, b"", secrets.token_bytes(422)):
        with pytest.raises(BadKey):
            envelope.seal(bad, b"{}", **CONTEXT)
