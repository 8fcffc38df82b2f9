"""Migrated roster and box databases, fresh for every test: migrated once, then copied."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

import migrations
from survey_app.core.db import Databases, open_databases
from survey_app.core.settings import Settings
from tests.support.installation import KINDS, settings_for

NewInstallation = Callable[[], Settings]


@dataclass(frozen=True)
class Addresses:
    """Where the two databases of one installation are."""

    roster: str
    box: str


def _migrate(settings: Settings) -> None:
    databases = open_databases(settings)
    try:
        migrations.upgrade(databases)
    finally:
        databases.dispose()


def _sqlite(folder: Path) -> Addresses:
    return Addresses(f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two migrated SQLite files."""
    folder = tmp_path_factory.mktemp("template")
    addresses = _sqlite(folder)
    _migrate(settings_for(addresses.roster, addresses.box, folder))
    for address in (addresses.roster, addresses.box):
        _fold_log_into(Path(make_url(address).database or ""))
    return folder


def _fold_log_into(file: Path) -> None:
    """Bring the write-ahead log home, so that copying the one file copies everything."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture(scope="session")
def postgres_template(postgres_server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Two migrated PostgreSQL databases that serve as templates; nobody stays connected to them."""
    addresses = Addresses(postgres_server.create(), postgres_server.create())
    _migrate(settings_for(addresses.roster, addresses.box, tmp_path_factory.mktemp("template")))
    yield addresses
    postgres_server.drop(addresses.roster)
    postgres_server.drop(addresses.box)


@pytest.fixture(params=KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kind of database under test: every test that uses it runs once on each."""
    return request.param


@pytest.fixture
def new_installation(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[NewInstallation]:
    """A factory of migrated, empty installations (settings) of the kind under test."""
    make = {"sqlite": _copies_of_files, "postgresql": _copies_on_server}[database_kind]
    with ExitStack() as leftovers:
        yield make(request, tmp_path, leftovers)


def _copies_of_files(request: pytest.FixtureRequest, folder: Path, leftovers: ExitStack) -> NewInstallation:
    template: Path = request.getfixturevalue("sqlite_template")
    made: list[Path] = []

    def create() -> Settings:
        data = folder / f"installation-{len(made)}"
        made.append(shutil.copytree(template, data))
        addresses = _sqlite(data)
        return settings_for(addresses.roster, addresses.box, data)

    return create


def _copies_on_server(request: pytest.FixtureRequest, folder: Path, leftovers: ExitStack) -> NewInstallation:
    server = request.getfixturevalue("postgres_server")
    template: Addresses = request.getfixturevalue("postgres_template")

    def copy(address: str) -> str:
        made = server.create(template=make_url(address).database)
        leftovers.callback(server.drop, made)
        return made

    def create() -> Settings:
        data = folder / f"installation-{len(list(folder.iterdir()))}"
        data.mkdir()
        return settings_for(copy(template.roster), copy(template.box), data)

    return create


@pytest.fixture
def settings(new_installation: NewInstallation) -> Settings:
    """Settings of one migrated, empty installation."""
    return new_installation()


@pytest.fixture
def databases(settings: Settings) -> Iterator[Databases]:
    """The two open databases of that installation."""
    opened = open_databases(settings)
    yield opened
    opened.dispose()
