"""The two databases: engines with their hooks, the two metadata, sessions, and the one commit site.

Roster side: intent, people, secrets. Box side: ballots. Nothing spans both.
On SQLite a transaction that may write begins IMMEDIATE (a deferred one loses updates or fails at once,
stack.md section 1); a transaction that only reads begins DEFERRED, so that page views never wait.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar

import psycopg
from sqlalchemy import JSON, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from survey_app.core.settings import Settings
from survey_app.core.turns import Turns

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 30_000
TRUSTED_SECONDS = 1.0
TURN = "turn"


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC on both databases (SQLite keeps no zone of its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody would know which clock it came from."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the instant back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class RosterBase(DeclarativeBase):
    """Base of every table on the roster side."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON}


class BoxBase(DeclarativeBase):
    """Base of every table on the box side; it has no type for time on purpose."""

    metadata = MetaData(naming_convention=NAMES)


@dataclass(frozen=True)
class Databases:
    """The two engines of an installation."""

    roster: Engine
    box: Engine

    def dispose(self) -> None:
        """Close every pooled connection of both."""
        self.roster.dispose()
        self.box.dispose()


def open_databases(settings: Settings) -> Databases:
    """Engines for both sides, with the hooks that make each safe."""
    return Databases(
        roster=_engine(settings.database_url, box=False),
        box=_engine(settings.box_database_url, box=True),
    )


def _engine(url: str, *, box: bool) -> Engine:
    parsed = make_url(url)
    # Bind values may hold codes and answers: they must never reach a log through an exception (L11).
    if parsed.get_backend_name() != "sqlite":
        # Whatever the server's default is: an acknowledged write is on the disk.
        durable = {"options": "-c synchronous_commit=on"}
        engine = create_engine(parsed, hide_parameters=True, connect_args=durable)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ask_if_alive)
        return engine
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    event.listen(engine, "connect", _prepare_sqlite_box if box else _prepare_sqlite_roster)
    turns = Turns()
    event.listen(engine, "begin", partial(_begin_sqlite, turns))
    event.listen(engine, "checkin", partial(_end_turn, turns))
    return engine


def _note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    entry.info["used"] = time.monotonic()


def _ask_if_alive(
    connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """Ask a connection that lay idle whether its server is still there; the pool replaces a dead one.

    One used a moment ago is trusted: asking before every statement cost a fifth of a member's request.
    """
    if time.monotonic() - entry.info.get("used", time.monotonic()) < TRUSTED_SECONDS:
        return
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT 1")
        cursor.close()
        connection.rollback()
    except psycopg.Error as error:
        raise DisconnectionError from error


def _prepare_sqlite_roster(connection: sqlite3.Connection, _record: object) -> None:
    _prepare_sqlite(connection, "WAL")


def _prepare_sqlite_box(connection: sqlite3.Connection, _record: object) -> None:
    # A write-ahead log would keep the order of arrival (L4): the box uses the rollback journal,
    # overwrites what it deletes, and holds no temporary copy on disk.
    _prepare_sqlite(connection, "DELETE")
    # With a rollback journal FULL may lose the last commit in a power cut; EXTRA syncs the folder as well.
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")


def _prepare_sqlite(connection: sqlite3.Connection, journal_mode: str) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute(f"PRAGMA journal_mode = {journal_mode}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(turns: Turns, connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if mode == "IMMEDIATE":
        notes = connection.connection.record_info
        # Without a turn in time SQLite itself decides, and says so in its own words.
        if notes is not None and not notes.get(TURN):
            notes[TURN] = turns.take(BUSY_TIMEOUT_MS / 1000)
    connection.exec_driver_sql(f"BEGIN {mode}")


def _end_turn(turns: Turns, _connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
    """The connection is back in the pool, its transaction over in whichever way."""
    if entry.record_info is not None and entry.record_info.pop(TURN, False):
        turns.give_on()


def write_session(engine: Engine) -> Session:
    """A session whose transaction may write; use it with `committing`."""
    return Session(_variant(engine, "sqlite_begin", "IMMEDIATE"), expire_on_commit=False)


def read_session(engine: Engine) -> Session:
    """A session for reading only."""
    return Session(engine, expire_on_commit=False, autoflush=False)


def look_session(engine: Engine) -> Session:
    """A session for single statements that read: PostgreSQL is spared the BEGIN and ROLLBACK around each."""
    if engine.dialect.name == "postgresql":
        engine = _variant(engine, "isolation_level", "AUTOCOMMIT")
    return Session(engine, expire_on_commit=False, autoflush=False)


def _variant(engine: Engine, option: str, value: str) -> Engine:
    """The engine with an option; made once and kept on the engine itself, so that it dies with it."""
    kept: dict[str, Engine] = vars(engine).setdefault("_pingjia_variants", {})
    if option not in kept:
        kept[option] = engine.execution_options(**{option: value})
    return kept[option]


@contextmanager
def committing(session: Session) -> Iterator[Session]:
    """Commit once at the end of the block, roll back when it raises; close in both cases."""
    with session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """Close the session at the end of the block; what it wrote is forgotten, what it read stays readable."""
    with session:
        yield session
        # A rollback would expire the rows that were read.
        session.expunge_all()
        session.rollback()
