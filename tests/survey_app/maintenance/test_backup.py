"""A backup is made while the program runs, contains what it says, and comes back whole on either database."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from survey_app.all_models import box, rosters
from survey_app.app import create_app
from survey_app.core.clock import system_clock
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.core.files import FileStore
from survey_app.maintenance.archive import ArchiveReader, BackupFault
from survey_app.maintenance.backup import IN_ENGLISH, WHAT_IT_CONTAINS, back_up
from survey_app.maintenance.restore import restore
from survey_app.outbox.jobs import enqueue
from survey_app.rounds.models import RoundState
from tests.support.at_rest import everything_in
from tests.support.cast import make_unit
from tests.support.installation import settings_for
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import BuiltRound, HomeSpec, build_round
from tests.support.server import run_pingjia

AT = datetime(2026, 6, 11, 3, 0, tzinfo=UTC)


@pytest.fixture
def voted(settings, databases) -> BuiltRound:
    """A round that votes: ten sealed ballots of twelve members, and one stored file."""
    built = build_round(settings, databases, [HomeSpec.of(12)]).prepare().open()
    send = over_flask(create_app(settings, databases, clock=built.clock))
    for code in built.codes(built.home_ids[0])[:10]:
        MemberClient(send, code).vote(answers_of(built.questionnaire, comment="食堂的菜咸"))
    FileStore(settings.data_folder / "files").put(b"a paper of the round")
    return built


@pytest.fixture
def empty(request, tmp_path, database_kind):
    """Settings of an installation that does not exist yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if database_kind == "sqlite":
        return settings_for(f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3", folder)
    make = request.getfixturevalue("postgres_url")
    return settings_for(make(), make(), folder)


def test_a_round_goes_on_from_its_backup_as_if_nothing_had_happened(
    voted, databases, settings, empty, tmp_path
):
    file = tmp_path / "night.zip"
    report = back_up(databases, settings, file, at=AT)
    before = (everything_in(databases.roster), everything_in(databases.box))
    other = open_databases(empty)
    try:
        restored = restore(other, empty, file)
        assert restored.audit.passed, restored.audit.findings
        assert (restored.files, restored.strange_keys) == (1, [])
        assert restored.audit.journal_head == report.journal_head
        assert (everything_in(other.roster), everything_in(other.box)) == before
        digest = hashlib.sha256(b"a paper of the round").hexdigest()
        assert FileStore(empty.data_folder / "files").get(digest) == b"a paper of the round"
        voted.databases, voted.settings = other, empty
        late = MemberClient(
            over_flask(create_app(empty, other, clock=voted.clock)), voted.codes(voted.home_ids[0])[11]
        )
        late.vote(answers_of(voted.questionnaire))
        voted.close().count().finish()
        assert voted.state is RoundState.COUNTED
        with reading(read_session(other.box)) as session:
            assert session.scalar(select(func.count()).select_from(box.Ballot)) == 11
    finally:
        other.dispose()


def test_new_rows_after_a_restore_take_free_numbers(voted, databases, settings, empty, tmp_path):
    file = tmp_path / "night.zip"
    back_up(databases, settings, file, at=AT)
    other = open_databases(empty)
    try:
        restore(other, empty, file)
        with committing(write_session(other.roster)) as session:
            make_unit(session, "新成立的工会")
            enqueue(session, "test.nothing", at=AT)
            highest = session.scalar(select(func.max(rosters.RosterMember.id)))
            assert highest == 12
    finally:
        other.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_site_that_outgrows_sqlite_moves_to_postgresql_by_its_backup(
    voted, databases, settings, postgres_url, tmp_path
):
    file = tmp_path / "move.zip"
    back_up(databases, settings, file, at=AT)
    large = settings_for(postgres_url(), postgres_url(), tmp_path / "large")
    other = open_databases(large)
    try:
        assert restore(other, large, file).audit.passed
        assert everything_in(other.roster) == everything_in(databases.roster)
        assert everything_in(other.box) == everything_in(databases.box)
    finally:
        other.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_backup_says_what_it_contains_and_holds_no_key_and_no_answer(voted, databases, settings, tmp_path):
    file = tmp_path / "night.zip"
    back_up(databases, settings, file, at=AT)
    assert file.stat().st_mode & 0o077 == 0, "for the operator's eyes only"
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        everything = b"".join(archive.read(name) for name in archive.namelist())
        intake = [json.loads(line)[0] for line in archive.read("box/intake.jsonl").splitlines()]
    assert manifest["contains"] == {"zh": WHAT_IT_CONTAINS, "en": IN_ENGLISH}
    assert "撕毁以后，任何备份都打不开" in WHAT_IT_CONTAINS
    assert manifest["keep_elsewhere"] == ["PINGJIA_SECRET_KEY", "PINGJIA_WRAPPING_KEY", "PINGJIA_CODE_PEPPER"]
    for secret in (settings.secret_key.encode(), settings.wrapping_key, "食堂的菜咸".encode()):
        assert secret not in everything
    keys = [base64.b64decode(text) for text in intake]
    assert len(keys) == 10
    assert sorted(keys) == keys, "the order of arrival is not in a backup"


@pytest.mark.parametrize("database_kind", ["sqlite"])
class TestRefusals:
    """What a restore refuses, before it has written anything."""

    def made(self, databases, settings, tmp_path) -> Path:
        file = tmp_path / "night.zip"
        back_up(databases, settings, file, at=system_clock())
        return file

    def test_a_backup_never_overwrites_a_file(self, databases, settings, tmp_path):
        file = self.made(databases, settings, tmp_path)
        whole = file.read_bytes()
        with pytest.raises(BackupFault, match="not overwritten"):
            back_up(databases, settings, file, at=AT)
        assert file.read_bytes() == whole

    def test_a_backup_that_fails_leaves_no_file(self, databases, settings, tmp_path):
        with databases.box.connect() as connection:
            connection.execute(text("DROP TABLE alembic_version"))
            connection.commit()
        with pytest.raises(Exception, match="alembic_version"):
            back_up(databases, settings, tmp_path / "half.zip", at=AT)
        assert not list(tmp_path.glob("*half*")) + list(tmp_path.glob(".half*"))

    def test_databases_with_something_in_them_are_refused(self, databases, settings, tmp_path):
        with pytest.raises(BackupFault, match="not empty"):
            restore(databases, settings, self.made(databases, settings, tmp_path))

    def test_one_changed_byte_is_refused_and_nothing_is_restored(self, databases, settings, empty, tmp_path):
        file = self.made(databases, settings, tmp_path)
        changed = tmp_path / "changed.zip"
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, content + b"[]\n" if name == "box/leaf.jsonl" else content)
        other = open_databases(empty)
        with pytest.raises(BackupFault, match=r"box/leaf\.jsonl"):
            restore(other, empty, changed)
        other.dispose()
        assert not everything_in(databases.box)["leaf"]
        for rubbish in (b"", b"not a zip", file.read_bytes()[:-200]):
            (tmp_path / "rubbish.zip").write_bytes(rubbish)
            with pytest.raises(BackupFault, match="not a backup"):
                ArchiveReader(tmp_path / "rubbish.zip")

    def test_a_backup_of_a_newer_program_is_refused(self, databases, settings, empty, tmp_path):
        file = self.made(databases, settings, tmp_path)
        newer = tmp_path / "newer.zip"
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(newer, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name).replace(b'"box_0', b'"box_9'))
        other = open_databases(empty)
        with pytest.raises(BackupFault, match="newer program"):
            restore(other, empty, newer)
        other.dispose()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_two_commands_work_and_the_wrong_key_is_named(databases, settings, empty, tmp_path):
    with committing(write_session(databases.roster)) as session:
        make_unit(session)
    made = run_pingjia(settings, "backup", str(tmp_path / "night.zip"))
    assert made.returncode == 0, made.stderr
    assert WHAT_IT_CONTAINS in made.stdout
    back = run_pingjia(empty, "restore", str(tmp_path / "night.zip"))
    assert back.returncode == 0, back.stdout + back.stderr
    assert "核对通过" in back.stdout
    again = run_pingjia(empty, "restore", str(tmp_path / "night.zip"))
    assert again.returncode == 2
    assert "没有恢复" in again.stderr


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_restore_with_another_key_says_that_open_rounds_are_lost(databases, settings, empty, tmp_path):
    back_up(databases, settings, tmp_path / "night.zip", at=AT)
    other_key = replace(empty, wrapping_key=b"x" * 32)
    other = open_databases(other_key)
    assert restore(other, other_key, tmp_path / "night.zip").strange_keys == ["PINGJIA_WRAPPING_KEY"]
    other.dispose()
