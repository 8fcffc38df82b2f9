"""Writes the attack table into docs/anonymity.md: `python -m tests.anonymity.table [members] [seeds]`.

Runs every attack on both kinds of database, on the product and on the naive design, and replaces what stands
between the two marks of the page. Exit code 1 when the product is caught twice or the naive design is not.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import migrations
from survey_app.core.db import Databases, open_databases
from survey_app.core.settings import Settings
from tests.anonymity.attacks import MOST_HITS, Finding
from tests.anonymity.linking import attacked, attacked_naively
from tests.support.installation import KINDS, settings_for
from tests.support.postgres import PostgresServer, running_server

PAGE = Path(__file__).resolve().parents[2] / "docs" / "anonymity.md"
FROM, TO = "<!-- attack table -->", "<!-- end of attack table -->"
TABLES = ("ballot", "comment", "words")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Row:
    """One attack on one kind of database: the worst of all seeds, and the control."""

    kind: str
    feature: str
    available: bool
    hits: dict[str, int | str]
    p: float
    controls: tuple[Finding, ...]
    suspicions: int

    def __str__(self) -> str:
        least = f"{self.p:.3f}" if self.p >= 0.001 else f"{self.p:.0e}"
        if self.available:
            found = f"{self.hits['ballot']} | {self.hits['comment']} | {self.hits['words']} | {least}"
        else:
            found = "nothing to look at | nothing to look at | nothing to look at | -"
        naive = " and ".join(str(control.hits) for control in self.controls)
        return f"| {NAMES[self.kind]} | {self.feature} | {found} | {naive} |"


@contextmanager
def installation(kind: str, server: PostgresServer) -> Iterator[tuple[Settings, Databases, Path]]:
    """A migrated, empty installation of a kind."""
    with tempfile.TemporaryDirectory(prefix="pingjia-table-") as name:
        folder = Path(name)
        if kind == "sqlite":
            addresses = tuple(f"sqlite:///{folder}/{side}.sqlite3" for side in ("roster", "box"))
        else:
            addresses = (server.create(), server.create())
        settings = settings_for(addresses[0], addresses[1], folder)
        databases = open_databases(settings)
        migrations.upgrade(databases)
        try:
            yield settings, databases, folder
        finally:
            databases.dispose()


def rows_of(kind: str, server: PostgresServer, members: int, seeds: int) -> list[Row]:
    """Every attack on one kind of database."""
    with installation(kind, server) as (settings, databases, _folder):
        runs = [attacked(settings, databases, members, seed) for seed in range(seeds)]
    with installation(kind, server) as (_settings, databases, folder):
        control = attacked_naively(databases, folder, members)
    features = [name.partition(": ")[2] for name in control if name.startswith("ballot: ")]
    return [_row(kind, feature, runs, control) for feature in features]


def _row(kind: str, feature: str, runs: list[dict[str, Finding]], control: dict[str, Finding]) -> Row:
    names = {table: f"{table}: {feature}" for table in TABLES}
    findings = {table: [run[name] for run in runs if name in run] for table, name in names.items()}
    every = [finding for found in findings.values() for finding in found]
    return Row(
        kind,
        feature,
        any(finding.available for finding in every),
        {
            table: max(finding.hits for finding in found) if any(one.available for one in found) else "-"
            for table, found in findings.items()
        },
        min(finding.p for finding in every),
        tuple(found for name, found in control.items() if name.partition(": ")[2] == feature),
        sum(finding.is_caught for finding in every),
    )


def page_with(text: str, rows: list[Row], members: int, seeds: int) -> str:
    """The page with a new table between its marks."""
    head, _, rest = text.partition(FROM)
    _, _, tail = rest.partition(TO)
    lines = [
        f"{members} members in a known order of arrival, {seeds} orders on each database, the worst shown.",
        f"Chance is 1 hit, the limit {MOST_HITS}; p is of Kendall's tau, the smallest of {3 * seeds}.",
        "",
        "| Database | Looked at | Ballots hit | Words hit | Words beside their ballots | Least p "
        "| Hits on the naive designs |",
        "|---|---|---|---|---|---|---|",
        *map(str, rows),
    ]
    return "\n".join([head + FROM, *lines, TO]) + tail


def main(members: int, seeds: int) -> int:
    """Attack, write, and say in the exit code whether it holds."""
    rows: list[Row] = []
    with running_server() as server:
        for kind in KINDS:
            rows += rows_of(kind, server, members, seeds)
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), rows, members, seeds), encoding="utf-8")
    for row in rows:
        print(row)
    # One suspicion among a hundred looks is chance; the suite repeats it on another home.
    holds = all(row.suspicions < 2 and all(one.is_caught for one in row.controls) for row in rows)
    return 0 if holds else 1


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*(numbers + [200, 5][len(numbers) :])))
