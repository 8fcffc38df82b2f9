"""Back up an installation while it runs: both databases at one moment, and every stored file.

Both snapshots are taken first, the roster's before the box's, some milliseconds apart; only then is anything
copied. A step of a round is begun on the roster side, done on the box side and ended on the roster side, and
each can be repeated: so a box that is a little ahead of its roster heals, one that is behind would not.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import text as statement
from sqlalchemy.engine import Connection

import migrations
from survey_app.core.db import Databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.journal.chain import head
from survey_app.maintenance.archive import CHUNK, ArchiveReader, ArchiveWriter
from survey_app.maintenance.tables import lines_of, tables_of

WHAT_IT_CONTAINS = (
    "备份里有花名册和联系方式（加密）、全部台账、没有开箱的密封票。口令条撕毁以前，谁既有这份备份又有两半口令，"
    "谁就能打开这些票；撕毁以后，任何备份都打不开了，因为口令不再存在。钥匙（三个密钥设置）不在备份里，要另外保管。"
)
IN_ENGLISH = (
    "A backup holds the rosters with their contacts (encrypted), every ledger, and the sealed ballots of "
    "boxes that are not opened yet. Until the slips are torn up, whoever has the backup and both halves of "
    "the passphrase can open them; from then on no backup can be opened, because the passphrase no longer "
    "exists. The keys of the environment are not inside; keep them elsewhere."
)
KEEP_ELSEWHERE = ("PINGJIA_SECRET_KEY", "PINGJIA_WRAPPING_KEY", "PINGJIA_CODE_PEPPER")


@dataclass(frozen=True)
class BackupReport:
    """What went into a backup."""

    rows: Mapping[str, int]
    files: int
    journal_lines: int
    journal_head: str


def back_up(databases: Databases, settings: Settings, file: Path, *, at: datetime) -> BackupReport:
    """Write the backup and read it back; the file appears only when it is whole."""
    with ArchiveWriter(file) as archive:
        with _snapshot(databases.roster) as roster, _snapshot(databases.box) as box:
            sides = {"roster": roster, "box": box}
            revisions = {side: migrations.revision(connection) for side, connection in sides.items()}
            # The box first: on SQLite its writers wait for this reader.
            rows = {side: _add_side(archive, side, sides[side]) for side in ("box", "roster")}
        files = _add_files(archive, settings.data_folder / "files")
        with reading(read_session(databases.roster)) as session:
            lines, digest = head(session)
        archive.close(
            {
                "made_at": at.isoformat(timespec="seconds"),
                "revisions": revisions,
                "contains": {"zh": WHAT_IT_CONTAINS, "en": IN_ENGLISH},
                "keep_elsewhere": KEEP_ELSEWHERE,
                "key_checks": key_checks(settings),
            }
        )
    with ArchiveReader(file) as written:
        written.verify()
    return BackupReport(rows, files, lines, digest)


def key_checks(settings: Settings) -> dict[str, str]:
    """A mark of each random key, by which a restore notices the wrong one; it does not help to guess it."""
    keys = {"PINGJIA_WRAPPING_KEY": settings.wrapping_key, "PINGJIA_CODE_PEPPER": settings.code_pepper}
    return {
        name: hmac.new(key, b"pingjia-backup-key-check", hashlib.sha256).hexdigest()[:16]
        for name, key in keys.items()
    }


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that goes on seeing the database as it is now."""
    postgres = engine.dialect.name == "postgresql"
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if postgres else {}
    with engine.connect().execution_options(**options) as connection:
        if postgres:
            connection.execute(statement("SET TRANSACTION READ ONLY"))
        connection.execute(statement("SELECT count(*) FROM alembic_version"))
        yield connection
        connection.rollback()


def _add_side(archive: ArchiveWriter, side: str, connection: Connection) -> int:
    return sum(
        archive.add(
            f"{side}/{table.name}.jsonl",
            lines_of(connection, table),
            columns=[column.name for column in table.columns],
        )
        for table in tables_of(connection)
    )


def _add_files(archive: ArchiveWriter, folder: Path) -> int:
    """Every stored file under its checksum; drafts of an upload that was cut off stay behind."""
    stored = sorted(path for path in folder.glob("??/*") if len(path.name) == 64)
    for path in stored:
        archive.add(f"files/{path.name}", _pieces(path))
    return len(stored)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK):
            yield piece
