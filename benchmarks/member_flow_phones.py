"""Phones for `member_flow.py`: the five requests of a ballot over a connection that stays open.

`vote` computes all that a phone computes; `ask_only` sends bytes of the same length and computes nothing.
"""

import base64
import json
import resource
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

from survey_app.seals.blind import key_tag
from survey_app.seals.envelope import SEALED_BYTES
from tests.support.member_client import MemberClient, base64_text


@dataclass
class Wire:
    """One connection that stays open, as a phone's does; remembers how long each answer took."""

    port: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """One request on the clock."""
        begun = time.perf_counter()
        headers = {"Content-Type": "application/json"} if body else {}
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        content = reply.read()
        self.seconds[path].append(time.perf_counter() - begun)
        return reply.status, content

    def good(self, path: str, call: dict[str, object]) -> bytes:
        """The reply to a call that must succeed."""
        status, content = self.send(path, call)
        assert status == 200, (path, status, content[:200])
        return content

    def send(self, path: str, call: Any) -> tuple[int, bytes]:
        """A call of the member's page."""
        return self.ask("POST", path, json.dumps(dict(call)).encode())


@dataclass
class Outcome:
    """What one process of phones has seen."""

    flows: int
    receipts: list[str]
    codes: list[str]
    seconds: dict[str, list[float]]
    cpu: float


Flow = Callable[[Wire, str], str]


def vote(answers: dict[str, object]) -> Flow:
    """A whole ballot with everything a phone computes."""

    def flow(wire: Wire, code: str) -> str:
        status, _page = wire.ask("GET", "/e")
        assert status == 200
        return MemberClient(wire.send, code).vote(answers)

    return flow


def ask_only(classes: dict[str, bytes]) -> Flow:
    """The same five requests with bytes of the same length, and nothing computed."""

    def flow(wire: Wire, code: str) -> str:
        wire.ask("GET", "/e")
        found = json.loads(wire.good("/e/lookup", {"code": code}))
        sheet = wire.good("/e/sheet", {"round": found["round"], "home": found["home"]})
        named = found["class"]
        if named not in classes:
            entries = json.loads(sheet.split(b"\n")[0])["classes"]
            classes.update({one["id"]: key_tag(base64.b64decode(one["n"])) for one in entries})
        blinded = base64_text(b"\0" + secrets.token_bytes(255))
        wire.good("/e/issue", {"code": code, "tag": base64_text(classes[named]), "b": blinded})
        cast = {"class": named, "m": text(64), "s": text(256), "x": text(SEALED_BYTES)}
        return str(json.loads(wire.good("/box/cast", cast))["receipt"])

    return flow


def text(size: int) -> str:
    """Random bytes as they travel."""
    return base64_text(secrets.token_bytes(size))


def phones(port: int, flow: Flow, codes: list[str], threads: int, seconds: float, pipe: Any) -> None:
    """One process: some phones, each a thread with a connection of its own."""
    wires, lock = [Wire(port) for _ in range(threads)], threading.Lock()
    receipts: list[str] = []
    used: list[str] = []
    ends = time.perf_counter() + seconds

    def one(wire: Wire) -> None:
        while time.perf_counter() < ends:
            with lock:
                if not codes:
                    return
                code = codes.pop()
                used.append(code)
            receipts.append(flow(wire, code))

    workers = [threading.Thread(target=one, args=(wire,)) for wire in wires]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    merged: dict[str, list[float]] = defaultdict(list)
    for wire in wires:
        for path, taken in wire.seconds.items():
            merged[path] += taken
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send(Outcome(len(receipts), receipts, used, dict(merged), cpu.ru_utime + cpu.ru_stime))
    pipe.close()
