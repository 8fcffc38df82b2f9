"""A machine that dies during `pingjia db upgrade`: the next run goes on and ends at the same tables."""

from __future__ import annotations

import os
import signal

import pytest
from sqlalchemy import event

import migrations
from survey_app.all_models import BoxBase, RosterBase
from survey_app.core.db import open_databases
from tests.support.installation import settings_for


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """Settings of databases without tables."""
    if request.param == "sqlite":
        return settings_for(
            f"sqlite:///{tmp_path}/roster.sqlite3", f"sqlite:///{tmp_path}/box.sqlite3", tmp_path
        )
    make = request.getfixturevalue("postgres_url")
    return settings_for(make(), make(), tmp_path)


def upgrade_and_die(settings, statement: int) -> bool:
    """Upgrade in a process that is gone before its n-th statement; False when it ended before that."""
    child = os.fork()
    if child == 0:
        databases = open_databases(settings)
        seen: list[int] = []

        def count(*_given: object) -> None:
            seen.append(1)
            if len(seen) == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        for engine in (databases.roster, databases.box):
            event.listen(engine, "before_cursor_execute", count)
        try:
            migrations.upgrade(databases)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_an_upgrade_that_is_killed_again_and_again_arrives(empty):
    deaths, statement = 0, 3
    while upgrade_and_die(empty, statement):
        deaths, statement = deaths + 1, statement + 20
    assert deaths >= 3, "it was to die in the middle of several revisions"
    databases = open_databases(empty)
    try:
        assert migrations.behind(databases) == []
        for lineage, base in (("roster", RosterBase), ("box", BoxBase)):
            assert migrations.drift(databases, lineage, base.metadata) == []
    finally:
        databases.dispose()
