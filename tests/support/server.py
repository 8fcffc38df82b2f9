"""The real application behind the real server, started as a process of its own on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from survey_app.core.settings import Settings
from tests.support.installation import environment_for
from tests.support.nursery import Grown, nursery

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
# The command `pingjia` without depending on how, or whether, the project was installed.
PINGJIA = (sys.executable, "-c", "from survey_app.cli import main; main()")


@dataclass(frozen=True)
class LiveServer:
    """A running server: where it answers, what it runs on, and its process."""

    base_url: str
    settings: Settings
    process: Grown
    log: Path

    def kill(self) -> None:
        """End the server and its children at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_S)

    def stop(self) -> None:
        """Ask the server to end, and insist when it does not."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


def free_port() -> int:
    """A port on loopback that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(settings: Settings, base_url: str) -> dict[str, str]:
    """The environment of a process that works on this installation."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PINGJIA_")}
    addresses = (settings.database_url, settings.box_database_url)
    return {**inherited, **environment_for(*addresses, settings.data_folder, base_url)}


def run_pingjia(settings: Settings, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run one `pingjia` command on this installation, with what somebody types; gives what it printed."""
    with tempfile.TemporaryDirectory(prefix="pingjia-command-") as name:
        given, output, errors = (Path(name, part) for part in ("typed", "output", "errors"))
        given.write_text(typed, encoding="utf-8")
        environment = environment_of(settings, settings.base_url)
        process = nursery().grow(arguments, environment, output=output, errors=errors, typed=given)
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        said = (file.read_text(encoding="utf-8") for file in (output, errors))
        return subprocess.CompletedProcess(["pingjia", *arguments], code, *said)


def started(settings: Settings, base_url: str, *options: str) -> LiveServer:
    """`pingjia serve` at this address; it is not ready yet."""
    port = base_url.rpartition(":")[2]
    log = settings.data_folder / f"server-{port}.log"
    arguments = ("serve", "--host", "127.0.0.1", "--port", port, *options)
    process = nursery().grow(arguments, environment_of(settings, base_url), output=log)
    return LiveServer(base_url, settings, process, log)


@contextmanager
def serving(settings: Settings, *options: str) -> Iterator[LiveServer]:
    """Serve this installation with `pingjia serve` until the block ends; options are passed on."""
    server = started(settings, f"http://127.0.0.1:{free_port()}", *options)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        server.stop()


def _wait_until_ready(server: LiveServer) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.base_url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    pytest.fail(f"the server did not become ready:\n{server.log.read_text(errors='replace')[-4000:]}")


@pytest.fixture
def live_server(settings: Settings) -> Iterator[LiveServer]:
    """The application served on the fresh installation of this test, once per kind of database."""
    with serving(settings) as server:
        yield server
