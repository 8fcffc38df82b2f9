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
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.clock import beijing
from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount
from survey_app.results.models import Result
from survey_app.rounds.models import Round
from tests.support.browser import DESKTOP, PHONE, OpenPage
from tests.support.member_client import MemberClient, over_http
from tests.survey_app.invitations.phone.conftest import Hand
from tests.walks.installation import Walk, walking
from tests.walks.papers import qr_codes

MEMBERS, VOTERS = 300, 240
ROUND_ID, STATE = select(Round.id), select(Round.state)


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
        halves = make_opening_key(walk, desk)
        links = prepare_and_print(walk, desk)
        receipts = vote(walk, open_page, links)
        open_box(walk, desk, halves)
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
    desk.get_by_role("button", name="印发").click()
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


def make_opening_key(walk: Walk, desk: Page) -> tuple[str, str]:
    """The custodians make the key in the browser, copy the four slips and rehearse."""
    round_id = walk.value(ROUND_ID)
    walk.sign_in(desk.context, "kai1", Role.CUSTODIAN, round_id)
    desk.goto(f"{walk.base_url}/box/{round_id}")
    desk.locator("[data-make]").click()
    expect(desk.locator("#kept")).to_be_visible()
    slips = desk.locator("[data-slip]").all_inner_texts()
    assert len(slips) == 4
    assert len(set(slips)) == 2
    first = desk.locator("[data-slip='1']").first.inner_text()
    second = desk.locator("[data-slip='2']").first.inner_text()
    desk.locator("#kept").check()
    desk.get_by_role("button", name="存好钥匙").click()
    desk.locator("[data-half='1']").fill(second)
    desk.locator("[data-half='2']").fill(first)
    desk.get_by_role("button", name="试开").click()
    expect(desk.get_by_text("两半好像填反了").first).to_be_visible()
    desk.locator("[data-half='1']").fill(first.lower())
    desk.locator("[data-half='2']").fill(second)
    desk.get_by_role("button", name="试开").click()
    expect(desk.get_by_text("已试开").first).to_be_visible()
    walk.sign_in(desk.context, "kai2", Role.CUSTODIAN, round_id)
    desk.goto(f"{walk.base_url}/box/{round_id}")
    desk.locator("[data-half='1']").fill(first)
    desk.locator("[data-half='2']").fill(second)
    desk.get_by_role("button", name="试开").click()
    expect(desk.get_by_text("已试开")).to_have_count(2)
    return first, second


def prepare_and_print(walk: Walk, desk: Page) -> list[str]:
    """Freeze, print the slips, open; the links are read from the QR codes on paper."""
    round_id, home_id = walk.value(ROUND_ID), walk.homes["长河机械厂工会"]
    walk.sign_in(desk.context, "quzong", Role.OFFICER)
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    desk.get_by_role("link", name="开始准备").click()
    desk.get_by_role("button", name="开始准备").click()
    walk.work()
    assert walk.value(STATE) == "ready"
    desk.goto(f"{walk.base_url}/slips/{round_id}/{home_id}")
    with desk.expect_download() as printing:
        desk.get_by_role("button", name="打印票条").click()
    links = qr_codes(Path(printing.value.path()).read_bytes())
    assert len(links) == len(set(links)) == MEMBERS
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    desk.get_by_role("link", name="开放投票").click()
    desk.get_by_role("button", name="开放投票").click()
    walk.work()
    assert walk.value(STATE) == "voting"
    return links


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


def open_box(walk: Walk, desk: Page, halves: tuple[str, str]) -> None:
    """The hour comes, the box is sealed, both halves open it, both slips are torn up."""
    round_id = walk.value(ROUND_ID)
    walk.clock.instant = walk.value(select(Round.closes_at)) + timedelta(minutes=1)
    walk.sign_in(desk.context, "quzong", Role.OFFICER)
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    desk.get_by_role("link", name="收票").click()
    desk.get_by_role("button", name="收票").click()
    walk.forward(minutes=20)
    walk.work()
    assert walk.value(STATE) == "closed"
    walk.sign_in(desk.context, "kai1", Role.CUSTODIAN, round_id)
    desk.goto(f"{walk.base_url}/box/{round_id}")
    desk.fill("[name=first]", halves[0])
    desk.fill("[name=second]", halves[1])
    desk.get_by_role("button", name="开箱").click()
    expect(desk.get_by_text("您手里的口令条撕掉了吗")).to_be_visible(timeout=60_000)
    for login in ("kai1", "kai2"):
        walk.sign_in(desk.context, login, Role.CUSTODIAN, round_id)
        desk.goto(f"{walk.base_url}/box/{round_id}")
        desk.locator("#torn").check()
        desk.get_by_role("button", name="确认已撕毁").click()
    walk.work()
    assert walk.value(STATE) == "counted"
    assert walk.value(select(HomeCount.valid)) == VOTERS


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
