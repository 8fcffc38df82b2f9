"""The whole life of an order in the browser, in all roles, over Spring Festival 2027.

An officer confirms the rating, a colleague inspects, the chair answers on a phone, the administrator imports
the calendar, the members vote again, the custodians open the box, and the order is closed by rule.
"""

from __future__ import annotations

import random
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.clock import at_beijing, beijing_day
from survey_app.core.db import Databases, read_session, reading
from survey_app.core.settings import Settings
from survey_app.counting.models import HomeCount
from survey_app.holidays.queries import calendar_of
from survey_app.instruments.queries import questionnaire_of
from survey_app.outbox.models import Message
from survey_app.rectification.models import (
    Escalation,
    Event,
    LimitMove,
    Problem,
)
from survey_app.results.models import Result
from survey_app.rosters.models import RosterMember
from survey_app.rounds.models import Round, RoundHome, RoundKind
from tests.support.browser import OpenPage
from tests.support.calendar_2027 import NOTICE_2027, SOURCE_2027
from tests.support.member_client import MemberClient, over_http
from tests.survey_app.invitations.phone.conftest import Hand
from tests.walks.box_acts import make_opening_key, open_box, prepare_and_print
from tests.walks.installation import Walk, walking
from tests.walks.life import HOME, Life, follow, papers_on, send
from tests.walks.rated_home import MEMBERS, rate_unhappily

LEAVER = "CH0007"
VOTERS = 48


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """One database is enough for the walk through the pages."""
    kind: str = request.param
    return kind


def test_an_order_lives_from_its_rating_to_its_closure(
    settings: Settings, databases: Databases, open_page: OpenPage, tmp_path: Path
) -> None:
    with walking(settings, databases, MEMBERS, at_beijing(date(2026, 12, 1), time(8, 30))) as walk:
        rate_unhappily(walk)
        life = Life(walk, open_page)
        confirm_the_rating(life)
        issue(life)
        acknowledge_and_plan(life)
        ask_for_time(life)
        climb_the_ladder(life)
        prove_and_report(life, tmp_path)
        fail_and_pass_the_inspection(life)
        vote_again(life)
        close_by_rule(life)


def confirm_the_rating(life: Life) -> None:
    """The chair does not object, the officer confirms and publishes, the worker drafts the order."""
    walk, page = life.walk, life.desk
    result = walk.value(select(Result.id))
    walk.sign_in(life.chair.context, "zhuxi", Role.CHAIR)
    life.chair.goto(f"{walk.base_url}/results/{result}")
    life.chair.get_by_role("button", name="没有异议").click()
    walk.sign_in(page.context, "quzong", Role.OFFICER)
    page.goto(f"{walk.base_url}/ratings/{result}")
    page.get_by_role("button", name="确认评定").click()
    page.goto(f"{walk.base_url}/ratings/{result}")
    page.get_by_role("button", name="公布").first.click()
    assert walk.value(select(Result.state)) == "published"
    life.on(12, 7, 2026)
    assert life.order.state == "draft"


def issue(life: Life) -> None:
    """The officer sets the classes and signs."""
    page = life.officer()
    follow(page, "改拟稿")
    for problem, grade in zip(life.problems(), "ABC", strict=True):
        page.select_option(f"[name$=_{problem.id}][name^=grade]", grade)
    send(page)
    page = life.officer()
    follow(page, "签发")
    send(page)
    assert life.order.number == "柳总工改〔2026〕1号"


def acknowledge_and_plan(life: Life) -> None:
    """Signed for on the phone; every date in 2027 is provisional and says so."""
    life.on(12, 8, 2026)
    page = life.at_home()
    follow(page, "签收")
    send(page)
    assert life.due(1).due_on == date(2027, 1, 7)
    assert all(life.due(n).provisional for n in (1, 2, 3)), "2027 is not published yet"
    expect(life.at_home().locator("dl.dates").get_by_text("暂定").first).to_be_visible()
    follow(page, "填写方案")
    for problem in life.problems():
        for name in ("cause", "measure", "leader", "person", "expected"):
            page.fill(f"[name={name}_{problem.id}]", f"第{problem.ordinal}项的话")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("[role=status]").first).to_be_visible()
    page = life.officer()
    follow(page, "审方案")
    page.get_by_role("button", name="通过").first.click()
    assert life.order.state == "rectifying"
    shown = life.public()
    expect(shown.get_by_text("第1项的话").first).to_be_visible()
    expect(shown.get_by_text(life.order.number).first).to_be_visible()


def ask_for_time(life: Life) -> None:
    """The chair asks for twenty days more for the second problem; the officer grants them."""
    life.on(12, 17, 2026)
    before = life.due(2).due_on
    page = life.at_home()
    follow(page, "请示延期")
    page.locator(f"[name=problems][value='{life.problems()[1].id}']").check()
    send(page, days="20", reason="等房子", progress="图纸已定", interim_measures="先用会议室")
    expect(page.get_by_text("延期待批").first).to_be_visible()
    page = life.officer()
    follow(page, "答复延期请示")
    page.locator("[name=granted][value='1']").check()
    send(page, answer="同意，抓紧办")
    assert life.due(2).due_on >= before + timedelta(days=20)
    assert "extension_reply" in papers_on(page)
    expect(life.at_home().get_by_text("同意，抓紧办").first).to_be_visible()


def climb_the_ladder(life: Life) -> None:
    """Every rung is proposed on its working day, decided by the officer, and told to the home.

    The year is provisional until the middle of January; the import moves open dates only later.
    """
    first = life.due(1).id
    for day, step, act in (
        (date(2026, 12, 23), "first_reminder", ""),
        (date(2027, 1, 4), "last_reminder", ""),
        (date(2027, 1, 8), "reminder", "催办通知"),
        (date(2027, 1, 14), "supervision", "督办"),
    ):
        climb(life, first, day, step, act)
    import_the_calendar(life)
    climb(life, first, date(2027, 1, 28), "formal_talk", "约谈")
    climb(life, first, date(2027, 2, 24), "circular", "通报")
    assert life.order.supervised
    with reading(read_session(life.walk.databases.roster)) as session:
        calendar = calendar_of(session)
        proposed = session.scalars(select(Escalation.due_on)).all()
        days = [
            beijing_day(at)
            for at in session.scalars(select(Message.at).where(Message.kind == "order.decisions_wait"))
        ]
        officers = 2
    assert all(calendar.is_workday(day) for day in (*proposed, *days))
    assert max(days.count(day) for day in days) == officers, "one digest a day for each officer"
    assert not [day for day in proposed if date(2027, 2, 5) <= day <= date(2027, 2, 11)], "Spring Festival"


def climb(life: Life, limit: int, day: date, step: str, paper: str) -> None:
    """One rung of the first problem's limit."""
    life.walk.live_until(day - timedelta(days=1))
    rung = select(Escalation).where(Escalation.limit_id == limit, Escalation.step == step)
    with reading(read_session(life.walk.databases.roster)) as session:
        assert session.scalars(rung).one_or_none() is None, f"{step} came before {day}"
    life.walk.live_until(day)
    row: Escalation = life.walk.value(rung)
    page = life.officer()
    expect(page.locator("#now")).to_be_visible()
    page.locator(f"main a[href$='/escalations/{row.id}/send']").first.click()
    terms = {}
    if step == "formal_talk":
        terms = {"talk_at": f"{day + timedelta(days=1)}T09:30", "place": "区总工会201室"}
    send(page, **terms)
    row = life.walk.value(rung)
    assert (row.sent, row.decided_by) == (True, "quzong")
    event: Event = life.walk.value(select(Event).where(Event.kind == f"escalated_{step}"))
    message: Message = life.walk.value(select(Message).where(Message.id.in_(event.told)))
    assert beijing_day(message.at) == day
    seen = life.at_home()
    expect(seen.get_by_text(paper or "提醒").first).to_be_visible()
    if day > date(2027, 1, 7):
        expect(life.public().get_by_text("1月8日起逾期").first).to_be_visible()


def import_the_calendar(life: Life) -> None:
    """The administrator pastes the notice; no open date comes earlier, and the story says what moved."""
    life.on(1, 15)
    before = {n: life.due(n).due_on for n in (1, 2, 3)}
    page = life.desk
    life.walk.sign_in(page.context, "guanli", Role.ADMINISTRATOR)
    page.goto(f"{life.walk.base_url}/calendar-days")
    form = page.locator("form[action$='/notice']")
    form.locator("[name=year]").fill("2027")
    form.locator("[name=source]").fill(SOURCE_2027)
    form.locator("[name=text]").fill(NOTICE_2027)
    form.get_by_role("button").click()
    expect(page.locator("[role=status]").first).to_be_visible()
    life.walk.work()
    assert all(life.due(n).due_on >= before[n] for n in before)
    assert not life.due(2).provisional
    with reading(read_session(life.walk.databases.roster)) as session:
        moves = session.scalars(select(LimitMove)).all()
    assert all(move.new > move.old and SOURCE_2027 in move.reason for move in moves)


def prove_and_report(life: Life, folder: Path) -> None:
    """Late, but done: a photo, a word for every problem, the report."""
    life.on(2, 25)
    page = life.at_home()
    photo = folder / "新活动室.jpg"
    Image.new("RGB", (1600, 1200), "#8a9a8f").save(photo)
    follow(page, "交佐证")
    page.select_option("[name=problem_id]", index=0)
    page.set_input_files("[name=files]", str(photo))
    send(page, own_date="2027-02-25", place="三楼")
    page.get_by_role("button", name="放上公开页").click()
    follow(life.at_home(), "交张贴照片")
    page.set_input_files("[name=files]", str(photo))
    send(page, own_date="2027-02-25", place="一号门")
    page.get_by_role("button", name="放上公开页").click()
    expect(life.public().get_by_text("2027年2月25日贴在公告栏（一号门）")).to_be_visible()
    assert life.member.locator(".shots img").count() == 1, "the evidence waits for its inspection"
    report_everything(life, "活动室开了，每天中午有人。")


def report_everything(life: Life, done: str) -> None:
    """Every open problem, then the report as a whole."""
    page = life.at_home()
    for problem in life.problems():
        if problem.state == "rectifying":
            life.go(page, f"/problems/{problem.id}/report")
            send(page, done=done)
    follow(life.go(page), "交整改报告")
    send(page, summary="都办好了。")
    assert life.order.state == "awaiting_inspection"


def fail_and_pass_the_inspection(life: Life) -> None:
    """Not by who signed; the third problem fails and gets a new day; then everything passes."""
    life.on(3, 2)
    life.go(life.officer("quzong"), "/inspection")
    assert life.desk.locator("[name=inspected_on]").count() == 0, "who signed does not inspect"
    page = life.officer("quzong2")
    inspect(life, page, failed=3)
    assert life.order.state == "inspection_failed"
    assert life.due(3).due_on == date(2027, 3, 12)
    expect(life.public().get_by_text("3月12日").first).to_be_visible()
    page = life.at_home()
    expect(page.get_by_text("门还锁着").first).to_be_visible()
    follow(page, "接着改")
    send(page)
    life.on(3, 10)
    report_everything(life, "门开了，钥匙在传达室。")
    life.on(3, 15)
    inspect(life, life.officer("quzong2"))
    assert life.order.state == "passed"


def inspect(life: Life, page: Page, failed: int = 0) -> None:
    """An opinion on every reported problem."""
    follow(page, "记复查意见")
    page.fill("[name=way]", "实地查看，问了6位会员")
    page.fill("[name=other_name_0]", "王兰")
    page.fill("[name=other_unit_0]", "柳堤区总工会")
    for problem in life.problems():
        if problem.state == "reported":
            outcome = "fail" if problem.ordinal == failed else "pass"
            page.locator(f"[name=outcome_{problem.id}][value={outcome}]").check()
            page.fill(f"[name=seen_{problem.id}]", "现场和台账")
            bare = page.locator(f"[name=bare_{problem.id}]")
            if bare.count():
                bare.check()
            if outcome == "fail":
                page.fill(f"[name=reason_{problem.id}]", "门还锁着")
                page.fill(f"[name=new_due_on_{problem.id}]", "2027-03-12")
    send(page)


def vote_again(life: Life) -> None:
    """Planned from the order, prepared and opened like any vote; asked is the overall question first."""
    walk, page = life.walk, life.officer()
    follow(page, "安排会员再评")
    send(page, opens_on="2027-03-22", closes_on="2027-03-26", leavers=f"{LEAVER} 2027-01-31")
    round_: Round = walk.value(select(Round).where(Round.kind == RoundKind.RE_EVALUATION))
    home = round_.id, walk.homes[HOME]
    check_ballot_and_roster(walk, home)
    page.goto(f"{walk.base_url}/rounds/{round_.id}/edit")
    page.fill("[name=opening_planned_on]", "2027-03-29")
    page.get_by_role("button", name="保存", exact=True).click()
    for login in ("kai1", "kai2"):
        page.goto(f"{walk.base_url}/rounds/{round_.id}/duties")
        page.fill("[name=login]", login)
        page.get_by_role("button", name="定下来").click()
    halves = make_opening_key(walk, page, round_.id)
    links = prepare_and_print(walk, page, *home)
    assert len(links) == MEMBERS - 1
    walk.clock.instant = at_beijing(date(2027, 3, 23), time(12))
    expect(life.public().get_by_text("正在评议").first).to_be_visible()
    here = [walk.base_url + link[link.index("/e#") :] for link in links]
    Hand(life.member).vote(here[0])
    chance = random.Random(7)
    for link in here[1:VOTERS]:
        fragment = link.split("#")[1]
        member = MemberClient(over_http(walk.base_url), fragment[:20], fragment[20:]).start()
        assert member.questionnaire is not None
        answer = chance.choices(("SATISFIED", "BASIC"), (4, 1))[0]
        member.vote({item.id: answer for item in member.questionnaire.closed_questions})
    open_box(walk, page, round_.id, halves)
    assert walk.value(select(HomeCount.valid).where(HomeCount.round_id == round_.id)) == VOTERS


def check_ballot_and_roster(walk: Walk, home: tuple[str, int]) -> None:
    """The frozen roster without who left; the overall question first, then only what failed."""
    with reading(read_session(walk.databases.roster)) as session:
        place = session.get_one(RoundHome, home)
        form = questionnaire_of(session, place.questionnaire_id)
        numbers = session.scalars(
            select(RosterMember.number).where(RosterMember.roster_id == place.roster_id)
        ).all()
        failed = [one.item_id for one in session.scalars(select(Problem).order_by(Problem.ordinal))]
    asked = [item.id for item in form.closed_questions]
    assert asked[0] == form.overall.id
    assert sorted(asked[1:]) == sorted(failed)
    assert sorted(numbers) == [f"CH{n:04d}" for n in range(1, MEMBERS + 1) if n != 7]


def close_by_rule(life: Life) -> None:
    """The second rating is confirmed; the worker closes the order; the members read it."""
    walk, page = life.walk, life.desk
    result: Result = walk.value(select(Result).where(Result.round_id == life.order.re_evaluation_round_id))
    walk.sign_in(life.chair.context, "zhuxi", Role.CHAIR)
    life.chair.goto(f"{walk.base_url}/results/{result.id}")
    life.chair.get_by_role("button", name="没有异议").click()
    walk.sign_in(page.context, "quzong2", Role.OFFICER)
    page.goto(f"{walk.base_url}/ratings/{result.id}")
    page.get_by_role("button", name="确认评定").click()
    assert life.order.state == "reevaluation"
    walk.live_until(beijing_day(walk.clock()) + timedelta(days=1))
    order = life.order
    assert (order.state, order.closed_by_rule) == ("closed", True)
    assert {one.state for one in life.problems()} == {"closed"}
    expect(life.officer().get_by_text("已销号").first).to_be_visible()
    assert {"closing", "inspection", "circular", "supervision", "formal_talk"} <= papers_on(page)
    shown = life.public()
    for words in ("会员再评：", "再评以后：", "销号。"):
        expect(shown.get_by_text(words).first).to_be_visible()
    pictures = shown.locator(".shots img")
    assert pictures.count() == 2
    pictures.last.scroll_into_view_if_needed()
    shown.wait_for_function(
        "[...document.querySelectorAll('.shots img')].every((one) => one.naturalWidth > 0)"
    )
