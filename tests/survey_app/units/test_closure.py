"""The closure of the tree holds both lines, whether it was built leaf by leaf, after a move, or at once."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from survey_app.core.db import committing, read_session, write_session
from survey_app.units.closure import rebuild_closure, renew_below
from survey_app.units.models import UnitAncestor, UnitKind
from tests.support.cast import make_home, make_unit


def rows_of(session):
    columns = select(UnitAncestor.unit_id, UnitAncestor.ancestor_id, UnitAncestor.line, UnitAncestor.depth)
    return {tuple(row) for row in session.execute(columns)}


@pytest.fixture
def town(databases):
    """A city with a district and its street, an industry, and a home of the industry in that street."""
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "市总工会")
        district = make_unit(session, "区总工会", parent=city)
        street = make_unit(session, "街道总工会", UnitKind.TOWNSHIP_UNION, district)
        industry = make_unit(session, "产业工会", UnitKind.INDUSTRIAL_UNION, city)
        home = make_home(session, industry, "机械厂工会", territory=street)
        branch = make_unit(session, "一车间分工会", UnitKind.BRANCH_UNION, home)
    return {"city": city, "district": district, "street": street, "industry": industry} | {
        "home": home,
        "branch": branch,
    }


def test_a_home_is_reached_over_its_affiliation_and_over_its_street(databases, town):
    home, branch = town["home"].id, town["branch"].id
    with read_session(databases.roster) as session:
        rows = rows_of(session)
    assert {row for row in rows if row[0] == home} == {
        (home, home, "affiliation", 0),
        (home, town["industry"].id, "affiliation", 1),
        (home, town["city"].id, "affiliation", 2),
        (home, town["street"].id, "territory", 1),
        (home, town["district"].id, "territory", 2),
        (home, town["city"].id, "territory", 3),
    }
    assert (branch, town["street"].id, "territory", 2) in rows, "a branch has the street of its home"


def test_building_leaf_by_leaf_equals_building_at_once(databases, town):
    with committing(write_session(databases.roster)) as session:
        grown = rows_of(session)
        session.execute(delete(UnitAncestor).where(UnitAncestor.depth == 1))
        rebuild_closure(session)
        assert rows_of(session) == grown


def test_a_moved_street_takes_its_homes_and_their_branches_along(databases, town):
    with committing(write_session(databases.roster)) as session:
        other = make_unit(session, "开发区总工会", parent=session.merge(town["city"]))
        street = session.merge(town["street"])
        street.parent_id = other.id
        renew_below(session, street.id)
        moved = rows_of(session)
        assert (town["branch"].id, other.id, "territory", 3) in moved
        assert (town["home"].id, town["district"].id, "territory", 2) not in moved
        rebuild_closure(session)
        assert rows_of(session) == moved
