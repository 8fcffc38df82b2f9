"""Homes, turnout and classes of an area, added up by SQL; every home counts once and every column adds up.

A home may be reached over two lines. Each view puts it into exactly one branch: by affiliation (隶属) first,
or by territory (地区) first, so that the branches of a view sum to the total above them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    SQLColumnExpression,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    select,
)
from sqlalchemy.orm import Session, aliased

from scoring import RatingClass, ReasonCode
from survey_app.counting.models import HomeCount
from survey_app.invitations.models import TurnoutDay
from survey_app.invitations.turnout import EXACT_FROM, STEP_PERCENT
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundState
from survey_app.units.branches import places
from survey_app.units.models import Line, Unit

VOTED = (RoundState.VOTING, RoundState.CLOSING, RoundState.CLOSED, RoundState.COUNTING)
ENDED = (RoundState.COUNTED, RoundState.ARCHIVED, RoundState.CANCELLED)
WITH_CLASS = (ResultState.PROVISIONAL, ResultState.OBJECTED, ResultState.FINAL, ResultState.PUBLISHED)
CLASS_COLUMN = {
    RatingClass.ELIGIBLE: "eligible",
    RatingClass.QUALIFIED: "qualified",
    RatingClass.INSUFFICIENT: "insufficient",
    RatingClass.DISSATISFIED: "dissatisfied",
}


@dataclass(frozen=True)
class AreaFigures:
    """The sums of some homes. `used` of `voters` took part, in homes that vote or have voted.

    homes = rated + few + held + voided + repeating + waiting, and
    rated = eligible + qualified + insufficient + dissatisfied; reminded is part of qualified.
    """

    homes: int = 0
    voters: int = 0
    used: int = 0
    rated: int = 0
    eligible: int = 0
    qualified: int = 0
    reminded: int = 0
    insufficient: int = 0
    dissatisfied: int = 0
    few: int = 0
    held: int = 0
    voided: int = 0
    repeating: int = 0
    waiting: int = 0

    @property
    def turnout(self) -> float | None:
        """The share that took part, or None before anybody could."""
        return self.used / self.voters if self.voters else None

    @property
    def unrated(self) -> int:
        """Homes without a class."""
        return self.homes - self.rated

    def __add__(self, other: AreaFigures) -> AreaFigures:
        names = self.__dataclass_fields__
        return AreaFigures(**{name: getattr(self, name) + getattr(other, name) for name in names})


@dataclass(frozen=True)
class Branch:
    """A unit of the next level; `id` is None for the homes that belong to the unit itself."""

    id: int | None
    name: str
    figures: AreaFigures


def branches(session: Session, unit_id: int, year: int, line: Line) -> list[Branch]:
    """The next level below a unit, by name, the unit's own homes last; in the view of one line."""
    children = session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.parent_id == unit_id, not_(Unit.is_home), Unit.closed_on.is_(None))
        .order_by(Unit.name, Unit.id)
    ).all()
    sums = _sums(session, unit_id, year, [child.id for child in children], line)
    rows = [Branch(child.id, child.name, sums[child.id]) for child in children if child.id in sums]
    return [*rows, Branch(None, "", sums[None])] if None in sums else rows


def _sums(
    session: Session, unit_id: int, year: int, children: Sequence[int], line: Line
) -> dict[int | None, AreaFigures]:
    place = places(unit_id, children, line)
    found: dict[int | None, AreaFigures] = {}
    for branch, repeats, state, kind, code, reminder, *sums in session.execute(
        with_facts(place, year, rounds_of(session, year))
    ):
        homes, voters, used = (int(value or 0) for value in sums)
        names = ["repeating"] if repeats else fields_of(state, kind, code, reminder)
        figures = AreaFigures(homes, voters, used, **dict.fromkeys(names, homes))
        found[branch] = found.get(branch, AreaFigures()) + figures
    return found


def fields_of(state: str | None, kind: str, code: str, reminder: bool) -> list[str]:
    """Which columns a home with this result counts in."""
    if state is None:
        return ["waiting"]
    if state not in WITH_CLASS:
        return ["held" if state == ResultState.HELD else "voided"]
    if code == ReasonCode.I0:  # fewer than ten members are not rated on their own
        return ["few"]
    names = ["rated", CLASS_COLUMN[RatingClass(kind)]]
    return [*names, "reminded"] if reminder and kind == RatingClass.QUALIFIED else names


@dataclass(frozen=True)
class YearRounds:
    """The rounds of a year that the sums must know by their ids; there are few."""

    voting: list[str]
    repeating: list[str]
    aside: list[str]  # re-evaluations and practice: never the rating of the year


def rounds_of(session: Session, year: int) -> YearRounds:
    rows = session.execute(select(Round.id, Round.kind, Round.state).where(Round.year == year)).all()
    return YearRounds(
        voting=[row.id for row in rows if row.state in VOTED],
        repeating=[row.id for row in rows if row.kind == RoundKind.REPEAT and row.state not in ENDED],
        aside=[row.id for row in rows if row.kind not in (RoundKind.ORDINARY, RoundKind.REPEAT)],
    )


def counting_result(home: ColumnElement[int], year: int, aside: Sequence[str] = ()) -> ColumnElement[bool]:
    """The condition that joins a home to the one result of the year that counts."""
    later = aliased(Result)
    void = (ResultState.SUPERSEDED, ResultState.VOIDED)
    newer = [
        later.home_id == Result.home_id,
        later.year == year,
        later.id > Result.id,
        later.state.not_in(void),
    ]
    # Not by the index of years: it finds every result of a year for each home.
    conditions = [Result.home_id == home, Result.year + 0 == year, Result.state != ResultState.SUPERSEDED]
    if aside:
        newer.append(later.round_id.not_in(aside))
        conditions.append(Result.round_id.not_in(aside))
    return and_(*conditions, not_(exists().where(*newer)))


def facts_of(place: Subquery, year: int, rounds: YearRounds) -> FromClause:
    """The open homes of a place, each with its vote of the year, the result that counts, and its count."""
    home = place.c.home
    # After a repeat the later vote counts.
    counted_in = func.coalesce(Result.round_id, RoundHome.round_id)
    return (
        place.join(Unit, and_(Unit.id == home, Unit.is_home, Unit.closed_on.is_(None)))
        .outerjoin(RoundHome, and_(RoundHome.home_id == home, RoundHome.ordinary_year == year))
        .outerjoin(Result, counting_result(home, year, rounds.aside))
        .outerjoin(HomeCount, and_(HomeCount.round_id == counted_in, HomeCount.home_id == home))
    )


def repeats_in(home: SQLColumnExpression[int], rounds: YearRounds) -> ColumnElement[bool]:
    """Whether a home votes once more, so that its present result is none."""
    if not rounds.repeating:
        return false()
    again = aliased(RoundHome)
    return exists().where(again.home_id == home, again.round_id.in_(rounds.repeating))


def with_facts(place: Subquery, year: int, rounds: YearRounds) -> Select[Any]:
    """The homes of a place counted by branch and by what their result says, with those who took part."""
    repeats = case((repeats_in(place.c.home, rounds), 1), else_=0) if rounds.repeating else literal(0)
    used, voters = turnout_of(rounds.voting)
    facts = (Result.state, Result.rating_class, Result.code, Result.reminder)
    return (
        select(
            place.c.branch, repeats.label("repeats"), *facts, func.count(), func.sum(voters), func.sum(used)
        )
        .select_from(facts_of(place, year, rounds))
        .group_by(place.c.branch, "repeats", *facts)
    )


def turnout_of(voting: Sequence[str]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Who took part and of how many: valid ballots once counted, before that the reading of the day.

    Where a box stayed shut nobody knows which ballots are valid: those received took part.
    """
    reading = (
        select(func.max(TurnoutDay.used))
        .where(TurnoutDay.round_id == RoundHome.round_id, TurnoutDay.home_id == RoundHome.home_id)
        .correlate(RoundHome)
        .scalar_subquery()
    )
    used_now, members = func.coalesce(reading, 0), RoundHome.members
    counted, votes = HomeCount.round_id.is_not(None), RoundHome.round_id.in_(voting)
    used = case(
        (counted, _took_part()),
        (and_(votes, members >= EXACT_FROM), used_now),
        (votes, _rounded(used_now, members)),
    )
    return used, case((counted, HomeCount.members), (votes, members))


def _took_part() -> ColumnElement[int]:
    return case((HomeCount.unopened.is_(True), HomeCount.sealed + HomeCount.paper), else_=HomeCount.valid)


def _rounded(used: Any, members: Any) -> Any:
    """As `invitations.turnout` rounds small homes: halves up to 5 %, and the count that follows from it."""
    least = case((members > 0, members), else_=1)
    percent = STEP_PERCENT * ((200 * used + STEP_PERCENT * members) // (2 * STEP_PERCENT * least))
    return (percent * members + 50) // 100


def last_year_turnout(session: Session, unit_id: int, year: int) -> float | None:
    """The share of the year before over homes that were counted then."""
    if not session.scalars(select(Round.id).where(Round.year == year - 1).limit(1)).first():
        return None
    place = places(unit_id, (), Line.AFFILIATION)
    row = session.execute(
        select(func.sum(_took_part()), func.sum(HomeCount.members))
        .select_from(place)
        .join(RoundHome, and_(RoundHome.home_id == place.c.home, RoundHome.ordinary_year == year - 1))
        .join(
            HomeCount,
            and_(HomeCount.round_id == RoundHome.round_id, HomeCount.home_id == RoundHome.home_id),
        )
    ).one()
    return int(row[0]) / int(row[1]) if row[1] else None
