"""The tree grows and changes only in the right hands, keeps its rules, and remembers its changes."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, write_session
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.units import operations
from survey_app.units.closure import rebuild_closure
from survey_app.units.credit_code import check_character, is_valid
from survey_app.units.models import Line, Unit, UnitAncestor, UnitChange, UnitKind
from survey_app.units.operations import UnitFacts
from survey_app.units.queries import homes_below, is_below, path, visible_unit, visible_units
from tests.support.cast import actor_for
from tests.survey_app.units.conftest import NOON

TODAY = date(2026, 6, 1)


@pytest.fixture
def book(databases):
    with committing(write_session(databases.roster)) as session:
        yield session


@pytest.fixture
def officer(book, city):
    return actor_for(book, city["officer"])


def add(book, actor, parent, kind=UnitKind.GRASSROOTS_UNION, name="新单位工会", **values):
    return operations.add_unit(book, actor, name=name, kind=kind, parent=parent, at=NOON, **values)


def codes(caught):
    return [(fault.code, fault.where) for fault in caught.value.faults]


def closure_rows(book):
    columns = (UnitAncestor.unit_id, UnitAncestor.ancestor_id, UnitAncestor.line, UnitAncestor.depth)
    return {tuple(row) for row in book.execute(select(*columns))}


def assert_closure_is_whole(book):
    kept = closure_rows(book)
    rebuild_closure(book)
    assert closure_rows(book) == kept


def test_a_unit_is_seen_over_both_lines_and_written_over_one(book, city, officer):
    industry = actor_for(book, city["industry_officer"])
    assert visible_unit(book, officer, city["partner"].id).name == "红旗轴承公司工会"
    with pytest.raises(Refused, match="other_line"):
        add(book, officer, city["partner"], UnitKind.BRANCH_UNION)
    made = add(book, industry, city["partner"], UnitKind.BRANCH_UNION, "二车间分工会")
    assert is_below(book, made.id, city["street"].id, Line.TERRITORY)
    with pytest.raises(NotFound):
        visible_unit(book, actor_for(book, city["stranger"]), city["partner"].id)
    assert_closure_is_whole(book)


def test_both_superiors_count_a_home_once(book, city):
    names = [home.name for home in homes_below(book, city["district"].id)]
    assert names == ["红旗轴承公司工会", "长河机械厂工会"]
    assert len(homes_below(book, city["top"].id)) == 2
    assert [unit.name for unit in path(book, city["branch"].id)] == [
        "柳城市总工会",
        "柳堤区总工会",
        "河湾街道总工会",
        "长河机械厂工会",
        "一车间分工会",
    ]


@pytest.mark.parametrize(
    ("kind", "parent", "code"),
    [
        (UnitKind.GRASSROOTS_UNION, "home", "grassroots_is_no_superior"),
        (UnitKind.FEDERATION, "home", "grassroots_is_no_superior"),
        (UnitKind.BRANCH_UNION, "street", "branch_needs_grassroots"),
        (UnitKind.UNION_GROUP, "district", "branch_needs_grassroots"),
        ("nonsense", "district", "unit_kind_unknown"),
    ],
)
def test_a_kind_stands_only_where_it_belongs(book, city, officer, kind, parent, code):
    with pytest.raises(Invalid) as caught:
        add(book, officer, city[parent], kind)
    assert code in [one for one, _where in codes(caught)]


def test_every_fault_of_a_new_unit_is_told_at_once(book, city, officer):
    with pytest.raises(Invalid) as caught:
        add(
            book,
            officer,
            city["district"],
            name="短"[:1],
            nature="odd",
            credit_code="91350100M000100Y44",
            stated_members=-1,
            territory=city["home"],
        )
    assert codes(caught) == [
        ("unit_name_length", "name"),
        ("unit_nature_unknown", "nature"),
        ("credit_code_wrong", "credit_code"),
        ("stated_members_wrong", "stated_members"),
        ("partner_is_no_superior", "territory"),
    ]


def test_a_credit_code_has_its_check_character_and_one_owner(book, city, officer):
    assert is_valid("91350100M000100Y43")
    assert check_character("91350100M000100Y4") == "3"
    assert not any(is_valid(code) for code in ("91350100M000100Y4", "91350100M000100Y4O", "", "1" * 18))
    add(book, officer, city["district"], credit_code=" 91350100m000100y43 ")
    with pytest.raises(Invalid) as caught:
        add(book, officer, city["district"], name="另一个工会", credit_code="91350100M000100Y43")
    assert codes(caught) == [("credit_code_taken", "credit_code")]


def test_a_moved_unit_takes_its_subtree_and_leaves_a_trace(book, city):
    admin = actor_for(book, city["admin"])
    street = book.merge(city["street"])
    operations.move_unit(
        book, admin, street, parent=city["other"], territory=None, effective_on=TODAY, note="区划", at=NOON
    )
    assert is_below(book, city["branch"].id, city["other"].id, Line.AFFILIATION)
    assert not is_below(book, city["partner"].id, city["district"].id)
    change = book.scalars(select(UnitChange)).one()
    assert (change.kind, change.note) == ("move", "区划")
    assert change.details["from"] == [city["district"].id, None]
    assert_closure_is_whole(book)


def test_no_unit_stands_below_itself_over_either_line(book, city):
    admin = actor_for(book, city["admin"])
    district = book.merge(city["district"])
    with pytest.raises(Invalid) as caught:
        operations.move_unit(
            book,
            admin,
            district,
            parent=city["street"],
            territory=city["street"],
            effective_on=TODAY,
            at=NOON,
        )
    assert codes(caught) == [("parent_below_itself", "parent"), ("partner_below_itself", "territory")]


def test_nobody_moves_a_unit_out_of_or_into_a_foreign_scope(book, city, officer):
    home = book.merge(city["home"])
    with pytest.raises(NotFound):
        operations.move_unit(
            book, officer, home, parent=city["other"], territory=None, effective_on=TODAY, at=NOON
        )
    own = book.merge(city["district"])
    with pytest.raises(Refused, match="not_out_of_scope"):
        operations.move_unit(
            book, officer, own, parent=city["street"], territory=None, effective_on=TODAY, at=NOON
        )
    for who in ("chair", "auditor"):
        with pytest.raises(Refused, match="role_may_not"):
            add(book, actor_for(book, city[who]), city["home"], UnitKind.BRANCH_UNION)


def test_a_merged_unit_leads_to_its_successor(book, city, officer):
    home, street = book.merge(city["home"]), book.merge(city["street"])
    with pytest.raises(Refused, match="unit_has_children"):
        operations.close_unit(book, officer, home, effective_on=TODAY, at=NOON)
    branch = book.merge(city["branch"])
    operations.close_unit(book, officer, branch, effective_on=TODAY, at=NOON)
    target = add(book, officer, street, name="长河集团工会")
    operations.close_unit(book, officer, home, merged_into=target, effective_on=TODAY, at=NOON)
    kinds = {change.unit_id: change.kind for change in book.scalars(select(UnitChange))}
    assert kinds == {branch.id: "close", home.id: "merge", target.id: "absorb"}
    assert [one.name for one in homes_below(book, street.id)] == ["红旗轴承公司工会", "长河集团工会"]
    with pytest.raises(Refused, match="unit_closed"):
        operations.close_unit(book, officer, home, effective_on=TODAY, at=NOON)


def test_a_rename_keeps_the_old_name_and_a_stale_form_changes_nothing(book, city, officer):
    home = book.merge(city["home"])

    def edit(version, **facts):
        operations.edit_unit(
            book,
            officer,
            home,
            facts=UnitFacts(**facts),
            kind=home.kind,
            is_home=None,
            version=version,
            at=NOON,
        )

    edit(1, name="长河机械集团工会", stated_members=200)
    change = book.scalars(select(UnitChange)).one()
    assert change.details == {"was": "长河机械厂工会", "now": "长河机械集团工会"}
    with pytest.raises(Conflict):
        edit(1, name="别的名字")
    assert (home.name, home.stated_members, home.version) == ("长河机械集团工会", 200, 2)


def test_a_kind_cannot_change_under_its_children(book, city, officer):
    home = book.merge(city["home"])
    with pytest.raises(Invalid) as caught:
        operations.edit_unit(
            book,
            officer,
            home,
            facts=UnitFacts(name=home.name),
            kind=UnitKind.SERVICE_STATION,
            is_home=None,
            version=1,
            at=NOON,
        )
    assert codes(caught) == [("kind_does_not_fit_children", "kind")]


def test_the_program_sees_everything_and_plants_the_root(book, city):
    assert len(visible_units(book, SYSTEM)) == book.query(Unit).count()
    with pytest.raises(Refused, match="root_by_program_only"):
        add(book, actor_for(book, city["admin"]), None, UnitKind.FEDERATION)
