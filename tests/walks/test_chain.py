"""The chain: a roster file goes in, sealed ballots are counted, a rating comes out - all through the pages.

Three members vote in Chromium with links from the printed slips, the rest through the Python client over
HTTP; the custodians make the key, rehearse and open in Chromium.
"""

from __future__ import annotations

import io
import random
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from survey_app.core.actor import Role
from survey_app.core.clock import beijing
from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount
from survey_app.results.models import Result
from survey_app.rounds.models import Round, SchemeVersion
from tests.support.browser import DESKTOP, PHONE, OpenPage
from tests.support.member_client import MemberClient, over_http
from tests.survey_app.invitations.phone.conftest import Hand
from tests.walks.box_acts import make_opening_key, open_box, prepare_and_print
from tests.walks.installation import Walk, walking

MEMBERS, VOTERS = 300, 240
ROUND_ID = select(Round.id)


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """One database is enough here: the chain on PostgreSQL is walked without a browser."""
    kind: str = request.param
    return kind


def roster_file(folder: Path) -> Path:
    """A clerk's spreadsheet of 300 members."""
    path = folder / "长河机械厂会员花名册.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("会员")
    sheet.write_row(0, 0, ["会员号", "姓名", "手机号", "用工形式", "性别"])
    for number in range(1, MEMBERS + 1):
        employment = "劳务派遣" if number % 3 == 0 else "合同制"
        sheet.write_row(
            number,
            0,
            [f"CH{number:04d}", f"会员{number}", f"138{number:08d}", employment, "男女"[number % 2]],
        )
    book.close()
    return path


def test_from_a_roster_file_to_a_published_rating(
    settings: Settings, databases: Databases, open_page: OpenPage, tmp_path: Path
) -> None:
    with walking(settings, databases, MEMBERS) as walk:
        desk = open_page(DESKTOP)
        hand_in_roster(walk, desk, roster_file(tmp_path))
        plan_round(walk, desk)
        round_id = walk.value(ROUND_ID)
        halves = make_opening_key(walk, desk, round_id)
        links = prepare_and_print(walk, desk, round_id, walk.homes["长河机械厂工会"])
        assert len(links) == MEMBERS
        receipts = vote(walk, open_page, links)
        open_box(walk, desk, round_id, halves)
        assert walk.value(select(HomeCount.valid)) == VOTERS
        find_receipts(walk, open_page(PHONE), receipts)
        confirm_and_publish(walk, desk)
        report = audit(databases)
        assert report.passed, report


def hand_in_roster(walk: Walk, desk: Page, file: Path) -> None:
    """The chair imports and submits, the officer confirms."""
    walk.sign_in(desk.context, "zhuxi", Role.CHAIR)
    desk.goto(f"{walk.base_url}/roster")
    desk.fill("[name=year]", str(beijing(walk.clock()).year))
    desk.fill("[name=eligible_on]", beijing(walk.clock()).date().isoformat())
    desk.set_input_files("[name=file]", str(file))
    desk.get_by_role("button", name="先看一遍").click()
    desk.get_by_role("button", name="导入300人").click()
    expect(desk.get_by_text("已导入300人")).to_be_visible()
    desk.get_by_role("button", name="报给上级").click()
    walk.sign_in(desk.context, "quzong", Role.OFFICER)
    desk.goto(f"{walk.base_url}/rosters")
    desk.get_by_role("link", name="长河机械厂").first.click()
    desk.get_by_role("button", name="确认这份花名册").click()
    expect(desk.locator("[role=status]").first).to_be_visible()


def plan_round(walk: Walk, desk: Page) -> None:
    """Policy, round, home, texts, custodians."""
    desk.goto(f"{walk.base_url}/schemes/new")
    desk.fill("[name=objection_workdays]", "5")
    desk.get_by_role("button", name="下一步：核对").click()
    expect(desk.get_by_text("印发以后不能改，也不能撤")).to_be_visible()
    assert walk.value(select(func.count()).select_from(SchemeVersion)) == 0, "nothing before the second yes"
    desk.get_by_role("button", name="印发", exact=True).click()
    expect(desk.get_by_text("评议办法已印发")).to_be_visible()
    issued: SchemeVersion = walk.value(select(SchemeVersion))
    assert issued.policy["objection_workdays"] == 5
    desk.goto(f"{walk.base_url}/rounds/new")
    opens, closes = walk.clock() + timedelta(days=1), walk.clock() + timedelta(days=6)
    fill_window(desk, opens.date().isoformat(), closes.date().isoformat())
    desk.get_by_role("button", name="建好，去选单位").click()
    desk.get_by_label("长河机械厂工会").check()
    desk.get_by_role("button", name="保存选择").click()
    round_id = walk.value(ROUND_ID)
    desk.goto(f"{walk.base_url}/rounds/{round_id}/edit")
    desk.fill("[name=notice]", "请评一评这一年工会的工作。")
    desk.fill("[name=privacy_handler]", "柳堤区总工会")
    desk.fill("[name=privacy_contact]", "010-0000-0000")
    desk.fill("[name=opening_planned_on]", (closes + timedelta(days=1)).date().isoformat())
    desk.fill("[name=deputy_1]", "何静")
    desk.fill("[name=deputy_2]", "吕强")
    desk.get_by_role("button", name="保存", exact=True).click()
    for login in ("kai1", "kai2"):
        desk.goto(f"{walk.base_url}/rounds/{round_id}/duties")
        desk.fill("[name=login]", login)
        desk.get_by_role("button", name="定下来").click()
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    expect(desk.get_by_text("开箱人还没做开箱钥匙")).to_be_visible()


def fill_window(desk: Page, opens_on: str, closes_on: str) -> None:
    """The dates of a voting window; the hours keep their default."""
    desk.fill("[name=opens_on]", opens_on)
    desk.fill("[name=closes_on]", closes_on)


def vote(walk: Walk, open_page: OpenPage, links: list[str]) -> list[str]:
    """Three members on phones, the others by the Python client; one of them tries twice."""
    walk.clock.instant = walk.value(select(Round.opens_at)) + timedelta(hours=3)
    here = [walk.base_url + link[link.index("/e#") :] for link in links]
    receipts = [Hand(open_page(PHONE)).vote(link) for link in here[:3]]
    assert len(set(receipts)) == 3
    again = Hand(open_page(PHONE)).open(here[0])
    assert again.shown not in {"welcome", "questions"}
    chance = random.Random(7)
    for link in here[3:VOTERS]:
        fragment = link.split("#")[1]
        member = MemberClient(over_http(walk.base_url), fragment[:20], fragment[20:])
        member.look_up()
        member.read_sheet()
        member.start()
        member.issue()
        member.seal(answers(chance))
        member.cast()
    return receipts


def find_receipts(walk: Walk, phone: Page, receipts: list[str]) -> None:
    """Each of the three finds his ballot among those that were counted."""
    for receipt in receipts:
        phone.goto(f"{walk.base_url}/r")
        phone.fill("[name=receipt]", receipt)
        phone.get_by_role("button", name="查一查").click()
        expect(phone.get_by_text("计入了")).to_be_visible()
        expect(phone.get_by_text(f"{VOTERS}张有效票").first).to_be_visible()


def answers(chance: random.Random) -> dict[str, str]:
    """Ballots of a home that does well but for two duties."""
    raw = {f"q{n}": chance.choices(("SATISFIED", "BASIC", "UNKNOWN"), (7, 3, 1))[0] for n in range(1, 23)}
    raw["q6"] = chance.choice(("DISSATISFIED", "BASIC"))
    return raw


def confirm_and_publish(walk: Walk, desk: Page) -> None:
    """The chair has no objection; the officer confirms and publishes; members can read it."""
    result_id = walk.value(select(Result.id))
    walk.sign_in(desk.context, "zhuxi", Role.CHAIR)
    desk.goto(f"{walk.base_url}/results/{result_id}")
    expect(desk.get_by_text("100位会员里").first).to_be_visible()
    desk.get_by_role("button", name="没有异议").click()
    walk.sign_in(desk.context, "quzong2", Role.OFFICER)
    desk.goto(f"{walk.base_url}/ratings/{result_id}")
    desk.get_by_role("button", name="确认评定").click()
    assert walk.value(select(Result.state)) == "final"
    desk.goto(f"{walk.base_url}/ratings/{result_id}")
    desk.get_by_role("button", name="公布").first.click()
    assert walk.value(select(Result.state)) == "published"
    for kind, start in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        paper = desk.request.get(f"{walk.base_url}/results/{result_id}/sheet.{kind}")
        assert paper.ok
        assert io.BytesIO(paper.body()).read(4).startswith(start)
    desk.goto(f"{walk.base_url}/h/{walk.homes['长河机械厂工会']}")
    expect(desk.get_by_text("100位会员里").first).to_be_visible()
