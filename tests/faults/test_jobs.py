"""Jobs on a bad day: two workers, a clock that jumps, a database that goes away, a worker that is killed."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from survey_app import worker
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.outbox.jobs import LEASE, Workshop, enqueue, lease_next
from survey_app.outbox.models import Job
from survey_app.outbox.schedules import Schedule, enqueue_due
from survey_app.worker import step, work

AT = datetime(2026, 6, 8, 4, 0, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that jumps where the test sends it."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Seen:
    """A handler that counts how often each job was done."""

    done: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, _workshop: Workshop, leased) -> None:
        time.sleep(0.001)
        with self.lock:
            self.done[leased.payload["number"]] += 1


def ask(databases, count: int, at: datetime = AT) -> None:
    """Enqueue jobs with numbers."""
    with committing(write_session(databases.roster)) as session:
        for number in range(count):
            enqueue(session, "test.count", at=at, number=number)


def states(databases) -> Counter[str]:
    """How many jobs stand in each state."""
    with reading(read_session(databases.roster)) as session:
        return Counter(dict(session.execute(select(Job.state, func.count()).group_by(Job.state)).all()))


def test_two_workers_do_every_job_once(settings, databases):
    ask(databases, 60)
    seen, clock = Seen(), SetClock()

    def one() -> None:
        own = open_databases(settings)
        shop = Workshop(own, settings, clock)
        while step(shop, {"test.count": seen}):
            pass
        own.dispose()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen.done == Counter(range(60))
    assert states(databases) == {"done": 60}


def test_a_clock_that_jumps_ahead_takes_no_job_twice_to_its_end(settings, databases):
    """The lease seems over, a second worker begins; the first one's end is not written over the second's."""
    ask(databases, 1)
    clock, seen = SetClock(), Seen()
    shop = Workshop(databases, settings, clock)

    def slow(workshop: Workshop, leased) -> None:
        clock.at = AT + LEASE + timedelta(hours=3)
        assert step(shop, {"test.count": seen}), "the second worker takes it"
        clock.at = AT
        raise RuntimeError("the first one fails after all")

    assert step(shop, {"test.count": slow})
    assert seen.done == Counter([0])
    assert states(databases) == {"done": 1}
    with reading(read_session(databases.roster)) as session:
        job = session.scalars(select(Job)).one()
        assert (job.attempts, job.error) == (2, None)


def test_a_clock_that_jumps_back_repeats_no_schedule_and_loses_no_job(settings, databases):
    schedules = (Schedule("test.daily", hour=6), Schedule("test.often", minutes=5))
    clock = SetClock()
    for moment in (AT, AT + timedelta(hours=2), AT - timedelta(minutes=1), AT, AT + timedelta(hours=2)):
        with committing(write_session(databases.roster)) as session:
            enqueue_due(session, schedules, at=moment)
    with reading(read_session(databases.roster)) as session:
        kinds = Counter(session.scalars(select(Job.kind)))
    assert kinds == {"test.daily": 1, "test.often": 3}
    clock.at = AT - timedelta(days=1)
    with committing(write_session(databases.roster)) as session:
        assert lease_next(session, at=clock()) is None, "nothing is due yesterday"
    clock.at = AT + timedelta(hours=2)
    done = {"test.daily": lambda *_: None, "test.often": lambda *_: None}
    while step(Workshop(databases, settings, clock), done):
        pass
    assert states(databases) == {"done": 4}


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_cut_connections_cost_a_worker_nothing_but_time(settings, databases, monkeypatch):
    """Cut in the middle of a job: the worker goes on, and the job is done when its lease is over."""
    monkeypatch.setattr(worker, "AWAY_SECONDS", 0.01)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.01)
    ask(databases, 3)
    clock, seen, cuts = SetClock(), Seen(), []

    def cut(workshop: Workshop, leased) -> None:
        if leased.payload["number"] == 1 and not cuts:
            cuts.append(True)
            with read_session(databases.roster) as session:
                session.execute(text("SELECT 1"))
                _cut_all(settings)
                with pytest.raises(OperationalError):
                    session.execute(text("SELECT 1"))
                session.invalidate()
            clock.at += LEASE + timedelta(seconds=1)
            raise OperationalError("SELECT 1", {}, Exception("cut"))
        seen(workshop, leased)

    monkeypatch.setattr(worker, "collect", lambda: ({"test.count": cut}, []))
    stop = threading.Event()
    own_threading = SimpleNamespace(
        Event=lambda: stop, current_thread=threading.current_thread, main_thread=threading.main_thread
    )
    monkeypatch.setattr(worker, "threading", own_threading)
    thread = threading.Thread(target=work, args=(databases, settings, clock))
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while len(seen.done) < 3 and time.monotonic() < deadline:
            time.sleep(0.02)
            clock.at += timedelta(seconds=10)
    finally:
        stop.set()
        thread.join()
    assert seen.done == Counter(range(3))
    assert states(databases) == {"done": 3}
    assert cuts


def _cut_all(settings) -> None:
    own = open_databases(settings)
    with own.roster.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    own.dispose()
