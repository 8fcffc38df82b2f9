"""Prepares or counts a large round, kills it twice on the way, resumes it, and measures.

    python benchmarks/round_scale.py keys [homes]        default 3000 homes of 12 members
    python benchmarks/round_scale.py ballots [ballots]   default 100000 ballots in homes of 1000

Runs on SQLite files in a temporary folder. Exit code 0 only if nothing is missing, doubled or changed and
`pingjia audit` finds nothing.
"""

import os
import resource
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA384
from sqlalchemy import func, insert, select, update

import migrations
from questionnaires import encode, read_answers
from survey_app.box.models import Ballot, BoxClass, Intake, Leaf, Opening
from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, open_databases, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.counting.opening import count
from survey_app.counting.preparing import prepare
from survey_app.invitations.codes import issuing_key
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.outbox.jobs import Workshop
from survey_app.rounds.models import BallotClass, RoundHome
from survey_app.seals.envelope import seal
from survey_app.seals.receipts import cred_hash
from tests.support.installation import settings_for
from tests.support.member_client import answers_of
from tests.support.round_builder import BuiltRound, HomeSpec, SetClock, build_round

CORES = os.cpu_count() or 1
KILLS = 2
OF_A_HOME = 1000
OPTIONS = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")


@dataclass(frozen=True)
class Measured:
    """A resumed run: things done in it, wall seconds, processor seconds of its children."""

    done: int
    seconds: float
    processor: float
    before: tuple[int, ...]

    def __str__(self) -> str:
        busy = self.processor / self.seconds
        return (
            f"killed after {self.before}, then {self.done} in {self.seconds:.1f} s: "
            f"{self.done / self.seconds:.0f}/s, {busy:.1f} cores busy, "
            f"{self.done / max(self.processor, 1e-9):.0f} per second and core"
        )


def killed_and_resumed(
    built: BuiltRound, step: Callable[[Workshop], None], done: Callable[[], int], total: int
) -> Measured:
    """Kill the step with all its processes when a fifth, then when half is done; then let it finish here."""
    before = []
    for share in range(1, KILLS + 1):
        _kill_at(built, step, done, total * share // 5)
        before.append(done())
        # A dead process beats no more; the next one may take over after a while.
        built.clock.at += timedelta(minutes=5)
    start, processor = time.monotonic(), _children()
    step(built.workshop)
    return Measured(total - before[-1], time.monotonic() - start, _children() - processor, tuple(before))


def _children() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _kill_at(
    built: BuiltRound, step: Callable[[Workshop], None], done: Callable[[], int], limit: int
) -> None:
    child = os.fork()
    if child == 0:
        os.setpgrp()
        try:
            settings = built.settings
            step(Workshop(open_databases(settings), settings, SetClock(built.clock.at)))
        finally:
            os._exit(0)
    while done() < limit and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.2)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)


def counted(built: BuiltRound, table: type, *, box: bool) -> int:
    """Rows of a table."""
    with reading(read_session(built.databases.box if box else built.databases.roster)) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def keys(built: BuiltRound) -> bool:
    """Keys and entitlements of every home."""
    homes = len(built.home_ids)
    built.request("prepare")
    found = killed_and_resumed(
        built,
        lambda workshop: prepare(workshop, built.id),
        lambda: counted(built, BoxClass, box=True),
        homes,
    )
    print(f"homes prepared: {found}")
    with reading(read_session(built.databases.roster)) as session:
        with_sheet = session.scalar(select(func.count()).where(RoundHome.sheet.is_not(None)))
        distinct = session.scalar(select(func.count(BallotClass.issuing_public.distinct())))
    entitled = counted(built, Invitation, box=False)
    print(f"sheets {with_sheet}, distinct keys {distinct}, entitlements {entitled}")
    whole = with_sheet == distinct == counted(built, BoxClass, box=True) == homes
    return whole and entitled == homes * 12 and audit(built.databases).passed


def ballots(built: BuiltRound) -> bool:
    """Sealed ballots of every member, put in and counted."""
    built.prepare().open()
    total = fill(built)
    built.close()
    found = killed_and_resumed(
        built,
        lambda workshop: count(workshop, built.id, built.key.halves, SYSTEM, workers=CORES),
        lambda: counted(built, Opening, box=True) * OF_A_HOME,
        total,
    )
    print(f"ballots counted: {found}")
    stored, leaves = counted(built, Ballot, box=True), counted(built, Leaf, box=True)
    print(f"ballots {stored}, leaves {leaves}, left in the intake {counted(built, Intake, box=True)}")
    built.finish()
    report = audit(built.databases)
    print(f"audit: {[str(one) for one in report.findings[:3]] or 'passed'}")
    return stored == leaves == total and counted(built, Intake, box=True) == 0 and report.passed


@dataclass(frozen=True)
class _Class:
    """What one process needs to make the ballots of a class."""

    id: str
    private: rsa.RSAPrivateKey
    opening_public: bytes
    sheet_fingerprint: bytes
    members: int
    payloads: tuple[bytes, ...]


def fill(built: BuiltRound) -> int:
    """Make a signed and sealed ballot for every member, and mark every entitlement as used."""
    form = built.questionnaire
    payloads = tuple(encode(read_answers(form, answers_of(form, option))) for option in OPTIONS)
    with reading(read_session(built.databases.box)) as box:
        classes = box.scalars(select(BoxClass)).all()
    start, total = time.monotonic(), 0
    for row in classes:
        with reading(read_session(built.databases.roster)) as session:
            wrapped = session.get_one(BallotClass, row.id).issuing_private or b""
        key = issuing_key(built.settings, row.id, wrapped)
        numbers = rsa.RSAPrivateNumbers(
            key.p,
            key.q,
            pow(65537, -1, (key.p - 1) * (key.q - 1)),
            key.d_p,
            key.d_q,
            key.q_inverse,
            rsa.RSAPublicNumbers(65537, key.n),
        )
        made = _made(
            _Class(
                row.id,
                numbers.private_key(unsafe_skip_rsa_key_validation=True),
                row.opening_public,
                row.sheet_fingerprint,
                row.members,
                payloads,
            )
        )
        with committing(write_session(built.databases.box)) as box:
            box.execute(insert(Intake), made)
        total += len(made)
    with committing(write_session(built.databases.roster)) as session:
        session.execute(update(Invitation).values(state=InvitationState.ISSUED, blinded_hash=bytes(32)))
    print(f"ballots made: {total} in {time.monotonic() - start:.0f} s")
    return total


def _made(one: _Class) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number in range(one.members):
        credential = secrets.token_bytes(64)
        sealed = seal(
            one.opening_public,
            one.payloads[number % len(one.payloads)],
            sheet_fingerprint=one.sheet_fingerprint,
            class_id=bytes.fromhex(one.id),
            credential=credential,
        )
        pss = padding.PSS(padding.MGF1(SHA384()), 48)
        signature = one.private.sign(credential, pss, SHA384())
        rows.append(
            {
                "cred_hash": cred_hash(credential),
                "class_id": one.id,
                "cred": credential,
                "sig": signature,
                "sealed": sealed,
            }
        )
    return rows


def main(what: str, amount: int) -> int:
    """Build the round, run, and say in the exit code whether everything is there once."""
    specs = [HomeSpec.of(12)] * amount if what == "keys" else [HomeSpec.of(OF_A_HOME)] * (amount // OF_A_HOME)
    with tempfile.TemporaryDirectory(prefix="pingjia-scale-") as name:
        settings = settings_for(
            f"sqlite:///{name}/roster.sqlite3", f"sqlite:///{name}/box.sqlite3", Path(name)
        )
        databases = open_databases(settings)
        migrations.upgrade(databases)
        start = time.monotonic()
        built = build_round(settings, databases, specs)
        print(f"{len(specs)} homes built in {time.monotonic() - start:.0f} s; {CORES} cores")
        holds = keys(built) if what == "keys" else ballots(built)
        databases.dispose()
    print("holds" if holds else "DOES NOT HOLD")
    return 0 if holds else 1


if __name__ == "__main__":
    chosen = sys.argv[1] if len(sys.argv) > 1 else "ballots"
    usual = {"keys": 3000, "ballots": 100_000}[chosen]
    sys.exit(main(chosen, int(sys.argv[2]) if len(sys.argv) > 2 else usual))
