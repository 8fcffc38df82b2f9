"""Reads of the tree: who stands in whose scope, the way up to the root, and the rows of a unit's table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound, Refused
from survey_app.units.importing import Known
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.validity import SUPERIORS


def scope(actor: Actor, line: Line | None = None) -> Select[int]:
    """The ids of the units this actor may see: his unit's subtree over both lines, or over one."""
    if actor.is_system:
        return select(Unit.id)
    return below(actor.unit_id, line)


def below(unit_id: int, line: Line | None = None) -> Select[int]:
    """The ids of a unit and everything below it over both lines, or over one."""
    query = select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id == unit_id)
    return query.distinct() if line is None else query.where(UnitAncestor.line == line)


def within(actor: Actor, line: Line | None = None) -> ColumnElement[bool]:
    """The condition that a unit lies in the scope, for queries that find few units: one look-up for each."""
    if actor.is_system:
        return true()
    above = select(UnitAncestor.unit_id).where(
        UnitAncestor.unit_id == Unit.id, UnitAncestor.ancestor_id == actor.unit_id
    )
    return (above if line is None else above.where(UnitAncestor.line == line)).exists()


def visible_units(session: Session, actor: Actor) -> Sequence[Unit]:
    """Every unit within the scope, by name."""
    return session.scalars(select(Unit).where(Unit.id.in_(scope(actor))).order_by(Unit.name, Unit.id)).all()


def visible_unit(session: Session, actor: Actor, unit_id: int) -> Unit:
    """One unit within the scope; NotFound outside it."""
    found = session.scalars(select(Unit).where(Unit.id == unit_id, within(actor))).one_or_none()
    if found is None:
        raise NotFound("unit")
    return found


def writable_unit(session: Session, actor: Actor, unit_id: int) -> Unit:
    """One unit the actor may change: within the scope, and over the line of affiliation."""
    found = visible_unit(session, actor, unit_id)
    if not actor.is_system and not is_below(session, unit_id, actor.unit_id, Line.AFFILIATION):
        raise Refused("other_line", unit=found.name)
    return found


def is_below(session: Session, unit_id: int, ancestor_id: int, line: Line | None = None) -> bool:
    """Whether `ancestor_id` is the unit itself or stands above it, over either line or over the given one."""
    query = select(UnitAncestor.unit_id).where(
        UnitAncestor.unit_id == unit_id, UnitAncestor.ancestor_id == ancestor_id
    )
    if line is not None:
        query = query.where(UnitAncestor.line == line)
    return session.scalars(query.limit(1)).first() is not None


def known_units(session: Session, actor: Actor) -> list[Known]:
    """What an import has to know: the units of the actor's affiliation, and every superior of all."""
    mine = set(session.scalars(scope(actor, Line.AFFILIATION)))
    rows = session.execute(
        select(Unit.id, Unit.name, Unit.kind, Unit.parent_id, Unit.credit_code).where(
            or_(Unit.id.in_(scope(actor, Line.AFFILIATION)), Unit.kind.in_(SUPERIORS)),
            Unit.closed_on.is_(None),
        )
    )
    return [Known(*row, in_scope=row[0] in mine) for row in rows]


def homes_below(session: Session, unit_id: int, line: Line | None = None) -> list[Unit]:
    """The homes (职工之家) of a unit's subtree that are not closed, itself included, by name."""
    return list(
        session.scalars(
            select(Unit)
            .where(Unit.id.in_(below(unit_id, line)), Unit.is_home, Unit.closed_on.is_(None))
            .order_by(Unit.name, Unit.id)
        )
    )


def path(session: Session, unit_id: int) -> list[Unit]:
    """The way from the root down to the unit over the line of affiliation, itself last."""
    return list(
        session.scalars(
            select(Unit)
            .join(UnitAncestor, UnitAncestor.ancestor_id == Unit.id)
            .where(UnitAncestor.unit_id == unit_id, UnitAncestor.line == Line.AFFILIATION)
            .order_by(UnitAncestor.depth.desc())
        )
    )


def visible_path(session: Session, actor: Actor, unit_id: int) -> list[Unit]:
    """The part of the way that lies within the scope: a breadcrumb shows nothing above the actor's unit."""
    whole = path(session, unit_id)
    ids = [unit.id for unit in whole]
    seen = set(session.scalars(select(Unit.id).where(Unit.id.in_(ids), within(actor))))
    return [unit for unit in whole if unit.id in seen]
