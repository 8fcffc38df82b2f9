"""The pages of orders in English: where people wrote in English, no Chinese is left but numbers of papers."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from survey_app.accounts.models import Account
from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.rectification import escalating, extending, planning, rectifying
from survey_app.rectification.background import every_day
from survey_app.rectification.models import OrderState
from survey_app.rectification.orders import problems_of
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round, RoundHome
from survey_app.units.models import Unit
from tests.support.cast import StandingClock, make_account, make_app, make_home, make_unit, signed_in_client
from tests.support.district import add_count
from tests.support.orders import at_day, make_draft, make_order, make_stage

S = OrderState
CHINESE = re.compile(r"[\u3001-\u303f\u4e00-\u9fff\uff01-\uff5e][^<]{0,30}")
# What the makers of tests write as people would, and what stays Chinese on purpose.
WRITTEN = (
    "没有人专门负责。",
    "定人定时，办事程序上墙。",
    "来办事的会员一次办成。",
    "组织委员",
    "主席",
    "做好了。",
    "全部做好。",
    "实地查看，问了6位会员",
    "王兰",
    "柳堤区总工会",
    "会员说没看到变化。",
    "照片3张",
    "没有办法",
    # Names of official papers: the calendar says on which notice it rests.
    "国务院办公厅关于2026年部分节假日安排的通知",
    "国务院办公厅关于2025年部分节假日安排的通知",
    "国务院办公厅关于2024年部分节假日安排的通知",
    # The text area of a demand holds what the paper will say.
    "查清原因，拿出办法，说明由谁负责、哪天办成，让会员看得到变化。</textarea>",
)
NUMBER = re.compile(r"LD[改催督约通复验销]〔\d{4}〕\d+号|〔\d{4}〕\d+")
LINK = re.compile(r'href="(/orders/\d+/[a-z][^"]*)"')


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


class English:
    """A district whose people write English, its orders in several states, and the pages they see."""

    def __init__(self, settings, databases):
        self.databases = databases
        with committing(write_session(databases.roster)) as session:
            lead = make_unit(session, "Liudi Federation", document_prefix="LD")
            self.stages = [
                make_stage(session, lead, make_home(session, lead, f"Works {n} Union")) for n in range(6)
            ]
            self.orders = self.make(session)
            self.clerk = make_account(session, Role.ADMINISTRATOR, lead)[1]
            self.homes = [stage.home.id for stage in self.stages]
            for account in session.scalars(select(Account)):
                account.name = f"Person {account.id}"
            for round_ in session.scalars(select(Round)):
                round_.title = "Evaluation"
            assert not CHINESE.search("".join(session.scalars(select(Unit.name))))
        self.app = make_app(settings, databases, StandingClock(at_day(2026, 11, 5)))

    def make(self, session):
        """One under way with all that can stand on it, the others where their pages differ."""
        draft, busy, due, returned, failed, passed = self.stages
        made = [make_draft(session, draft), self.busy(session, busy)]
        made += [
            make_order(session, stage, state, at=at_day(2026, 9, 11))
            for stage, state in (
                (due, S.SERVED),
                (returned, S.PLAN_UNDER_REVIEW),
                (failed, S.AWAITING_INSPECTION),
                (passed, S.PASSED),
            )
        ]
        again = made[3]
        reasons = {2: "nothing to see"}
        planning.return_plan(
            session, returned.issuer, again, reason="", reasons=reasons, at=at_day(2026, 9, 21)
        )
        return [order.id for order in made]

    def busy(self, session, stage):
        order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
        first, second, third = problems_of(session, order)
        at = at_day(2026, 9, 21)
        rectifying.tag_resources(session, stage.chair, order, second, wanted="a room", at=at)
        rectifying.grant_resources(session, stage.issuer, order, second, granted="one", at=at)
        row = extending.request_extension(
            session,
            stage.chair,
            order,
            [third],
            days=10,
            reason="builders",
            progress="drawn",
            interim_measures="the hall",
            at=at,
        )
        extending.answer_extension(session, stage.issuer, order, row, granted=True, answer="yes", at=at)
        rectifying.report_problem(session, stage.chair, order, first, done="done", left_over="a sign", at=at)
        rectifying.add_progress(session, stage.chair, order, second, text="half", at=at)
        every_day(session, at=at_day(2026, 11, 3))
        result = session.get_one(Result, order.result_id)
        place = session.get_one(RoundHome, (result.round_id, stage.home.id))
        add_count(session, place.round_id, place.home_id, 140, 96)
        result.state, result.published_at = ResultState.PUBLISHED, at
        assert escalating.waiting(session, order), "a step to decide"
        return order

    def browser(self, stage, who):
        return signed_in_client(self.app, self.databases, stage.posts[who])


def chinese_in(answer):
    """What is Chinese on a page, with a few characters around it."""
    text = answer.get_data(as_text=True)
    text = re.sub(r"<!--.*?-->", "", NUMBER.sub("", text), flags=re.DOTALL).replace(">中文<", "><")
    text = re.sub(r"第\d+位", "", text)
    for words in WRITTEN:
        text = text.replace(words, "")
    return CHINESE.findall(text)


class Walk:
    """Somebody who looks at pages in English and notes every piece of Chinese."""

    def __init__(self):
        self.left, self.seen = {}, set()

    def look(self, browser, address, data=None):
        joined = f"{address}{'&' if '?' in address else '?'}lang=en"
        answer = browser.get(joined) if data is None else browser.post(joined, data=data)
        assert answer.status_code in (200, 403, 409), address
        self.seen.add(re.sub(r"\d+", "N", address))
        if found := chinese_in(answer):
            self.left[address, data is not None] = found[:6]
        return answer.get_data(as_text=True)

    def follow(self, browser, order_id):
        """The page of an order, every page it leads to, and each of those sent back with its faults."""
        page = self.look(browser, f"/orders/{order_id}")
        # An old version, so that what needs no words is refused, too.
        sent = {"csrf_token": browser.csrf_token(), "version": "0", "decision": "return"}
        for address in sorted(set(LINK.findall(page))):
            new = re.sub(r"\d+", "N", address) not in self.seen
            if new and not re.search(r"/papers/|/evidence/|\.zip", address):
                self.look(browser, address)
                self.look(browser, address, sent)


LISTS = (
    "",
    "?view=board",
    "?view=calendar",
    "/statistics",
    "/proposals",
    "/bulk?kind=sign",
    "/bulk?kind=plan",
)


def test_no_page_of_an_order_leaves_chinese_on_an_english_page(settings, databases):
    place, walk = English(settings, databases), Walk()
    officer, inspector = (place.browser(place.stages[0], who) for who in ("issuer", "inspector"))
    for address in (*(f"/orders{rest}" for rest in LISTS), "/messages", "/desk"):
        walk.look(officer, address)
    clerk = signed_in_client(place.app, databases, place.clerk)
    walk.look(clerk, "/calendar-days")
    for form in ("notice", "day"):
        sent = {"csrf_token": clerk.csrf_token(), "year": "2027", "text": "nonsense", "source": ""}
        walk.look(clerk, f"/calendar-days/{form}", sent)
    for stage, order_id in zip(place.stages, place.orders, strict=True):
        chair = place.browser(stage, "chair")
        drafted = order_id == place.orders[0]
        for browser in (officer,) if drafted else (inspector, chair):
            walk.follow(browser, order_id)
    chair = place.browser(place.stages[1], "chair")
    for address in ("/desk", "/orders", "/messages"):
        walk.look(chair, address)
    walk.look(place.app.test_client(), f"/h/{place.homes[1]}")
    assert not walk.left, "\n".join(f"{where}: {found}" for where, found in sorted(walk.left.items()))
    for page in ("plan", "inspection", "acknowledge", "sign", "problems/N/report", "do/withdraw"):
        assert f"/orders/N/{page}" in walk.seen, f"{page} was not looked at"
