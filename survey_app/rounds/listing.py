"""Rows of the organiser's lists: rounds, and the homes a draft may choose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.rosters.models import Roster
from survey_app.rounds.models import Round, RoundHome
from survey_app.rounds.queries import visible_rounds
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import scope


@dataclass(frozen=True)
class RoundRow:
    """A round in the list."""

    id: str
    title: str
    organiser: str
    state: str
    kind: str
    opens_at: datetime
    closes_at: datetime
    homes: int


def round_rows(session: Session, actor: Actor) -> list[RoundRow]:
    """Visible rounds, newest first, with the number of their homes within the scope."""
    counts = (
        select(RoundHome.round_id, func.count().label("homes"))
        .where(RoundHome.home_id.in_(scope(actor)))
        .group_by(RoundHome.round_id)
        .subquery()
    )
    statement = (
        visible_rounds(session, actor)
        .add_columns(Unit.name, func.coalesce(counts.c.homes, 0))
        .join(Unit, Unit.id == Round.organiser_id)
        .outerjoin(counts, counts.c.round_id == Round.id)
        .order_by(Round.opens_at.desc(), Round.id)
    )
    return [
        RoundRow(
            id=round_.id,
            title=round_.title,
            organiser=organiser,
            state=round_.state,
            kind=round_.kind,
            opens_at=round_.opens_at,
            closes_at=round_.closes_at,
            homes=homes,
        )
        for round_, organiser, homes in session.execute(statement)
    ]


@dataclass(frozen=True)
class HomeChoice:
    """A home a draft may choose: its roster, and the other round that already has it."""

    id: int
    name: str
    superior: str
    roster_state: str | None
    members: int
    chosen: bool
    taken_by: str | None

    @property
    def open(self) -> bool:
        """Whether the home can be chosen, or is already."""
        return self.chosen or self.taken_by is None


def candidate_homes(session: Session, round_: Round) -> list[HomeChoice]:
    """Homes below the organiser in the line of affiliation."""
    chosen = set(session.scalars(select(RoundHome.home_id).where(RoundHome.round_id == round_.id)))
    taken: dict[int, str] = dict(
        session.execute(
            select(RoundHome.home_id, Round.title)
            .join(Round, Round.id == RoundHome.round_id)
            .where(RoundHome.ordinary_year == round_.year, RoundHome.round_id != round_.id)
        ).all()
    )
    parent = Unit.__table__.alias("superior")
    newest = (
        select(Roster.home_id, func.max(Roster.edition).label("edition"))
        .where(Roster.year == round_.year)
        .group_by(Roster.home_id)
        .subquery()
    )
    rows = session.execute(
        select(Unit.id, Unit.name, parent.c.short_name, Roster.state, Roster.members)
        .join(UnitAncestor, UnitAncestor.unit_id == Unit.id)
        .outerjoin(parent, parent.c.id == Unit.parent_id)
        .outerjoin(newest, newest.c.home_id == Unit.id)
        .outerjoin(
            Roster,
            (Roster.home_id == Unit.id) & (Roster.year == round_.year) & (Roster.edition == newest.c.edition),
        )
        .where(
            UnitAncestor.ancestor_id == round_.organiser_id,
            UnitAncestor.line == Line.AFFILIATION,
            Unit.is_home,
            Unit.closed_on.is_(None),
        )
        .order_by(parent.c.short_name, Unit.name)
    )
    return [
        HomeChoice(
            id=unit_id,
            name=name,
            superior=superior or "",
            roster_state=state,
            members=members or 0,
            chosen=unit_id in chosen,
            taken_by=taken.get(unit_id),
        )
        for unit_id, name, superior, state, members in rows
    ]
