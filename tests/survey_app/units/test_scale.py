"""A city in five levels with two superiors is counted in every view; benchmarks/desk_speed.py times it."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, write_session
from survey_app.units.closure import rebuild_closure
from survey_app.units.models import Unit
from survey_app.units.tree_table import TreeFilter, tree_page
from tests.support.cast import actor_for, make_account, make_unit

HOMES = 3_000


@pytest.fixture
def database_kind():
    """SQLite alone: nothing here is particular to a database."""
    return "sqlite"


@pytest.fixture
def officer(databases):
    """The officer of a whole city."""
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "市总工会")
        rows = _city(city.id)
        session.execute(insert(Unit), rows)
        rebuild_closure(session)
        return actor_for(session, make_account(session, Role.OFFICER, city)[1])


def _city(root: int) -> list[dict]:
    """16 districts of 22 streets, 20 industries of 10 groups; every third home stands in both lines."""
    rows: list[dict] = []

    def add(kind: str, parent: int, territory: int | None = None) -> int:
        number = root + 1 + len(rows)
        home = kind == "grassroots_union"
        name = f"单位{number:06d}工会"
        rows.append(
            {"id": number, "parent_id": parent, "territory_id": territory, "kind": kind, "name": name}
            | {"short_name": name, "is_home": home, "stated_members": 167 if home else None, "version": 1}
            | dict.fromkeys(("chair_name", "chair_phone", "chair_email", "address", "document_prefix"), "")
        )
        return number

    districts = [add("federation", root) for _ in range(16)]
    streets = [add("township_union", district) for district in districts for _ in range(22)]
    industries = [add("industrial_union", root) for _ in range(20)]
    groups = [add("system_union", industry) for industry in industries for _ in range(10)]
    for number in range(HOMES):
        if number % 3:
            add("grassroots_union", streets[number % 352])
        else:
            add("grassroots_union", groups[number % 200], streets[number * 7 % 352])
    return rows


def test_every_view_of_a_large_city_counts_all_its_homes(databases, officer):
    views = {
        "level below": (TreeFilter(), 36),
        "search": (TreeFilter(text="0123"), 11),
        "deep page": (TreeFilter(kind="grassroots_union", page=50), HOMES),
        "sorted": (TreeFilter(kind="grassroots_union", sort="-members"), HOMES),
        "nothing": (TreeFilter(text="没有的"), 0),
    }
    with read_session(databases.roster) as session:
        for name, (wanted, total) in views.items():
            page = tree_page(session, officer, None, wanted)
            assert page.total == total, name
            assert (page.root.homes, page.root.members) == (HOMES, HOMES * 167), name
