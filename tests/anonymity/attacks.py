"""How an attacker who holds every file puts rows into an order, and how well that tells whose they are.

An attack answers with a guess: for every person in the order of arrival, the row that he left, or None when
the database does not have what the attack looks at. Both the product and the naive design are attacked by
the same functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scipy.stats import kendalltau
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

MOST_HITS = 6
LEAST_P = 1e-4
SQLITE_PAGE, POSTGRES_PAGE = 4096, 8192
Guess = list[bytes]


@dataclass(frozen=True)
class Target:
    """A table under attack: where it is, what identifies a row, and whose row it really is."""

    engine: Engine
    table: str
    where: str
    key: str
    """The column by which rows are sorted when its value is looked at."""
    mark: str
    """A column of random bytes by which a row is found again in any file."""
    owners: dict[bytes, int]
    """Truth, hidden from the attacks: mark -> place in the order of arrival."""
    used_numbers: Callable[[], list[int]] = field(default=list)
    """PostgreSQL: the transaction number that each arrival left on the other side, in order."""
    leaf_places: Callable[[], list[int]] = field(default=list)
    log_from: str = "0/0"


@dataclass(frozen=True)
class Finding:
    """What one attack found on one target."""

    feature: str
    available: bool
    hits: int
    tau: float
    p: float

    @property
    def is_caught(self) -> bool:
        """Whether it found more than chance would."""
        return self.hits > MOST_HITS or self.p <= LEAST_P


def attack(target: Target, features: Sequence[str] | None = None) -> dict[str, Finding]:
    """Every attack that the kind of database offers."""
    offered = SQLITE if target.engine.dialect.name == "sqlite" else POSTGRESQL
    return {name: judged(name, offered[name](target), target.owners) for name in features or offered}


def attack_beside(
    ballots: Target, words: Target, features: Sequence[str] | None = None
) -> dict[str, Finding]:
    """Whether words stand in the order in which their writers' ballots stand, each found by the same look.

    Whoever found that would know which answers a writer gave, and would need nobody's order of arrival.
    """
    offered = SQLITE if ballots.engine.dialect.name == "sqlite" else POSTGRESQL
    found = {}
    for name in features or [one for one in offered if one not in BESIDE_A_PERSON]:
        answers, said = offered[name](ballots), offered[name](words)
        place = {ballots.owners[mark]: at for at, mark in enumerate(answers or ())}
        owners = {mark: place.get(owner, -1) for mark, owner in words.owners.items()}
        found[name] = judged(name, said if answers else None, owners)
    return found


def judged(feature: str, guess: Guess | None, owners: dict[bytes, int]) -> Finding:
    """Exact hits, and whether the guessed order has anything of the true one."""
    if not guess:
        return Finding(feature, False, 0, 0.0, 1.0)
    named = [owners.get(mark, -1) for mark in guess]
    hits = sum(place == name for place, name in enumerate(named))
    if len(set(named)) < 2:
        return Finding(feature, True, hits, 0.0, 1.0)
    found = kendalltau(range(len(named)), named)
    return Finding(feature, True, hits, float(found.statistic), float(found.pvalue))


def _rows(target: Target, columns: str, order: str = "") -> list[tuple]:
    statement = f"SELECT {columns} FROM {target.table} WHERE {target.where} {order}"
    with target.engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
        connection.rollback()
    return found


def _marks(target: Target, order: str) -> Guess:
    return [bytes(mark) for (mark,) in _rows(target, target.mark, order)]


def by_key(target: Target) -> Guess:
    """Running numbers and times."""
    return _marks(target, f"ORDER BY {target.key}")


def as_found(target: Target) -> Guess:
    """The order in which the database gives rows when nobody asks for one."""
    return _marks(target, "")


def by_rowid(target: Target) -> Guess | None:
    """SQLite's hidden running number."""
    try:
        return _marks(target, "ORDER BY rowid")
    except DatabaseError:
        return None


def by_ctid(target: Target) -> Guess:
    """PostgreSQL's place of a row in the file."""
    return _marks(target, "ORDER BY ctid")


def by_transaction(target: Target) -> Guess:
    """PostgreSQL's transaction number of a row."""
    return _marks(target, "ORDER BY xmin::text::bigint")


def by_transaction_beside(target: Target) -> Guess | None:
    """For each person the row whose transaction number is nearest to what the other side kept of him."""
    numbers = target.used_numbers()
    rows = [(int(number), bytes(mark)) for mark, number in _rows(target, f"{target.mark}, xmin::text")]
    if not numbers or not rows:
        return None
    return [min(rows, key=lambda row: abs(row[0] - number))[1] for number in numbers]


def by_leaf(target: Target) -> Guess | None:
    """Person -> sealed ballot by the order of an old intake -> leaf -> the row at the same place."""
    rows, places = as_found(target), target.leaf_places()
    if not places or len(places) != len(rows):
        return None
    return [rows[place] for place in places]


def by_bytes_of_file(target: Target) -> Guess | None:
    """Where a row's bytes stand: page by page, each filled from its end."""
    if target.engine.dialect.name == "sqlite":
        return _by_place(target, [_file(target.engine)], SQLITE_PAGE)
    with target.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
        folder = connection.scalar(text("SHOW data_directory")) or ""
        path = connection.scalar(text(f"SELECT pg_relation_filepath('{target.table}')")) or ""
    return _by_place(target, [Path(folder, path)], POSTGRES_PAGE)


def by_log_of_writes(target: Target) -> Guess | None:
    """Replay of the write-ahead log: the first place where a row's bytes appear."""
    if target.engine.dialect.name == "sqlite":
        file = _file(target.engine)
        left = [file.with_name(file.name + end) for end in ("-wal", "-journal")]
        return _by_place(target, [one for one in left if one.exists()], None)
    return _by_place(target, _segments(target.engine, target.log_from), None)


def by_server_log(target: Target) -> Guess | None:
    """Lines of PostgreSQL's own log: a refused duplicate writes its key there, in order and with a time."""
    with target.engine.connect() as connection:
        folder = connection.scalar(text("SHOW data_directory")) or ""
    logs = [one for one in (Path(folder, "log"),) if one.is_file()]
    return _by_place(target, logs, None, spelled=lambda mark: mark.hex().encode())


def _by_place(
    target: Target, files: list[Path], page: int | None, spelled: Callable[[bytes], bytes] = bytes
) -> Guess | None:
    body = b"".join(file.read_bytes() for file in files)
    wanted = {spelled(mark): mark for mark in as_found(target)}
    if not body or not wanted:
        return None
    pattern = re.compile(b"|".join(re.escape(one) for one in wanted))
    first: dict[bytes, int] = {}
    for match in pattern.finditer(body):
        first.setdefault(wanted[match.group()], match.start())
    # Inside a page rows are written from the end forwards, and the attacker knows it.
    place = (lambda at: (at // page, -at)) if page else (lambda at: (at, 0))
    return sorted(first, key=lambda mark: place(first[mark])) or None


def _file(engine: Engine) -> Path:
    return Path(make_url(str(engine.url)).database or "")


def _segments(engine: Engine, log_from: str) -> list[Path]:
    with engine.connect() as connection:
        folder = Path(connection.scalar(text("SHOW data_directory")) or "", "pg_wal")
        names = [
            connection.scalar(text(f"SELECT pg_walfile_name({place})"))
            for place in (f"'{log_from}'::pg_lsn", "pg_current_wal_insert_lsn()")
        ]
    return [one for one in sorted(folder.iterdir()) if names[0] <= one.name <= names[1] and one.is_file()]


# These ask what else is known of a person; they put nothing into an order of its own.
BESIDE_A_PERSON = frozenset({"xmin beside the roster", "place of the leaf", "server log"})
SQLITE: dict[str, Callable[[Target], Guess | None]] = {
    "key": by_key,
    "order found": as_found,
    "rowid": by_rowid,
    "bytes of the file": by_bytes_of_file,
    "write-ahead log": by_log_of_writes,
    "place of the leaf": by_leaf,
}
POSTGRESQL: dict[str, Callable[[Target], Guess | None]] = {
    "key": by_key,
    "order found": as_found,
    "ctid": by_ctid,
    "xmin": by_transaction,
    "xmin beside the roster": by_transaction_beside,
    "bytes of the file": by_bytes_of_file,
    "write-ahead log": by_log_of_writes,
    "server log": by_server_log,
    "place of the leaf": by_leaf,
}
