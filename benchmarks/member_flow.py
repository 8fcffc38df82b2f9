"""What one member costs the server: page, lookup, sheet, issue and cast over HTTP, with real cryptography.

Run: `python benchmarks/member_flow.py [--database sqlite|postgresql] [--clients 1 8 32] [--seconds 6]
[--stored 0]`. Starts `pingjia serve` on a round of its own, lets phones in processes of their own vote,
and prints flows per second, latencies, server CPU per flow and RSS. The clients' CPU is counted apart.
Then the same phones ask two limits: the same requests answered with two statements and no cryptography,
and a bare Flask view. `--stored` puts that many sealed ballots into the box beforehand. At the end stored
must equal acknowledged.
"""

import argparse
import base64
import json
import multiprocessing
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from sqlalchemy import func, insert, select

import migrations
from survey_app.box.models import Intake
from survey_app.core.db import Databases, open_databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.seals.envelope import SEALED_BYTES
from tests.support.installation import settings_for
from tests.support.member_client import MemberClient, answers_of
from tests.support.own_postgres import killable_postgres
from tests.support.round_builder import BuiltRound, HomeSpec, build_round
from tests.support.server import free_port, serving

ROOT = Path(__file__).resolve().parents[1]
STEPS = ("/e", "/e/lookup", "/e/sheet", "/e/issue", "/box/cast")
PROCESSES = 2
BATCH = 500


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

    def send(self, path: str, call: Any) -> tuple[int, bytes]:
        """A call of the member's page."""
        return self.ask("POST", path, json.dumps(dict(call)).encode())


@dataclass
class Outcome:
    """What one process of phones has seen."""

    flows: int
    receipts: list[str]
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


def ask_only(wire: Wire, code: str) -> str:
    """The same five requests with bytes of the same length, and nothing computed."""
    wire.ask("GET", "/e")
    wire.send("/e/lookup", {"code": code})
    wire.send("/e/sheet", {"round": secrets.token_hex(16), "home": 1})
    wire.send("/e/issue", {"code": code, "tag": "AAAAAA==", "b": text(256)})
    cast = {"class": secrets.token_hex(16), "m": text(64), "s": text(256), "x": text(SEALED_BYTES)}
    status, _ = wire.send("/box/cast", cast)
    assert status == 200
    return ""


def text(size: int) -> str:
    """Random bytes as they travel."""
    return base64.b64encode(secrets.token_bytes(size)).decode()


def phones(port: int, flow: Flow, codes: list[str], threads: int, seconds: float, pipe: Any) -> None:
    """One process: some phones, each a thread with a connection of its own."""
    wires, receipts, lock = [Wire(port) for _ in range(threads)], [], threading.Lock()
    ends = time.perf_counter() + seconds

    def one(wire: Wire) -> None:
        while time.perf_counter() < ends:
            with lock:
                if not codes:
                    return
                code = codes.pop()
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
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send(Outcome(len(receipts), receipts, dict(merged), used.ru_utime + used.ru_stime))
    pipe.close()


@dataclass(frozen=True)
class Figures:
    """One line of the table."""

    label: str
    clients: int
    flows: int
    per_second: float
    server_ms: float
    client_ms: float
    rss_mb: float
    seconds: dict[str, list[float]]
    receipts: list[str]

    def line(self) -> str:
        """As it is printed."""
        cast = sorted(self.seconds["/box/cast"])
        whole = 1000 * sum(statistics.median(self.seconds[step]) for step in STEPS)
        cells = (
            *(self.label, self.clients, self.flows, f"{self.per_second:.1f}", f"{self.server_ms:.2f}"),
            *(f"{self.client_ms:.2f}", f"{whole:.0f}", f"{quantile(cast, 0.5):.1f}"),
            *(f"{quantile(cast, 0.99):.1f}", f"{self.rss_mb:.0f}"),
        )
        return f"| {' | '.join(map(str, cells))} |"


COLUMNS = (
    *("server", "clients", "flows", "flows/s", "server CPU ms/flow", "client CPU ms/flow"),
    *("five answers, median ms", "cast p50 ms", "cast p99 ms", "RSS MB"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def quantile(ordered: list[float], q: float) -> float:
    """In milliseconds."""
    return 1000 * ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def measure(
    label: str, pid: int, port: int, flow: Flow, codes: list[str], clients: int, seconds: float
) -> Figures:
    """Let `clients` phones vote for so many seconds."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    before, begun = cpu_of(family), time.perf_counter()
    groups = min(PROCESSES, clients)
    pipes = []
    for number in range(groups):
        here, there = multiprocessing.Pipe()
        share = clients // groups + (number < clients % groups)
        given = (port, flow, codes[number::groups], share, seconds, there)
        child = multiprocessing.get_context("fork").Process(target=phones, args=given)
        child.start()
        pipes.append((child, here))
    outcomes = []
    for child, here in pipes:
        outcomes.append(here.recv())
        child.join()
    took, used = time.perf_counter() - begun, cpu_of(family) - before
    flows = sum(one.flows for one in outcomes)
    merged: dict[str, list[float]] = defaultdict(list)
    for one in outcomes:
        for path, taken in one.seconds.items():
            merged[path] += taken
    rss = sum(process.memory_info().rss for process in family) / 1e6
    return Figures(
        label,
        clients,
        flows,
        flows / took,
        1000 * used / flows,
        1000 * sum(one.cpu for one in outcomes) / flows,
        rss,
        merged,
        [receipt for one in outcomes for receipt in one.receipts],
    )


def cpu_of(family: list[psutil.Process]) -> float:
    """Seconds of processor that a server has used."""
    return sum(sum(process.cpu_times()[:2]) for process in family)


@contextmanager
def limit_server(settings: Settings, kind: str, workers: int) -> Iterator[tuple[int, int]]:
    """`limits.py` behind the same gunicorn; gives process and port."""
    port = free_port()
    urls = [settings.database_url, settings.box_database_url]
    process = subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "benchmarks" / "member_flow_limits.py"),
            kind,
            str(port),
            str(workers),
            *urls,
        ],
        cwd=ROOT,
    )
    try:
        for _ in range(400):
            try:
                assert Wire(port).ask("GET", "/e")[0] == 200
                break
            except OSError:
                time.sleep(0.05)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def fill(databases: Databases, class_id: str, ballots: int) -> None:
    """Sealed ballots of other members: random bytes of the right size."""
    for start in range(0, ballots, BATCH):
        rows = [
            {
                "cred_hash": secrets.token_bytes(32),
                "class_id": class_id,
                "cred": secrets.token_bytes(64),
                "sig": secrets.token_bytes(256),
                "sealed": secrets.token_bytes(SEALED_BYTES),
            }
            for _ in range(min(BATCH, ballots - start))
        ]
        with databases.box.begin() as connection:
            connection.execute(insert(Intake), rows)


def voting_round(settings: Settings, databases: Databases, members: int) -> BuiltRound:
    """A round of one home that votes now."""
    now = datetime.now(UTC)
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=2), "at": now}
    built = build_round(settings, databases, [HomeSpec.of(members)], **hours).prepare().open()
    built.clock.at = now
    return built


def main(given: argparse.Namespace) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pingjia-flow-")))
        if given.database == "postgresql":
            made = stack.enter_context(killable_postgres()).server
            settings = settings_for(made.create(), made.create(), folder)
        else:
            settings = settings_for(
                f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3", folder
            )
        databases = open_databases(settings)
        stack.callback(databases.dispose)
        migrations.upgrade(databases)
        built = voting_round(settings, databases, given.members)
        codes = built.codes(built.home_ids[0])
        fill(databases, secrets.token_hex(16), given.stored)
        databases.dispose()
        workers = 1 if given.database == "sqlite" else 2
        print(f"{given.database}, {workers} x 8 threads, {given.stored} ballots stored before\n\n{HEAD}")
        receipts: list[str] = []
        with serving(settings, "--workers", str(workers)) as server:
            port = int(server.base_url.rpartition(":")[2])
            for clients in given.clients:
                mine, codes = codes[: len(codes) // 2], codes[len(codes) // 2 :]
                figures = measure(
                    "pingjia",
                    server.process.pid,
                    port,
                    vote(answers_of(built.questionnaire)),
                    mine,
                    clients,
                    given.seconds,
                )
                receipts += figures.receipts
                print(figures.line(), flush=True)
        with reading(read_session(databases.box)) as session:
            stored = (session.scalar(select(func.count()).select_from(Intake)) or 0) - given.stored
        for kind, label in (("statements", "two statements, no cryptography"), ("bare", "bare Flask view")):
            with limit_server(settings, kind, workers) as (pid, port):
                for clients in given.clients:
                    many = ["ABCD"] * 100_000
                    print(
                        measure(label, pid, port, ask_only, many, clients, given.seconds / 2).line(),
                        flush=True,
                    )
        same = stored == len(set(receipts)) == len(receipts)
        print(f"\nacknowledged {len(receipts)}, stored {stored}: {'equal' if same else 'NOT EQUAL'}")
        sys.exit(0 if same else 1)


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    wanted.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    wanted.add_argument("--seconds", type=float, default=6)
    wanted.add_argument("--stored", type=int, default=0)
    wanted.add_argument("--members", type=int, default=6000)
    main(wanted.parse_args())
