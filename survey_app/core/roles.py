"""PostgreSQL roles with least rights: owner for migrations, roster and box for data, audit for reading."""

from __future__ import annotations

from sqlalchemy.engine import make_url

from survey_app.core.db import Databases
from survey_app.core.settings import Settings

ROLES = ("pingjia_owner", "pingjia_roster", "pingjia_box", "pingjia_audit")
NEVER_CHANGED_ROSTER = ("journal_line", "rating_snapshot")
NEVER_CHANGED_BOX = ("leaf", "opening")


def statements(settings: Settings, _databases: Databases) -> str:
    """The SQL an administrator runs as superuser, before the first upgrade and again after each.

    Every line may be run twice. Passwords are left for him to set.
    """
    roster = make_url(settings.database_url).database or "pingjia"
    box = make_url(settings.box_database_url).database or "pingjia_box"
    lines = [
        "-- Run as a superuser. Set the passwords yourself: ALTER ROLE ... PASSWORD '...'",
        *[
            f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
            for role in ROLES
        ],
        f'REVOKE ALL ON DATABASE "{roster}" FROM PUBLIC;',
        f'REVOKE ALL ON DATABASE "{box}" FROM PUBLIC;',
        f'GRANT CONNECT ON DATABASE "{roster}" TO pingjia_owner, pingjia_roster, pingjia_audit;',
        f'GRANT CONNECT ON DATABASE "{box}" TO pingjia_owner, pingjia_box, pingjia_audit;',
        *_one_side(roster, "pingjia_roster", NEVER_CHANGED_ROSTER),
        *_one_side(box, "pingjia_box", NEVER_CHANGED_BOX),
        # A voided home's traits go with its tallies; everything else of an opening stays as it was written.
        "DO $$ BEGIN IF to_regclass('opening') IS NOT NULL THEN "
        "GRANT UPDATE (traits) ON opening TO pingjia_box; END IF; END $$;",
    ]
    return "\n".join(lines)


def _one_side(database: str, role: str, never_changed: tuple[str, ...]) -> list[str]:
    return [
        f'\\connect "{database}"',
        "GRANT USAGE, CREATE ON SCHEMA public TO pingjia_owner;",
        f"GRANT USAGE ON SCHEMA public TO {role}, pingjia_audit;",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};",
        # Before the first upgrade there is no such table yet.
        *[
            f"DO $$ BEGIN IF to_regclass('{table}') IS NOT NULL THEN "
            f"REVOKE UPDATE, DELETE ON {table} FROM {role}; END IF; END $$;"
            for table in never_changed
        ],
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO pingjia_audit;",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pingjia_owner IN SCHEMA public "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pingjia_owner IN SCHEMA public "
        f"GRANT USAGE ON SEQUENCES TO {role};",
        "ALTER DEFAULT PRIVILEGES FOR ROLE pingjia_owner IN SCHEMA public "
        "GRANT SELECT ON TABLES TO pingjia_audit;",
    ]
