"""The roles of `pingjia db roles --sql` on the test server, under names that belong to one test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from survey_app.core.roles import ROLES, statements
from survey_app.core.settings import Settings

_numbers = itertools.count(1)


@contextmanager
def least_rights(settings, databases) -> Iterator[dict[str, str]]:
    """Make the printed roles under names of this test; gives each role's name, removes them afterwards."""
    prefix = f"test_{next(_numbers)}_{os.getpid()}_"
    names = {role.removeprefix("pingjia_"): role.replace("pingjia_", prefix) for role in ROLES}
    try:
        run_script(settings, databases, names)
        yield names
    finally:
        drop_roles(settings, list(names.values()))


def run_script(settings, databases, names: dict[str, str]) -> None:
    """Run what `pingjia db roles --sql` prints, with the roles' names of this test."""
    script = statements(settings, databases)
    for role in ROLES:
        script = script.replace(role, names[role.removeprefix("pingjia_")])
    for side, line in lines_by_side(script, settings):
        run(side, line)


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


def limited_to(settings: Settings, names: dict[str, str]) -> Settings:
    """The same installation as its services see it: each side through its own role."""
    return replace(
        settings,
        database_url=with_role(settings.database_url, names["roster"]),
        box_database_url=with_role(settings.box_database_url, names["box"]),
    )


def with_role(url: str, role: str) -> str:
    """An address with another user."""
    return make_url(url).set(username=role).render_as_string(hide_password=False)
