"""Least rights on PostgreSQL: neither role reads the other side, and a whole round runs with nothing more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import migrations
from survey_app.app import create_app
from survey_app.box.models import BoxClass
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.counting.erasing import erase_vote
from survey_app.counting.voting import destroy
from survey_app.rounds.models import Round, RoundState
from tests.support.installation import settings_for
from tests.support.least_rights import least_rights, limited_to, run_script, with_role
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec, build_round

ROOT = Path(__file__).resolve().parents[3]


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


def assert_denied(engine: Engine, statement: str) -> None:
    """The server itself says no."""
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), engine.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_auditor_reads_both_sides_and_writes_nothing(settings, databases):
    with least_rights(settings, databases) as names:
        seen = replace(
            settings,
            database_url=with_role(settings.database_url, names["audit"]),
            box_database_url=with_role(settings.box_database_url, names["audit"]),
        )
        opened = open_databases(seen)
        try:
            assert audit(opened).passed
            assert_denied(opened.roster, "DELETE FROM message")
            assert_denied(opened.box, "DELETE FROM intake")
        finally:
            opened.dispose()


def test_the_script_prepares_empty_databases_and_may_be_run_again(postgres_url, tmp_path):
    settings = settings_for(postgres_url(), postgres_url(), tmp_path)
    superuser = open_databases(settings)
    try:
        with least_rights(settings, superuser) as names:
            owned = replace(
                settings,
                database_url=with_role(settings.database_url, names["owner"]),
                box_database_url=with_role(settings.box_database_url, names["owner"]),
            )
            opened = open_databases(owned)
            migrations.upgrade(opened)
            opened.dispose()
            run_script(settings, superuser, names)
            limited = open_databases(limited_to(settings, names))
            try:
                build_round(limited_to(settings, names), limited, [HomeSpec.of(10)]).prepare()
                assert_denied(limited.roster, "DELETE FROM journal_line")
                assert_denied(limited.box, "DELETE FROM leaf")
            finally:
                limited.dispose()
    finally:
        superuser.dispose()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_whole_round_needs_no_more_than_the_two_roles(settings, databases):
    with least_rights(settings, databases) as names:
        limited = limited_to(settings, names)
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
            with committing(write_session(opened.roster)) as session:
                session.get_one(Round, built.id).state = RoundState.CANCELLED
            destroy(built.workshop, built.id)
            with reading(read_session(opened.box)) as box:
                assert box.scalars(select(BoxClass.id)).all() == [], "a cancelled round can be destroyed too"
            for statement in ("UPDATE leaf SET home_id = 0", "DELETE FROM opening"):
                assert_denied(opened.box, statement)
            for statement in ("UPDATE journal_line SET number = 0", "DELETE FROM rating_snapshot"):
                assert_denied(opened.roster, statement)
            assert_denied(opened.roster, "TRUNCATE invitation")
            assert_denied(opened.box, "CREATE TABLE mine (id integer)")
        finally:
            opened.dispose()
