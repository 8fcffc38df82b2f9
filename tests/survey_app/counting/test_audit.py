"""Audit passes on what was counted, names every kind of tampering, and passes again when it is undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text

from survey_app.app import create_app
from survey_app.counting.audit import audit
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import BuiltRound, HomeSpec
from tests.support.server import run_pingjia


@pytest.fixture
def counted(build) -> BuiltRound:
    """A counted round of one home with twelve ballots."""
    built = build(HomeSpec.of(13)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(built.home_ids[0])[:12]:
        MemberClient(send, code).vote(answers_of(built.questionnaire))
    return built.close().count().finish()


def write(engine: Engine, statement: str, **values: object) -> None:
    """Change rows behind the program's back."""
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def rows(engine: Engine, table: str) -> list[dict[str, object]]:
    """All rows of a table."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


def insert(engine: Engine, table: str, row: dict[str, object]) -> None:
    """Put a row (back) in."""
    names = ", ".join(f'"{name}"' if name == "option" else name for name in row)
    write(engine, f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})", **row)


def found(built: BuiltRound) -> str:
    """What audit finds, as one text."""
    return "\n".join(map(str, audit(built.databases).findings))


class Tamperer:
    """Changes rows, looks what audit says, puts everything back and looks again."""

    def __init__(self, built: BuiltRound) -> None:
        self.built = built
        self.box, self.roster = built.databases.box, built.databases.roster

    def check(self, tamper: Callable[[], None], undo: Callable[[], None], *expected: str) -> None:
        """The tampering is found in each of the expected ways, and without it nothing is."""
        tamper()
        report = found(self.built)
        for words in expected:
            assert words in report
        undo()
        # One transaction number again: audit would otherwise rightly see that a row was put in later.
        write(self.box, "UPDATE ballot SET home_id = home_id")
        assert found(self.built) == ""

    def change(
        self, engine: Engine, table: str, key: str, column: str, value: object, *expected: str
    ) -> None:
        """Change one column of the first row of a table."""
        row = rows(engine, table)[0]
        where = f"UPDATE {table} SET {column} = :value WHERE {key} = :key"
        self.check(
            lambda: write(engine, where, value=value, key=row[key]),
            lambda: write(engine, where, value=row[column], key=row[key]),
            *expected,
        )

    def remove(self, table: str, key: str, *expected: str) -> None:
        """Remove the first row of a table of the box."""
        row = rows(self.box, table)[0]
        self.check(
            lambda: write(self.box, f"DELETE FROM {table} WHERE {key} = :key", key=row[key]),
            lambda: insert(self.box, table, row),
            *expected,
        )


def test_audit_passes_and_finds_each_tampering(counted):
    tamperer = Tamperer(counted)
    box, roster = tamperer.box, tamperer.roster
    assert audit(counted.databases).findings == []
    tamperer.check(
        lambda: insert(box, "ballot", {**rows(box, "ballot")[0], "id": b"\x07" * 16}),
        lambda: write(box, "DELETE FROM ballot WHERE id = :id", id=b"\x07" * 16),
        "the ballots do not fit their digest",
        "13 ballots in a counting class of 12",
    )
    tamperer.remove(
        "ballot", "id", "the ballots do not fit their digest", "11 ballots in a counting class of 12"
    )
    tamperer.change(
        box, "ballot", "id", "a21", 3, "the ballots do not fit their digest", "differ from a recount"
    )
    tamperer.change(box, "ballot", "id", "a21", 9, "carries a number that is no answer")
    tamperer.remove(
        "leaf", "leaf", "the list of leaves does not fit its digest", "11 leaves for 12 sealed ballots"
    )
    tamperer.change(box, "leaf", "leaf", "sig", b"\x01" * 256, "no valid credential under the sheet's key")
    tamperer.change(box, "leaf", "leaf", "sealed_hash", b"\x01" * 32, "not made of its credential and seal")
    tamperer.change(
        roster, "journal_line", "number", "actor", "somebody else", "journal line 1: content_changed"
    )
    tamperer.change(box, "tally", "question", "n", 11, "the tallies do not fit their digest")
    tamperer.change(
        box, "opening", "home_id", "valid", 13, "valid differs between box and roster", "from the journal"
    )
    tamperer.change(box, "box_class", "home_id", "members", 14, "differs between the two sides")
    tamperer.change(roster, "round_home", "home_id", "sheet", b"{}", "does not fit its fingerprint")


def test_a_ballot_put_in_later_carries_another_transaction_number(counted):
    if counted.databases.box.dialect.name == "postgresql":
        ballot = rows(counted.databases.box, "ballot")[0]
        write(counted.databases.box, "UPDATE ballot SET a21 = a21 WHERE id = :id", id=ballot["id"])
        assert "more than one transaction number" in found(counted)
    else:
        # SQLite keeps no transaction numbers: there is nothing to read, and so nothing to find.
        assert found(counted) == ""


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_command_exits_with_1_when_something_differs(counted):
    head = audit(counted.databases).journal_head
    good = run_pingjia(counted.settings, "audit", "--head", head[:16])
    assert (good.returncode, "passed" in good.stdout) == (0, True), good.stdout + good.stderr
    wrong = run_pingjia(counted.settings, "audit", "--head", "ffff0000")
    assert (wrong.returncode, "printed_head_unknown" in wrong.stdout) == (1, True)
    write(counted.databases.box, "UPDATE tally SET n = n + 1")
    assert run_pingjia(counted.settings, "audit").returncode == 1
