"""What a PostgreSQL server is set to remember that anonymity would rather have forgotten."""

from __future__ import annotations

from sqlalchemy import text

from survey_app.core.db import Databases

# Setting -> the values that keep no time and no content of a member's statement (anonymity.md section 9, 4).
QUIET = {
    "track_commit_timestamp": {"off"},
    "log_statement": {"none", "ddl"},
    "log_min_duration_statement": {"-1"},
    "log_duration": {"off"},
}


def loud_settings(databases: Databases) -> list[str]:
    """Settings of either server that should be changed, as 'database: name=value'."""
    found = []
    for side, engine in (("roster", databases.roster), ("box", databases.box)):
        if engine.dialect.name != "postgresql":
            continue
        with engine.connect() as connection:
            for name, quiet in QUIET.items():
                value = connection.scalar(text(f"SHOW {name}"))
                if value not in quiet:
                    found.append(f"{side}: {name}={value}")
    return found
