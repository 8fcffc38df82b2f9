"""Puts every unit below a superior into exactly one of its branches, so that branches add up to the whole.

A home may be reached over two lines. A view follows one line first (隶属 or 地区) and takes the other for
what hangs on it alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Subquery, and_, case, func, not_, select

from survey_app.units.models import Line, UnitAncestor


def branch_of(unit_id: int, line: Line) -> ColumnElement[int | None]:
    """The branch of a home: an aggregate over its rows of the closure at the unit and its children."""
    by_line = {one: UnitAncestor.line == one for one in Line}
    here = UnitAncestor.ancestor_id == unit_id
    over = {
        one: func.max(case((and_(not_(here), is_so), UnitAncestor.ancestor_id)))
        for one, is_so in by_line.items()
    }
    leads = func.max(case((and_(here, by_line[line]), 1), else_=0)) == 1
    other = Line.TERRITORY if line is Line.AFFILIATION else Line.AFFILIATION
    return case((leads, over[line]), else_=over[other])


def places(unit_id: int, children: Sequence[int], line: Line) -> Subquery:
    """Everything below the unit once, with the branch it belongs to in this view."""
    return (
        select(UnitAncestor.unit_id.label("home"), branch_of(unit_id, line).label("branch"))
        .where(UnitAncestor.ancestor_id.in_([unit_id, *children]))
        .group_by(UnitAncestor.unit_id)
        .subquery("place")
    )
