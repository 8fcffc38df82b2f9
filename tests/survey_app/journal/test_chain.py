"""The journal holds its lines together: any change, loss or exchange of a line is found."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from survey_app.core.actor import SYSTEM
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.journal.chain import head, verify
from survey_app.journal.models import JournalHead, JournalLine
from survey_app.journal.operations import record

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def written(databases: Databases) -> Databases:
    """Ten lines."""
    with committing(write_session(databases.roster)) as session:
        for number in range(10):
            record(session, SYSTEM, "round.edited", "round", number, at=AT, note=f"第{number}行")
    return databases


def breaks(databases: Databases, expected: str | None = None) -> list[tuple[int, str]]:
    with reading(read_session(databases.roster)) as session:
        return [(item.number, item.reason) for item in verify(session, expected)]


def test_an_untouched_journal_holds_and_knows_its_printed_heads(written: Databases) -> None:
    with reading(read_session(written.roster)) as session:
        number, digest = head(session)
        earlier = session.get_one(JournalLine, 4).digest.hex()
    assert number == 10
    assert breaks(written) == []
    assert breaks(written, digest[:16]) == []
    assert breaks(written, earlier[:16]) == []
    assert breaks(written, "f" * 16) == [(10, "printed_head_unknown")]


@pytest.mark.parametrize(
    "change",
    [
        {"verb": "round.cancelled"},
        {"actor": "别人"},
        {"at": datetime(2026, 6, 2, tzinfo=UTC)},
        {"details": {"note": "改过"}},
        {"subject_id": "99"},
    ],
)
def test_a_changed_line_is_found(written: Databases, change: dict[str, object]) -> None:
    with committing(write_session(written.roster)) as session:
        session.execute(update(JournalLine).where(JournalLine.number == 5).values(**change))
    assert breaks(written) == [(5, "content_changed")]


def test_a_missing_line_is_found(written: Databases) -> None:
    with committing(write_session(written.roster)) as session:
        session.execute(delete(JournalLine).where(JournalLine.number == 5))
    assert (5, "line_missing") in breaks(written)


def test_a_missing_end_is_found(written: Databases) -> None:
    with committing(write_session(written.roster)) as session:
        session.execute(delete(JournalLine).where(JournalLine.number == 10))
    assert breaks(written) == [(10, "head_differs")]


def test_an_end_cut_off_with_its_head_is_found_by_the_printed_head_only(written: Databases) -> None:
    with reading(read_session(written.roster)) as session:
        _number, printed = head(session)
        before = session.get_one(JournalLine, 9).digest
    with committing(write_session(written.roster)) as session:
        session.execute(delete(JournalLine).where(JournalLine.number == 10))
        session.execute(update(JournalHead).values(number=9, digest=before))
    assert breaks(written) == []
    assert breaks(written, printed[:12]) == [(9, "printed_head_unknown")]


def test_many_writers_leave_consecutive_lines(databases: Databases) -> None:
    def write() -> None:
        for _ in range(5):
            with committing(write_session(databases.roster)) as session:
                record(session, SYSTEM, "round.edited", "round", "x", at=AT)

    with committing(write_session(databases.roster)) as session:
        record(session, SYSTEM, "round.created", "round", "x", at=AT)
    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert breaks(databases) == []
    with reading(read_session(databases.roster)) as session:
        assert head(session)[0] == 31
