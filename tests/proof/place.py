"""A copy of the world with its application: browsers of the cast, and a picture of every row."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import MetaData, Table, select

from survey_app.accounts.permissions import permissions_of
from survey_app.core.actor import Role
from survey_app.core.db import BoxBase, Databases, RosterBase, open_databases
from tests.proof.world import NOW, World
from tests.support.cast import DeskClient, StandingClock, make_app, signed_in_client

# What a browser may leave behind without having changed anything.
ONLY_SEEN = frozenset({"sign_in", "sign_in_failure"})


@dataclass
class Place:
    """The copy, its databases, its application and clock, and the browsers signed in so far."""

    world: World
    databases: Databases
    clock: StandingClock
    app: Flask
    _browsers: dict[str, DeskClient] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World) -> Place:
        """Open the installation of this world."""
        databases, clock = open_databases(world.settings), StandingClock(NOW)
        return cls(world, databases, clock, make_app(world.settings, databases, clock))

    def browser(self, actor: str) -> DeskClient:
        """The browser of one of the cast, signed in just now."""
        if actor not in self._browsers:
            browser = signed_in_client(self.app, self.databases, self.world.posts[actor])
            token = browser.csrf_token()  # asked once: the walks send thousands of forms
            browser.csrf_token = lambda: token  # type: ignore[method-assign]  # a browser that keeps its form open
            self._browsers[actor] = browser
        return self._browsers[actor]

    def permissions(self, actor: str) -> frozenset[str]:
        """What the role of one of the cast may do at all."""
        return permissions_of(Role(self.world.posts[actor].role))

    def rows(self) -> dict[str, str]:
        """A digest of every table of both books: two equal pictures mean that nothing was written."""
        books = ((self.databases.roster, RosterBase.metadata), (self.databases.box, BoxBase.metadata))
        return {
            table.name: self._digest(engine, table)
            for engine, metadata in books
            for table in _tables(metadata)
            if table.name not in ONLY_SEEN
        }

    @staticmethod
    def _digest(engine, table: Table) -> str:
        with engine.connect() as connection:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _tables(metadata: MetaData) -> list[Table]:
    return list(metadata.sorted_tables)
