"""The real application behind the real server, started as a process of its own on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
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

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
# The command `pingjia` without depending on how, or whether, the project was installed.
PINGJIA = (sys.executable, "-c", "from survey_app.cli import main; main()")


@dataclass(frozen=True)
class LiveServer:
    """A running server: where it answers, what it runs on, and its process."""

    base_url: str
    settings: Settings
    process: subprocess.Popen[bytes]
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


def run_pingjia(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one `pingjia` command on this installation and return what it printed."""
    return subprocess.run(
        [*PINGJIA, *arguments],
        cwd=ROOT,
        env=environment_of(settings, settings.base_url),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@contextmanager
def serving(settings: Settings, *options: str) -> Iterator[LiveServer]:
    """Serve this installation with `pingjia serve` until the block ends; options are passed on."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    log = settings.data_folder / f"server-{port}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*PINGJIA, "serve", "--host", "127.0.0.1", "--port", str(port), *options],
            cwd=ROOT,
            env=environment_of(settings, base_url),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = LiveServer(base_url, settings, process, log)
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
