"""Keeps the closure of the tree: who stands above a unit, over its affiliation and over its territory.

The line of affiliation is the chain of parents. The line of territory begins at the partner and goes up the
partner's own affiliation; a branch union or group without a partner has the one of the union it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from survey_app.units.models import Line, Unit, UnitAncestor, UnitKind

BELOW_A_HOME = frozenset({UnitKind.BRANCH_UNION, UnitKind.UNION_GROUP})
BATCH = 5_000
LARGEST_LIST = 500


@dataclass(frozen=True)
class Node:
    """What the closure needs to know of a unit."""

    id: int
    parent_id: int | None
    territory_id: int | None
    kind: str


class Tree:
    """Every unit's place in memory; computes the rows of the closure."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.id: node for node in nodes}

    def chain(self, unit_id: int) -> Iterator[Node]:
        """The unit and its parents up to the root; a ring of parents ends where it closes."""
        seen: set[int] = set()
        here = self.nodes.get(unit_id)
        while here is not None and here.id not in seen:
            seen.add(here.id)
            yield here
            here = self.nodes.get(here.parent_id) if here.parent_id is not None else None

    def partner(self, unit_id: int) -> tuple[int, int] | None:
        """The territorial partner and how many steps up it is named; inherited only within a home."""
        for steps, node in enumerate(self.chain(unit_id)):
            if node.territory_id is not None:
                return node.territory_id, steps
            if node.kind not in BELOW_A_HOME:
                return None
        return None

    def rows(self, unit_id: int) -> Iterator[dict[str, object]]:
        """The closure rows of one unit."""
        for depth, node in enumerate(self.chain(unit_id)):
            yield _row(unit_id, node.id, Line.AFFILIATION, depth)
        partner = self.partner(unit_id)
        if partner is not None:
            start, steps = partner
            for depth, node in enumerate(self.chain(start), start=steps + 1):
                yield _row(unit_id, node.id, Line.TERRITORY, depth)


def read_tree(session: Session) -> Tree:
    """The whole tree, one light row per unit."""
    columns = select(Unit.id, Unit.parent_id, Unit.territory_id, Unit.kind)
    return Tree(Node(*row) for row in session.execute(columns))


def add_rows(session: Session, unit: Unit) -> None:
    """The closure rows of a new unit that has nothing below it."""
    session.flush()
    rows = [_row(unit.id, unit.id, Line.AFFILIATION, 0)]
    rows += _lifted(session, unit, unit.parent_id, Line.AFFILIATION, Line.AFFILIATION)
    if unit.territory_id is not None:
        rows += _lifted(session, unit, unit.territory_id, Line.AFFILIATION, Line.TERRITORY)
    elif unit.kind in BELOW_A_HOME:
        rows += _lifted(session, unit, unit.parent_id, Line.TERRITORY, Line.TERRITORY)
    session.execute(insert(UnitAncestor), rows)


def renew_below(session: Session, unit_id: int) -> None:
    """Recompute every unit that is reached through `unit_id`, after it was moved or its partner changed."""
    session.flush()
    reached = set(session.scalars(select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id == unit_id)))
    tree = read_tree(session)
    affected = sorted(reached | {unit_id})
    for start in range(0, len(affected), LARGEST_LIST):
        part = affected[start : start + LARGEST_LIST]
        session.execute(delete(UnitAncestor).where(UnitAncestor.unit_id.in_(part)))
    _insert(session, (row for unit in affected for row in tree.rows(unit)))


def rebuild_closure(session: Session) -> None:
    """Compute the whole closure anew, after an import."""
    session.flush()
    tree = read_tree(session)
    session.execute(delete(UnitAncestor))
    _insert(session, (row for unit in tree.nodes for row in tree.rows(unit)))


def _lifted(
    session: Session, unit: Unit, above_id: int | None, source: Line, target: Line
) -> list[dict[str, object]]:
    found = session.execute(
        select(UnitAncestor.ancestor_id, UnitAncestor.depth).where(
            UnitAncestor.unit_id == above_id, UnitAncestor.line == source
        )
    )
    return [_row(unit.id, ancestor, target, depth + 1) for ancestor, depth in found]


def _row(unit_id: int, ancestor_id: int, line: Line, depth: int) -> dict[str, object]:
    return {"unit_id": unit_id, "ancestor_id": ancestor_id, "line": str(line), "depth": depth}


def _insert(session: Session, rows: Iterable[dict[str, object]]) -> None:
    batch: list[dict[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            session.execute(insert(UnitAncestor), batch)
            batch = []
    if batch:
        session.execute(insert(UnitAncestor), batch)
