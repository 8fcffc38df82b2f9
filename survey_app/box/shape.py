"""The shape of the box: whether any column of the real database could carry a link to a person or an order.

Looks at the database itself, not at the models, so a column that was added by hand is found as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn

from survey_app.core.db import BoxBase

MIGRATIONS = "alembic_version"
FORBIDDEN_TYPE = re.compile(
    r"DATE|TIME|INTERVAL|INET|CIDR|MACADDR|SERIAL|UUID|XID|OID|JSON|REAL|FLOAT|DOUBLE|NUMERIC", re.IGNORECASE
)
# A card's code is drawn from a box by hand: its keyed hash leads to no member.
HARMLESS_NAMES = frozenset({"code_mac"})
FORBIDDEN_NAME = re.compile(
    r"(^|_)(at|on|time|date|day|hour|created|updated|ip|addr|address|host|agent|browser|session|cookie|"
    r"member|person|invitation|code|name|number|contact|phone|serial|seq|sequence|position|order|row)(_|$)",
    re.IGNORECASE,
)


def shape_faults(box: Engine) -> list[str]:
    """Every reason why the box's tables could tell who, when or in which order."""
    known = {
        table.name: {column.name for column in table.columns} for table in BoxBase.metadata.tables.values()
    }
    with box.connect() as connection:
        faults = [
            *_column_faults(connection, known),
            *(_sqlite_faults if box.dialect.name == "sqlite" else _postgresql_faults)(connection),
        ]
        connection.rollback()
    return sorted(faults)


def _column_faults(connection: Connection, known: dict[str, set[str]]) -> Iterator[str]:
    inspector = inspect(connection)
    for table in inspector.get_table_names():
        if table == MIGRATIONS:
            continue
        for column in inspector.get_columns(table):
            declared = column["name"] in known.get(table, set())
            for fault in _faults_of_column(column, declared=declared):
                yield f"{table}.{column['name']}: {fault}"
        for key in inspector.get_foreign_keys(table):
            yield f"{table}: a foreign key to {key['referred_table']}"


def _faults_of_column(column: ReflectedColumn, *, declared: bool) -> Iterator[str]:
    if not declared:
        yield "nobody declared this column"
    if FORBIDDEN_TYPE.search(str(column["type"])):
        yield f"a column of type {column['type']} could carry a time, an order or a person"
    if FORBIDDEN_NAME.search(column["name"]) and column["name"] not in HARMLESS_NAMES:
        yield "the name says that it could carry a link"
    if column.get("default") is not None or column.get("identity") is not None:
        yield "a value made by the database could be an order or a time"


def _sqlite_faults(connection: Connection) -> Iterator[str]:
    """A hidden rowid is a running number; a trigger could write anything anywhere."""
    rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master"))
    for kind, name, table, statement in rows:
        if kind in ("trigger", "view"):
            yield f"{name}: a {kind}"
        if kind == "table" and table not in (MIGRATIONS, "sqlite_sequence") and not _without_rowid(statement):
            yield f"{table}: has a hidden running number (rowid)"
        if table == "sqlite_sequence":
            yield "sqlite_sequence: a running number is kept"


def _without_rowid(statement: str | None) -> bool:
    return re.search(r"\)\s*WITHOUT\s+ROWID\s*$", statement or "", re.IGNORECASE) is not None


def _postgresql_faults(connection: Connection) -> Iterator[str]:
    sequences = connection.scalars(text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"))
    for name in sequences:
        yield f"{name}: a sequence"
    triggers = connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    for name in triggers:
        yield f"{name}: a trigger"
    for name in connection.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'public'")):
        yield f"{name}: a view"


def transactions_of_ballots(box: Engine, round_id: str, home_id: int) -> set[str]:
    """The transaction numbers PostgreSQL keeps beside a home's ballots: one, or an order could be read."""
    if box.dialect.name != "postgresql":
        return set()
    with box.connect() as connection:
        found = connection.scalars(
            text("SELECT DISTINCT xmin::text FROM ballot WHERE round_id = :round AND home_id = :home"),
            {"round": round_id, "home": home_id},
        )
        numbers = set(found)
        connection.rollback()
    return numbers
