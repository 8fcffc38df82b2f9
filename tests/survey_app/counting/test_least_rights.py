"""Least rights on PostgreSQL: neither role reads the other side, and a whole round runs with nothing more."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from survey_app.app import create_app
from survey_app.core.db import open_databases
from survey_app.core.roles import ROLES, statements
from survey_app.counting.audit import audit
from survey_app.counting.erasing import erase_vote
from survey_app.rounds.models import RoundState
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec, build_round

ROOT = Path(__file__).resolve().parents[3]
_numbers = itertools.count(1)


@contextmanager
def least_rights(settings, databases) -> Iterator[dict[str, str]]:
    """Make the printed roles under names of this test; gives each role's name, removes them afterwards."""
    prefix = f"test_{next(_numbers)}_{os.getpid()}_"
    names = {role.removeprefix("pingjia_"): role.replace("pingjia_", prefix) for role in ROLES}
    script = statements(settings, databases)
    for role in ROLES:
        script = script.replace(role, role.replace("pingjia_", prefix))
    for side, line in lines_by_side(script, settings):
        run(side, line)
    try:
        yield names
    finally:
        drop_roles(settings, list(names.values()))


def lines_by_side(script: str, settings) -> Iterator[tuple[str, str]]:
    """The printed statements, each with the database it is to be run on."""
    connects = {
        f'\\connect "{make_url(url).database}"': url
        for url in (settings.database_url, settings.box_database_url)
    }
    side = settings.database_url
    for line in script.splitlines():
        side = connects.get(line, side)
        if line and not line.startswith(("--", "\\connect")):
            yield side, line


def run(url: str, statement: str) -> None:
    """One statement as the superuser."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def drop_roles(settings, names: list[str]) -> None:
    """Leave the server as it was found."""
    for url in (settings.database_url, settings.box_database_url):
        for name in names:
            run(url, f'DROP OWNED BY "{name}"')
    for name in names:
        run(settings.database_url, f'DROP ROLE "{name}"')


def count(url: URL, role: str, table: str) -> int:
    """How many rows this role sees in a table."""
    engine = create_engine(url.set(username=role))
    try:
        with engine.connect() as connection:
            return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0
    finally:
        engine.dispose()


def test_neither_role_can_read_the_other_side(databases, settings):
    if databases.box.dialect.name != "postgresql":
        # SQLite has no roles: two files, and no statement of ours attaches one to the other.
        sources = [file.read_text() for file in (ROOT / "survey_app").rglob("*.py")]
        assert not any("ATTACH DATABASE" in source.upper() for source in sources)
        return
    roster, box = (make_url(url) for url in (settings.database_url, settings.box_database_url))
    with least_rights(settings, databases) as names:
        assert count(box, names["box"], "intake") == 0
        assert count(roster, names["roster"], "invitation") == 0
        for url, role, table in ((roster, "box", "invitation"), (box, "roster", "intake")):
            with pytest.raises(DBAPIError, match="permission denied"):
                count(url, names[role], table)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_whole_round_needs_no_more_than_the_two_roles(settings, databases):
    with least_rights(settings, databases) as names:
        limited = replace(
            settings,
            database_url=with_role(settings.database_url, names["roster"]),
            box_database_url=with_role(settings.box_database_url, names["box"]),
        )
        opened = open_databases(limited)
        try:
            built = build_round(limited, opened, [HomeSpec.of(11), HomeSpec.of(10)]).prepare().open()
            send = over_flask(create_app(limited, opened, clock=built.clock))
            for home in built.home_ids:
                for code in built.codes(home):
                    MemberClient(send, code).vote(answers_of(built.questionnaire))
            built.close().count().finish()
            assert built.state is RoundState.COUNTED
            assert audit(opened).passed
            erase_vote(opened, built.id, built.home_ids[1])
            for statement in ("UPDATE leaf SET home_id = 0", "DELETE FROM opening"):
                with pytest.raises(DBAPIError, match="permission denied"), opened.box.begin() as connection:
                    connection.execute(text(statement))
        finally:
            opened.dispose()


def with_role(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)
