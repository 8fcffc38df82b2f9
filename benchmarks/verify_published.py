"""Checks a counted home from what is published, without a line of the application's code.

    python benchmarks/verify_published.py --leaves leaves.txt --list-digest HEX
        [--sheet sheet.ndjson --check-code XXXX-XXXX-XXXX-XXXX] [--receipt CODE ...]
        [--box box.sqlite3 | FOLDER --round ID --home N [--ballots-digest HEX] [--tallies-digest HEX]]

The list comes from /published/ROUND/HOME/leaves.txt, digests and check code from the signed protocol sheet,
the sheet from POST /e/sheet. A copy of the box is a SQLite file, or a folder of CSV files, one for each table
(`\\copy leaf TO leaf.csv CSV HEADER`). Needs Python and the package `cryptography`. Exit code: 0 everything
fits, 1 something differs, 2 wrong use. Answers exchanged with every digest are caught by paper alone.
"""

import argparse
import base64
import csv
import hashlib
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA384

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LEAST = 10
TABLES = ("leaf", "card", "ballot", "counting_class", "tally", "score_sum", "opening", "intake", "box_class")
Row = dict[str, Any]
Faults = Iterator[str]


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def letters(data: bytes, count: int) -> str:
    """The first bits of some bytes as characters for people."""
    bits = int.from_bytes(data, "big") >> (8 * len(data) - 5 * count)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(count)))


def plain(typed: str) -> str:
    """What a person typed, without dashes and with the usual misreadings undone."""
    kept = "".join(one for one in typed.upper() if one.isalnum())
    return kept.translate(str.maketrans("ILO", "110"))


def list_faults(lines: list[str], digest: str, receipts: list[str]) -> Faults:
    """The published list against its digest on paper, and receipts against the list."""
    try:
        leaves = [bytes.fromhex(line) for line in lines]
    except ValueError:
        yield "the list holds something that is no leaf"
        return
    if any(len(leaf) != 32 for leaf in leaves):
        yield "the list holds something that is no leaf"
    if leaves != sorted(set(leaves)):
        yield "the list is not sorted, or holds a leaf twice"
    if sha256(*leaves).hex() != digest.lower():
        yield "the list does not have the digest on paper"
    codes = {letters(leaf, 16) for leaf in leaves}
    yield from (f"receipt {one} is not on the list" for one in receipts if plain(one) not in codes)


def sheet_faults(sheet_line: bytes, check_code: str) -> Faults:
    """The round sheet against the code on poster, slip and protocol sheet, and its keys."""
    sheet = json.loads(sheet_line)
    if letters(sha256(sheet_line), 16) != plain(check_code):
        yield "the round sheet does not have the check code on paper"
    spelled = json.dumps(sheet, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if spelled.encode() != sheet_line:
        yield "the round sheet is not in its one canonical spelling"
    keys = [base64.b64decode(entry["n"]) for entry in sheet["classes"]]
    if len(set(keys)) != len(keys):
        yield "two classes share a key"
    for entry, key in zip(sheet["classes"], keys, strict=True):
        if int.from_bytes(key, "big").bit_length() != 2048 or len(key) != 256 or entry["e"] != 65537:
            yield f"class {entry['id']} has a key of the wrong kind"


class Box:
    """The rows of one home in a copy of the box."""

    def __init__(self, place: Path, round_id: str, home_id: int) -> None:
        self.tables = {name: list(_rows(place, name)) for name in TABLES}
        self.round_id, self.home_id = round_id, home_id

    def of(self, table: str) -> list[Row]:
        """The home's rows of a table that names round and home."""
        return [
            row
            for row in self.tables[table]
            if row["round_id"] == self.round_id and int(row["home_id"]) == self.home_id
        ]

    @property
    def class_ids(self) -> set[str]:
        return {row["id"] for row in self.of("box_class")}


def _rows(place: Path, table: str) -> Iterator[Row]:
    if place.is_dir():
        with (place / f"{table}.csv").open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)
        return
    with sqlite3.connect(f"file:{place}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        yield from (dict(row) for row in connection.execute(f'SELECT * FROM "{table}"'))
    connection.close()


def raw(value: Any) -> bytes:
    """Bytes as SQLite gives them or as PostgreSQL spells them."""
    return bytes.fromhex(value.removeprefix("\\x")) if isinstance(value, str) else bytes(value or b"")


def leaf_faults(box: Box, lines: list[str], sheet: Row | None) -> Faults:
    """Every leaf made of its credential and seal, its signature valid under the sheet's key, none missing."""
    rows = box.of("leaf")
    if sorted(raw(row["leaf"]).hex() for row in rows) != sorted(lines):
        yield "the box holds other leaves than the published list"
    keys = {entry["id"]: base64.b64decode(entry["n"]) for entry in sheet["classes"]} if sheet else {}
    for row in rows:
        name = raw(row["leaf"]).hex()[:16]
        if raw(row["leaf"]) != sha256(b"\0", sha256(raw(row["cred"])), raw(row["sealed_hash"])):
            yield f"leaf {name} is not made of its credential and seal"
        if not row["sig"]:
            yield f"leaf {name} has no signature"
        elif sheet and not signed(keys.get(row["class_id"]), raw(row["cred"]), raw(row["sig"])):
            yield f"leaf {name} is not signed with the key on the sheet"
    if any(row["class_id"] in box.class_ids for row in box.tables["intake"]):
        yield "sealed ballots are still in the intake"


def signed(modulus: bytes | None, message: bytes, signature: bytes) -> bool:
    """RSASSA-PSS with SHA-384 and a salt of exactly 48 bytes (RFC 9474)."""
    if modulus is None:
        return False
    key = rsa.RSAPublicNumbers(65537, int.from_bytes(modulus, "big")).public_key()
    try:
        key.verify(signature, message, padding.PSS(padding.MGF1(SHA384()), 48), SHA384())
    except InvalidSignature:
        return False
    return True


def entitlement_faults(box: Box, sheet: Row) -> Faults:
    """No class has more ballots by link than members."""
    links = Counter(row["class_id"] for row in box.of("leaf") if row["sig"])
    for entry in sheet["classes"]:
        if links[entry["id"]] > entry["size"]:
            yield f"class {entry['id']} has {links[entry['id']]} ballots for {entry['size']} members"


def ballot_faults(box: Box, questionnaire: Row | None, digest: str | None) -> Faults:
    """Ballots against both digests and, with the questionnaire, every tally counted again."""
    ballots, (opening,) = box.of("ballot"), box.of("opening")
    columns = [f"a{number}" for number in range(1, 26)]
    if ballots or not box.of("counting_class"):
        lines = [
            f"{row['counting_class']} {raw(row['id']).hex()} {' '.join(str(row[one]) for one in columns)}"
            for row in ballots
        ]
        found = sha256("\n".join(sorted(lines)).encode())
        if found != raw(opening["ballots_digest"]) or digest not in (None, found.hex()):
            yield "the ballots do not have their digest"
    if not ballots or questionnaire is None:
        return
    questions = [item["id"] for section in questionnaire["sections"] for item in section["items"]]
    options = {one["value"]: one["code"] for one in questionnaire["scale"]["options"]}
    counted = Counter(
        (row["counting_class"], question, options[int(row[column])])
        for row in ballots
        for question, column in zip(questions, columns, strict=False)
        if int(row[column])
    )
    kept = {(row["counting_class"], row["question"], row["option"]): int(row["n"]) for row in box.of("tally")}
    if counted != Counter(kept):
        yield "the tallies differ from a recount of the ballots"


def tally_faults(box: Box, digest: str | None) -> Faults:
    """Tallies against their digest, counting classes against the floor and the number of valid ballots."""
    classes, (opening,) = box.of("counting_class"), box.of("opening")
    lines = [f"class {row['id']} {row['ballot_classes']} {row['members']} {row['valid']}" for row in classes]
    lines += [
        f"tally {row['counting_class']} {row['question']} {row['option']} {row['n']}"
        for row in box.of("tally")
    ]
    lines += [
        f"sum {row['counting_class']} {row['score']} {row['ballots']} {row['total']} {row['squares']}"
        for row in box.of("score_sum")
    ]
    found = sha256("\n".join(sorted(lines)).encode())
    if found != raw(opening["tallies_digest"]) or digest not in (None, found.hex()):
        yield "the tallies do not have their digest"
    valid = int(opening["valid"])
    if sum(int(row["valid"]) for row in classes) != (valid if valid >= LEAST else 0):
        yield "the counting classes do not add up to the valid ballots"
    if any(int(row["valid"]) < LEAST for row in classes):
        yield "a counting class has fewer than ten ballots"


def every_fault(options: argparse.Namespace) -> Faults:
    """All checks for which there is material."""
    lines = options.leaves.read_text(encoding="ascii").split()
    yield from list_faults(lines, options.list_digest, options.receipt)
    sheet = questionnaire = None
    if options.sheet:
        sheet_line, *further = options.sheet.read_bytes().split(b"\n")
        sheet, questionnaire = (
            json.loads(sheet_line),
            json.loads(further[0]) if further and further[0] else None,
        )
        yield from sheet_faults(sheet_line, options.check_code)
        if questionnaire and hashlib.sha256(further[0]).hexdigest() != sheet["questionnaire"]:
            yield "the questionnaire is not the sheet's"
    if options.box:
        box = Box(options.box, options.round, options.home)
        if len(box.of("opening")) != 1:
            yield "the copy of the box does not hold this home's opening"
            return
        yield from leaf_faults(box, lines, sheet)
        yield from entitlement_faults(box, sheet) if sheet else ()
        yield from ballot_faults(box, questionnaire, options.ballots_digest)
        yield from tally_faults(box, options.tallies_digest)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--leaves", type=Path, required=True)
    parser.add_argument("--list-digest", required=True)
    parser.add_argument("--receipt", action="append", default=[])
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--check-code", default="")
    parser.add_argument("--box", type=Path)
    parser.add_argument("--round")
    parser.add_argument("--home", type=int)
    parser.add_argument("--ballots-digest")
    parser.add_argument("--tallies-digest")
    options = parser.parse_args(arguments)
    if options.sheet and not options.check_code:
        parser.error("--sheet is checked against --check-code")
    if options.box and (options.round is None or options.home is None):
        parser.error("--box needs --round and --home")
    return options


def main(arguments: list[str]) -> int:
    """Check, say in words what was found, and in the exit code whether everything fits."""
    options = parse(arguments)
    faults = list(every_fault(options))
    looked = ["list"] + [name for name in ("sheet", "box") if getattr(options, name)]
    print(f"looked at: {', '.join(looked)}")
    for fault in faults:
        print(f"differs: {fault}")
    print("everything fits" if not faults else f"{len(faults)} things differ")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
