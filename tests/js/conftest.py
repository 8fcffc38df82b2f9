"""Serves the ballot's scripts on loopback, under the product's policy, to a real Chromium."""

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

SCRIPTS = Path(__file__).resolve().parents[2] / "survey_app" / "static" / "ballot"
MEMBER = ("features.js", "codes.js", "blind.js", "seal.js")
CUSTODIAN = ("codes.js", "seal.js", "opening.js")
POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'"

Run = Callable[..., Any]


class _Handler(SimpleHTTPRequestHandler):
    """The scripts as files, and two bare pages that load them as the product does."""

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
            return
        scripts = {"/member": MEMBER, "/custodian": CUSTODIAN}.get(self.path)
        if scripts is None:
            super().do_GET()
            return
        tags = "".join(f'<script src="/{name}"></script>' for name in scripts)
        shown = "<p data-if-supported hidden></p><p data-if-unsupported hidden></p>"
        body = f'<!doctype html><meta charset="utf-8">{tags}{shown}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the test's own output is enough."""


@pytest.fixture(scope="session")
def scripts_url() -> Iterator[str]:
    """Where the scripts are served. The name localhost makes it a secure context."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(SCRIPTS)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def member_page(chromium: Browser, scripts_url: str) -> Iterator[Page]:
    """A page with what a member's phone loads."""
    yield from _open(chromium, f"{scripts_url}/member")


@pytest.fixture(scope="module")
def custodian_page(chromium: Browser, scripts_url: str) -> Iterator[Page]:
    """A page with what the custodians' browser loads."""
    yield from _open(chromium, f"{scripts_url}/custodian")


def _open(chromium: Browser, url: str) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(url)
    yield page
    context.close()
    assert not troubles, f"the browser complained: {troubles}"
