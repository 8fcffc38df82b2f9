"""Web, worker and database are killed with -9 under load: no receipt is lost or doubled, every step heals."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

import migrations
from survey_app.box.models import Intake
from survey_app.core.clock import system_clock
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.outbox.models import Job
from survey_app.rounds.models import RoundState
from survey_app.seals.receipts import leaf, receipt, sealed_hash
from tests.support.installation import settings_for
from tests.support.member_client import MemberClient, Turned, answers_of, over_http
from tests.support.own_postgres import killable_postgres
from tests.support.round_builder import BuiltRound, HomeSpec, build_round
from tests.support.server import PINGJIA, ROOT, environment_of, free_port

PHONES = 3
PATIENCE_S = 60
MEMBERS = 30


@dataclass
class Site:
    """The processes of an installation, each of which can be killed and started again."""

    settings: object
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where the web process answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start `web` or `worker` in a group of its own."""
        serve = ("serve", "--host", "127.0.0.1", "--port", str(self.port))
        with (self.settings.data_folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*PINGJIA, *(serve if name == "web" else ("worker",))],
                cwd=ROOT,
                env=environment_of(self.settings, self.base_url),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """End it and its children as a power cut would."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(20)

    def assert_started(self) -> None:
        """A process that ended by itself says why."""
        for name, process in self.processes.items():
            log = (self.settings.data_folder / f"{name}.log").read_text(errors="replace")
            assert process.poll() is None, f"{name} ended by itself:\n{log[-2000:]}"

    def let_leases_pass(self) -> None:
        """What five minutes without the dead worker would do to its jobs."""
        databases = open_databases(self.settings)
        with committing(write_session(databases.roster)) as session:
            past = datetime.now(UTC) - timedelta(seconds=1)
            session.execute(update(Job).where(Job.state == "running").values(leased_until=past))
        databases.dispose()


@dataclass
class Load:
    """Phones that vote without pause, and vote again with the same bytes when all have voted."""

    base_url: str
    clients: list[MemberClient]
    answers: dict[str, object]
    receipts: dict[str, set[str]] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    strange: list[str] = field(default_factory=list)
    abandoned: bool = False

    def phone(self, mine: list[MemberClient]) -> None:
        """One thread: its members in turn, again and again."""
        turn = 0
        while not (self.stop.is_set() and (self.abandoned or all(one.code in self.receipts for one in mine))):
            client = mine[turn % len(mine)]
            try:
                given = client.vote(self.answers)
            except OSError:
                time.sleep(0.02)
                continue
            except Turned as turned:
                # 503: the database is away. Anything else would be an answer no phone should get.
                if turned.status != 503:
                    self.strange.append(str(turned))
                time.sleep(0.05)
                continue
            self.receipts.setdefault(client.code, set()).add(given)
            turn += 1

    @contextmanager
    def running(self) -> Iterator[None]:
        """Vote while the block runs, and until everybody has a receipt."""
        threads = [
            threading.Thread(target=self.phone, args=(self.clients[number::PHONES],))
            for number in range(PHONES)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        except BaseException:
            self.abandoned = True
            raise
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(PATIENCE_S)
        assert not any(thread.is_alive() for thread in threads), "a phone never came through"


def voting_round(settings, databases, members: int) -> BuiltRound:
    """A round that votes at the hour of the real clock."""
    now = datetime.now(UTC)
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=2), "at": now}
    built = build_round(settings, databases, [HomeSpec.of(members)], **hours).prepare().open()
    built.clock.at = now
    return built


def preparing_round(settings, databases, homes: int) -> BuiltRound:
    """A second round whose preparation has just been asked for; nobody but the worker does it."""
    now = datetime.now(UTC)
    hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=2), "at": now}
    built = build_round(settings, databases, [HomeSpec.of(12)] * homes, **hours)
    built.request("prepare")
    return built


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for it, or fail."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def ordeal(settings, kills: list[str], seed: int, postgres=None) -> None:
    """Load, kills at random moments, and then the count of what is stored."""
    databases = open_databases(settings)
    migrations.upgrade(databases)
    voting = voting_round(settings, databases, MEMBERS)
    waiting = preparing_round(settings, databases, 16)
    site, chance = Site(settings), random.Random(seed)
    clients = [MemberClient(over_http(site.base_url, 5), code) for code in voting.codes(voting.home_ids[0])]
    load = Load(site.base_url, clients, answers_of(voting.questionnaire))
    try:
        for name in ("web", "worker"):
            site.start(name)
        with load.running():
            for name in kills:
                wait_for_progress(site, load)
                if name == "worker":
                    wait_until(lambda: has_begun(databases))
                time.sleep(chance.uniform(0, 0.4))
                kill_and_start(site, name, postgres)
        databases.dispose()
        wait_until(lambda: waiting.state is RoundState.READY)
        waiting.clock.at = system_clock()
        waiting.request("open")
        wait_until(lambda: waiting.state is RoundState.VOTING)
    finally:
        for name, process in site.processes.items():
            if process.poll() is None:
                site.kill(name)
        databases.dispose()
    assert load.strange == []
    check_books(databases, voting, load)
    databases.dispose()


def wait_for_progress(site: Site, load: Load) -> None:
    """At least one more receipt since the last kill, so that every kill meets a working server."""
    seen = len(load.receipts)

    def come() -> bool:
        site.assert_started()
        return len(load.receipts) > seen or len(load.receipts) == len(load.clients)

    wait_until(come)


def has_begun(databases) -> bool:
    """Whether the worker has taken the preparation in hand."""
    with reading(read_session(databases.roster)) as session:
        taken = select(Job.id).where(Job.kind == "counting.prepare", Job.state != "waiting")
        return len(session.scalars(taken).all()) == 2


def kill_and_start(site: Site, name: str, postgres) -> None:
    """One cycle."""
    if name == "database":
        postgres.kill()
        postgres.start()
        return
    site.kill(name)
    site.let_leases_pass()
    site.start(name)


def check_books(databases, voting: BuiltRound, load: Load) -> None:
    """Every receipt that was ever given stands for exactly one stored ballot, and there is nothing else."""
    assert len(load.receipts) == MEMBERS
    assert all(len(given) == 1 for given in load.receipts.values()), "one ballot, one receipt, at every try"
    with reading(read_session(databases.box)) as box:
        rows = box.execute(select(Intake.cred_hash, Intake.sealed)).all()
    stored = sorted(receipt(leaf(row.cred_hash, sealed_hash(row.sealed))) for row in rows)
    assert stored == sorted(next(iter(given)) for given in load.receipts.values())
    with reading(read_session(databases.roster)) as session:
        issued = session.scalar(
            select(func.count())
            .select_from(Invitation)
            .where(Invitation.round_id == voting.id, Invitation.state == InvitationState.ISSUED)
        )
        assert issued == MEMBERS
        doubled = session.execute(
            select(Job.slot).where(Job.slot.is_not(None)).group_by(Job.slot).having(func.count() > 1)
        ).all()
        assert doubled == []
    assert audit(databases).passed


def on_sqlite(folder):
    """Settings of a fresh installation on files."""
    return settings_for(f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3", folder)


def test_killed_processes_on_sqlite(tmp_path):
    ordeal(on_sqlite(tmp_path), ["worker", "web"], seed=3)


def test_killed_processes_and_a_killed_server_on_postgresql(tmp_path):
    with killable_postgres() as postgres:
        made = postgres.server
        settings = settings_for(made.create(), made.create(), tmp_path)
        ordeal(settings, ["worker", "database"], seed=4, postgres=postgres)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_hundred_kills_on_sqlite(tmp_path, seed):
    chance = random.Random(seed)
    ordeal(on_sqlite(tmp_path), [chance.choice(["web", "worker"]) for _ in range(25)], seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_hundred_kills_on_postgresql(tmp_path, seed):
    chance = random.Random(seed)
    with killable_postgres() as postgres:
        made = postgres.server
        settings = settings_for(made.create(), made.create(), tmp_path)
        names = [chance.choice(["web", "worker", "database"]) for _ in range(25)]
        ordeal(settings, names, seed, postgres)
