"""Erase what must not stay: a voided home's vote, and the ballots when their time is over."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, update

from survey_app.box.models import Ballot, BoxComment, CountingClass, Opening, ScoreSum, Tally
from survey_app.core.db import Databases, committing, write_session
from survey_app.counting.vacuum import vacuum_box


def erase_vote(databases: Databases, round_id: str, home_id: int) -> None:
    """Ballots, comments and tallies of a voided home; leaves and opening stay as proof of the count."""
    with committing(write_session(databases.box)) as box:
        own = Opening.round_id == round_id, Opening.home_id == home_id
        box.execute(update(Opening).where(*own).values(traits=None))
    _erase(databases, round_id, home_id, (Ballot, BoxComment, Tally, ScoreSum, CountingClass))
    vacuum_box(databases)


def erase_ballots_of(databases: Databases, homes: Collection[tuple[str, int]]) -> None:
    """The rows of these homes (round, home) when their time is over; tallies, leaves and digests stay."""
    for round_id, home_id in homes:
        _erase(databases, round_id, home_id, (Ballot, BoxComment))
    if homes:
        vacuum_box(databases)


def _erase(databases: Databases, round_id: str, home_id: int, tables: tuple[type, ...]) -> None:
    with committing(write_session(databases.box)) as box:
        for table in tables:
            rows = delete(table)
            box.execute(rows.where(table.round_id == round_id, table.home_id == home_id))  # type: ignore[attr-defined]  # tables of a home have both
