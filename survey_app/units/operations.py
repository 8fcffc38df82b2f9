"""Writes of the tree: add, change, move, close and merge units; the closure follows at once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Conflict, Fault, Invalid, Refused
from survey_app.journal.operations import record
from survey_app.units import closure, credit_code
from survey_app.units.importing import Planned, TreePlan
from survey_app.units.models import HOME_KINDS, Line, Unit, UnitChange, UnitKind
from survey_app.units.queries import is_below, writable_unit
from survey_app.units.validity import GRASSROOTS, kind_faults, partner_faults, value_faults

rebuild_closure = closure.rebuild_closure


@dataclass(frozen=True)
class UnitFacts:
    """What is kept about a unit besides its place; empty texts mean unknown."""

    name: str
    short_name: str = ""
    nature: str | None = None
    credit_code: str | None = None
    stated_members: int | None = None
    chair_name: str = ""
    chair_phone: str = ""
    chair_email: str = ""
    address: str = ""
    document_prefix: str = ""
    founded_on: date | None = None

    def tidied(self) -> UnitFacts:
        """Blanks cut, the code in capitals, the short name filled."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        values = {key: value.strip() if isinstance(value, str) else value for key, value in values.items()}
        values["credit_code"] = credit_code.tidy(values["credit_code"] or "") or None
        values["nature"] = values["nature"] or None
        values["short_name"] = (values["short_name"] or values["name"])[:60]
        return UnitFacts(**values)


def add_unit(
    session: Session,
    actor: Actor,
    *,
    name: str,
    kind: UnitKind | str,
    parent: Unit | None,
    at: datetime,
    territory: Unit | None = None,
    is_home: bool | None = None,
    **facts: object,
) -> Unit:
    """A new unit below `parent` (None: the root of the installation, made by the program only)."""
    _need(actor)
    values = UnitFacts(name=name, **facts).tidied()  # type: ignore[arg-type]  # the dataclass knows its fields
    if parent is None:
        if not actor.is_system:
            raise Refused("root_by_program_only")
    else:
        _lock_tree(session)
        writable_unit(session, actor, parent.id)
    faults = _faults(session, values, str(kind), parent, territory, unit=None)
    if faults:
        raise Invalid(faults)
    unit = Unit(
        kind=str(kind),
        parent_id=parent.id if parent else None,
        territory_id=territory.id if territory else None,
        is_home=_is_home(str(kind), is_home),
        **{one.name: getattr(values, one.name) for one in fields(values)},
    )
    session.add(unit)
    closure.add_rows(session, unit)
    record(session, actor, "unit.add", "unit", unit.id, at=at, name=unit.name, parent=unit.parent_id)
    return unit


def edit_unit(
    session: Session,
    actor: Actor,
    unit: Unit,
    *,
    facts: UnitFacts,
    kind: UnitKind | str,
    is_home: bool | None,
    version: int,
    at: datetime,
) -> Unit:
    """Change what is kept about a unit. A new name is a change with its date; the old one stays readable."""
    _need(actor)
    writable_unit(session, actor, unit.id)
    if unit.version != version:
        raise Conflict("changed_meanwhile")
    values = facts.tidied()
    parent = session.get(Unit, unit.parent_id) if unit.parent_id is not None else None
    faults = _faults(session, values, str(kind), parent, None, unit=unit)
    faults += _child_faults(session, unit, str(kind))
    if faults:
        raise Invalid(faults)
    if values.name != unit.name:
        _note(session, unit, "rename", at, beijing_day(at), was=unit.name, now=values.name)
    changed = [one.name for one in fields(values) if getattr(unit, one.name) != getattr(values, one.name)]
    for name in changed:
        setattr(unit, name, getattr(values, name))
    if str(kind) != unit.kind:
        unit.kind = str(kind)
        closure.renew_below(session, unit.id)
    unit.is_home = _is_home(str(kind), is_home)
    unit.version += 1
    record(session, actor, "unit.edit", "unit", unit.id, at=at, fields=changed)
    return unit


def move_unit(
    session: Session,
    actor: Actor,
    unit: Unit,
    *,
    parent: Unit | None,
    territory: Unit | None,
    effective_on: date,
    at: datetime,
    note: str = "",
) -> Unit:
    """Give a unit another superior or territorial partner; its subtree comes along."""
    _need(actor)
    _lock_tree(session)
    writable_unit(session, actor, unit.id)
    if unit.parent_id != (parent.id if parent else None):
        if parent is None or unit.id == actor.unit_id:
            raise Refused("not_out_of_scope")
        writable_unit(session, actor, parent.id)
    faults = kind_faults(unit.kind, parent.kind if parent else None)
    faults += partner_faults(territory.kind if territory else None)
    faults += _ring_faults(session, unit, parent, territory)
    if faults:
        raise Invalid(faults)
    details = {"from": [unit.parent_id, unit.territory_id], "to": [_id(parent), _id(territory)]}
    unit.parent_id, unit.territory_id = _id(parent), _id(territory)
    unit.version += 1
    closure.renew_below(session, unit.id)
    _note(session, unit, "move", at, effective_on, note, **details)
    record(session, actor, "unit.move", "unit", unit.id, at=at, **details)
    return unit


def close_unit(
    session: Session,
    actor: Actor,
    unit: Unit,
    *,
    effective_on: date,
    at: datetime,
    merged_into: Unit | None = None,
    note: str = "",
) -> Unit:
    """A unit ends, by itself or by merging into another; what it did stays, and leads to its successor."""
    _need(actor)
    _lock_tree(session)
    writable_unit(session, actor, unit.id)
    if unit.closed_on is not None:
        raise Refused("unit_closed", unit=unit.name)
    if unit.parent_id is None or unit.id == actor.unit_id:
        raise Refused("not_out_of_scope")
    below = select(Unit.id).where(Unit.parent_id == unit.id, Unit.closed_on.is_(None)).limit(1)
    if session.scalars(below).first() is not None:
        raise Refused("unit_has_children", unit=unit.name)
    if merged_into is not None and (merged_into.id == unit.id or merged_into.closed_on is not None):
        raise Refused("merge_target_wrong")
    unit.closed_on = effective_on
    unit.version += 1
    kind = "merge" if merged_into else "close"
    details = {"into": merged_into.id, "into_name": merged_into.name} if merged_into else {}
    _note(session, unit, kind, at, effective_on, note, **details)
    if merged_into is not None:
        absorbed = {"from": unit.id, "from_name": unit.name}
        _note(session, merged_into, "absorb", at, effective_on, note, **absorbed)
    record(session, actor, f"unit.{kind}", "unit", unit.id, at=at, **details)
    return unit


def import_tree(session: Session, actor: Actor, root: Unit, plan: TreePlan, *, at: datetime) -> int:
    """Add everything a sound plan holds below `root`, from the top; returns how many units came in."""
    _need(actor)
    _lock_tree(session)
    writable_unit(session, actor, root.id)
    if not plan.is_sound:
        raise Refused("import_has_faults")
    made: dict[int, Unit] = {}
    waiting = list(plan.units)
    while waiting:
        level = [one for one in waiting if not isinstance(one.parent, Planned) or id(one.parent) in made]
        waiting = [one for one in waiting if isinstance(one.parent, Planned) and id(one.parent) not in made]
        for one in level:
            made[id(one)] = Unit(**_facts_of(one), kind=one.kind, is_home=_is_home(one.kind, None))
            made[id(one)].parent_id = _made_id(one.parent, made)
        session.add_all(made[id(one)] for one in level)
        session.flush()
    for one in plan.units:
        if one.territory is not None:
            made[id(one)].territory_id = _made_id(one.territory, made)
    closure.rebuild_closure(session)
    record(session, actor, "unit.import", "unit", root.id, at=at, added=len(made), known=plan.known)
    return len(made)


def _facts_of(planned: Planned) -> dict[str, object]:
    values = UnitFacts(**planned.values).tidied()  # type: ignore[arg-type]  # the dataclass knows its fields
    return {one.name: getattr(values, one.name) for one in fields(values)}


def _made_id(place: Planned | int | None, made: dict[int, Unit]) -> int | None:
    return made[id(place)].id if isinstance(place, Planned) else place


def _need(actor: Actor) -> None:
    if not actor.is_system:
        actor.need("unit.edit")


def _lock_tree(session: Session) -> None:
    # Two moves at once could close a ring that neither sees: whoever changes the tree holds its roots.
    session.scalars(select(Unit.id).where(Unit.parent_id.is_(None)).with_for_update()).all()


def _id(unit: Unit | None) -> int | None:
    return None if unit is None else unit.id


def _is_home(kind: str, wanted: bool | None) -> bool:
    """Grassroots unions are homes; a branch is one when somebody says so."""
    return kind in GRASSROOTS or (kind in HOME_KINDS and bool(wanted))


def _faults(
    session: Session,
    values: UnitFacts,
    kind: str,
    parent: Unit | None,
    territory: Unit | None,
    *,
    unit: Unit | None,
) -> list[Fault]:
    faults = value_faults(values.name, values.nature, values.credit_code, values.stated_members)
    faults += kind_faults(kind, parent.kind if parent else None)
    faults += partner_faults(territory.kind if territory else None)
    if parent is not None and parent.closed_on is not None and unit is None:
        faults.append(Fault("parent_closed", {"unit": parent.name}, "parent"))
    if values.credit_code:
        same = select(Unit.name).where(Unit.credit_code == values.credit_code)
        if unit is not None:
            same = same.where(Unit.id != unit.id)
        if (other := session.scalars(same).first()) is not None:
            faults.append(Fault("credit_code_taken", {"unit": other}, "credit_code"))
    return faults


def _child_faults(session: Session, unit: Unit, kind: str) -> list[Fault]:
    kinds = session.scalars(select(Unit.kind).where(Unit.parent_id == unit.id).distinct()).all()
    if any(kind_faults(child, kind) for child in kinds):
        return [Fault("kind_does_not_fit_children", where="kind")]
    return []


def _ring_faults(session: Session, unit: Unit, parent: Unit | None, territory: Unit | None) -> list[Fault]:
    faults = []
    if parent is not None and is_below(session, parent.id, unit.id, Line.AFFILIATION):
        faults.append(Fault("parent_below_itself", {"unit": unit.name}, "parent"))
    if territory is not None and is_below(session, territory.id, unit.id, Line.AFFILIATION):
        faults.append(Fault("partner_below_itself", {"unit": unit.name}, "territory"))
    return faults


def _note(
    session: Session,
    unit: Unit,
    kind: str,
    at: datetime,
    effective_on: date,
    note: str = "",
    **details: object,
) -> None:
    session.add(
        UnitChange(unit_id=unit.id, kind=kind, effective_on=effective_on, at=at, note=note, details=details)
    )
