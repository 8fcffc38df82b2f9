"""A home under a district in a city, its chair and officers, and makers of roster files."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
import xlsxwriter

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.rosters.secrets import RosterKeys
from tests.support.cast import StandingClock, make_account, make_app, make_home, make_unit

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
ELIGIBLE = date(2026, 6, 1)
HEAD = ["会员号", "姓名", "手机号码", "用工形式", "年龄", "性别", "车间"]
SURNAMES = "赵钱孙李周吴郑王冯陈"


def member_lines(count: int) -> list[list[object]]:
    """Rows of a sound roster."""
    return [
        [
            f"H{number:05d}",
            f"{SURNAMES[number % 10]}{number}",
            f"138{number:08d}",
            ("合同工", "派遣", "合同制")[number % 3],
            20 + number % 40,
            "男女"[number % 2],
            f"{number % 4 + 1}车间",
        ]
        for number in range(1, count + 1)
    ]


def xlsx(rows, *, title=None, hidden_first=False) -> bytes:
    """A workbook of these rows, as an office would send it."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    if hidden_first:
        # Excel never hides the active sheet, so the other one is made active.
        secret = book.add_worksheet("说明")
        secret.write_row(0, 0, ["会员号", "姓名"])
        secret.hide()
    sheet = book.add_worksheet("花名册")
    sheet.activate()
    sheet.set_first_sheet()
    start = 0
    if title:
        sheet.merge_range(0, 0, 0, 6, title)
        start = 2
    for number, row in enumerate(rows, start):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def csv_bytes(rows, encoding="utf-8") -> bytes:
    """The rows as a text with commas in the given encoding."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


@pytest.fixture
def keys(settings):
    return RosterKeys.of(settings)


@pytest.fixture
def clock():
    return StandingClock(NOON)


@pytest.fixture
def app(settings, databases, clock):
    return make_app(settings, databases, clock)


@pytest.fixture
def people(databases):
    """Everybody who may come near the roster of the home, and some who may not."""
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "柳城市总工会")
        district = make_unit(session, "柳堤区总工会", parent=city)
        street = make_unit(session, "河湾街道总工会", parent=make_unit(session, "北塔区总工会", parent=city))
        other = make_unit(session, "开发区总工会", parent=city)
        home = make_home(session, district, "长河机械厂工会", territory=street, stated_members=100)
        neighbour = make_home(session, district, "青禾纺织公司工会")
        made = {
            "officer": make_account(session, Role.OFFICER, district)[1],
            "street_officer": make_account(session, Role.OFFICER, street)[1],
            "stranger": make_account(session, Role.OFFICER, other)[1],
            "chair": make_account(session, Role.CHAIR, home)[1],
            "neighbour_chair": make_account(session, Role.CHAIR, neighbour)[1],
            "auditor": make_account(session, Role.AUDITOR, city)[1],
        }
    return made | {"home": home, "neighbour": neighbour, "district": district}
