"""kill -9 anywhere: between commit and reply, in the middle of preparing, in the middle of counting."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.box.models import Ballot, BoxClass, Intake, Leaf, Opening
from survey_app.core.actor import SYSTEM
from survey_app.core.clock import system_clock
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.core.errors import Conflict
from survey_app.counting import opening, preparing
from survey_app.counting.audit import audit
from survey_app.counting.opening import count
from survey_app.counting.preparing import prepare
from survey_app.invitations.models import Invitation
from survey_app.outbox.jobs import Workshop
from survey_app.rounds.models import BallotClass, Round, RoundHome, RoundState
from tests.support.member_client import MemberClient, answers_of, over_flask, over_http
from tests.support.round_builder import HomeSpec
from tests.support.server import LiveServer, serving, started

PATIENCE_S = 40


def die(
    built, room: ModuleType, function: str, step: Callable[[Workshop], None], *, call: int, before: bool
) -> None:
    """Run a step in a process of its own that stops dead before or after one call of a function of a room."""
    child = os.fork()
    if child == 0:
        try:
            _dying(built.settings, room, function, step, call, before)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the step ended before the call at which it should have died"
    assert os.WTERMSIG(status) == signal.SIGKILL


def _dying(settings, room: ModuleType, function: str, step, call: int, before: bool) -> None:
    real, calls = getattr(room, function), []

    def dying(*given, **named):
        calls.append(1)
        if len(calls) == call and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*given, **named)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(room, function, dying)
    # Databases of its own: connections of the parent are not this process's to use.
    step(Workshop(open_databases(settings), settings, system_clock))


@pytest.mark.parametrize(
    ("function", "call", "before"),
    [
        ("_write_home", 2, False),
        ("_write_box", 2, True),
        ("_write_box", 2, False),
        ("_forget_leftovers", 1, False),
    ],
)
def test_preparing_goes_on_after_a_crash(build, function, call, before):
    built = build(HomeSpec.of(11), HomeSpec.of(12), HomeSpec.of(13))
    built.request("prepare")
    die(built, preparing, function, lambda shop: prepare(shop, built.id), call=call, before=before)
    assert built.state is RoundState.PREPARING
    with reading(read_session(built.databases.roster)) as session:
        first = {row.home_id: row.sheet for row in session.scalars(select(RoundHome)) if row.sheet}
    prepare(built.workshop, built.id)
    prepare(built.workshop, built.id)
    assert built.state is RoundState.READY
    with reading(read_session(built.databases.roster)) as session:
        sheets = {row.home_id: row.sheet for row in session.scalars(select(RoundHome))}
        classes = set(session.scalars(select(BallotClass.id)))
        assert session.scalar(select(func.count()).select_from(Invitation)) == 36
    assert all(sheets[home] == sheet for home, sheet in first.items()), "what was printed stays true"
    with reading(read_session(built.databases.box)) as box:
        assert set(box.scalars(select(BoxClass.id))) == classes
    assert audit(built.databases).passed


def test_a_class_that_differs_between_the_sides_stops_the_step(build):
    built = build(HomeSpec.of(11)).prepare()
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(Round, built.id).state = RoundState.PREPARING
    with committing(write_session(built.databases.box)) as box:
        box.scalars(select(BoxClass)).one().members = 99
    with pytest.raises(Conflict, match="box_class_differs"):
        prepare(built.workshop, built.id)
    assert built.state is RoundState.PREPARING


@pytest.mark.parametrize(
    ("function", "call", "before"),
    [("open_home", 2, True), ("open_home", 2, False), ("vacuum_box", 1, False), ("_finish", 1, True)],
)
def test_counting_goes_on_after_a_crash_and_counts_nothing_twice(build, function, call, before):
    built = build(HomeSpec.of(10), HomeSpec.of(11), HomeSpec.of(12)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for home in built.home_ids:
        for code in built.codes(home):
            MemberClient(send, code).vote(answers_of(built.questionnaire))
    built.close()

    def step(workshop: Workshop) -> None:
        count(workshop, built.id, built.key.halves, SYSTEM)

    die(built, opening, function, step, call=call, before=before)
    assert built.state is RoundState.COUNTING
    with reading(read_session(built.databases.box)) as box:
        opened = box.scalars(select(Opening.home_id)).all()
        left = box.scalar(select(func.count()).select_from(Intake))
    assert bool(left) == (len(opened) < 3), "an open home has an empty intake, a closed one a full one"
    # The dead process had the clock of the machine; without a beat for a while its run is free.
    built.clock.at = datetime.now(UTC) + timedelta(minutes=5)
    built.count().finish()
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Ballot)) == 33
        assert box.scalar(select(func.count()).select_from(Leaf)) == 33
        assert box.scalar(select(func.count()).select_from(Intake)) == 0
    assert audit(built.databases).passed


def test_two_processes_never_count_one_round(build):
    built = build(HomeSpec.of(11)).prepare().open().close()

    def second() -> None:
        with pytest.raises(Conflict, match="counting_runs_already"):
            built.count()

    built.count(started=second)


class Reaper(threading.Thread):
    """Kills the server again and again at random moments, and starts it again on the same port."""

    def __init__(self, server: LiveServer, kills: int) -> None:
        super().__init__()
        self.server, self.kills = server, kills
        self.random = random.Random(7)

    def run(self) -> None:
        for _ in range(self.kills):
            time.sleep(self.random.uniform(0.05, 0.3))
            self.server.kill()
            self.server = started(self.server.settings, self.server.base_url)
            wait_for(self.server)


def wait_for(server: LiveServer) -> None:
    """Wait until the server answers again."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{server.base_url}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.02)


def test_a_server_killed_at_random_moments_loses_and_doubles_nothing(build):
    """Replies are lost between commit and answer; every phone that keeps trying has one ballot (test 11)."""
    now = datetime.now(UTC)
    built = build(
        HomeSpec.of(60), opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1), at=now
    )
    built.prepare().open()
    built.clock.at = now
    answers = answers_of(built.questionnaire)
    with serving(built.settings) as first:
        send = over_http(first.base_url, timeout=5)
        reaper = Reaper(first, kills=3)
        reaper.start()
        try:
            pairs = [twice(MemberClient(send, code), answers) for code in built.codes(built.home_ids[0])]
        finally:
            reaper.join()
            reaper.server.kill()
    assert all(one == other for one, other in pairs), "the same bytes again give the same receipt"
    assert len({one for one, _ in pairs}) == 60
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 60


def twice(client: MemberClient, answers) -> tuple[str, str]:
    """Vote, lose the reply, cast again."""
    return client.vote_through(answers), client.vote_through(answers)
