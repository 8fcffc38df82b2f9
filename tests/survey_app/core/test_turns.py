"""Turns of the writers of one SQLite file: in the order of asking, and never kept by one who is done."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from survey_app.core import db
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.turns import Turns


def waiting(turns: Turns, count: int) -> None:
    while len(turns._waiting) < count:
        time.sleep(0.001)


def test_those_who_wait_go_in_the_order_in_which_they_came():
    turns, order = Turns(), []
    assert turns.take(1)

    def write(number: int) -> None:
        assert turns.take(10)
        order.append(number)
        turns.give_on()

    threads = []
    for number in range(12):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
        waiting(turns, number + 1)
    turns.give_on()
    for thread in threads:
        thread.join(10)
    assert order == list(range(12))
    assert turns.take(0.001)


def test_who_gives_up_leaves_the_line():
    turns = Turns()
    assert turns.take(1)
    assert not turns.take(0.001)
    turns.give_on()
    assert turns.take(0.001)


@pytest.mark.parametrize("ending", ["commit", "fault", "broken connection"])
def test_the_turn_is_given_on_however_the_write_ends(databases: Databases, ending: str):
    def write() -> None:
        with committing(write_session(databases.roster)) as session:
            session.execute(text("SELECT 1"))
            if ending == "fault":
                raise RuntimeError
            if ending == "broken connection":
                session.connection().invalidate()
                raise RuntimeError

    if ending == "commit":
        write()
    else:
        with pytest.raises(RuntimeError):
            write()
    started = time.monotonic()
    with committing(write_session(databases.roster)) as session:
        session.execute(text("SELECT 1"))
    assert time.monotonic() - started < db.BUSY_TIMEOUT_MS / 1000 / 2


def test_another_process_that_writes_is_still_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 50)
    # Two engines know nothing of each other's turns, as two processes do not.
    stranger, mine = (db._engine(f"sqlite:///{tmp_path}/one.sqlite3", box=False) for _ in range(2))
    with committing(write_session(stranger)) as other:
        other.execute(text("SELECT 1"))
        with pytest.raises(OperationalError, match="locked"), committing(write_session(mine)) as session:
            session.execute(text("SELECT 1"))
    with committing(write_session(mine)) as session:
        session.execute(text("SELECT 1"))
    stranger.dispose()
    mine.dispose()
