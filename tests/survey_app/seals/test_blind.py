"""The blind signature against the RFC, against an independent implementation, and under attack."""

import json
from math import gcd
from pathlib import Path

import pytest

from survey_app.seals import blind, issuing, pss
from survey_app.seals.blind import MemberSide
from survey_app.seals.errors import BadBlindedMessage, BadKey, BadSignature, SigningFault
from survey_app.seals.issuing import IssuingKey
from tests.support.blindness import singled_out

VECTORS = Path(__file__).parent / "vectors"


def _vector(name: str) -> dict[str, bytes]:
    raw = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return {key: bytes.fromhex(value) for key, value in raw.items() if key != "source"}


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")


@pytest.fixture(scope="module")
def key() -> IssuingKey:
    return IssuingKey.make()


@pytest.fixture(scope="module")
def other_key() -> IssuingKey:
    return IssuingKey.make()


@pytest.mark.parametrize("name", ["rfc9474.json", "cloudflare.json"])
def test_every_step_gives_the_bytes_of_the_vector(name: str) -> None:
    v = _vector(name)
    issuer = IssuingKey.from_primes(_number(v["p"]), _number(v["q"]))
    message = v["msg_prefix"] + v["msg"]
    factor = pow(_number(v["inv"]), -1, issuer.n)

    assert issuer.public_n == v["n"]
    done = blind.blind_with(v["n"], message, salt=v["salt"], factor=factor)
    assert (done.blinded, done.inverse) == (v["blinded_msg"], v["inv"])
    assert issuer.blind_sign(v["blinded_msg"]) == v["blind_sig"]
    assert blind.finalise(v["n"], message, v["blind_sig"], v["inv"]) == v["sig"]
    assert pss.verify(v["n"], message, v["sig"])


def test_a_member_gets_a_signature_that_everybody_can_verify(key: IssuingKey) -> None:
    side = MemberSide.start(key.public_n)
    signature = side.finalise(key.blind_sign(side.blinded))
    assert len(side.message) == blind.MESSAGE_BYTES
    assert blind.verify(key.public_n, side.message, signature)


def test_two_blindings_of_one_message_share_nothing(key: IssuingKey) -> None:
    message = blind.prepare(b"c" * 32)
    first, second = blind.blind(key.public_n, message), blind.blind(key.public_n, message)
    assert first.blinded != second.blinded
    assert first.inverse != second.inverse


def test_nothing_tells_the_issuer_which_credential_came_of_which_message(key: IssuingKey) -> None:
    sides = [MemberSide.start(key.public_n) for _ in range(4)]
    answers = [key.blind_sign(side.blinded) for side in sides]
    signatures = [side.finalise(answer) for side, answer in zip(sides, answers, strict=True)]
    assert singled_out(key.n, answers, signatures) == set()

    # The controls: phones that blind with nothing, with one factor for all, with factors that are too short.
    own = {(at, at) for at in range(len(sides))}
    for factors in ((1,) * 4, (2**2000 + 7,) * 4, (3, 5, 7, 11)):
        careless = [
            (_number(signature) * factor % key.n).to_bytes(256, "big")
            for signature, factor in zip(signatures, factors, strict=True)
        ]
        assert singled_out(key.n, careless, signatures) == own


def test_the_same_blinded_value_is_signed_with_the_same_bytes_again(key: IssuingKey) -> None:
    side = MemberSide.start(key.public_n)
    assert key.blind_sign(side.blinded) == key.blind_sign(side.blinded)


@pytest.mark.parametrize("position", [0, 1, 100, 255])
def test_a_tampered_signature_is_refused(key: IssuingKey, position: int) -> None:
    side = MemberSide.start(key.public_n)
    good = side.finalise(key.blind_sign(side.blinded))
    bad = bytearray(good)
    bad[position] ^= 1
    assert blind.verify(key.public_n, side.message, good)
    assert not blind.verify(key.public_n, side.message, bytes(bad))


def test_a_tampered_message_is_refused(key: IssuingKey) -> None:
    side = MemberSide.start(key.public_n)
    good = side.finalise(key.blind_sign(side.blinded))
    for position in range(blind.MESSAGE_BYTES):
        message = bytearray(side.message)
        message[position] ^= 0x80
        assert not blind.verify(key.public_n, bytes(message), good)


def test_the_signature_of_another_class_is_refused(key: IssuingKey, other_key: IssuingKey) -> None:
    side = MemberSide.start(key.public_n)
    good = side.finalise(key.blind_sign(side.blinded))
    assert not blind.verify(other_key.public_n, side.message, good)


def test_the_member_refuses_an_answer_made_with_another_key(key: IssuingKey, other_key: IssuingKey) -> None:
    side = MemberSide.start(key.public_n)
    small = (_number(side.blinded) % other_key.n).to_bytes(256, "big")
    with pytest.raises(BadSignature):
        side.finalise(other_key.blind_sign(small))


@pytest.mark.parametrize("answer", [b"", b"\x01" * 255, b"\x01" * 257])
def test_the_member_refuses_an_answer_of_the_wrong_length(key: IssuingKey, answer: bytes) -> None:
    with pytest.raises(BadSignature):
        MemberSide.start(key.public_n).finalise(answer)


def test_signatures_and_messages_of_other_lengths_do_not_verify(key: IssuingKey) -> None:
    side = MemberSide.start(key.public_n)
    good = side.finalise(key.blind_sign(side.blinded))
    assert not blind.verify(key.public_n, side.message, good + b"\x00")
    assert not blind.verify(key.public_n, side.message, good[:-1])

    # A longer message signed by the class key itself is a signature, but not a credential.
    longer = side.message + b"\x00"
    done = blind.blind(key.public_n, longer)
    valid = blind.finalise(key.public_n, longer, key.blind_sign(done.blinded), done.inverse)
    assert pss.verify(key.public_n, longer, valid)
    assert not blind.verify(key.public_n, longer, valid)


def test_the_issuer_refuses_values_out_of_range_and_of_other_lengths(key: IssuingKey) -> None:
    for blinded in (
        bytes(256),
        key.n.to_bytes(256, "big"),
        b"\xff" * 256,
        b"\x01" * 255,
        b"\x00" + b"\x01" * 256,
        b"",
    ):
        with pytest.raises(BadBlindedMessage):
            key.blind_sign(blinded)
    assert key.blind_sign((1).to_bytes(256, "big")) == (1).to_bytes(256, "big")


@pytest.mark.parametrize("half", ["p", "q"])
def test_a_fault_in_one_half_never_leaves_the_issuer(
    key: IssuingKey, half: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = MemberSide.start(key.public_n)
    right = issuing._power

    def faulty(base: int, exponent: int, modulus: int) -> int:
        result = right(base, exponent, modulus)
        return result ^ 4 if modulus == getattr(key, half) else result

    monkeypatch.setattr(issuing, "_power", faulty)
    with pytest.raises(SigningFault):
        key.blind_sign(side.blinded)

    # Control: had the faulty value been answered, one subtraction would have factored n.
    hidden = _number(side.blinded)
    leaked = key._private(hidden)
    factor = gcd(pow(leaked, 65537, key.n) - hidden, key.n)
    assert factor in (key.p, key.q)


def test_the_powers_never_see_the_same_base_or_exponent_twice(
    key: IssuingKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    right = issuing._power

    def recording(base: int, exponent: int, modulus: int) -> int:
        seen.append((base, exponent))
        return right(base, exponent, modulus)

    monkeypatch.setattr(issuing, "_power", recording)
    blinded = MemberSide.start(key.public_n).blinded
    for _ in range(20):
        key.blind_sign(blinded)
    assert len(seen) == len({base for base, _ in seen}) == len({exponent for _, exponent in seen}) == 40
    assert all(exponent.bit_length() > 1024 for _, exponent in seen)


def test_a_key_survives_its_compact_form(key: IssuingKey) -> None:
    packed = key.to_bytes()
    assert len(packed) == 256
    assert IssuingKey.from_bytes(packed) == key
    assert len(key.public_n) == 256
    assert key.n.bit_length() == 2048


@pytest.mark.parametrize("packed", [b"", b"\x01" * 255, bytes(256), b"\x00" * 127 + b"\x07" + b"\xff" * 128])
def test_damaged_key_bytes_are_refused(packed: bytes) -> None:
    with pytest.raises(BadKey):
        IssuingKey.from_bytes(packed)


def test_no_secret_number_is_printed_with_the_key(key: IssuingKey) -> None:
    shown = repr(key)
    assert all(str(number) not in shown for number in (key.p, key.q, key.d_p, key.d_q, key.q_inverse))
    side = MemberSide.start(key.public_n)
    assert repr(side.message) not in repr(side)
    assert repr(side.inverse) not in repr(side)


@pytest.mark.parametrize(
    "public_n", [b"\x7f" + b"\xff" * 255, b"\xff" * 255, b"\xff" * 257, b"\xff" * 255 + b"\xfe"]
)
def test_only_moduli_of_exactly_2048_bits_are_used(public_n: bytes) -> None:
    with pytest.raises(BadKey):
        MemberSide.start(public_n)
    with pytest.raises(BadKey):
        blind.verify(public_n, bytes(64), bytes(len(public_n)))


def test_key_tags_tell_keys_apart(key: IssuingKey, other_key: IssuingKey) -> None:
    assert len(blind.key_tag(key.public_n)) == 4
    assert blind.key_tag(key.public_n) != blind.key_tag(other_key.public_n)
