"""gunicorn, started from Python, with an optional worker process beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from gunicorn.app.base import BaseApplication

from survey_app.app import create_app
from survey_app.core.db import open_databases
from survey_app.core.server_memory import loud_settings
from survey_app.core.settings import Settings
from survey_app.demo import routes as demo_routes
from survey_app.demo.clock import DemoClock

LOCAL = ("http://localhost", "http://127.0.0.1", "http://[::1]")


class Server(BaseApplication):
    """gunicorn around the application; each server process opens its own databases."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings = settings
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application in the server process."""
        if not self.settings.demo:
            return create_app(self.settings)
        app = create_app(self.settings, clock=DemoClock(self.settings.data_folder))
        demo_routes.register(app)
        return app


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
        child: list[subprocess.Popen[bytes]] = []
        options["when_ready"] = lambda _server: child.append(
            # A group of its own: Ctrl-C reaches the server alone, which then ends the worker in good order.
            subprocess.Popen(
                [sys.executable, "-m", "survey_app.cli", "worker"], env=os.environ.copy(), process_group=0
            )
        )

        def end(_server: object) -> None:
            for process in child:
                process.terminate()

        options["on_exit"] = end
    Server(settings, options).run()


def _warn(settings: Settings) -> None:
    """Say before the first request what weakens this installation."""
    address = settings.base_url
    if not address.startswith("https://") and not address.startswith(LOCAL):
        print(f"注意：{address} 不是https，会员的手机封不了票 (WebCrypto needs https)", file=sys.stderr)
    databases = open_databases(settings)
    for line in loud_settings(databases):
        print(f"注意：数据库会记下不该记的 (set it quiet): {line}", file=sys.stderr)
    databases.dispose()
