"""Two Alembic lineages, one per database, and the one command that moves both: roster first, then box."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData
from sqlalchemy.engine import Connection

from survey_app.core.db import Databases, Instant

LINEAGES = ("roster", "box")
FOLDER = Path(__file__).parent


def upgrade(databases: Databases, target: str = "head") -> None:
    """Bring both databases to `target`; each revision is a transaction, so an interrupted run resumes."""
    for lineage in LINEAGES:
        upgrade_lineage(databases, lineage, target)


def upgrade_lineage(databases: Databases, lineage: str, target: str) -> None:
    """Bring one database to a revision; CommandError when this program does not know it."""
    with _engine(databases, lineage).connect() as connection, _tables_may_be_rebuilt(connection):
        command.upgrade(_config(lineage, connection), target)


def downgrade(databases: Databases, target: str = "base") -> None:
    """Take both databases back, box first."""
    for lineage in reversed(LINEAGES):
        downgrade_lineage(databases, lineage, target)


def downgrade_lineage(databases: Databases, lineage: str, target: str) -> None:
    """Take one database back to a revision; CommandError when this program does not know it."""
    with _engine(databases, lineage).connect() as connection, _tables_may_be_rebuilt(connection):
        command.downgrade(_config(lineage, connection), target)


def behind(databases: Databases) -> list[str]:
    """The lineages whose database does not stand at the newest revision."""
    late = []
    for lineage in LINEAGES:
        with _engine(databases, lineage).connect() as connection:
            current = revision(connection)
        if current != ScriptDirectory.from_config(_config(lineage)).get_current_head():
            late.append(lineage)
    return late


def revision(connection: Connection) -> str | None:
    """The revision at which a database stands; None for one without tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(lineage: str, number: str) -> bool:
    """Whether this program has a script for a revision."""
    scripts = ScriptDirectory.from_config(_config(lineage)).walk_revisions()
    return any(script.revision == number for script in scripts)


def drift(databases: Databases, lineage: str, metadata: MetaData) -> list[Any]:
    """What the tables of a database lack or have too much of, compared with the models."""
    with _engine(databases, lineage).connect() as connection:
        options = {"compare_type": False, "compare_server_default": False}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def write_revision(databases: Databases, lineage: str, message: str) -> Path | None:
    """Autogenerate the next numbered revision of a lineage from the models (for developers)."""
    script = ScriptDirectory.from_config(_config(lineage))
    number = 1 + len(list(script.walk_revisions()))
    with _engine(databases, lineage).connect() as connection:
        made = command.revision(
            _config(lineage, connection), message=message, autogenerate=True, rev_id=f"{lineage}_{number:04d}"
        )
    return Path(made.path) if made and not isinstance(made, list) else None


def run_lineage(context: Any, metadata: MetaData) -> None:
    """The body of both env.py files."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
        compare_type=False,
        render_item=_render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


def _render_item(kind: str, item: Any, _context: Any) -> str | bool:
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by building it anew; with foreign keys on, filled tables could not be dropped."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys = OFF")  # A transaction would ignore it: none has begun yet.
    try:
        yield
        connection.rollback()
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows without what they point to: {broken[:5]}")
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys = ON")


def _engine(databases: Databases, lineage: str) -> Engine:
    engine = databases.roster if lineage == "roster" else databases.box
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def _config(lineage: str, connection: Connection | None = None) -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(FOLDER / lineage))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
