"""Digests of an opened home, printed on the protocol sheet: over its ballots and over its tallies. Pure.

Each covers canonical lines in sorted order, so it depends on neither the database nor the order of rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from survey_app.box.models import ANSWER_COLUMNS, Ballot, CountingClass, ScoreSum, Tally

COLUMNS = tuple(f"a{number}" for number in range(1, ANSWER_COLUMNS + 1))


def codes_of(ballot: Ballot) -> tuple[int, ...]:
    """All answer columns of a stored ballot; those beyond the questionnaire are 0."""
    return tuple(getattr(ballot, name) for name in COLUMNS)


def ballots_digest(ballots: Iterable[tuple[str, bytes, Sequence[int]]]) -> bytes:
    """Over (counting class, ballot id, codes) of every ballot."""
    return _digest(
        f"{counting_class} {ballot_id.hex()} {' '.join(map(str, codes))}"
        for counting_class, ballot_id, codes in ballots
    )


def tallies_digest(
    classes: Iterable[CountingClass], tallies: Iterable[Tally], sums: Iterable[ScoreSum]
) -> bytes:
    """Over every counting class, count and sum of a home."""
    lines = [f"class {row.id} {row.ballot_classes} {row.members} {row.valid}" for row in classes]
    lines += [f"tally {row.counting_class} {row.question} {row.option} {row.n}" for row in tallies]
    lines += [f"sum {row.counting_class} {row.score} {row.ballots} {row.total} {row.squares}" for row in sums]
    return _digest(lines)


def _digest(lines: Iterable[str]) -> bytes:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).digest()
