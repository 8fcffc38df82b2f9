"""A worker killed with -9 at every point of sending an order's letters: none lost, none twice unsaid.

The worker is a process of its own that runs the real loop; it stops at a named point and tells, and there it
is killed. Another worker takes over when the lease is over. The gateway counts what really went out.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.accounts.models import Account
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.outbox.deliveries import LEASE
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.models import Delivery
from survey_app.rectification.letters import KIND
from survey_app.rectification.models import OrderState
from survey_app.worker import mailroom
from tests.support.cast import StandingClock
from tests.support.http_gateway import Gateway, http_gateway
from tests.support.orders import ISSUED_AT, make_order, make_stage
from tests.support.server import ROOT, environment_of

# It knows the program already and forks a worker for every line it reads: starting Python ten times would
# take longer than all that is tested here. A worker is a process of its own with its own connections.
NURSERY = """
import json, os, signal, sys, time
from datetime import datetime
from survey_app import worker
from survey_app.app import create_app
from survey_app.core.db import open_databases
from survey_app.core.settings import Settings
from survey_app.outbox import deliveries, sending
from survey_app.outbox.transport_sms import SmsTransport


def work(point, at):
    def pause(name):
        if name == point:
            print(name, flush=True)
            time.sleep(600)

    turn, send, finish = sending._turn, SmsTransport.send, deliveries.finish
    turns = []

    def paused_turn(*given, **named):
        pause("before the lease")
        leased = turn(*given, **named)
        turns.append(leased)
        pause("after the lease" if len(turns) == 1 else "after noting")
        return leased

    def paused_send(*given):
        send(*given)
        pause("accepted")

    def paused_finish(session, *given, **named):
        finish(session, *given, **named)
        session.flush()
        pause("noting")

    sending._turn, SmsTransport.send, deliveries.finish = paused_turn, paused_send, paused_finish
    worker.collect = lambda: ({}, ())
    settings = Settings.from_environment(os.environ)
    worker.work(open_databases(settings), settings, lambda: datetime.fromisoformat(at))


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    call = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.update(call["environment"])
        work(call["point"], call["at"])
        os._exit(0)
    print(child, flush=True)
"""
LETTERS = 3
# How often the first letter arrives, and how many of its attempts the log calls doubtful.
POINTS = {
    "before the lease": (1, 0),
    "after the lease": (1, 1),
    "accepted": (2, 1),
    "noting": (2, 1),
    "after noting": (1, 0),
}


@dataclass
class Post:
    """An order whose people are told by SMS, on an installation with a gateway."""

    workshop: Workshop
    clock: StandingClock
    gateway: Gateway
    nursery: subprocess.Popen[str]

    def start(self, point: str) -> int:
        """A worker that stops at a point; its process id."""
        settings = self.workshop.settings
        environment = environment_of(settings, settings.base_url)
        environment |= {"PINGJIA_SMS_URL": settings.sms_url, "PINGJIA_SMS_KEY": settings.sms_key}
        call = {"point": point, "at": self.clock().isoformat(), "environment": environment}
        assert self.nursery.stdin is not None
        self.nursery.stdin.write(json.dumps(call) + "\n")
        self.nursery.stdin.flush()
        return int(self.said())

    def said(self) -> str:
        """The next line from the workers."""
        assert self.nursery.stdout is not None
        return self.nursery.stdout.readline().rstrip("\n")

    def take_over(self) -> None:
        """Another worker, once the dead one's lease is over and the database has seen that he is gone."""
        self.clock.instant += LEASE + timedelta(minutes=1)
        deliver, until = mailroom(self.workshop), time.monotonic() + 20
        while any(row.state != "sent" for row in self.rows()) and time.monotonic() < until:
            if not deliver():
                time.sleep(0.05)

    def rows(self) -> list[Delivery]:
        with reading(read_session(self.workshop.databases.roster)) as session:
            return list(session.scalars(select(Delivery).where(Delivery.kind == KIND).order_by(Delivery.id)))

    def arrived(self) -> Counter[str]:
        """How often each letter really came to the gateway, by its reference."""
        return Counter(call.content["reference"] for call in self.gateway.calls)


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    """Where workers come from."""
    process = subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def told_by_sms(settings, databases, nursery, gateway: Gateway, orders: int) -> Post:
    """Orders issued to chairs with a phone."""
    own = replace(settings, sms_url=gateway.url, sms_key="key")
    with committing(write_session(databases.roster)) as session:
        stage = None
        for number in range(orders):
            stage = make_stage(session, stage.lead if stage else None)
            account = session.get_one(Account, stage.posts["chair"].account_id)
            account.phone, account.told_by_sms = f"138{number:08d}", True
            session.flush()
            make_order(session, stage, OrderState.SERVED)
    clock = StandingClock(ISSUED_AT + timedelta(hours=1))
    return Post(Workshop(databases, own, clock), clock, gateway, nursery)


def assert_whole(post: Post, letters: int) -> None:
    """Everything went out; what arrived twice is doubtful in the log."""
    rows, arrived = post.rows(), post.arrived()
    assert len(rows) == letters
    assert {row.state for row in rows} == {"sent"}
    for row in rows:
        times = arrived[f"pingjia-delivery-{row.id}"]
        assert times >= 1, "a letter was lost"
        assert times <= 1 + row.doubtful, "a letter went out twice and the log does not say so"


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_a_point_of_sending_loses_no_letter_and_doubles_none_unsaid(
    settings, databases, nursery, point
):
    with http_gateway() as gateway:
        post = told_by_sms(settings, databases, nursery, gateway, LETTERS)
        worker = post.start(point)
        try:
            assert post.said() == point
        finally:
            os.kill(worker, signal.SIGKILL)
        post.take_over()
        assert_whole(post, LETTERS)
        first = post.rows()[0]
        assert (post.arrived()[f"pingjia-delivery-{first.id}"], first.doubtful) == POINTS[point]
        assert first.error == ("worker_died" if first.doubtful else None)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_workers_killed_at_random_lose_nothing(settings, databases, nursery, seed):
    chance, letters = random.Random(seed), 120
    with http_gateway() as gateway:
        post = told_by_sms(settings, databases, nursery, gateway, letters)
        for _ in range(12):
            worker = post.start("nowhere")
            seen, until = len(gateway.calls), time.monotonic() + 20
            while len(gateway.calls) == seen and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.08))
            os.kill(worker, signal.SIGKILL)
            post.clock.instant += LEASE + timedelta(minutes=1)
        assert len(gateway.calls) > 12, "the workers worked"
        post.take_over()
        assert_whole(post, letters)
