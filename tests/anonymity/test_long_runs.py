"""One submission, again and again, with the line cut before and after the commit and the server killed.

Number 11 of anonymity.md section 9 at full length, and the large rounds of `benchmarks/round_scale.py`.
"""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from survey_app.box.models import Intake
from survey_app.core.db import read_session, reading
from survey_app.invitations.models import Invitation, InvitationState
from tests.support.member_client import MemberClient, answers_of, over_http
from tests.support.round_builder import HomeSpec
from tests.support.server import serving
from tests.survey_app.counting.test_crashes import Reaper

ROOT = Path(__file__).resolve().parents[2]
CUTS = ("whole", "before the body", "in the body", "before the reply")
THREADS = 8


@dataclass
class Repeats:
    """The same two calls, sent over and over by many threads; lines are cut where chance says."""

    base_url: str
    calls: tuple[tuple[str, bytes], ...]
    receipts: Counter[str] = field(default_factory=Counter)
    signatures: Counter[str] = field(default_factory=Counter)
    cuts: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    """Whole calls that were on the line when the server was killed under them."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, times: int) -> None:
        """Send both calls so many times."""
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self._once, range(times)))

    def once_whole(self) -> None:
        """Send both calls with the line left alone: a run that lost every reply still has one to compare."""
        for path, body in self.calls:
            self._note(path, self._send(path, body, "whole"))

    def _once(self, number: int) -> None:
        chance = random.Random(number)
        for path, body in self.calls:
            cut = chance.choice(CUTS)
            # A killed server and a cut line look alike from here: no answer.
            try:
                self._note(path, self._send(path, body, cut))
            except (OSError, ValueError):
                with self.lock:
                    self.killed += cut == "whole"
            with self.lock:
                self.cuts[cut] += 1

    def _line(self) -> socket.socket:
        """A line to the server; one that is not there yet is no repeat, so it is waited for."""
        parts = urlsplit(self.base_url)
        while True:
            try:
                return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)
            except ConnectionRefusedError:
                time.sleep(0.01)

    def _send(self, path: str, body: bytes, cut: str) -> dict[str, str]:
        parts = urlsplit(self.base_url)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        ).encode()
        with self._line() as line:
            if cut == "before the body":
                line.sendall(head)
                return {}
            if cut == "in the body":
                line.sendall(head + body[: len(body) // 2])
                return {}
            line.sendall(head + body)
            if cut == "before the reply":
                return {}
            reply = b"".join(iter(lambda: line.recv(65_536), b""))
        found: dict[str, str] = json.loads(reply.partition(b"\r\n\r\n")[2])
        return found

    def _note(self, path: str, reply: dict[str, str]) -> None:
        with self.lock:
            if "receipt" in reply:
                self.receipts[reply["receipt"]] += 1
            if "s" in reply:
                self.signatures[reply["s"]] += 1


@pytest.mark.parametrize(
    ("times", "kills"), [(200, 4), pytest.param(1000, 20, marks=pytest.mark.slow)], ids=["200", "1000"]
)
def test_one_submission_repeated_gives_one_ballot_and_one_receipt(build, times, kills):
    now = datetime.now(UTC)
    built = build(
        HomeSpec.of(12), opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=2), at=now
    )
    built.prepare().open()
    with serving(built.settings) as server:
        member = MemberClient(over_http(server.base_url), built.codes(built.home_ids[0])[0]).start()
        issue = member.issue_call()
        member.issue()
        member.seal(answers_of(built.questionnaire))
        calls = (("/e/issue", issue), ("/box/cast", member.cast_call()))
        repeats = Repeats(server.base_url, tuple((path, json.dumps(call).encode()) for path, call in calls))
        reaper = Reaper(server, kills)
        reaper.start()
        try:
            repeats.run(times)
            while reaper.is_alive():
                repeats.run(THREADS)
        finally:
            reaper.join()
        repeats.once_whole()
        last = member.vote_through(answers_of(built.questionnaire))
        reaper.server.kill()
    assert set(repeats.receipts) == {last}, "every answer carries the one receipt"
    assert len(repeats.signatures) == 1, "every answer carries the one signature"
    assert set(repeats.cuts) == set(CUTS)
    assert repeats.receipts[last] >= times // 20, "the repeats met a server that lived"
    assert repeats.killed >= kills // 2, "and one that died under them"
    assert stored(built) == (1, 1)


def stored(built) -> tuple[int, int]:
    """Ballots in the box, and entitlements that are used."""
    with reading(read_session(built.databases.box)) as box:
        ballots = box.scalar(select(func.count()).select_from(Intake)) or 0
    with reading(read_session(built.databases.roster)) as session:
        used = select(func.count()).where(Invitation.state == InvitationState.ISSUED)
        return ballots, session.scalar(used) or 0


@pytest.mark.slow
@pytest.mark.parametrize(("what", "amount"), [("keys", 200), ("ballots", 20_000)])
def test_a_large_round_killed_twice_is_whole(what, amount):
    command = [sys.executable, str(ROOT / "benchmarks" / "round_scale.py"), what, str(amount)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1500)
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "holds"), said.stdout + said.stderr


@pytest.mark.slow
def test_the_time_of_a_signature_tells_nothing():
    """Number 13; its control, a textbook signer, must be caught on this machine or the run proves nothing."""
    command = [sys.executable, str(ROOT / "benchmarks" / "signing_leak.py"), "4000"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert said.returncode == 0, said.stdout
