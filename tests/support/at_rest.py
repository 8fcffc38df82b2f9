"""What can be found at rest: every row of a database, every byte of every file that it has touched."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, text

from survey_app.maintenance.tables import lines_of, tables_of


def everything_in(engine: Engine) -> dict[str, list[bytes]]:
    """Every row of a database by its table, as a backup writes it."""
    with engine.connect() as connection:
        return {table.name: list(lines_of(connection, table)) for table in tables_of(connection)}


def is_at_rest(built, needle: bytes, since: float) -> bool:
    """Whether the bytes stand in any file the database has touched: tables, journals, write-ahead log."""
    if built.databases.box.dialect.name == "sqlite":
        folder = built.settings.data_folder
    else:
        with built.databases.box.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
            folder = Path(connection.scalar(text("SHOW data_directory")) or "")
    touched = [content for file in folder.rglob("*") if (content := _content(file, since)) is not None]
    assert touched, "the control: something was written"
    return any(needle in content for content in touched)


def _content(file: Path, since: float) -> bytes | None:
    """What a touched file holds; None for a folder, an older file, or one the server removed meanwhile."""
    try:
        return file.read_bytes() if file.is_file() and file.stat().st_mtime >= since else None
    except FileNotFoundError:
        return None
