"""Fixtures of the proof: the world is built once, and copied for whoever writes into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from survey_app.core.db import open_databases
from tests.proof.place import Place
from tests.proof.world import World, build_world
from tests.support.databases import _fold_log_into, _sqlite
from tests.support.installation import settings_for

NewPlace = Callable[[], Place]


@pytest.fixture(scope="session")
def built_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The world on SQLite, closed again: only its copies are opened."""
    folder = Path(shutil.copytree(sqlite_template, tmp_path_factory.mktemp("world") / "built"))
    addresses = _sqlite(folder)
    settings = settings_for(addresses.roster, addresses.box, folder)
    databases = open_databases(settings)
    world = build_world(settings, databases)
    databases.dispose()
    for name in ("roster", "box"):
        _fold_log_into(folder / f"{name}.sqlite3")
    return world


@pytest.fixture(scope="module")
def new_place(built_world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewPlace]:
    """A factory of copies of the world, each with an application of its own."""
    with ExitStack() as open_ones:

        def make() -> Place:
            folder = tmp_path_factory.mktemp("copy") / "data"
            shutil.copytree(built_world.settings.data_folder, folder)
            addresses = _sqlite(folder)
            settings = replace(
                built_world.settings,
                database_url=addresses.roster,
                box_database_url=addresses.box,
                data_folder=folder,
            )
            place = Place.of(replace(built_world, settings=settings))
            open_ones.callback(place.databases.dispose)
            return place

        yield make


@pytest.fixture(scope="module")
def place(new_place: NewPlace) -> Place:
    """A copy of the world for a file of tests that leave it as it was."""
    return new_place()
