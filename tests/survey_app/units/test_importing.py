"""A whole tree comes in from one spreadsheet, in any order of rows, or nothing comes in."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import func, select

from survey_app.core.db import committing, write_session
from survey_app.core.errors import Refused
from survey_app.units.importing import Known, kind_from, plan_tree
from survey_app.units.models import Line, Unit
from survey_app.units.operations import import_tree
from survey_app.units.queries import is_below, known_units
from tests.support.cast import actor_for
from tests.survey_app.units.conftest import NOON

HEAD = [
    "单位名称",
    "上级工会",
    "属地工会",
    "单位类型",
    "单位性质",
    "统一社会信用代码",
    "会员人数",
    "工会主席",
]


def sheet(*rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEAD, *(list(row) + [""] * (len(HEAD) - len(row)) for row in rows)])
    return text.getvalue().encode("gb18030")


@pytest.fixture
def book(databases):
    with committing(write_session(databases.roster)) as session:
        yield session


@pytest.fixture
def plan(book, city):
    def make(*rows, who="officer", at="district"):
        root = city[at]
        known = Known(root.id, root.name, root.kind, root.parent_id, root.credit_code)
        return plan_tree(sheet(*rows), known, known_units(book, actor_for(book, city[who])))

    return make


TREE = (
    ("二车间分工会", "东风电机厂工会"),
    (
        "东风电机厂工会",
        "南桥镇总工会",
        "河湾街道总工会",
        "基层工会",
        "企业",
        "91350100M000100Y43",
        "204",
        "钱进",
    ),
    ("南桥镇总工会", ""),
    ("长河机械厂工会", "河湾街道总工会"),
)


def test_rows_in_any_order_become_a_tree_under_the_root(book, city, plan):
    found = plan(*TREE)
    assert (found.faults, found.known, [unit.name for unit in found.units]) == (
        [],
        1,
        ["南桥镇总工会", "东风电机厂工会", "二车间分工会"],
    )
    assert import_tree(book, actor_for(book, city["officer"]), city["district"], found, at=NOON) == 3
    made = {unit.name: unit for unit in book.scalars(select(Unit))}
    factory, branch = made["东风电机厂工会"], made["二车间分工会"]
    assert (factory.kind, factory.is_home, factory.stated_members) == ("grassroots_union", True, 204)
    assert (branch.kind, branch.is_home) == ("branch_union", False)
    assert is_below(book, branch.id, city["district"].id, Line.AFFILIATION)
    assert is_below(book, branch.id, city["street"].id, Line.TERRITORY)


def test_importing_the_same_file_again_adds_nothing(book, city, plan):
    officer = actor_for(book, city["officer"])
    import_tree(book, officer, city["district"], plan(*TREE), at=NOON)
    before = book.scalar(select(func.count()).select_from(Unit))
    again = plan(*TREE)
    assert (again.known, again.units, again.faults) == (4, [], [])
    with pytest.raises(Refused):
        import_tree(book, officer, city["district"], again, at=NOON)
    assert book.scalar(select(func.count()).select_from(Unit)) == before


def test_every_fault_is_told_by_its_row(plan):
    found = plan(
        ("甲", "没有的工会"),
        ("乙厂工会", "北塔区总工会"),
        ("丙厂工会", "长河机械厂工会", "", "基层工会"),
        ("丁厂工会", "", "", "怪物", "外星", "91350100M000100Y44", "多"),
        ("戊厂工会", "", "", "", "", "91350100M000100Y43"),
        ("己厂工会", "", "", "", "", "91350100M000100Y43"),
        ("戊厂工会", ""),
        ("庚分工会", "辛分工会"),
        ("辛分工会", "庚分工会"),
    )
    assert [(row, fault.code) for row, fault in found.faults] == [
        (2, "unit_name_length"),
        (2, "superior_unknown"),
        (3, "superior_unknown"),
        (4, "grassroots_is_no_superior"),
        (5, "stated_members_wrong"),
        (5, "unit_nature_unknown"),
        (5, "credit_code_wrong"),
        (5, "unit_kind_unknown"),
        (7, "credit_code_twice"),
        (8, "unit_twice"),
        (9, "parent_ring"),
        (10, "parent_ring"),
    ]
    assert not found.is_sound


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("柳堤区总工会", "federation"),
        ("河湾街道总工会", "township_union"),
        ("南桥镇总工会", "township_union"),
        ("装备制造产业工会", "industrial_union"),
        ("河湾工会服务站", "service_station"),
        ("北塔物流联合工会", "joint_union"),
        ("一车间分工会", "branch_union"),
        ("第三工会小组", "union_group"),
        ("长河机械厂工会委员会", "grassroots_union"),
    ],
)
def test_a_name_tells_the_kind_when_no_column_does(name, kind):
    assert kind_from("", name) == kind
