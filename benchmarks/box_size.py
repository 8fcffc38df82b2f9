"""Whether a cast costs the same in an empty box and in one that holds a million sealed ballots.

Run: `python benchmarks/box_size.py [--database sqlite|postgresql] [--sizes 1000 10000 100000 1000000]
[--casts 200]`. Fills a box of each size with sealed ballots of random bytes, then casts real ones, signed
under a class key, through `box.casting.cast` and a commit, into the boxes in turn, so that whatever else the
machine does falls on all alike. Prints CPU of this process and time of a cast. A million ballots take 5 GB.
"""

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert

import migrations
from survey_app.box.casting import Cast, cast
from survey_app.box.models import BoxClass, BoxState, Intake
from survey_app.core.db import (
    Databases,
    committing,
    open_databases,
    write_session,
)
from survey_app.seals.blind import MemberSide
from survey_app.seals.envelope import SEALED_BYTES
from survey_app.seals.issuing import IssuingKey
from tests.support.installation import settings_for
from tests.support.own_postgres import killable_postgres
from tests.support.postgres import PostgresServer

BATCH = 2000
WARM = 20


def strangers(class_id: str, count: int) -> Iterator[list[dict[str, Any]]]:
    """Ballots of others in the order of their keys, which fills a tree of pages quickly."""
    spacing = 2**64 // count
    for start in range(0, count, BATCH):
        keys = ((start + one) * spacing + secrets.randbelow(spacing) for one in range(BATCH))
        yield [
            {
                "cred_hash": key.to_bytes(8, "big") + secrets.token_bytes(24),
                "class_id": class_id,
                "cred": secrets.token_bytes(64),
                "sig": secrets.token_bytes(256),
                "sealed": secrets.token_bytes(SEALED_BYTES),
            }
            for key in list(keys)[: count - start]
        ]


def fill(databases: Databases, class_id: str, size: int) -> None:
    """Put so many ballots of others into the box."""
    for rows in strangers(class_id, size):
        with databases.box.begin() as connection:
            connection.execute(insert(Intake), rows)


@dataclass
class Box:
    """A box of its own, filled up to a size, and what casting into it has cost."""

    size: int
    databases: Databases
    key: IssuingKey
    class_id: str
    cpu: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def cast_one(self, *, counted: bool) -> None:
        """Sign and cast one ballot; only the cast is measured."""
        side = MemberSide.start(self.key.public_n)
        signature = side.finalise(self.key.blind_sign(side.blinded))
        ballot = Cast(self.class_id, side.message, signature, secrets.token_bytes(SEALED_BYTES))
        begun, used = time.perf_counter(), time.thread_time()
        with committing(write_session(self.databases.box)) as session:
            cast(session, ballot)
        if counted:
            self.cpu.append(1000 * (time.thread_time() - used))
            self.took.append(1000 * (time.perf_counter() - begun))

    def line(self) -> str:
        """As it is printed."""
        took = sorted(self.took)
        cells = (f"{statistics.median(self.cpu):.3f}", f"{statistics.median(took):.1f}")
        return f"| {self.size:,} | {' | '.join(cells)} | {took[int(0.99 * len(took))]:.1f} |"


def make_box(stack: ExitStack, server: PostgresServer | None, size: int) -> Box:
    """A fresh installation with a class that is open, and so many ballots of another."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pingjia-box-")))
    urls = (
        (server.create(), server.create())
        if server
        else (f"sqlite:///{folder}/roster.sqlite3", f"sqlite:///{folder}/box.sqlite3")
    )
    databases = open_databases(settings_for(*urls, folder))
    stack.callback(databases.dispose)
    migrations.upgrade(databases)
    made = Box(size, databases, IssuingKey.make(), secrets.token_hex(16))
    row = {"id": made.class_id, "round_id": made.class_id, "home_id": 1, "members": 10**6}
    keys = {"issuing_public": made.key.public_n, "opening_public": b"", "sheet_fingerprint": bytes(32)}
    with databases.box.begin() as connection:
        connection.execute(insert(BoxClass), [{**row, **keys, "state": BoxState.CASTING}])
    fill(databases, secrets.token_hex(16), size)
    return made


def main(given: argparse.Namespace) -> None:
    """Fill, cast in turn, print."""
    with ExitStack() as stack:
        server = stack.enter_context(killable_postgres()).server if given.database == "postgresql" else None
        boxes = [make_box(stack, server, size) for size in given.sizes]
        for number in range(given.casts + WARM):
            for box in boxes:
                box.cast_one(counted=number >= WARM)
        print(f"{given.database}\n\n| ballots in the box | CPU of a cast, median ms | p50 ms | p99 ms |")
        print("|---|---|---|---|")
        for box in boxes:
            print(box.line())


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__)
    wanted.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    wanted.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    wanted.add_argument("--casts", type=int, default=200)
    main(wanted.parse_args())
