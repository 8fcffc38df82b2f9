"""The verifier of a third party and `pingjia audit` reach the same verdict, and share no line of code."""

from __future__ import annotations

import ast
import csv
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from survey_app.app import create_app
from survey_app.core.db import read_session, reading
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount
from survey_app.rounds.models import RoundHome
from survey_app.seals.codes import verification_code
from tests.anonymity.scene import Scene, set_scene
from tests.support.round_builder import HomeSpec

VERIFIER = Path(__file__).resolve().parents[2] / "benchmarks" / "verify_published.py"
TABLES = ("leaf", "card", "ballot", "counting_class", "tally", "score_sum", "opening", "intake", "box_class")
# What is altered behind the program's back, and what both must say from then on.
TAMPERING = (
    ("UPDATE tally SET n = n + 1 WHERE question = 'q1'", "the tallies differ from a recount"),
    ("UPDATE ballot SET a1 = 4 - a1 WHERE id = (SELECT id FROM ballot LIMIT 1)", "the ballots do not"),
    ("UPDATE counting_class SET valid = valid + 1", "do not add up to the valid ballots"),
    ("UPDATE leaf SET sig = (SELECT one.sig FROM leaf one ORDER BY one.leaf LIMIT 1)", "leaf"),
)


def copied(box: Engine, folder: Path) -> Path:
    """A copy of the box as a third party gets it: the SQLite file itself, or one CSV for each table."""
    if box.dialect.name == "sqlite":
        return Path(box.url.database or "")
    folder.mkdir(exist_ok=True)
    with box.connect() as connection:
        for table in TABLES:
            found = connection.execute(text(f"SELECT * FROM {table}"))
            with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(found.keys())
                writer.writerows([_spelled(value) for value in row] for row in found)
    return folder


def _spelled(value: object) -> object:
    return f"\\x{bytes(value).hex()}" if isinstance(value, bytes | memoryview) else value


@dataclass
class Published:
    """Everything a third party needs: what is on paper, and files as they were downloaded."""

    scene: Scene
    folder: Path
    paper: list[str] = field(default_factory=list)

    def verify(self, *further: str) -> subprocess.CompletedProcess[str]:
        """Run the verifier on the files and a fresh copy of the box."""
        built = self.scene.built
        box = copied(built.databases.box, self.folder / "box")
        place = ["--box", str(box), "--round", built.id, "--home", str(self.scene.home_id)]
        files = ["--leaves", str(self.folder / "leaves.txt"), "--sheet", str(self.folder / "sheet.ndjson")]
        command = [sys.executable, str(VERIFIER), *files, *self.paper, *place, *further]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)


@pytest.fixture
def published(build, tmp_path) -> Published:
    """A counted home of 24 whose list and sheet were downloaded, with what its protocol sheet prints."""
    built = build(HomeSpec.of(26)).prepare().open()
    scene = set_scene(built, seed=4)
    scene.vote(last=24)
    client = create_app(built.settings, built.databases, clock=built.clock).test_client(use_cookies=False)
    (tmp_path / "sheet.ndjson").write_bytes(
        client.post("/e/sheet", json={"round": built.id, "home": scene.home_id}).data
    )
    built.close().count().finish()
    (tmp_path / "leaves.txt").write_bytes(
        client.get(f"/published/{built.id}/{scene.home_id}/leaves.txt").data
    )
    with reading(read_session(built.databases.roster)) as session:
        count = session.get_one(HomeCount, (built.id, scene.home_id))
        home = session.get_one(RoundHome, (built.id, scene.home_id))
        paper = {
            "--list-digest": count.leaves_root.hex(),
            "--ballots-digest": count.ballots_digest.hex(),
            "--tallies-digest": count.tallies_digest.hex(),
            "--check-code": verification_code(home.sheet_fingerprint or b""),
        }
    return Published(scene, tmp_path, [word for pair in paper.items() for word in pair])


def test_it_shares_no_code_with_the_application():
    names = set()
    for node in ast.walk(ast.parse(VERIFIER.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names - set(sys.stdlib_module_names) == {"cryptography"}


def test_both_agree_on_an_honest_count_and_on_every_receipt(published):
    receipts = [word for one in published.scene.receipts for word in ("--receipt", one)]
    said = published.verify(*receipts)
    assert (said.returncode, said.stderr) == (0, ""), said.stdout
    assert "everything fits" in said.stdout
    assert audit(published.scene.built.databases).passed
    assert published.verify("--receipt", "0000-0000-0000-0000").returncode == 1


def test_both_find_what_was_altered(published):
    databases = published.scene.built.databases
    assert audit(databases).findings == [], "the control: nothing is found before"
    for statement, words in TAMPERING:
        assert words not in published.verify().stdout
        assert not any(words in finding.what for finding in audit(databases).findings)
        with databases.box.begin() as connection:
            assert connection.execute(text(statement)).rowcount
        said = published.verify()
        assert (said.returncode, words in said.stdout) == (1, True), said.stdout
        assert any(words in finding.what for finding in audit(databases).findings), statement


def test_a_list_or_sheet_other_than_on_paper_is_found(published):
    leaves, sheet = published.folder / "leaves.txt", published.folder / "sheet.ndjson"
    lines = leaves.read_text().split()
    leaves.write_text("\n".join(lines[1:]))
    assert "digest on paper" in published.verify().stdout
    leaves.write_text("\n".join(lines[::-1]))
    assert "not sorted" in published.verify().stdout
    leaves.write_text("\n".join(lines))
    sheet.write_bytes(sheet.read_bytes().replace(b'"size":26', b'"size":27', 1))
    assert "check code on paper" in published.verify().stdout
