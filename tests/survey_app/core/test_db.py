"""The databases: no lost update, nothing left of a fault, hooks on every connection, migrations both ways."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import migrations
from survey_app.all_models import BoxBase, RosterBase
from survey_app.core import db
from survey_app.core.db import (
    Databases,
    committing,
    look_session,
    open_databases,
    read_session,
    reading,
    write_session,
)
from survey_app.units.models import Unit


def add_unit(databases: Databases, name: str = "甲", members: int = 0) -> int:
    with committing(write_session(databases.roster)) as session:
        unit = Unit(kind="federation", name=name, short_name=name, stated_members=members)
        session.add(unit)
        session.flush()
        return unit.id


def test_parallel_read_and_write_loses_no_update(databases: Databases) -> None:
    unit_id = add_unit(databases)

    def count() -> None:
        for _ in range(20):
            with committing(write_session(databases.roster)) as session:
                unit = session.get_one(Unit, unit_id, with_for_update=True)
                unit.stated_members = (unit.stated_members or 0) + 1

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(read_session(databases.roster)) as session:
        assert session.get_one(Unit, unit_id).stated_members == 120


def test_a_fault_inside_the_block_leaves_nothing_behind(databases: Databases) -> None:
    def fail() -> None:
        with committing(write_session(databases.roster)) as session:
            session.add(Unit(kind="federation", name="乙", short_name="乙"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(read_session(databases.roster)) as session:
        assert session.scalar(text("SELECT count(*) FROM unit")) == 0


def test_a_naive_time_is_refused(databases: Databases) -> None:
    from sqlalchemy.exc import StatementError

    from survey_app.outbox.models import Job

    with pytest.raises(StatementError), committing(write_session(databases.roster)) as session:
        session.add(Job(kind="x", payload={}, run_at=datetime(2026, 1, 1)))
    with committing(write_session(databases.roster)) as session:
        session.add(Job(kind="x", payload={}, run_at=datetime(2026, 1, 1, tzinfo=UTC)))


def test_an_acknowledged_ballot_is_on_the_disk_and_the_box_keeps_no_log_of_arrivals(
    databases: Databases,
) -> None:
    if databases.box.dialect.name != "sqlite":
        with databases.box.connect() as connection:
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        return
    with databases.box.connect() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "secure_delete", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "delete", "secure_delete": 1, "synchronous": 3, "foreign_keys": 1}


@pytest.mark.parametrize(("lineage", "base"), [("roster", RosterBase), ("box", BoxBase)])
def test_models_and_migrations_agree(databases: Databases, lineage: str, base: type) -> None:
    assert migrations.drift(databases, lineage, base.metadata) == []  # type: ignore[attr-defined]


def test_migrations_go_down_and_up_again(databases: Databases) -> None:
    migrations.downgrade(databases)
    assert migrations.behind(databases) == ["roster", "box"]
    migrations.upgrade(databases)
    assert migrations.behind(databases) == []
    add_unit(databases)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # a file cannot be cut off
@pytest.mark.parametrize("idle", [False, True], ids=["used a moment ago", "idle"])
def test_an_idle_connection_is_asked_before_it_is_used_and_a_cut_one_replaced(
    settings, databases: Databases, monkeypatch: pytest.MonkeyPatch, idle: bool
) -> None:
    own = open_databases(settings)
    monkeypatch.setattr(db, "TRUSTED_SECONDS", 0.0 if idle else 60.0)
    with look_session(own.roster) as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
    with look_session(databases.roster) as session:
        session.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": process})
    failed = 0
    for _ in range(2):
        try:
            with look_session(own.roster) as session:
                assert session.scalar(text("SELECT pg_backend_pid()")) != process
        except OperationalError:
            failed += 1
    own.dispose()
    assert failed == (0 if idle else 1), "a trusted connection that was cut costs one answer, never two"
