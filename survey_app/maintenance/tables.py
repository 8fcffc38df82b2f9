"""Rows of one database as lines of JSON and back: the same lines for SQLite and PostgreSQL.

The tables are read from the database itself, not from the models, so that a backup of an older revision is
restored at that revision and upgraded afterwards. Rows leave in the order of their primary keys: the order
in which they arrived is not in a backup.
"""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from psycopg.types.json import Json
from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy import text as statement
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

VERSION_TABLE = "alembic_version"
BATCH = 2_000
Convert = Callable[[Any], Any]


def tables_of(connection: Connection) -> list[Table]:
    """Every table with rows of ours, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Each row as one line: a JSON list in the order of the columns."""
    to_json = [_to_json(column.type) for column in table.columns]
    found = connection.execution_options(yield_per=BATCH).execute(
        select(*table.columns).order_by(*table.primary_key.columns)
    )
    for row in found:
        values = [
            None if value is None else change(value) for change, value in zip(to_json, row, strict=True)
        ]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(connection: Connection, table: Table, columns: list[str], lines: Iterable[bytes]) -> int:
    """Replace what the migrations left in a fresh table by the lines of a backup; gives their number."""
    connection.execute(delete(table))
    targets = [table.columns[name] for name in columns]
    from_json = [_from_json(column, connection.dialect.name) for column in targets]
    rows = (
        [None if value is None else change(value) for change, value in zip(from_json, read, strict=True)]
        for read in map(json.loads, lines)
    )
    if connection.dialect.name == "postgresql":
        count = _copy(connection, table, columns, rows)
        _set_sequences(connection, table)
        return count
    return _insert(connection, targets, rows)


def defer_references(connection: Connection) -> None:
    """Let rows of one table refer to later ones until the end of the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")


def _insert(connection: Connection, targets: list[Column[Any]], rows: Iterator[list[Any]]) -> int:
    count, table = 0, targets[0].table
    names = [column.name for column in targets]
    while batch := list(itertools.islice(rows, BATCH)):
        connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in batch])
        count += len(batch)
    return count


def _copy(connection: Connection, table: Table, columns: list[str], rows: Iterator[list[Any]]) -> int:
    quote = connection.dialect.identifier_preparer.quote
    command = f"COPY {quote(table.name)} ({', '.join(map(quote, columns))}) FROM STDIN"
    count = 0
    # One statement: rows of a tree may refer to each other in any order, keys are checked at its end.
    with connection.connection.cursor() as cursor, cursor.copy(command) as stream:  # type: ignore[attr-defined]  # psycopg's cursor
        for row in rows:
            stream.write_row(row)
            count += 1
    return count


def _set_sequences(connection: Connection, table: Table) -> None:
    for column in table.primary_key.columns:
        sequence = connection.scalar(
            statement("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": f'"{table.name}"', "column": column.name},
        )
        highest = connection.scalar(select(func.max(column))) if sequence else None
        if highest is not None:
            connection.execute(
                statement("SELECT setval(:name, :value)"), {"name": sequence, "value": highest}
            )


def _to_json(kind: TypeEngine[Any]) -> Convert:
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(value).decode("ascii")
    if isinstance(kind, DateTime):
        return _instant_text
    if isinstance(kind, Date):
        return date.isoformat
    return lambda value: value


def _instant_text(value: datetime) -> str:
    # SQLite keeps no zone: what it gives back is UTC.
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _from_json(column: Column[Any], dialect: str) -> Convert:
    if isinstance(column.type, LargeBinary):
        return base64.b64decode
    if isinstance(column.type, DateTime):
        keep_zone = dialect == "postgresql"
        return lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC if keep_zone else None)
    if isinstance(column.type, Date):
        return date.fromisoformat
    if isinstance(column.type, JSON):
        column.type.none_as_null = bool(column.nullable)
        return Json if dialect == "postgresql" else lambda value: value
    return lambda value: value
