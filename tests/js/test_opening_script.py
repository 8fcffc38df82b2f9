"""The custodians' browser and the server read and write the same lock and the same slips."""

from typing import Any

import pytest
from playwright.sync_api import Error, Page

from survey_app.seals import base32, envelope, opening
from survey_app.seals.errors import HalfMistyped, LockBroken
from survey_app.seals.opening import OpeningKey

MAKE = """async () => {
  const { hex } = Pingjia.bytes;
  const made = await Pingjia.opening.make();
  return { publicKey: hex(made.publicKey), ciphertext: hex(made.ciphertext), halves: made.halves };
}"""
REHEARSE = """async ({ publicKey, ciphertext, halves }) => {
  const { fromHex } = Pingjia.bytes;
  const given = { publicKey: fromHex(publicKey), ciphertext: fromHex(ciphertext), halves };
  try { await Pingjia.opening.rehearse(given); return "opened"; }
  catch (error) { return [error.message, error.half || 0, error.fault || ""]; }
}"""
READ_HALVES = """(all) => all.map(([half, typed]) => {
  try { return [Pingjia.opening.readHalf(half, typed), ""]; } catch (error) { return ["", error.fault]; }
})"""


def _given(key: OpeningKey, **change: Any) -> dict[str, Any]:
    return {
        "publicKey": key.public.hex(),
        "ciphertext": key.locked.hex(),
        "halves": list(key.halves),
        **change,
    }


@pytest.fixture(scope="module")
def key() -> OpeningKey:
    return OpeningKey.make()


def test_what_the_browser_locks_the_server_opens(custodian_page: Page) -> None:
    made = custodian_page.evaluate(MAKE)
    public, locked = bytes.fromhex(made["publicKey"]), bytes.fromhex(made["ciphertext"])
    private = opening.unlock(locked, opening.passphrase(*made["halves"]))

    assert opening.public_of(private) == public
    assert opening.load_public(public).key_size == 3072
    assert int.from_bytes(locked[16:20], "big") == opening.DERIVATION_ROUNDS
    context = {"sheet_fingerprint": b"f" * 32, "class_id": b"k" * 16, "credential": b"m" * 64}
    sealed = envelope.seal(public, b"answers", **context)
    assert envelope.open_sealed(private, sealed, **context) == b"answers"
    with pytest.raises(LockBroken):
        opening.unlock(locked, opening.passphrase(*opening.make_halves()))


def test_the_browser_rehearses_its_own_key_and_the_servers(custodian_page: Page, key: OpeningKey) -> None:
    made = custodian_page.evaluate(MAKE)
    assert custodian_page.evaluate(REHEARSE, made) == "opened"
    sloppy = [half.lower().replace("-", " ").replace("0", "O") for half in made["halves"]]
    assert custodian_page.evaluate(REHEARSE, {**made, "halves": sloppy}) == "opened"
    assert custodian_page.evaluate(REHEARSE, _given(key)) == "opened"


def test_a_rehearsal_that_must_fail_says_why(custodian_page: Page, key: OpeningKey) -> None:
    first, second = key.halves
    other = OpeningKey.make()
    # One in so many alterations happens to be a sound second half, and is then called swapped.
    altered = (mark + first[1:] for mark in "123456789" if mark != first[0])
    wrong = next(half for half in altered if _read_by_server(1, half) == ("", "check"))
    damaged = key.locked[:-1] + bytes([key.locked[-1] ^ 1])
    for change, answer in (
        ({"halves": [wrong, second]}, ["half", 1, "check"]),
        ({"halves": [first, second[:-1]]}, ["half", 2, "length"]),
        ({"halves": [first, first]}, ["half", 2, "swapped"]),
        ({"halves": list(other.halves)}, ["passphrase", 0, ""]),
        ({"ciphertext": damaged.hex()}, ["passphrase", 0, ""]),
        ({"publicKey": other.public.hex()}, ["key", 0, ""]),
        ({"publicKey": "00"}, ["key", 0, ""]),
    ):
        assert custodian_page.evaluate(REHEARSE, _given(key, **change)) == answer


def _read_by_server(half: int, typed: str) -> tuple[str, str]:
    try:
        return opening.read_half(half, typed), ""
    except HalfMistyped as error:
        return "", error.fault


def test_browser_and_server_read_every_typed_half_alike(custodian_page: Page) -> None:
    pairs = [(half, slip) for _ in range(10) for half, slip in enumerate(opening.make_halves(), start=1)]
    typed = list(pairs)
    for half, slip in pairs:
        plain = slip.replace("-", "")
        typed += [(half, plain[:i] + base32.ALPHABET[i] + plain[i + 1 :]) for i in range(14)]
        typed += [(3 - half, slip), (half, plain[:-1]), (half, "U" + plain[1:]), (half, "")]
    answers = custodian_page.evaluate(READ_HALVES, typed)
    for (half, text), (read, fault) in zip(typed, answers, strict=True):
        assert (read, fault) == _read_by_server(half, text)


def test_two_keys_share_neither_slips_nor_salt(custodian_page: Page) -> None:
    first, second = custodian_page.evaluate(MAKE), custodian_page.evaluate(MAKE)
    assert not set(first["halves"]) & set(second["halves"])
    assert first["ciphertext"][40:96] != second["ciphertext"][40:96]


def test_a_half_that_cannot_be_read_is_an_error(custodian_page: Page) -> None:
    with pytest.raises(Error, match="half"):
        custodian_page.evaluate("() => Pingjia.opening.readHalf(1, 'nonsense')")
