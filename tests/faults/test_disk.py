"""A disk that is full or read-only: a clear answer, nothing half-written, and all is well afterwards."""

from __future__ import annotations

import errno
import os
import resource
import signal
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from survey_app.app import create_app
from survey_app.box.models import Intake
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.core.errors import NotFound
from survey_app.core.files import FileStore
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.maintenance.backup import back_up
from survey_app.outbox.models import Job
from survey_app.web import access
from tests.support.cast import make_unit
from tests.support.member_client import MemberClient, Turned, answers_of, over_flask
from tests.support.round_builder import DURING, HomeSpec, build_round

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])


def limited(settings, pragma: str):
    """The installation on databases whose connections obey one more pragma."""
    databases = open_databases(settings)
    for engine in (databases.roster, databases.box):
        event.listen(engine, "connect", lambda connection, _record: connection.execute(pragma))
    return databases


@SQLITE
@pytest.mark.parametrize("pragma", ["PRAGMA max_page_count = 1", "PRAGMA query_only = ON"])
def test_a_ballot_that_finds_no_room_is_refused_and_cast_when_there_is(settings, databases, pragma):
    built = build_round(settings, databases, [HomeSpec.of(30)]).prepare().open()
    well = over_flask(create_app(settings, databases, clock=built.clock))
    answers = answers_of(built.questionnaire)
    ready = [MemberClient(well, code).start() for code in built.codes(built.home_ids[0])]
    full = limited(settings, pragma)
    try:
        ill = over_flask(create_app(settings, full, clock=built.clock))
        refused: list[tuple[int, str]] = []
        for client in ready:
            client.send = ill
            try:
                client.vote(answers)
            except Turned as turned:
                refused.append((turned.status, turned.code))
        assert len(refused) > 10, "the disk was not full"
        assert set(refused) == {(503, "no_room")}
        with reading(read_session(databases.box)) as box:
            assert box.scalar(select(func.count()).select_from(Intake)) == 30 - len(refused)
    finally:
        full.dispose()
    for client in ready:
        client.send = well
        client.vote(answers)
    with reading(read_session(databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 30
    with reading(read_session(databases.roster)) as session:
        states = set(session.scalars(select(Invitation.state)))
    assert states == {InvitationState.ISSUED}
    assert built.clock.at == DURING


@SQLITE
def test_a_page_says_in_words_that_the_disk_is_full(settings, databases):
    app = create_app(settings, databases)

    @access.public
    def full_disk() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    app.add_url_rule("/full", "full", full_disk)
    answer = app.test_client().get("/full")
    assert answer.status_code == 503
    assert "服务器的磁盘写不进去了，刚才的内容没有写入" in answer.text
    english = app.test_client().get("/full?lang=en")
    assert "disk cannot be written to" in english.text


def in_small_files(largest: int, work) -> int:
    """Run `work` in a process whose files cannot grow beyond `largest` bytes; gives its exit code."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        try:
            work()
        except OSError as error:
            os._exit(7 if error.errno == errno.EFBIG else 1)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_file_that_does_not_fit_leaves_nothing_behind(tmp_path: Path):
    store = FileStore(tmp_path / "files")
    large = b"x" * 100_000
    assert in_small_files(50_000, lambda: store.put(large)) == 7
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []
    checksum = store.put(large)
    assert store.get(checksum) == large
    with pytest.raises(NotFound):
        store.get("0" * 64)


@SQLITE
def test_a_backup_that_does_not_fit_leaves_nothing_behind(settings, databases, tmp_path: Path):
    with committing(write_session(databases.roster)) as session:
        make_unit(session)
    FileStore(settings.data_folder / "files").put(os.urandom(200_000))
    databases.dispose()
    target = tmp_path / "backup"
    target.mkdir()

    def work() -> None:
        back_up(open_databases(settings), settings, target / "night.zip", at=DURING)

    assert in_small_files(100_000, work) == 7
    assert list(target.iterdir()) == []


@SQLITE
def test_a_transaction_that_runs_out_of_room_leaves_nothing_half_written(settings, databases):
    full = limited(settings, "PRAGMA max_page_count = 1")
    names = ("A", "B")

    def many() -> None:
        with committing(write_session(full.roster)) as session:
            for name in names:
                make_unit(session, name * 200)
                session.execute(
                    text(
                        "INSERT INTO job (kind, payload, state, run_at, attempts, done, total) "
                        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
                        "SELECT 'test', '{}', 'waiting', '2026-06-08 00:00:00', 0, 0, 0 FROM n"
                    )
                )

    with pytest.raises(Exception, match="full"):
        many()
    full.dispose()
    with reading(read_session(databases.roster)) as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0
        assert session.scalar(text("SELECT count(*) FROM unit")) == 0
