"""The rows of the tree's table: what stands directly below a unit, or what a search finds in its subtree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.core.actor import Actor
from survey_app.units.models import Line, Unit, UnitAncestor, UnitChange
from survey_app.units.queries import scope, visible_unit, within
from survey_app.units.validity import SUPERIORS

PER_PAGE = 50
SUPERIORS_FIRST = case((Unit.kind.in_(SUPERIORS), 0), else_=1)
SORTS = {
    "name": (SUPERIORS_FIRST, Unit.name, Unit.id),
    "-name": (Unit.name.desc(), Unit.id),
    "kind": (Unit.kind, Unit.name, Unit.id),
    "-kind": (Unit.kind.desc(), Unit.name, Unit.id),
    "members": (func.coalesce(Unit.stated_members, -1), Unit.id),
    "-members": (func.coalesce(Unit.stated_members, -1).desc(), Unit.id),
}


@dataclass(frozen=True)
class TreeFilter:
    """What a person asks of the table; every view of it has an address."""

    text: str = ""
    kind: str = ""
    state: str = "open"
    sort: str = "name"
    page: int = 1

    @property
    def is_search(self) -> bool:
        """Whether the whole subtree is searched instead of the level below."""
        return bool(self.text or self.kind or self.state != "open")


@dataclass(frozen=True)
class TreeRow:
    """A unit with the totals of its subtree; `by_territory` when it is affiliated elsewhere."""

    unit: Unit
    homes: int
    members: int
    by_territory: bool
    opens: bool


@dataclass(frozen=True)
class TreePage:
    """The unit at the root of the view, one page of rows, and how many there are in all."""

    root: TreeRow
    rows: list[TreeRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages the rows fill."""
        return max(-(-self.total // PER_PAGE), 1)


def tree_page(session: Session, actor: Actor, at: int | None, wanted: TreeFilter) -> TreePage:
    """The table at a unit of the scope (default: the actor's own); NotFound outside."""
    root = visible_unit(session, actor, at if at is not None else actor.unit_id)
    query = _matching(actor, root, wanted)
    total = session.scalars(select(func.count()).select_from(query.subquery())).one()
    page = min(max(wanted.page, 1), max(-(-total // PER_PAGE), 1))
    order = SORTS.get(wanted.sort, SORTS["name"])
    units = session.scalars(query.order_by(*order).offset((page - 1) * PER_PAGE).limit(PER_PAGE)).all()
    figures = _figures(session, [root.id, *(unit.id for unit in units)])
    parents = set(session.scalars(_with_children([unit.id for unit in units])))
    mine = set(session.scalars(_affiliated(root.id, [unit.id for unit in units])))
    rows = [
        TreeRow(unit, *figures.get(unit.id, (0, 0)), unit.id not in mine, unit.id in parents)
        for unit in units
    ]
    return TreePage(TreeRow(root, *figures.get(root.id, (0, 0)), False, False), rows, total, page)


def changes_of(session: Session, unit_id: int) -> list[UnitChange]:
    """Moves, renames, merges of a unit, newest first."""
    return list(
        session.scalars(
            select(UnitChange)
            .where(UnitChange.unit_id == unit_id)
            .order_by(UnitChange.effective_on.desc(), UnitChange.id.desc())
        )
    )


def superiors_in(session: Session, actor: Actor | None, limit: int = 300) -> list[Unit]:
    """Superior unions to choose from, within a scope or in the whole installation."""
    query = select(Unit).where(Unit.kind.in_(SUPERIORS), Unit.closed_on.is_(None))
    if actor is not None:
        query = query.where(Unit.id.in_(scope(actor, Line.AFFILIATION)))
    return list(session.scalars(query.order_by(Unit.name, Unit.id).limit(limit)))


def find_named(session: Session, text: str, within: Actor | None) -> list[Unit]:
    """The open units a person means by a number or a name: exact names first, then names that contain it."""
    text = text.strip()
    base = select(Unit).where(Unit.closed_on.is_(None))
    if within is not None:
        base = base.where(Unit.id.in_(scope(within, Line.AFFILIATION)))
    if text.isdecimal() and len(text) < 10:
        return list(session.scalars(base.where(Unit.id == int(text))))
    exact = base.where(or_(Unit.name == text, Unit.short_name == text)).order_by(Unit.id).limit(5)
    found = list(session.scalars(exact))
    if found or not text:
        return found
    near = base.where(Unit.name.contains(text, autoescape=True)).order_by(Unit.id).limit(5)
    return list(session.scalars(near))


def _matching(actor: Actor, root: Unit, wanted: TreeFilter) -> Select[Unit]:
    query = select(Unit).where(Unit.id != root.id)
    if root.id != actor.unit_id:
        query = query.where(within(actor))
    if wanted.is_search:
        under = select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id == root.id)
        query = query.where(Unit.id.in_(under))
    else:
        query = query.where(or_(Unit.parent_id == root.id, Unit.territory_id == root.id))
    if wanted.text:
        like = [
            column.contains(wanted.text, autoescape=True)
            for column in (Unit.name, Unit.short_name, Unit.chair_name)
        ]
        query = query.where(or_(*like, Unit.credit_code == wanted.text.upper()))
    if wanted.kind:
        query = query.where(Unit.kind == wanted.kind)
    if wanted.state != "all":
        closed = Unit.closed_on.is_not(None)
        query = query.where(closed if wanted.state == "closed" else ~closed)
    return query


def _figures(session: Session, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Homes and stated members below each unit; a home reached over both lines counts once."""
    also = aliased(UnitAncestor)
    over_affiliation_too = (
        select(also.unit_id)
        .where(
            also.unit_id == UnitAncestor.unit_id,
            also.ancestor_id == UnitAncestor.ancestor_id,
            also.line == Line.AFFILIATION,
        )
        .exists()
    )
    rows = session.execute(
        select(UnitAncestor.ancestor_id, func.count(), func.coalesce(func.sum(Unit.stated_members), 0))
        .join(Unit, and_(Unit.id == UnitAncestor.unit_id, Unit.is_home, Unit.closed_on.is_(None)))
        .where(
            UnitAncestor.ancestor_id.in_(list(ids)),
            or_(UnitAncestor.line == Line.AFFILIATION, ~over_affiliation_too),
        )
        .group_by(UnitAncestor.ancestor_id)
    )
    return {ancestor: (homes, int(members or 0)) for ancestor, homes, members in rows}


def _with_children(ids: list[int]) -> Select[int]:
    below_each = select(UnitAncestor.ancestor_id).where(
        UnitAncestor.ancestor_id.in_(ids), UnitAncestor.depth == 1
    )
    return below_each.distinct()


def _affiliated(root_id: int, ids: list[int]) -> Select[int]:
    return select(UnitAncestor.unit_id).where(
        UnitAncestor.ancestor_id == root_id,
        UnitAncestor.line == Line.AFFILIATION,
        UnitAncestor.unit_id.in_(ids),
    )
