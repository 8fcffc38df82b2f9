"""Migrations alter tables that hold rows: nothing is lost, and nothing points to what is gone."""

from __future__ import annotations

from sqlalchemy import text

import migrations
from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from tests.support.cast import make_account, make_unit


def test_a_filled_database_goes_down_and_up_again(databases):
    with committing(write_session(databases.roster)) as session:
        make_account(session, Role.OFFICER, make_unit(session, "柳堤区总工会"))
    before = rows(databases)
    migrations.downgrade_lineage(databases, "roster", "roster_0012")
    migrations.upgrade(databases)
    assert migrations.behind(databases) == []
    assert rows(databases) == before == (1, 1)


def rows(databases) -> tuple[int, ...]:
    with databases.roster.connect() as connection:
        return tuple(
            connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in ("account", "post")
        )
