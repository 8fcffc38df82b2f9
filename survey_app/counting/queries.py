"""Reads of what was counted: a home's figures, cells for the rating, comments, and the run in progress."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey_app.accounts.queries import round_posts
from survey_app.box.models import BoxComment, CountingClass, ScoreSum, Tally
from survey_app.core.actor import Role
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.errors import NotFound
from survey_app.counting.models import CountingRun, HomeCount
from survey_app.counting.tallies import SumOfScores
from survey_app.rounds.ballot_classes import LABEL_LIMIT
from survey_app.rounds.models import BallotClass, RoundHome


@dataclass(frozen=True)
class CountedClass:
    """A counting class: roster members and valid ballots of the ballot classes it holds."""

    id: str
    label: str
    members: int
    valid: int
    strata: tuple[tuple[int, int], ...] = ()  # members and ballots cast of each ballot class, where known


@dataclass(frozen=True)
class CountedHome:
    """What the rating is made of. `tallies` by (class id, question, option); blanks are what is missing."""

    classes: tuple[CountedClass, ...]
    tallies: Mapping[tuple[str, str, str], int]
    sums: Mapping[tuple[str, str], SumOfScores]

    @property
    def valid(self) -> int:
        """Valid ballots of the home."""
        return sum(one.valid for one in self.classes)


def home_count(session: Session, round_id: str, home_id: int) -> HomeCount:
    """The figures of a home's opening; NotFound before it was counted."""
    found = session.get(HomeCount, (round_id, home_id))
    if found is None:
        raise NotFound("count")
    return found


def cells(databases: Databases, round_id: str, home_id: int) -> CountedHome:
    """Counting classes, tallies and exact sums of a home. Classes in the order of their ballot classes."""
    with reading(read_session(databases.roster)) as session:
        known = {
            row.id: (row.ordinal, row.label, row.members)
            for row in session.scalars(
                select(BallotClass).where(BallotClass.round_id == round_id, BallotClass.home_id == home_id)
            )
        }
    with reading(read_session(databases.box)) as box:
        stored = box.scalars(_of(CountingClass, round_id, home_id)).all()
        tallies = box.scalars(_of(Tally, round_id, home_id)).all()
        sums = box.scalars(_of(ScoreSum, round_id, home_id)).all()
    classes = [_counted_class(row, known) for row in stored]
    classes.sort(key=lambda pair: pair[0])
    return CountedHome(
        classes=tuple(one for _, one in classes),
        tallies={(row.counting_class, row.question, row.option): row.n for row in tallies},
        sums={
            (row.counting_class, row.score): SumOfScores(row.ballots, row.total, row.squares) for row in sums
        },
    )


def _counted_class(
    row: CountingClass, known: Mapping[str, tuple[int, str, int]]
) -> tuple[list[tuple[int, str, int]], CountedClass]:
    """A counting class with its place: that of the ballot classes it holds."""
    cast = json.loads(row.ballot_classes)
    place = sorted(known[one] for one in cast)
    strata = tuple((known[one][2], cast[one]) for one in cast) if isinstance(cast, dict) else ()
    label = _joined([label for _, label, _ in place])
    return place, CountedClass(row.id, label, row.members, row.valid, strata)


def _of(table: Any, round_id: str, home_id: int) -> Any:
    return select(table).where(table.round_id == round_id, table.home_id == home_id)


def _joined(labels: list[str]) -> str:
    return "；".join(labels)[:LABEL_LIMIT]


@dataclass(frozen=True)
class Comment:
    """A member's words and the question they answer; nothing else is known of them."""

    question: str
    text: str


@contextmanager
def take_comments(databases: Databases, round_id: str, home_id: int) -> Iterator[list[Comment]]:
    """A home's comments, erased here when the block ends well: commit the new home of the words inside it.

    A crash between that commit and the erasure leaves them here: whoever takes them looks first whether
    it took this home's before.
    """
    with reading(read_session(databases.box)) as box:
        rows = box.scalars(_of(BoxComment, round_id, home_id).order_by(BoxComment.id)).all()
        found = [Comment(row.question, row.text) for row in rows]
    yield found
    with committing(write_session(databases.box)) as box:
        box.execute(delete(BoxComment).where(BoxComment.round_id == round_id, BoxComment.home_id == home_id))


def custodian_ids(session: Session, round_id: str) -> set[int]:
    """The accounts that hold the round's box."""
    return {post.account_id for post in round_posts(session, round_id, Role.CUSTODIAN)}


def counting_run(session: Session, round_id: str) -> CountingRun | None:
    """The opening in progress, or how it ended."""
    return session.get(CountingRun, round_id)


def all_homes_counted(session: Session, round_id: str) -> bool:
    """Whether every home of the round has its figures."""
    homes = select(func.count()).select_from(RoundHome).where(RoundHome.round_id == round_id)
    counted = select(func.count()).select_from(HomeCount).where(HomeCount.round_id == round_id)
    return session.scalar(homes) == session.scalar(counted)
