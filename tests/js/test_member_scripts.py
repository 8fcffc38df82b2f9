"""The phone's cryptography in a real Chromium: vectors, and hand in hand with the server's side."""

import base64
import hashlib
import json
import random
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from playwright.sync_api import Error, Page

from survey_app.seals import base32, blind, codes, envelope, opening, receipts, sheet
from survey_app.seals.errors import CodeMistyped, SealBroken
from survey_app.seals.issuing import IssuingKey
from survey_app.seals.opening import OpeningKey
from survey_app.seals.sheet import RoundSheet, SheetClass
from tests.support.blindness import singled_out

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "survey_app" / "static" / "ballot"
VECTORS = ROOT / "tests" / "survey_app" / "seals" / "vectors"

BLIND = """async ([n, m, drawn]) => {
  const { hex, fromHex } = Pingjia.bytes;
  const real = crypto.getRandomValues.bind(crypto);
  const queue = drawn.map(fromHex);
  crypto.getRandomValues = (array) => { array.set(queue.shift()); return array; };
  try {
    const done = await Pingjia.blind.blind(fromHex(n), fromHex(m));
    return [hex(done.blinded), hex(done.inverse), queue.length];
  } finally { crypto.getRandomValues = real; }
}"""
FINALISE = """async ([n, m, answer, inverse]) => {
  const { hex, fromHex } = Pingjia.bytes;
  return hex(await Pingjia.blind.finalise(fromHex(n), fromHex(m), fromHex(answer), fromHex(inverse)));
}"""
START = """async (n) => {
  const { hex, fromHex } = Pingjia.bytes;
  const message = Pingjia.blind.prepare();
  const done = await Pingjia.blind.blind(fromHex(n), message);
  return [hex(message), hex(done.blinded), hex(done.inverse)];
}"""
SEAL = """async (given) => {
  const { hex, fromHex } = Pingjia.bytes;
  const ballot = {};
  for (const name of Object.keys(given)) { ballot[name] = fromHex(given[name]); }
  const sealed = await Pingjia.seal.seal(ballot);
  return [hex(sealed), await Pingjia.seal.receipt(ballot.credential, sealed)];
}"""
READ_SHEET = """async ([data, short]) => {
  const facts = await Pingjia.sheet.read(Pingjia.bytes.fromHex(data), short);
  return facts.home.name;
}"""

CONTEXT = {"sheet_fingerprint": b"f" * 32, "class_id": b"k" * 16, "credential": b"m" * 64}


def _vector(name: str) -> dict[str, str]:
    vector: dict[str, str] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return vector


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _sealed_by_page(page: Page, public: bytes, payload: bytes) -> tuple[bytes, str]:
    given = {
        "openingKey": public,
        "fingerprint": CONTEXT["sheet_fingerprint"],
        "classId": CONTEXT["class_id"],
        "credential": CONTEXT["credential"],
        "payload": payload,
    }
    sealed, receipt = page.evaluate(SEAL, {name: value.hex() for name, value in given.items()})
    return bytes.fromhex(sealed), receipt


@pytest.fixture(scope="module")
def issuer() -> IssuingKey:
    return IssuingKey.make()


@pytest.fixture(scope="module")
def opening_key() -> OpeningKey:
    return OpeningKey.make()


@pytest.fixture(scope="module")
def opening_private(opening_key: OpeningKey) -> RSAPrivateKey:
    return opening.unlock(opening_key.locked, opening.passphrase(*opening_key.halves))


@pytest.mark.parametrize("name", ["rfc9474.json", "cloudflare.json"])
def test_the_phone_gives_the_bytes_of_the_vector(member_page: Page, name: str) -> None:
    v = _vector(name)
    n, message = v["n"], v["msg_prefix"] + v["msg"]
    modulus = int(n, 16)
    factor = f"{pow(int(v['inv'], 16), -1, modulus):0{len(n)}x}"

    too_large = "ff" * (len(n) // 2)  # the rejection of values >= n belongs to the vector as well
    drawn = [v["salt"], too_large, "00" * (len(n) // 2), factor]
    assert member_page.evaluate(BLIND, [n, message, drawn]) == [v["blinded_msg"], v["inv"], 0]
    assert member_page.evaluate(FINALISE, [n, message, v["blind_sig"], v["inv"]]) == v["sig"]


def test_what_the_phone_blinds_the_server_signs_and_everybody_verifies(
    member_page: Page, issuer: IssuingKey
) -> None:
    n = issuer.public_n
    answers, signatures = [], []
    for _ in range(5):
        message, blinded, inverse = member_page.evaluate(START, n.hex())
        answer = issuer.blind_sign(bytes.fromhex(blinded)).hex()
        signature = member_page.evaluate(FINALISE, [n.hex(), message, answer, inverse])
        assert blind.verify(n, bytes.fromhex(message), bytes.fromhex(signature))
        assert signature not in answer
        answers.append(bytes.fromhex(answer))
        signatures.append(bytes.fromhex(signature))
    assert singled_out(issuer.n, answers, signatures) == set(), "the issuer cannot tell whose is whose"


def test_the_phone_never_sends_the_same_value_twice(member_page: Page, issuer: IssuingKey) -> None:
    seen = [value for _ in range(10) for value in member_page.evaluate(START, issuer.public_n.hex())]
    assert len(set(seen)) == 30


def test_the_phone_refuses_a_false_answer(member_page: Page, issuer: IssuingKey) -> None:
    n = issuer.public_n.hex()
    message, blinded, inverse = member_page.evaluate(START, n)
    answer = issuer.blind_sign(bytes.fromhex(blinded))
    tampered = bytes([answer[0] & 0x7F, answer[1] ^ 1]) + answer[2:]
    for false in (tampered.hex(), answer[:-1].hex(), (answer + b"\x00").hex(), (b"\x01" * 256).hex()):
        with pytest.raises(Error, match="signature"):
            member_page.evaluate(FINALISE, [n, message, false, inverse])


def test_key_tags_agree(member_page: Page, issuer: IssuingKey) -> None:
    shown = "async (n) => Pingjia.bytes.hex(await Pingjia.blind.keyTag(Pingjia.bytes.fromHex(n)))"
    assert member_page.evaluate(shown, issuer.public_n.hex()) == blind.key_tag(issuer.public_n).hex()


@pytest.mark.parametrize("payload", [b"", "很好,谢谢".encode(), b"x" * envelope.PAYLOAD_BYTES])
def test_what_the_phone_seals_the_opening_reads(
    member_page: Page, opening_key: OpeningKey, opening_private: RSAPrivateKey, payload: bytes
) -> None:
    sealed, receipt = _sealed_by_page(member_page, opening_key.public, payload)
    assert len(sealed) == envelope.SEALED_BYTES
    assert envelope.open_sealed(opening_private, sealed, **CONTEXT) == payload
    assert receipt == receipts.receipt(receipts.leaf_of(CONTEXT["credential"], sealed))


def test_the_seal_of_the_phone_is_bound_to_its_context(
    member_page: Page, opening_key: OpeningKey, opening_private: RSAPrivateKey
) -> None:
    sealed, _ = _sealed_by_page(member_page, opening_key.public, b"{}")
    changes: tuple[dict[str, Any], ...] = (
        {"sheet_fingerprint": b"g" * 32},
        {"class_id": b"l" * 16},
        {"credential": b"n" * 64},
    )
    for change in changes:
        with pytest.raises(SealBroken):
            envelope.open_sealed(opening_private, sealed, **{**CONTEXT, **change})


def test_the_phone_refuses_answers_beyond_the_padding(member_page: Page, opening_key: OpeningKey) -> None:
    with pytest.raises(Error, match="too long"):
        _sealed_by_page(member_page, opening_key.public, b"x" * (envelope.PAYLOAD_BYTES + 1))


def _typed_codes() -> Iterator[str]:
    draw = random.Random(5)
    for number in range(60):
        code = codes.member_code(b"r" * 32, draw.randbytes(16), number)
        yield code
        yield base32.grouped(code).lower().replace("0", "o").replace("1", "i")
        yield "".join(chr(ord(c) + 0xFEE0) for c in code) + "\u200b\u3000"
        at = draw.randrange(20)
        yield code[:at] + draw.choice(base32.ALPHABET) + code[at + 1 :]
        yield code[:at] + code[at : at + 2][::-1] + code[at + 2 :]
        yield code[:at] + draw.choice("U*一") + code[at + 1 :]
        yield code[:at]


def _read_by_server(typed: str) -> tuple[str, str]:
    try:
        return codes.normalise(typed), ""
    except CodeMistyped as error:
        return "", error.fault


def test_phone_and_server_read_every_typed_code_alike(member_page: Page) -> None:
    typed = list(_typed_codes())
    script = (
        "(all) => all.map((t) => { const c = Pingjia.code.normalise(t); return [c, Pingjia.code.check(c)]; })"
    )
    kinds = set()
    for text, (read, fault) in zip(typed, member_page.evaluate(script, typed), strict=True):
        assert ("" if fault else read, fault) == _read_by_server(text)
        kinds.add(fault)
    assert kinds == {"", "length", "character", "check"}


def test_the_phone_reads_the_link_and_what_messengers_append(member_page: Page) -> None:
    code = codes.member_code(b"r" * 32, b"i" * 16, 0)
    short = codes.short_fingerprint(bytes(range(32)))
    fragment = codes.link_fragment(code, bytes(range(32)))
    script = "(all) => all.map(Pingjia.code.fragment)"
    whole = {"code": code, "fingerprint": short}
    wrong = "#" + ("1" if code[0] == "0" else "0") + fragment[2:]
    given = [
        fragment,
        fragment[1:].lower(),
        fragment + "&from=timeline",
        fragment[:-1],
        "",
        wrong,
        fragment + "A",
    ]
    assert member_page.evaluate(script, given) == [whole, whole, whole, None, None, None, None]


def test_local_state_is_kept_under_the_hash_of_the_code(member_page: Page) -> None:
    code = codes.member_code(b"r" * 32, b"i" * 16, 0)
    assert member_page.evaluate("(c) => Pingjia.code.localKey(c)", code) == codes.local_key(code)


def _sheet(opening_key: OpeningKey, *keys: bytes) -> RoundSheet:
    classes = tuple(SheetClass(bytes([i]) * 16, f"第{i}类", 40, n) for i, n in enumerate(keys))
    return RoundSheet(b"r" * 16, "二〇二六年", b"h" * 16, "城建工会", b"q" * 32, opening_key.public, classes)


def test_the_phone_opens_the_sheet_that_the_link_names(
    member_page: Page, opening_key: OpeningKey, issuer: IssuingKey
) -> None:
    data = _sheet(opening_key, issuer.public_n).to_bytes()
    fingerprint = sheet.fingerprint(data)
    short = codes.short_fingerprint(fingerprint)
    script = """async (data) => {
      const print = await Pingjia.sheet.fingerprint(Pingjia.bytes.fromHex(data));
      return [Pingjia.bytes.hex(print), Pingjia.sheet.short(print), Pingjia.sheet.verificationCode(print)];
    }"""
    expected = [fingerprint.hex(), short, codes.verification_code(fingerprint)]
    assert member_page.evaluate(script, data.hex()) == expected
    assert member_page.evaluate(READ_SHEET, [data.hex(), short]) == "城建工会"
    assert member_page.evaluate(READ_SHEET, [data.hex(), None]) == "城建工会"


def test_the_phone_refuses_a_sheet_with_any_altered_byte(
    member_page: Page, opening_key: OpeningKey, issuer: IssuingKey
) -> None:
    data = _sheet(opening_key, issuer.public_n).to_bytes()
    short = codes.short_fingerprint(sheet.fingerprint(data))
    script = """async ([text, short]) => {
      const data = Pingjia.bytes.fromHex(text);
      let refused = 0;
      for (let i = 0; i < data.length; i += 1) {
        data[i] ^= 1;
        await Pingjia.sheet.read(data, short).catch((error) => { refused += error.message === "sheet"; });
        data[i] ^= 1;
      }
      return refused;
    }"""
    assert member_page.evaluate(script, [data.hex(), short]) == len(data)


def test_the_phone_refuses_a_sheet_whose_keys_could_mislead(
    member_page: Page, opening_key: OpeningKey, issuer: IssuingKey
) -> None:
    good = json.loads(_sheet(opening_key, issuer.public_n, IssuingKey.make().public_n).to_bytes())
    first = good["classes"][0]
    shorter = _base64(b"\x7f" + issuer.public_n[1:])
    for change in ({"n": good["classes"][1]["n"]}, {"n": shorter}, {"e": 3}):
        bad = {**good, "classes": [{**first, **change}, good["classes"][1]]}
        data = sheet.canonical_json(bad)
        short = codes.short_fingerprint(sheet.fingerprint(data))
        with pytest.raises(Error, match="sheet"):
            member_page.evaluate(READ_SHEET, [data.hex(), short])


def test_bytes_survive_their_texts(member_page: Page) -> None:
    data = secrets.token_bytes(997)
    script = """async (text) => {
      const { hex, fromHex, base64, fromBase64, hash } = Pingjia.bytes;
      const data = fromHex(text);
      const digest = await hash("SHA-256", data.slice(0, 9), data.slice(9));
      return [hex(fromBase64(base64(data))), base64(data), hex(digest)];
    }"""
    expected = [data.hex(), _base64(data), hashlib.sha256(data).hexdigest()]
    assert member_page.evaluate(script, data.hex()) == expected


def test_an_able_browser_is_told_so_and_keeps_state(member_page: Page) -> None:
    assert member_page.evaluate("[Pingjia.missing, Pingjia.keepsState]") == [[], True]
    assert member_page.get_attribute("[data-if-unsupported]", "hidden") == ""
    assert member_page.get_attribute("[data-if-supported]", "hidden") is None


@pytest.mark.parametrize(
    ("removed", "named"),
    [
        ("delete window.BigInt", "bigint"),
        ("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })", "secure"),
        ("delete window.fetch", "language"),
    ],
)
def test_an_old_browser_is_told_what_to_do_instead(
    member_page: Page, scripts_url: str, removed: str, named: str
) -> None:
    page = member_page.context.new_page()
    page.add_init_script(removed)
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error(); } })")
    page.goto(f"{scripts_url}/member")
    assert page.evaluate("[Pingjia.missing, Pingjia.keepsState]") == [[named], False]
    assert page.get_attribute("[data-if-unsupported]", "hidden") is None
    assert page.get_attribute("[data-if-supported]", "hidden") == ""
    page.close()


def test_the_members_page_cannot_make_or_open_keys(member_page: Page) -> None:
    assert member_page.evaluate("typeof Pingjia.opening") == "undefined"


def test_the_scripts_stay_small_and_within_old_syntax() -> None:
    member = [SCRIPTS / name for name in ("features.js", "codes.js", "blind.js", "seal.js")]
    assert sum(path.stat().st_size for path in member) <= 11_400
    for path in SCRIPTS.glob("*.js"):
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        newer = r"\b\d+n\b|\?\?|\?\.[a-zA-Z\[(]|\.\.\.\w+\s*}|catch\s*{|\beval\b|\bimport\s|\bexport\s|\*\*"
        assert not re.search(newer, text), f"{path.name} is not ES2017 without BigInt literals"
    features = (SCRIPTS / "features.js").read_text(encoding="utf-8")
    assert not re.search(r"=>|\b(let|const|async|await|class)\b|`", re.sub(r"//.*", "", features))
