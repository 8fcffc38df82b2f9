"""The naive designs: one row for each vote as it comes, a running number, a tick in the roster beside it.

And a more careful one, that stores ballots and words shuffled - but both in the same order.
"""

from __future__ import annotations

import random
import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError

from tests.anonymity.attacks import Target

BALLOT = {
    "sqlite": "CREATE TABLE naive_ballot (id INTEGER PRIMARY KEY AUTOINCREMENT, mark BLOB, answer TEXT)",
    "postgresql": "CREATE TABLE naive_ballot (id SERIAL PRIMARY KEY, mark BYTEA UNIQUE, answer TEXT)",
}


def naive_engine(box: Engine, folder: Path) -> Engine:
    """Where the naive design lives: the same PostgreSQL, or a SQLite file with a write-ahead log."""
    if box.dialect.name == "postgresql":
        return box
    engine = create_engine(f"sqlite:///{folder}/naive.sqlite3")

    @event.listens_for(engine, "connect")
    def _log_ahead(connection, _record) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")

    return engine


def naive_votes(engine: Engine, voters: int) -> Target:
    """So many members vote into the naive tables, one after the other."""
    with engine.begin() as connection:
        connection.execute(text(BALLOT[engine.dialect.name]))
        connection.execute(text("CREATE TABLE naive_used (arrival INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE naive_leaf (leaf TEXT)"))
    start = log_place(engine)
    marks = [secrets.token_bytes(16) for _ in range(voters)]
    for arrival, mark in enumerate(marks):
        values = {"mark": mark, "answer": f"answer {arrival}", "arrival": arrival}
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO naive_used VALUES (:arrival)"), values)
            connection.execute(
                text("INSERT INTO naive_ballot (mark, answer) VALUES (:mark, :answer)"), values
            )
            connection.execute(text("INSERT INTO naive_leaf VALUES (:mark)"), {"mark": mark.hex()})
        _tap_again(engine, values)
    return Target(
        engine,
        "naive_ballot",
        "1 = 1",
        "id",
        "mark",
        {mark: arrival for arrival, mark in enumerate(marks)},
        used_numbers=lambda: _used(engine),
        leaf_places=lambda: _leaf_places(engine, marks),
        log_from=start,
    )


def naive_words(engine: Engine, voters: int) -> tuple[Target, Target]:
    """Ballots and words in one shuffle: the order of arrival is gone, each word stands beside its ballot."""
    numbered = BALLOT[engine.dialect.name]
    with engine.begin() as connection:
        for table in ("naive_form", "naive_word"):
            connection.execute(text(numbered.replace("naive_ballot", table)))
    start = log_place(engine)
    marks: dict[str, dict[bytes, int]] = {"naive_form": {}, "naive_word": {}}
    for person in random.Random(22).sample(range(voters), voters):
        with engine.begin() as connection:
            for table, owners in marks.items():
                mark = secrets.token_bytes(16)
                owners[mark] = person
                connection.execute(text(f"INSERT INTO {table} (mark) VALUES (:mark)"), {"mark": mark})
    ballots, words = (
        Target(engine, table, "1 = 1", "id", "mark", owners, log_from=start)
        for table, owners in marks.items()
    )
    return ballots, words


def _tap_again(engine: Engine, values: dict[str, object]) -> None:
    """A double tap: inserted again and caught, as naive code does; PostgreSQL logs the key."""
    if engine.dialect.name == "postgresql":
        with suppress(IntegrityError), engine.begin() as connection:
            connection.execute(
                text("INSERT INTO naive_ballot (mark, answer) VALUES (:mark, :answer)"), values
            )


def log_place(engine: Engine) -> str:
    """Where PostgreSQL's log of writes stands now."""
    if engine.dialect.name != "postgresql":
        return "0/0"
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT pg_current_wal_insert_lsn()")))


def checkpointed(engine: Engine) -> None:
    """Bring the naive log home, so that the rows stand in the file itself."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(PASSIVE)"))


def _used(engine: Engine) -> list[int]:
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        found = connection.scalars(text("SELECT xmin::text FROM naive_used ORDER BY arrival"))
        return [int(number) for number in found]


def _leaf_places(engine: Engine, marks: list[bytes]) -> list[int]:
    with engine.connect() as connection:
        places = {
            leaf: place for place, leaf in enumerate(connection.scalars(text("SELECT leaf FROM naive_leaf")))
        }
    return [places[mark.hex()] for mark in marks]
