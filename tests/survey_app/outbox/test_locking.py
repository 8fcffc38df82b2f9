"""Two workers, a killed process, a lost lease: each row is sent by one of them, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from survey_app.core.db import committing, write_session
from survey_app.outbox import deliveries
from survey_app.outbox.deliveries import LEASE, counts, forget, lease_next, try_again
from survey_app.outbox.post_office import PostOffice
from survey_app.outbox.sending import send_due
from survey_app.outbox.transport import Channel
from tests.support.server import ROOT

KILLED_WHILE_SENDING = """
import sys
from datetime import datetime
from pathlib import Path
from survey_app.core.db import open_databases
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.post_office import PostOffice
from survey_app.outbox.sending import LetterKind, send_due
from survey_app.outbox.transport import Channel, Letter
from tests.support.installation import settings_for

roster, box, folder, at = sys.argv[1:]
settings = settings_for(roster, box, Path(folder))


class Silent:
    def send(self, letter, reference, /):
        print("sending", flush=True)
        sys.stdin.read()

    def close(self):
        pass


kinds = {"test.plain": LetterKind(lambda draft: Letter(draft.channel, draft.payload["to"], "x"))}
workshop = Workshop(open_databases(settings), settings, lambda: datetime.fromisoformat(at))
send_due(workshop, PostOffice({Channel.SMS: Silent()}), kinds)
"""


class Counter:
    """A transport that counts and takes its time."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def send(self, letter, reference, /):
        time.sleep(0.002)
        self.seen.append(letter.address)

    def close(self):
        """Nothing is open."""


def test_four_workers_send_every_row_exactly_once(room):
    with committing(write_session(room.workshop.databases.roster)) as session:
        letters = [(Channel.SMS, {"to": str(number)}) for number in range(60)]
        assert deliveries.post_all(session, "test.plain", letters, at=room.clock(), batch="many") == 60
    transport = Counter()

    def work():
        while send_due(room.workshop, PostOffice({Channel.SMS: transport}), room.kinds):
            pass

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(transport.seen, key=int) == [str(number) for number in range(60)]
    assert {(row.state, row.attempts, row.doubtful) for row in room.rows()} == {("sent", 1, 0)}


def test_a_process_killed_while_sending_loses_nothing_and_the_row_tells(room, settings, gateway):
    one = room.post("13800000001", Channel.SMS)
    arguments = [
        settings.database_url,
        settings.box_database_url,
        str(settings.data_folder),
        room.clock().isoformat(),
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_WHILE_SENDING, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"sending\n"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    assert room.row(one).state == "sending"
    assert room.work() == 0
    room.work(LEASE.total_seconds() / 60 + 1)
    row = room.row(one)
    assert (row.state, row.attempts, row.doubtful, row.error) == ("sent", 2, 1, "worker_died")
    assert len(gateway.calls) == 1


def test_a_worker_that_lost_its_lease_writes_no_end_over_the_other_s(room):
    one = room.post("13800000001", Channel.SMS)
    roster = room.workshop.databases.roster
    with committing(write_session(roster)) as session:
        slow = lease_next(session, at=room.clock())
    room.work(LEASE.total_seconds() / 60 + 1)
    assert room.row(one).state == "sent"
    with committing(write_session(roster)) as session:
        deliveries.fail(session, slow, "cut_off", at=room.clock(), final=False, doubtful=True, forget=False)
    assert (room.row(one).state, room.row(one).error) == ("sent", "worker_died")


def test_a_letter_that_kills_every_worker_is_given_up(room):
    one = room.post("13800000001", Channel.SMS)
    roster = room.workshop.databases.roster
    for _ in range(deliveries.MOST_ATTEMPTS):
        with committing(write_session(roster)) as session:
            assert lease_next(session, at=room.clock()) is not None
        room.clock.instant += LEASE * 1.1
    two = room.post("13800000002", Channel.SMS)
    assert room.work() == 1
    assert [room.row(n).state for n in (one, two)] == ["given_up", "sent"]


def test_a_transaction_that_fails_posts_nothing(room):
    def act():
        with committing(write_session(room.workshop.databases.roster)) as session:
            deliveries.post(session, Channel.SMS, "test.plain", {"to": "1"}, at=room.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert room.rows() == []


def test_failed_rows_of_a_batch_are_tried_again_or_forgotten(room, gateway):
    gateway.moods = [(200, {"ok": False, "reason": "number_stopped"}), (200, {"ok": True})]
    bad = room.post("13800000001", Channel.SMS, kind="test.member")
    room.post("13800000002", Channel.SMS, kind="test.member")
    room.work()
    roster = room.workshop.databases.roster
    with committing(write_session(roster)) as session:
        assert counts(session, "b") == {"failed": 1, "sent": 1, "doubtful": 0}
        assert try_again(session, "b", at=room.clock()) == 1
    room.work()
    assert room.row(bad).state == "sent"
    late = room.post("13800000003", Channel.SMS, kind="test.member")
    with committing(write_session(roster)) as session:
        forget(session, ["b"], "round_over")
    assert (room.row(late).state, room.row(late).payload, room.row(late).error) == (
        "given_up",
        {},
        "round_over",
    )
