"""Restore a backup into an empty installation, upgrade it to this program, and audit the result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect

import migrations
from survey_app.core.db import Databases
from survey_app.core.files import FileStore
from survey_app.core.settings import Settings
from survey_app.counting.audit import Report, audit
from survey_app.maintenance.archive import ArchiveReader, BackupFault
from survey_app.maintenance.backup import key_checks
from survey_app.maintenance.tables import defer_references, load, tables_of


@dataclass(frozen=True)
class RestoreReport:
    """What came back, which keys are not those of the backup, and what the audit says of it."""

    rows: int
    files: int
    strange_keys: list[str]
    audit: Report


def restore(databases: Databases, settings: Settings, file: Path) -> RestoreReport:
    """Restore into empty databases and an empty folder of files; anything else is refused beforehand."""
    store = FileStore(settings.data_folder / "files")
    with ArchiveReader(file) as archive:
        archive.verify()
        _refuse_unknown_revision(archive)
        _refuse_full(databases, store)
        rows = sum(_restore_side(databases, archive, lineage) for lineage in migrations.LINEAGES)
        names = [name.removeprefix("files/") for name in archive.parts if name.startswith("files/")]
        for name in names:
            if store.put(archive.content(f"files/{name}")) != name:
                raise BackupFault(f"文件 {name} 与它的校验值不符 (a file differs from its checksum)")
        expected = archive.manifest["key_checks"]
    migrations.upgrade(databases)
    here = key_checks(settings)
    strange = [name for name in here if expected.get(name) != here[name]]
    return RestoreReport(rows, len(names), strange, audit(databases))


def _refuse_unknown_revision(archive: ArchiveReader) -> None:
    for lineage, number in archive.manifest["revisions"].items():
        if not migrations.knows(lineage, number):
            raise BackupFault(f"这份备份来自更新的程序，先升级程序 (made by a newer program): {number}")


def _refuse_full(databases: Databases, store: FileStore) -> None:
    for engine in (databases.roster, databases.box):
        with engine.connect() as connection:
            if inspect(connection).get_table_names():
                raise BackupFault(
                    f"数据库不是空的，没有恢复 (not empty, nothing restored): {engine.url.database}"
                )
    if store.folder.exists() and any(store.folder.iterdir()):
        raise BackupFault(f"文件夹不是空的，没有恢复 (not empty, nothing restored): {store.folder}")


def _restore_side(databases: Databases, archive: ArchiveReader, lineage: str) -> int:
    """One side in one transaction: it is there as a whole or not at all."""
    migrations.upgrade_lineage(databases, lineage, archive.manifest["revisions"][lineage])
    engine = databases.roster if lineage == "roster" else databases.box
    rows = 0
    with engine.execution_options(sqlite_begin="IMMEDIATE").begin() as connection:
        defer_references(connection)
        tables = tables_of(connection)
        names = {f"{lineage}/{table.name}.jsonl" for table in tables}
        if names != {name for name in archive.parts if name.startswith(f"{lineage}/")}:
            raise BackupFault(f"备份的表与程序不符 (tables differ): {lineage}")
        for table in tables:
            part = f"{lineage}/{table.name}.jsonl"
            found = load(connection, table, archive.parts[part]["columns"], archive.lines(part))
            if found != archive.parts[part]["pieces"]:
                raise BackupFault(f"行数不符 (rows are missing): {part}")
            rows += found
    return rows
