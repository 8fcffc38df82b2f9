"""A year before: the result of a counted home copied into an earlier round, as another year left it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.counting.models import HomeCount
from survey_app.results.models import RatingSnapshot, Result
from survey_app.rounds.models import Round, RoundHome
from tests.support.counted_home import CountedRound


def copied(row: Any, **changes: Any) -> Any:
    """A new row like an old one."""
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.columns}
    return type(row)(**{**values, **changes})


def year_before(
    built: CountedRound,
    *,
    home: int = 0,
    year: int = 2025,
    figures: dict[str, Any] | None = None,
    **snapshot_changes: Any,
) -> None:
    """The result of one home in an earlier year, with other figures or made in another way."""
    round_id, home_id = f"{year:032d}", built.homes[home].id
    with built.writing() as session:
        if session.get(Round, round_id) is None:
            session.add(copied(session.get_one(Round, built.id), id=round_id, year=year))
            session.flush()
        session.add(
            copied(session.get_one(RoundHome, (built.id, home_id)), round_id=round_id, ordinary_year=year)
        )
        session.add(copied(session.get_one(HomeCount, (built.id, home_id)), round_id=round_id))
        result = _result(session, built.id, home_id)
        earlier = copied(
            result, id=None, round_id=round_id, year=year, **({"state": "final"} | (figures or {}))
        )
        session.add(earlier)
        session.flush()
        snapshot = session.get_one(RatingSnapshot, result.snapshot_id)
        old = copied(snapshot, id=None, result_id=earlier.id, **snapshot_changes)
        session.add(old)
        session.flush()
        earlier.snapshot_id = old.id


def _result(session: Session, round_id: str, home_id: int) -> Result:
    return session.scalars(select(Result).where(Result.round_id == round_id, Result.home_id == home_id)).one()
