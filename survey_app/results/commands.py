"""Commands of results: recompute a round's ratings from their frozen inputs, to the last digit."""

from __future__ import annotations

import os
import sys

import click
from sqlalchemy import select

from scoring import FaultyInput
from survey_app.core.db import open_databases, read_session, reading
from survey_app.core.errors import NotFound
from survey_app.core.settings import Settings
from survey_app.results.models import RatingSnapshot, Result
from survey_app.results.rating import differences, row_differences
from survey_app.rounds.models import Round


@click.group("round")
def rounds() -> None:
    """A round: recompute its ratings."""


@rounds.command("recompute")
@click.argument("round_id")
def recompute(round_id: str) -> None:
    """Rate every home of ROUND again from its snapshots, each by the version of the method it was made under.

    Exit code 1 if a single digit differs, there or in the row that lists and totals read, or if this program
    does not know that version.
    """
    databases = open_databases(Settings.from_environment(os.environ))
    differing = 0
    with reading(read_session(databases.roster)) as session:
        if session.get(Round, round_id) is None:
            raise NotFound("round")
        statement = (
            select(RatingSnapshot, Result)
            .join(Result, Result.id == RatingSnapshot.result_id)
            .where(Result.round_id == round_id)
            .order_by(RatingSnapshot.id)
        )
        checked = 0
        for snapshot, result in session.execute(statement.execution_options(yield_per=100)):
            checked += 1
            found = _found(result, snapshot)
            if found:
                differing += 1
                click.echo(f"单位{result.home_id}第{snapshot.number}次：{', '.join(found)}", err=True)
    click.echo(f"重算{checked}份，不同{differing}份 (recomputed {checked}, differing {differing})")
    sys.exit(1 if differing else 0)


def _found(result: Result, snapshot: RatingSnapshot) -> list[str]:
    """What differs, or why a snapshot cannot be computed again."""
    try:
        newest = result.snapshot_id == snapshot.id
        return differences(snapshot) + [
            f"result.{name}" for name in (row_differences(result, snapshot) if newest else [])
        ]
    except FaultyInput as error:
        return [str(fault) for fault in error.faults]


COMMANDS = (rounds,)
