"""A local HTTP gateway for SMS and WeCom that a test can make refuse, stall, break, or answer nonsense."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]
FINE: Answer = (200, {"ok": True, "errcode": 0})


@dataclass
class Call:
    """One request as the gateway saw it."""

    path: str
    content: dict[str, Any]
    headers: dict[str, str]


@dataclass
class Gateway:
    """What the gateway answers next, and what it was asked.

    An answer is (status, JSON), or one of: "stall" answers too late, "hang up" takes the request and cuts
    the line, "nonsense" answers 200 with something that is no JSON.
    """

    port: int = 0
    moods: list[Answer | str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    by_path: dict[str, Answer] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """The address for the settings."""
        return f"http://127.0.0.1:{self.port}"

    def said(self, path: str = "") -> list[Call]:
        """The calls whose path begins so."""
        return [call for call in self.calls if call.path.startswith(path or "/")]


class _Handler(BaseHTTPRequestHandler):
    gateway: Gateway

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, content: dict[str, Any]) -> None:
        gateway = self.gateway
        gateway.calls.append(Call(self.path, content, dict(self.headers)))
        fixed = gateway.by_path.get(self.path.partition("?")[0])
        mood = fixed or (gateway.moods.pop(0) if gateway.moods else FINE)
        if mood == "stall":
            gateway.released.wait(5)
        elif mood == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif mood == "nonsense":
            self._answer(200, b"<html>")
        else:
            status, answer = mood
            self._answer(status, json.dumps(answer).encode())

    def _answer(self, status: int, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{self.gateway.url}/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """A test reads `calls`, not the terminal."""


@contextmanager
def http_gateway() -> Iterator[Gateway]:
    """A running gateway."""
    gateway = Gateway()
    handler = type("Handler", (_Handler,), {"gateway": gateway})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    gateway.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield gateway
    finally:
        gateway.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
