"""What one member costs the server: page, lookup, sheet, issue and cast over HTTP, with real cryptography.

Run: `python benchmarks/member_flow.py [--database sqlite|postgresql] [--clients 1 8 32] [--seconds 4]
[--repeats 3] [--stored 0]`. Starts `pingjia serve` on a round of its own, lets phones in processes of their
own vote, and prints flows per second, latencies, server CPU per flow and RSS. The clients' CPU is counted
apart. In turn with it, so that whatever else the machine does falls on all alike, the same requests go to the
same server without cryptography, to two bare statements and to a bare Flask view (`member_flow_limits.py`).
Every server first answers some flows that are not counted. `--stored` puts that many sealed ballots into the
box beforehand. At the end stored must equal acknowledged.
"""

import argparse
import multiprocessing
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from sqlalchemy import func, insert, select

import migrations
from benchmarks.member_flow_phones import Flow, Outcome, Wire, ask_only, phones, vote
from survey_app.box.models import Intake
from survey_app.core.db import Databases, open_databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.seals.envelope import SEALED_BYTES
from tests.support.installation import settings_for
from tests.support.member_client import answers_of
from tests.support.own_postgres import killable_postgres
from tests.support.postgres import PostgresServer
from tests.support.round_builder import BuiltRound, HomeSpec, build_round
from tests.support.server import free_port, serving

ROOT = Path(__file__).resolve().parents[1]
STEPS = ("/e", "/e/lookup", "/e/sheet", "/e/issue", "/box/cast")
PROCESSES = 2
BATCH = 500
WARM_SECONDS = 1.0
COLUMNS = (
    *("server", "clients", "flows", "flows/s", "server CPU ms/flow", "client CPU ms/flow"),
    *("five answers, median ms", "cast p50 ms", "cast p99 ms", "RSS MB"),
)
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


@dataclass
class Figures:
    """What was seen of one server with so many clients, over all turns."""

    flows: int = 0
    took: float = 0
    server_cpu: float = 0
    client_cpu: float = 0
    rss_mb: float = 0
    rates: list[float] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    receipts: list[str] = field(default_factory=list)

    def add(self, outcomes: list[Outcome], took: float, cpu: float, rss_mb: float) -> None:
        """One more turn."""
        flows = sum(one.flows for one in outcomes)
        self.flows, self.took, self.server_cpu = self.flows + flows, self.took + took, self.server_cpu + cpu
        self.rss_mb = rss_mb
        self.rates.append(flows / took)
        for one in outcomes:
            self.client_cpu += one.cpu
            self.receipts += one.receipts
            for path, taken in one.seconds.items():
                self.seconds[path] += taken

    @property
    def per_second(self) -> float:
        """The median of the turns: one in which somebody else had the machine does not decide."""
        return statistics.median(self.rates)

    def line(self, label: str, clients: int) -> str:
        """As it is printed."""
        cast = sorted(self.seconds["/box/cast"])
        whole = 1000 * sum(statistics.median(self.seconds[step]) for step in STEPS)
        cells = (
            *(label, clients, self.flows, f"{self.per_second:.1f}"),
            *(f"{1000 * self.server_cpu / self.flows:.2f}", f"{1000 * self.client_cpu / self.flows:.2f}"),
            *(f"{whole:.0f}", f"{quantile(cast, 0.5):.1f}", f"{quantile(cast, 0.99):.1f}"),
            f"{self.rss_mb:.0f}",
        )
        return f"| {' | '.join(map(str, cells))} |"


def quantile(ordered: list[float], q: float) -> float:
    """In milliseconds."""
    return 1000 * ordered[min(len(ordered) - 1, int(q * len(ordered)))]


@dataclass
class Tested:
    """A running server, what is asked of it, and the codes that are left."""

    label: str
    pid: int
    port: int
    flow: Flow
    codes: list[str]
    figures: dict[int, Figures] = field(default_factory=lambda: defaultdict(Figures))
    spare: Figures = field(default_factory=Figures)

    def take_turn(self, clients: int, seconds: float, figures: Figures) -> None:
        """Let `clients` phones vote for so many seconds."""
        family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        before, begun = cpu_of(family), time.perf_counter()
        groups, running = min(PROCESSES, clients), []
        for number in range(groups):
            here, there = multiprocessing.Pipe()
            share = clients // groups + (number < clients % groups)
            given = (self.port, self.flow, self.codes[number::groups], share, seconds, there)
            child = multiprocessing.get_context("fork").Process(target=phones, args=given)
            child.start()
            running.append((child, here))
        outcomes = [here.recv() for _child, here in running]
        for child, _here in running:
            child.join()
        used: set[str] = set().union(*(one.codes for one in outcomes))
        self.codes = [code for code in self.codes if code not in used]
        rss = sum(process.memory_info().rss for process in family) / 1e6
        figures.add(outcomes, time.perf_counter() - begun, cpu_of(family) - before, rss)

    @property
    def receipts(self) -> list[str]:
        """All that its phones hold."""
        return [one for figures in (self.spare, *self.figures.values()) for one in figures.receipts]


def cpu_of(family: list[psutil.Process]) -> float:
    """Seconds of processor that a server has used."""
    return sum(sum(process.cpu_times()[:2]) for process in family)


@contextmanager
def other_server(settings: Settings, kind: str, workers: int) -> Iterator[tuple[int, int]]:
    """`member_flow_limits.py` behind the same gunicorn; gives process and port."""
    port = free_port()
    program = [sys.executable, str(ROOT / "benchmarks" / "member_flow_limits.py"), kind, str(port)]
    place = [str(workers), str(settings.data_folder), settings.database_url, settings.box_database_url]
    process = subprocess.Popen([*program, *place], cwd=ROOT)
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


@dataclass(frozen=True)
class Site:
    """An installation of its own with a voting round."""

    settings: Settings
    built: BuiltRound
    codes: list[str]

    @property
    def ballots(self) -> int:
        """How many lie in the box."""
        databases = open_databases(self.settings)
        with reading(read_session(databases.box)) as session:
            found = session.scalar(select(func.count()).select_from(Intake)) or 0
        databases.dispose()
        return found


def make_site(stack: ExitStack, server: PostgresServer | None, given: argparse.Namespace) -> Site:
    """Databases, a round with its members, and the ballots that were there before."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pingjia-flow-")))
    urls = (
        (server.create(), server.create())
        if server
        else (f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3")
    )
    settings = settings_for(*urls, folder)
    databases = open_databases(settings)
    migrations.upgrade(databases)
    built = voting_round(settings, databases, given.members)
    codes = built.codes(built.home_ids[0])
    fill(databases, secrets.token_hex(16), given.stored)
    databases.dispose()
    return Site(settings, built, codes)


def run(stack: ExitStack, given: argparse.Namespace) -> tuple[list[Tested], Site]:
    """Start everything, take turns, and give what was seen."""
    postgres = stack.enter_context(killable_postgres()).server if given.database == "postgresql" else None
    workers = given.workers or (1 if postgres is None else 2)
    site, without = make_site(stack, postgres, given), make_site(stack, postgres, given)
    print(f"{given.database}, {workers} x 8 threads, {given.stored} ballots stored before\n\n{HEAD}")
    ours = stack.enter_context(serving(site.settings, "--workers", str(workers)))
    port = int(ours.base_url.rpartition(":")[2])
    flow = vote(answers_of(site.built.questionnaire))
    tested = [Tested("pingjia", ours.process.pid, port, flow, site.codes)]
    many = [secrets.token_hex(8) for _ in range(100_000)]
    for kind, label, codes in (
        ("same", "the same without cryptography", without.codes),
        ("statements", "two statements, no cryptography", many),
        ("bare", "bare Flask view", many),
    ):
        pid, port = stack.enter_context(other_server(without.settings, kind, workers))
        tested.append(Tested(label, pid, port, ask_only({}), codes))
    for server in tested:
        server.take_turn(8, WARM_SECONDS, server.spare)
    for clients in given.clients:
        for _ in range(given.repeats):
            for server in tested:
                server.take_turn(clients, given.seconds, server.figures[clients])
        for server in tested:
            print(server.figures[clients].line(server.label, clients), flush=True)
    return tested, site


def main(given: argparse.Namespace) -> int:
    """Measure and print; 1 if a ballot was lost or doubled."""
    with ExitStack() as stack:
        (ours, same, statements, _bare), site = run(stack, given)
        for clients in given.clients:
            mine, uncut, bare = (one.figures[clients].per_second for one in (ours, same, statements))
            print(f"\n{clients} clients: {mine / uncut:.2f} of the same without cryptography, ", end="")
            print(f"{mine / bare:.2f} of two bare statements")
        held, stored = ours.receipts, site.ballots - given.stored
        same_number = stored == len(set(held)) == len(held)
        print(f"\nacknowledged {len(held)}, stored {stored}: {'equal' if same_number else 'NOT EQUAL'}")
        return 0 if same_number else 1


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    wanted.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    wanted.add_argument("--seconds", type=float, default=4)
    wanted.add_argument("--repeats", type=int, default=3)
    wanted.add_argument("--stored", type=int, default=0)
    wanted.add_argument("--workers", type=int, default=0)
    wanted.add_argument("--members", type=int, default=9000)
    sys.exit(main(wanted.parse_args()))
