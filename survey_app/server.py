"""gunicorn, started from Python, with an optional worker process beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import Any

from gunicorn.app.base import BaseApplication
from sqlalchemy.exc import OperationalError

from survey_app.app import create_app
from survey_app.core.clock import system_clock
from survey_app.core.db import open_databases
from survey_app.core.server_memory import loud_settings
from survey_app.core.settings import Settings
from survey_app.demo import routes as demo_routes
from survey_app.demo.clock import DemoClock
from survey_app.maintenance import metrics
from survey_app.maintenance.counters import Counters

LOCAL = ("http://localhost", "http://127.0.0.1", "http://[::1]")


class Server(BaseApplication):
    """gunicorn around the application; each server process opens its own databases."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings = settings
        self.options = options
        # Made before the server forks, so that all its processes count in one place.
        self.counters = Counters()
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)
        self.cfg.set("post_fork", lambda _server, worker: self.counters.use_slot(worker.age))

    def load(self) -> Any:
        """Make the application in the server process."""
        clock = DemoClock(self.settings.data_folder) if self.settings.demo else system_clock
        app = create_app(self.settings, clock=clock)
        metrics.register(app, self.counters)
        if self.settings.demo:
            demo_routes.register(app)
        return app


class Companion(threading.Thread):
    """Keeps one worker process beside the server: started again when it dies, ended with the server."""

    PAUSE_SECONDS = 2.0

    def __init__(self, command: list[str]) -> None:
        super().__init__(name="pingjia-worker-watch", daemon=True)
        self.command = command
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the worker now and the watch over it afterwards."""
        # Before the server forks: a fork in the middle of Popen would hold its pipe open and block us.
        self._start_process()
        super().start()

    def run(self) -> None:
        """Wait for the worker's end, and start it again until `stop`."""
        while self._process is not None:
            self._process.wait()
            if self._ending.wait(self.PAUSE_SECONDS):
                return
            self._start_process()

    def _start_process(self) -> None:
        # A group of its own: Ctrl-C reaches the server alone, which then ends the worker in good order.
        self._process = subprocess.Popen(self.command, env=os.environ.copy(), process_group=0)

    def stop(self) -> None:
        """Ask the worker to end; what it has in hand it finishes."""
        self._ending.set()
        if self._process is not None:
            self._process.terminate()


def run_server(
    settings: Settings,
    *,
    bind: str,
    workers: int,
    threads: int,
    beside: bool,
    cert: str | None,
    key: str | None,
) -> None:
    """Serve until stopped; `beside` starts `pingjia worker` as a child that ends with the server."""
    _warn(settings)
    options: dict[str, Any] = {
        "bind": bind,
        "workers": workers,
        "worker_class": "gthread",
        "threads": threads,
        "timeout": 120,
        "graceful_timeout": 20,
        # The control socket would be a file in the home folder that nobody asked for.
        "control_socket_disable": True,
        # No access log: an address and a time beside a member's request would be a third book.
        "accesslog": None,
        "loglevel": "warning",
    }
    if cert and key:
        options.update(certfile=cert, keyfile=key)
    if beside:
        companion = Companion([sys.executable, "-m", "survey_app.cli", "worker"])
        options["when_ready"] = lambda _server: companion.start()
        options["on_exit"] = lambda _server: companion.stop()
    Server(settings, options).run()


def _warn(settings: Settings) -> None:
    """Say before the first request what weakens this installation."""
    address = settings.base_url
    if not address.startswith("https://") and not address.startswith(LOCAL):
        print(f"注意：{address} 不是https，会员的手机封不了票 (WebCrypto needs https)", file=sys.stderr)
    databases = open_databases(settings)
    try:
        for line in loud_settings(databases):
            print(f"注意：数据库会记下不该记的 (set it quiet): {line}", file=sys.stderr)
    except OperationalError:
        # After a power cut the database may come up later than we do: pages say 503 until it is there.
        print("注意：数据库还连不上 (the database does not answer yet)", file=sys.stderr)
    finally:
        databases.dispose()
