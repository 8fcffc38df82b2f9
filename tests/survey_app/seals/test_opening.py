"""The passphrase in two halves: what locks, what opens, and whose slip was mistyped."""

import pytest

from survey_app.seals import base32, opening
from survey_app.seals.errors import HalfMistyped, LockBroken
from survey_app.seals.opening import OpeningKey


@pytest.fixture(scope="module")
def key() -> OpeningKey:
    return OpeningKey.make()


def test_both_halves_open_the_lock(key: OpeningKey) -> None:
    private = opening.unlock(key.locked, opening.passphrase(*key.halves))
    assert private.key_size == 3072
    assert opening.public_of(private) == key.public


def test_one_half_and_another_slip_do_not_open_it(key: OpeningKey) -> None:
    stranger = opening.make_halves()
    for halves in ((key.halves[0], stranger[1]), (stranger[0], key.halves[1])):
        with pytest.raises(LockBroken):
            opening.unlock(key.locked, opening.passphrase(*halves))


def test_the_lock_carries_its_own_parameters(key: OpeningKey) -> None:
    assert key.locked[:16] == b"pingjia-unlock-1"
    assert int.from_bytes(key.locked[16:20], "big") == 600_000
    assert b"\x30\x82" not in key.locked[48:52]


@pytest.mark.parametrize("position", [0, 19, 20, 36, 48, -1])
def test_a_damaged_lock_is_refused(key: OpeningKey, position: int) -> None:
    damaged = bytearray(key.locked)
    damaged[position] ^= 1
    with pytest.raises(LockBroken):
        opening.unlock(bytes(damaged), opening.passphrase(*key.halves))


def test_an_upload_that_is_no_lock_is_refused_without_a_passphrase(key: OpeningKey) -> None:
    opening.check_locked(key.locked)
    weaker = key.locked[:16] + (1000).to_bytes(4, "big") + key.locked[20:]
    for upload in (
        b"",
        weaker,
        b"x" + key.locked[1:],
        key.locked[:1000],
        key.locked + bytes(500),
        key.public,
    ):
        with pytest.raises(LockBroken):
            opening.check_locked(upload)


@pytest.mark.parametrize("size", [0, 20, 47, 48, 60, 1750])
def test_a_cut_lock_is_refused(key: OpeningKey, size: int) -> None:
    with pytest.raises(LockBroken):
        opening.unlock(key.locked[:size], opening.passphrase(*key.halves))


def test_halves_are_read_as_people_type_them(key: OpeningKey) -> None:
    first, second = key.halves
    sloppy = first.lower().replace("-", " ").replace("1", "l").replace("0", "o")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in second)
    assert opening.passphrase(f"  {sloppy}\n", wide) == opening.passphrase(first, second)


def test_every_single_wrong_character_is_named_with_its_half(key: OpeningKey) -> None:
    for number, slip in enumerate(key.halves, start=1):
        plain = slip.replace("-", "")
        for i, right in enumerate(plain):
            for wrong in base32.ALPHABET.replace(right, ""):
                with pytest.raises(HalfMistyped) as caught:
                    opening.read_half(number, plain[:i] + wrong + plain[i + 1 :])
                assert caught.value.half == number


def test_every_exchange_of_neighbours_is_noticed(key: OpeningKey) -> None:
    for number, slip in enumerate(key.halves, start=1):
        plain = slip.replace("-", "")
        for i in range(len(plain) - 1):
            swapped = plain[:i] + plain[i + 1] + plain[i] + plain[i + 2 :]
            if swapped != plain:
                with pytest.raises(HalfMistyped):
                    opening.read_half(number, swapped)


def test_the_fault_of_a_half_is_named(key: OpeningKey) -> None:
    first, second = key.halves
    for halves, half, fault in (
        ((first[:-1], second), 1, "length"),
        ((first, second + "0"), 2, "length"),
        ((first, "U" + second[1:]), 2, "character"),
        ((first, first), 2, "swapped"),
        ((second, first), 1, "swapped"),
    ):
        with pytest.raises(HalfMistyped) as caught:
            opening.passphrase(*halves)
        assert (caught.value.half, caught.value.fault) == (half, fault)


def test_each_half_carries_64_fresh_bits() -> None:
    drawn = [opening.make_halves() for _ in range(200)]
    values = {base32.decode(opening.read_half(i + 1, pair[i]), 8) for pair in drawn for i in (0, 1)}
    assert len(values) == 400
    union = 0
    for value in values:
        union |= int.from_bytes(value, "big")
    assert union == 2**64 - 1


def test_slips_are_not_printed_with_the_key(key: OpeningKey) -> None:
    assert not any(half in repr(key) for half in key.halves)
