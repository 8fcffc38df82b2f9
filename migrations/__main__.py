"""`python -m migrations roster "message"`: write the next revision of a lineage from the models."""

from __future__ import annotations

import secrets
import sys
import tempfile
from pathlib import Path

import migrations
from survey_app.core.db import open_databases
from survey_app.core.settings import Settings


def main(lineage: str, message: str) -> None:
    """Autogenerate against a scratch SQLite that stands at the newest revision."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/roster.sqlite3",
            box_database_url=f"sqlite:///{folder}/box.sqlite3",
            data_folder=Path(folder),
            base_url="http://localhost",
            secret_key=secrets.token_hex(20),
            wrapping_key=bytes(32),
            code_pepper=bytes(32),
        )
        databases = open_databases(settings)
        migrations.upgrade(databases)
        print(migrations.write_revision(databases, lineage, message))
        databases.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
