"""What officers and custodians do with a box on their pages: make the key, prepare, print, seal, open."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.rounds.models import Round
from tests.walks.installation import Walk
from tests.walks.papers import qr_codes


def state_of(walk: Walk, round_id: str) -> str:
    """Where a round stands."""
    return str(walk.value(select(Round.state).where(Round.id == round_id)))


def make_opening_key(walk: Walk, desk: Page, round_id: str) -> tuple[str, str]:
    """The custodians make the key in the browser, copy the four slips and rehearse."""
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


def prepare_and_print(walk: Walk, desk: Page, round_id: str, home_id: int) -> list[str]:
    """Freeze, print the slips, open; the links are read from the QR codes on paper."""
    walk.sign_in(desk.context, "quzong", Role.OFFICER)
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    desk.get_by_role("link", name="开始准备").click()
    desk.get_by_role("button", name="开始准备").click()
    walk.work()
    assert state_of(walk, round_id) == "ready"
    desk.goto(f"{walk.base_url}/slips/{round_id}/{home_id}")
    with desk.expect_download() as printing:
        desk.get_by_role("button", name="打印票条").click()
    links = qr_codes(Path(printing.value.path()).read_bytes())
    assert len(links) == len(set(links))
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    desk.get_by_role("link", name="开放投票").click()
    desk.get_by_role("button", name="开放投票").click()
    walk.work()
    assert state_of(walk, round_id) == "voting"
    return links


def open_box(walk: Walk, desk: Page, round_id: str, halves: tuple[str, str]) -> None:
    """The hour comes, the box is sealed, both halves open it, both slips are torn up."""
    walk.clock.instant = walk.value(select(Round.closes_at).where(Round.id == round_id)) + timedelta(
        minutes=1
    )
    walk.sign_in(desk.context, "quzong", Role.OFFICER)
    desk.goto(f"{walk.base_url}/rounds/{round_id}")
    desk.get_by_role("link", name="收票").click()
    desk.get_by_role("button", name="收票").click()
    walk.forward(minutes=20)
    walk.work()
    assert state_of(walk, round_id) == "closed"
    walk.sign_in(desk.context, "kai1", Role.CUSTODIAN, round_id)
    desk.goto(f"{walk.base_url}/box/{round_id}")
    desk.fill("[name=first]", halves[0])
    desk.fill("[name=second]", halves[1])
    desk.get_by_role("button", name="开箱").click()
    expect(desk.get_by_text("您手里的口令条撕掉了吗")).to_be_visible(timeout=30_000)
    for login in ("kai1", "kai2"):
        walk.sign_in(desk.context, login, Role.CUSTODIAN, round_id)
        desk.goto(f"{walk.base_url}/box/{round_id}")
        desk.locator("#torn").check()
        desk.get_by_role("button", name="确认已撕毁").click()
    walk.work()
    assert state_of(walk, round_id) == "counted"
