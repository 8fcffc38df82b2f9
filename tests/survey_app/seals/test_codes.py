"""Codes: derived the same way for ever, forgiving to read, and unforgiving of typing errors."""

import hashlib
import hmac
import random

import pytest

from survey_app.seals import base32, codes
from survey_app.seals.errors import CodeMistyped, Mistyped

ROUND_KEY = bytes(range(32))
PEPPER = b"p" * 32


def _sample(count: int) -> list[str]:
    draw = random.Random(9474)
    return [codes.member_code(ROUND_KEY, draw.randbytes(16), draw.randrange(4)) for _ in range(count)]


def test_a_code_is_the_first_90_bits_of_the_mac() -> None:
    invitation = bytes(16)
    digest = hmac.new(ROUND_KEY, invitation + b"\x00\x00\x00\x02", hashlib.sha256).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:90]
    expected = "".join(base32.ALPHABET[int(bits[i : i + 5], 2)] for i in range(0, 90, 5))
    assert codes.member_code(ROUND_KEY, invitation, 2)[:18] == expected


def test_sending_again_gives_the_same_code_and_reissuing_another() -> None:
    invitation = b"i" * 16
    assert codes.member_code(ROUND_KEY, invitation, 0) == codes.member_code(ROUND_KEY, invitation, 0)
    drawn = {codes.member_code(ROUND_KEY, invitation, generation) for generation in range(50)}
    drawn |= {codes.member_code(b"r" * 32, invitation, generation) for generation in range(50)}
    assert len(drawn) == 100


def test_cards_of_a_class_have_different_codes() -> None:
    assert len({codes.card_code(ROUND_KEY, b"c" * 16, number) for number in range(300)}) == 300


def test_codes_need_a_whole_key_and_a_whole_id() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        codes.member_code(b"short", bytes(16), 0)
    with pytest.raises(ValueError, match="id 16"):
        codes.card_code(ROUND_KEY, bytes(15), 0)
    with pytest.raises(ValueError, match="pepper"):
        codes.code_mac(b"", _sample(1)[0])


def test_a_printed_code_has_five_groups_of_four_and_is_read_back() -> None:
    for code in _sample(50):
        printed = base32.grouped(code)
        assert [len(group) for group in printed.split("-")] == [4] * 5
        assert codes.normalise(printed) == code


def test_codes_are_read_as_people_type_them() -> None:
    for code in _sample(50):
        sloppy = base32.grouped(code).lower().replace("-", " — ").replace("0", "o").replace("1", "I")
        wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
        assert codes.normalise(f"\t{sloppy} ") == codes.normalise(wide) == code


def test_every_wrong_character_is_caught() -> None:
    tried = 0
    for code in _sample(20):
        for i, right in enumerate(code):
            for wrong in base32.ALPHABET.replace(right, ""):
                with pytest.raises(CodeMistyped):
                    codes.normalise(code[:i] + wrong + code[i + 1 :])
                tried += 1
    assert tried == 20 * 20 * 31


def test_every_exchange_of_two_characters_is_caught_neighbours_or_not() -> None:
    tried = 0
    for code in _sample(100):
        for i in range(20):
            for j in range(i + 1, 20):
                if code[i] != code[j]:
                    typed = list(code)
                    typed[i], typed[j] = typed[j], typed[i]
                    with pytest.raises(CodeMistyped):
                        codes.normalise("".join(typed))
                    tried += 1
    assert tried > 15_000


def test_any_two_wrong_characters_are_caught() -> None:
    draw = random.Random(1)
    for code in _sample(200):
        typed = list(code)
        for i in draw.sample(range(20), 2):
            typed[i] = draw.choice(base32.ALPHABET.replace(typed[i], ""))
        with pytest.raises(CodeMistyped):
            codes.normalise("".join(typed))


@pytest.mark.parametrize(
    ("typed", "fault"), [("", "length"), ("0" * 19, "length"), ("0" * 21, "length"), ("U" * 20, "character")]
)
def test_the_fault_is_named(typed: str, fault: str) -> None:
    with pytest.raises(CodeMistyped) as caught:
        codes.normalise(typed)
    assert caught.value.fault == fault


def test_a_stored_code_cannot_be_found_without_the_pepper() -> None:
    code = _sample(1)[0]
    assert codes.code_mac(PEPPER, code) == hmac.new(PEPPER, code.encode(), hashlib.sha256).digest()
    assert codes.code_mac(PEPPER, code) != codes.code_mac(b"q" * 32, code)


def test_a_link_carries_code_and_fingerprint() -> None:
    fingerprint = hashlib.sha256(b"sheet").digest()
    for code in _sample(20):
        fragment = codes.link_fragment(code, fingerprint)
        assert len(fragment) == 1 + 20 + 26
        assert codes.parse_fragment(fragment) == (code, codes.short_fingerprint(fingerprint))
        assert base32.decode(fragment[21:], 16) == fingerprint[:16]


def test_a_cut_link_is_refused() -> None:
    fragment = codes.link_fragment(_sample(1)[0], bytes(32))
    for end in (0, 1, 20, 21, 46):
        with pytest.raises(CodeMistyped):
            codes.parse_fragment(fragment[:end])


def test_the_verification_code_is_what_a_poster_can_show() -> None:
    fingerprint = hashlib.sha256(b"sheet").digest()
    shown = codes.verification_code(fingerprint)
    assert [len(group) for group in shown.split("-")] == [4] * 4
    assert codes.short_fingerprint(fingerprint).startswith(shown.replace("-", ""))


def test_unused_bits_must_be_zero() -> None:
    assert base32.decode(base32.encode(b"\xff" * 16, 26), 16) == b"\xff" * 16
    with pytest.raises(Mistyped):
        base32.decode("Z" * 26, 16)
    with pytest.raises(Mistyped):
        base32.decode("Z" * 25, 16)
