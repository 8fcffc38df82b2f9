"""Free the box's pages of what was deleted, so that no sealed ballot stays in the file."""

from __future__ import annotations

from survey_app.core.db import Databases


def vacuum_box(databases: Databases) -> None:
    """`VACUUM` of the whole box; it cannot run inside a transaction, so it has a connection of its own."""
    with databases.box.connect() as connection:
        raw = connection.connection.dbapi_connection
        if raw is None:
            return
        if databases.box.dialect.name == "sqlite":
            raw.execute("VACUUM")
            return
        autocommit, raw.autocommit = raw.autocommit, True
        try:
            raw.execute("VACUUM")
        finally:
            raw.autocommit = autocommit
