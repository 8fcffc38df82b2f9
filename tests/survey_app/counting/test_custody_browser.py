"""Two custodians in Chromium: make the key, copy the slips, rehearse, open the box, confirm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, update

from survey_app.accounts.models import Account
from survey_app.accounts.sign_ins import open_sign_in
from survey_app.app import create_app
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.ceremony import finish
from survey_app.counting.voting import close_votes
from survey_app.rounds.models import CustodianStep, Round, RoundSecret, RoundState
from tests.support.member_client import MemberClient, answers_of, over_http
from tests.support.round_builder import HomeSpec
from tests.support.server import serving


def sign_in(page, server, databases, post) -> None:
    """The browser of a custodian who has just signed in."""
    with committing(write_session(databases.roster)) as session:
        account = session.get_one(Account, post.account_id)
        token = open_sign_in(session, account, at=datetime.now(UTC), post_id=post.id)
    page.context.add_cookies([{"name": "pj_desk", "value": token, "url": server.base_url}])


def slips_on(page) -> list[str]:
    """What stands on the slips: two originals, and the two copies for the envelopes."""
    return page.locator("[data-slip]").all_text_contents()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_custodians_make_rehearse_open_and_confirm_in_the_browser(build, open_page, axe):
    now = datetime.now(UTC)
    built = build(
        HomeSpec.of(11), opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1), at=now
    )
    with committing(write_session(built.databases.roster)) as session:
        session.execute(delete(CustodianStep))
        session.execute(delete(RoundSecret))
    create_app(built.settings, built.databases)
    with serving(built.settings) as server:
        first, second = open_page(), open_page()
        sign_in(first, server, built.databases, built.custodian_posts[0])
        sign_in(second, server, built.databases, built.custodian_posts[1])
        address = f"{server.base_url}/box/{built.id}"

        sent: list[str] = []
        first.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
        first.goto(address)
        assert axe(first) == []
        first.get_by_role("button", name="制作钥匙").click()
        expect(first.get_by_role("button", name="打印四张口令条")).to_be_visible(timeout=30_000)
        halves, copies = slips_on(first)[:2], slips_on(first)[2:]
        assert len(set(halves)) == 2
        assert copies == halves, "four slips: each half once more, for a deputy's envelope"
        assert axe(first) == []
        first.get_by_label("四张都印好或者抄好了").check()
        first.get_by_role("button", name="存好钥匙").click()

        expect(first.get_by_role("heading", name="试开一次")).to_be_visible()
        assert axe(first) == []
        first.get_by_label("前半").fill(halves[1])
        first.get_by_label("后半").fill(halves[0])
        first.get_by_role("button", name="试开", exact=True).click()
        expect(first.locator("#half-1-error")).to_contain_text("两半好像填反了", timeout=20_000)
        first.get_by_label("前半").fill(halves[0].lower())
        first.get_by_label("后半").fill(halves[1].replace("-", " "))
        first.get_by_role("button", name="试开", exact=True).click()
        expect(first.get_by_text("您已经试开过。请提醒")).to_be_visible(timeout=30_000)
        assert axe(first) == []
        second.goto(address)
        second.get_by_label("前半").fill(halves[0])
        second.get_by_label("后半").fill(halves[1])
        second.get_by_role("button", name="试开", exact=True).click()
        expect(second.get_by_text("现在没有要您办的事")).to_be_visible(timeout=30_000)
        plain = "".join(sent).replace("-", "")
        assert not any(half.replace("-", "") in plain for half in halves), "no half leaves the browser"

        built.prepare().open()
        built.clock.at = now
        send = over_http(server.base_url)
        for code in built.codes(built.home_ids[0]):
            MemberClient(send, code).vote(answers_of(built.questionnaire))
        with committing(write_session(built.databases.roster)) as session:
            session.execute(update(Round).values(closes_at=now - timedelta(hours=1)))
        built.request("close")
        close_votes(built.workshop, built.id)

        first.goto(address)
        assert axe(first) == []
        first.get_by_label("前半").fill(halves[0])
        first.get_by_label("后半").fill(halves[1])
        first.get_by_role("button", name="显示口令").click()
        assert first.get_by_label("前半").get_attribute("type") == "text"
        first.get_by_role("button", name="开箱", exact=True).click()
        confirm = first.get_by_role("heading", name="您手里的口令条撕掉了吗")
        expect(confirm).to_be_visible(timeout=40_000)
        assert axe(first) == []
        for page in (first, second):
            page.goto(address)
            page.get_by_label("我的口令条和副本都已撕掉").check()
            page.get_by_role("button", name="确认已撕毁").click()
        finish(built.workshop, built.id)
        second.goto(address)
        expect(second.get_by_role("heading", name="开箱完成")).to_be_visible()
        assert axe(second) == []
    with reading(read_session(built.databases.roster)) as session:
        assert session.get_one(Round, built.id).state == RoundState.COUNTED
