"""Every home below a superior as one list: searched, narrowed to a class, sorted, fifty to a page.

The page's homes are found by their ids first; what stands in their rows is read for these fifty alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.orm import Session

from scoring import RatingClass, ReasonCode
from survey_app.core.clock import beijing_day
from survey_app.overview.area_figures import (
    WITH_CLASS,
    YearRounds,
    facts_of,
    repeats_in,
    rounds_of,
    turnout_of,
)
from survey_app.overview.home_rows import HomeRow, late_orders, rows_of
from survey_app.results.models import Result
from survey_app.units.models import Unit, UnitAncestor

PER_PAGE = 50
CLASSES: dict[str, ColumnElement[bool]] = {
    "model_eligible": Result.rating_class == RatingClass.ELIGIBLE,
    "qualified": and_(Result.rating_class == RatingClass.QUALIFIED, not_(Result.reminder)),
    "qualified_reminder": and_(Result.rating_class == RatingClass.QUALIFIED, Result.reminder),
    "insufficient_evidence": Result.rating_class == RatingClass.INSUFFICIENT,
    "dissatisfied": Result.rating_class == RatingClass.DISSATISFIED,
}
NOT_RATED = "not_rated"


@dataclass(frozen=True)
class HomeFilter:
    """What a person asks of the list; every view of it has an address."""

    text: str = ""
    rating: str = ""
    sort: str = "name"
    page: int = 1


@dataclass(frozen=True)
class HomePage:
    """One page of homes, and how many there are in all."""

    rows: list[HomeRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages the homes fill."""
        return max(-(-self.total // PER_PAGE), 1)


def home_list(session: Session, unit_id: int, year: int, wanted: HomeFilter, at: datetime) -> HomePage:
    """One page of the open homes below a unit over both lines, each once."""
    rounds = rounds_of(session, year)
    query = _matching(unit_id, year, wanted, rounds)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = min(max(wanted.page, 1), max(-(-total // PER_PAGE), 1))
    ids = session.scalars(
        query.order_by(*_order(wanted.sort, rounds, at)).offset((page - 1) * PER_PAGE).limit(PER_PAGE)
    ).all()
    rows = rows_of(session, ids, year, at)
    found = [rows[home_id] for home_id in ids if home_id in rows]
    return HomePage(_as_shown(found, wanted.sort), total, page)


def _matching(unit_id: int, year: int, wanted: HomeFilter, rounds: YearRounds) -> Select[int]:
    place = _below(unit_id)
    by_facts = wanted.rating or wanted.sort.lstrip("-") in {"members", "turnout"}
    homes: Any = place.join(Unit, and_(Unit.id == place.c.home, Unit.is_home, Unit.closed_on.is_(None)))
    query = select(Unit.id).select_from(facts_of(place, year, rounds) if by_facts else homes)
    if wanted.text:
        query = query.where(Unit.name.contains(wanted.text, autoescape=True))
    if wanted.rating:
        query = query.where(_has_class(wanted.rating, rounds))
    return query


def _below(unit_id: int) -> Subquery:
    """Everything below a unit once, as the sums of its desk take it."""
    below = select(UnitAncestor.unit_id.label("home"), literal(None).label("branch"))
    return below.where(UnitAncestor.ancestor_id == unit_id).distinct().subquery("place")


def _has_class(rating: str, rounds: YearRounds) -> ColumnElement[bool]:
    """The condition that a home's row shows this tag."""
    rated = and_(
        Result.id.is_not(None),
        Result.state.in_(WITH_CLASS),
        Result.code != ReasonCode.I0,
        not_(repeats_in(Unit.id, rounds)),
    )
    if rating == NOT_RATED:
        return case((rated, 0), else_=1) == 1
    return and_(rated, CLASSES.get(rating, false()))


def _order(sort: str, rounds: YearRounds, at: datetime) -> tuple[SQLColumnExpression[Any], ...]:
    used, voters = turnout_of(rounds.voting)
    keys: dict[str, SQLColumnExpression[Any]] = {
        "members": func.coalesce(voters, -1),
        "turnout": case((voters > 0, 1000 * used / voters), else_=-1),
        "late": late_orders(beijing_day(at)),
    }
    key: SQLColumnExpression[Any] = keys.get(sort.lstrip("-"), Unit.name)
    return key.desc() if sort.startswith("-") else key, Unit.name, Unit.id


def _as_shown(rows: list[HomeRow], sort: str) -> list[HomeRow]:
    """Large homes show their turnout of this minute, the order knows the reading of the day."""
    if sort.lstrip("-") != "turnout":
        return rows
    return sorted(rows, key=lambda row: -1 if row.percent is None else row.percent, reverse=sort[0] == "-")
