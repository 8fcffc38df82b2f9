"""Whom a roster that was handed in waits for: the nearest superior of the affiliation that has an officer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, exists, func, not_, select
from sqlalchemy.orm import Session, aliased

from survey_app.accounts.models import Post
from survey_app.core.actor import Actor, Role
from survey_app.rosters.models import Roster, RosterState
from survey_app.rosters.queries import is_newest
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import scope


@dataclass(frozen=True)
class Waiting:
    """How many rosters of a year wait for this actor's decision, and how many for somebody else's."""

    mine: int = 0
    others: int = 0


def waiting_by_year(session: Session, actor: Actor) -> dict[int, Waiting]:
    """For every year with rosters in the scope, newest first: what waits for a decision, and for whose."""
    submitted = func.sum(case((Roster.state == RosterState.SUBMITTED, 1), else_=0))
    rows = session.execute(
        select(Roster.year, submitted)
        .where(Roster.home_id.in_(scope(actor)), is_newest())
        .group_by(Roster.year)
        .order_by(Roster.year.desc())
    ).all()
    mine = _mine_by_year(session, actor)
    return {year: Waiting(mine.get(year, 0), int(count) - mine.get(year, 0)) for year, count in rows}


def _mine_by_year(session: Session, actor: Actor) -> dict[int, int]:
    if not actor.may("roster.confirm"):
        return {}
    mine = select(Roster.year, func.count()).where(waits_for(actor), is_newest()).group_by(Roster.year)
    return dict(session.execute(mine).all())


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Whether a roster waits for a decision of this actor's unit, and of none nearer to the home."""
    return and_(
        Roster.state == RosterState.SUBMITTED,
        stands_below(Roster.home_id, actor),
        not_(has_nearer_officer(Roster.home_id, actor)),
    )


def stands_below(unit_id: SQLColumnExpression[int], actor: Actor) -> ColumnElement[bool]:
    """Whether a unit stands below the actor's in the line of affiliation, asked row by row: few rows wait."""
    return exists().where(
        UnitAncestor.unit_id == unit_id,
        UnitAncestor.ancestor_id == actor.unit_id,
        UnitAncestor.line == Line.AFFILIATION,
        UnitAncestor.depth > 0,
    )


def has_nearer_officer(home_id: SQLColumnExpression[int], actor: Actor) -> ColumnElement[bool]:
    """Whether an officer stands between the home and the actor: the roster waits for the nearest one."""
    above, beneath = aliased(UnitAncestor), aliased(UnitAncestor)
    return exists().where(
        above.unit_id == home_id,
        above.line == Line.AFFILIATION,
        above.depth > 0,
        above.ancestor_id != actor.unit_id,
        beneath.unit_id == above.ancestor_id,
        beneath.ancestor_id == actor.unit_id,
        Post.unit_id == above.ancestor_id,
        Post.role == Role.OFFICER,
        Post.until.is_(None),
    )


def deciders_of(session: Session, home_ids: Collection[int]) -> dict[int, Unit]:
    """For each home the superior that decides on its roster; a home without one is left out."""
    rows = session.execute(
        select(UnitAncestor.unit_id, Unit)
        .join(Unit, Unit.id == UnitAncestor.ancestor_id)
        .where(
            UnitAncestor.unit_id.in_(home_ids),
            UnitAncestor.line == Line.AFFILIATION,
            UnitAncestor.depth > 0,
            exists().where(Post.unit_id == Unit.id, Post.role == Role.OFFICER, Post.until.is_(None)),
        )
        .order_by(UnitAncestor.depth)
    )
    found: dict[int, Unit] = {}
    for home_id, superior in rows:
        found.setdefault(home_id, superior)
    return found


def decider_of(session: Session, home_id: int) -> Unit | None:
    """Who decides on the rosters of a home, if anybody above it may."""
    return deciders_of(session, [home_id]).get(home_id)
