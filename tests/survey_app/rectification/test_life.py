"""A whole life through the forms, in both roles: proposal to passed, a failure, more time; a stranger."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.rectification.background import every_day
from survey_app.rectification.models import Order, OrderState, Problem
from survey_app.rectification.orders import problems_of, refresh
from survey_app.rectification.plan_drafts import plan_draft_of
from tests.support.cast import StandingClock, make_app, make_unit, signed_in_client
from tests.support.orders import at_day, make_order, make_rated_round, make_result, make_stage

S = OrderState


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


class Office:
    """The people of a stage with their browsers, on one clock."""

    def __init__(self, settings, databases, stage, clock):
        self.databases, self.stage, self.clock = databases, stage, clock
        self.app = make_app(settings, databases, clock)
        self.order_id = 0

    def browser(self, who):
        return signed_in_client(self.app, self.databases, self.stage.posts[who])

    def on(self, year, month, day):
        self.clock.instant = at_day(year, month, day)

    def send(self, who, page, **fields):
        """Fill in a page's form and send it; the next page must say that it was done."""
        browser = self.browser(who)
        shown = browser.get(f"/orders/{self.order_id}/{page}")
        assert shown.status_code == 200, f"{page}: {shown.status_code}"
        version = re.search(r'name="version" value="(\d+)"', shown.get_data(as_text=True))
        answer = browser.send(f"/orders/{self.order_id}/{page}", {"version": version.group(1), **fields})
        assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
        return self.page(who)

    def page(self, who):
        shown = self.browser(who).get(f"/orders/{self.order_id}")
        assert shown.status_code == 200
        return shown.get_data(as_text=True)

    def order(self):
        with reading(read_session(self.databases.roster)) as session:
            order = session.get_one(Order, self.order_id)
            problems = problems_of(session, order)
        return order, problems


@pytest.fixture
def office(settings, databases):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        result = make_result(session, make_rated_round(session, stage.lead, [stage.home]), stage.home)
        result_id = result.id
    made = Office(settings, databases, stage, StandingClock(at_day(2026, 9, 7)))
    made.result_id = result_id
    return made


def plan_fields(problems, due):
    answers = {"cause": "没人管", "measure": "定人定时", "leader": "主席", "person": "委员"}
    answers["expected"] = "看得见"
    fields = {f"{name}_{one.id}": words for one in problems for name, words in answers.items()}
    return {**fields, **{f"due_on_{one.id}": due for one in problems}}


def photo():
    target = io.BytesIO()
    Image.new("RGB", (300, 200), (90, 140, 90)).save(target, "JPEG")
    return io.BytesIO(target.getvalue())


def test_an_order_lives_from_the_rating_to_a_passed_inspection(office):
    officer = office.browser("issuer")
    assert "现在拟稿" in officer.get("/orders/proposals").get_data(as_text=True)
    answer = officer.send(f"/orders/proposals/{office.result_id}/draft")
    office.order_id = int(answer.headers["Location"].rsplit("/", 1)[1])
    _, problems = office.order()
    grades = {f"grade_{one.id}": grade for one, grade in zip(problems, "BCA", strict=True)}
    keeps = {f"keep_{one.id}": "1" for one in problems}
    asks = {f"requirement_{one.id}": one.requirement for one in problems}
    office.send("issuer", "proposal", **grades, **keeps, **asks)
    assert "柳总工改〔2026〕1号" in office.send("issuer", "sign")

    office.on(2026, 9, 8)
    before, signing = (
        office.page("chair"),
        office.browser("chair").get(f"/orders/{office.order_id}/acknowledge"),
    )
    for page in (before, signing.get_data(as_text=True)):
        for one in problems:
            assert one.finding in page
            assert one.requirement in page
        assert "B类10个工作日内报方案、60天内改好" in page, "the class says its days"
        assert "9月15日" in page, "the day of the plan, if it were signed for today"
    assert "印发通知" in before
    assert "拟了稿" not in before, "how the superior came to sign is not the home's to read"
    assert "改了拟稿" not in before
    assert "改了拟稿" in office.page("issuer")
    assert "请报整改方案" in office.send("chair", "acknowledge", opinion="第2项会员有误解。")
    assert "第2项会员有误解。" in office.page("issuer")
    _, problems = office.order()
    due = "2026-10-08"
    office.send("chair", "plan", **plan_fields(problems, "2026-09-24"))
    office.send("issuer", "review", decision="return", **{f"wrong_{problems[1].id}": "没有写地方"})
    assert "第2项：没有写地方" in office.page("chair")
    again = office.browser("chair").get(f"/orders/{office.order_id}/plan").get_data(as_text=True)
    assert again.count('value="2026-09-24"') == len(problems), "the chair's own days come back too"
    office.send("chair", "plan", **plan_fields(problems, due))
    office.send("issuer", "review", decision="approve")

    office.on(2026, 9, 18)
    office.send("chair", f"problems/{problems[1].id}/resources", text="要一间房")
    office.send("issuer", f"problems/{problems[1].id}/grant", text="三楼一间，10月起用")
    office.send("chair", f"problems/{problems[1].id}/progress", text="房间已定")
    asked = {"reason": "施工排期", "progress": "图纸已定", "interim_measures": "先用会议室"}
    office.send("chair", "extension", problems=str(problems[1].id), days="20", **asked)
    office.send("issuer", "extension/answer", granted="1", answer="同意，抓紧办")
    assert "已批复" not in office.page("chair")
    answered = office.page("chair")
    assert "同意延期。" in answered
    for words in ("请上级给：要一间房", "上级答复：三楼一间，10月起用", "现在做到哪里：图纸已定"):
        assert words in answered, words
    assert "现在不能请示延期：已经延过一次，不能再延。" in answered, (
        "what could only be refused is not offered"
    )
    assert f"/orders/{office.order_id}/extension" not in answered
    assert office.browser("chair").get(f"/orders/{office.order_id}/extension").status_code == 403
    office.send(
        "chair",
        "evidence",
        problem_id=str(problems[0].id),
        own_date="2026-09-17",
        place="一楼",
        files=(photo(), "上墙.jpg"),
    )
    chair = office.browser("chair")
    for one in problems:
        asked = chair.get(f"/orders/{office.order_id}/problems/{one.id}/report").get_data(as_text=True)
        assert ("这一项还没有佐证" in asked) == (one is not problems[0])
        office.send("chair", f"problems/{one.id}/report", done="做好了", member_feedback="会员说方便了")
        again = chair.get(f"/orders/{office.order_id}/problems/{one.id}/report").get_data(as_text=True)
        assert 'name="done"' not in again, "what was reported is shown, not asked again"
        assert "9月18日报完成：做好了" in again
        assert "会员怎么说：会员说方便了" in again
    assert "有2项没有佐证" in chair.get(f"/orders/{office.order_id}/report").get_data(as_text=True)
    office.send("chair", "report", summary="都做好了")

    office.on(2026, 9, 24)
    assert office.browser("issuer").get(f"/orders/{office.order_id}/inspection").status_code == 403
    findings = {f"outcome_{one.id}": "pass" for one in problems}
    failed = {f"outcome_{problems[2].id}": "fail", f"reason_{problems[2].id}": "门还锁着"}
    new_day = {f"new_due_on_{problems[2].id}": "2026-10-12"}
    named = {"other_name_0": "王兰", "other_unit_0": ""}
    people = {"inspected_on": "2026-09-24", "way": "实地查看", **named}
    inspector = office.browser("inspector")
    url = f"/orders/{office.order_id}/inspection"
    asked = inspector.get(url).get_data(as_text=True)
    assert asked.count("这一项没有交佐证") == 2
    assert "可以不填" not in asked, "what some answers need is never called optional"
    version = re.search(r'name="version" value="(\d+)"', asked).group(1)
    refused = inspector.send(url, {"version": version, **people, **findings, **failed, **new_day})
    words = refused.get_data(as_text=True)
    assert "第1项：请写看了什么" in words
    assert "第2项没有交佐证" in words
    assert "第1项没有交佐证" not in words
    assert "第3项没有交佐证" not in words, "what fails needs no word about files"
    assert "请写王兰是哪个单位的" in words
    assert office.order()[0].state == S.AWAITING_INSPECTION
    people["other_unit_0"] = "柳堤区总工会"
    people |= {f"seen_{one.id}": "现场和台账" for one in problems}
    people |= {f"bare_{one.id}": "y" for one in problems[1:]}
    page = office.send("inspector", "inspection", **{**people, **findings, **failed, **new_day})
    assert "第3项没通过" in page
    assert "第2项没有交佐证，凭复查所见：现场和台账" in page
    assert "9月24日复查：实地查看" in page
    assert "王兰（柳堤区总工会）" in page
    assert "新期限10月12日" in page
    office.send("chair", "do/resume")
    office.send("chair", f"problems/{problems[2].id}/report", done="门开了")
    office.send("chair", "report")
    again = {f"outcome_{problems[2].id}": "pass"}
    page = office.send("inspector", "inspection", **{**people, **again})
    order, problems = office.order()
    assert order.state == S.PASSED
    assert {one.state for one in problems} == {"verified"}
    assert "请安排会员再评" in page
    for words in ("门还锁着", "三楼一间，10月起用", "施工排期", "退回整改方案", "上墙.jpg"):
        assert words in page, f"the story does not tell: {words}"


def test_every_paper_of_a_life_opens_in_both_forms(office):
    with committing(write_session(office.databases.roster)) as session:
        order = make_order(session, make_stage(session, office.stage.lead), S.PASSED)
        office.order_id = order.id
    officer = office.browser("issuer")
    page = officer.get(f"/orders/{office.order_id}").get_data(as_text=True)
    links = sorted(set(re.findall(rf'href="(/orders/{office.order_id}/papers/[^"]+)"', page)))
    kinds = {link.split("/")[4] for link in links}
    assert kinds == {"order", "receipt", "plan", "report", "inspection"}
    for link in links:
        answer = officer.get(link)
        assert answer.status_code == 200, link
        assert answer.data[:4] == (b"%PDF" if link.endswith("pdf") else b"PK\x03\x04")
        assert "attachment" in answer.headers["Content-Disposition"]
    assert officer.get(f"/orders/{office.order_id}/papers/order/999.pdf").status_code == 404
    assert officer.get(f"/orders/{office.order_id}/papers/nothing/1.pdf").status_code == 404


def test_a_stranger_finds_no_route_of_an_order(office):
    """Officers and chairs of another union, on every address and every method of the three blueprints."""
    with committing(write_session(office.databases.roster)) as session:
        order = make_order(session, make_stage(session, office.stage.lead), S.RECTIFYING)
        problem = session.scalars(select(Problem).where(Problem.order_id == order.id)).first()
        stranger = make_stage(session, make_unit(session, "外地总工会"), None)
        posts = [stranger.posts["issuer"], stranger.posts["chair"]]
        ids = {"order_id": order.id, "problem_id": problem.id, "evidence_id": 1, "row_id": 1}
        ids |= {
            "subject_id": order.id,
            "paper": "order",
            "form": "pdf",
            "action": "withdraw",
            "act": "release",
        }
        before = order.version
    seen = 0
    for post in posts:
        browser = signed_in_client(office.app, office.databases, post)
        for rule in office.app.url_map.iter_rules():
            if "order_id" not in rule.arguments:
                continue
            values = {**ids, **(rule.defaults or {})}
            url = office.app.url_map.bind("").build(
                rule.endpoint, {name: values[name] for name in rule.arguments}
            )
            if "GET" in rule.methods:
                status = browser.get(url).status_code
                assert status in (403, 404), f"{url}: {status}"
                seen += status == 404
            if "POST" in rule.methods:
                assert browser.send(url, {"text": "x", "reason": "x"}).status_code in (403, 404), url
    assert seen > 20, "403 stands only where the role as such has no such page"
    with reading(read_session(office.databases.roster)) as session:
        assert session.get_one(Order, ids["order_id"]).version == before


def test_two_officers_on_one_form_the_second_is_told_kindly_and_loses_no_word(office):
    with committing(write_session(office.databases.roster)) as session:
        office.order_id = make_order(session, make_stage(session, office.stage.lead), S.PLAN_UNDER_REVIEW).id
    first, second = office.browser("issuer"), office.browser("inspector")
    url = f"/orders/{office.order_id}/review"
    seen = re.search(r'name="version" value="(\d+)"', second.get(url).get_data(as_text=True)).group(1)
    sent = first.send(f"/orders/{office.order_id}/message", {"text": "在看", "version": seen})
    assert sent.status_code == 303
    with committing(write_session(office.databases.roster)) as session:
        refresh(session, session.get_one(Order, office.order_id))
    answer = second.send(url, {"version": seen, "decision": "return", "reason": "我写的意见"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "有人刚办过这一份" in text
    assert "我写的意见" in text
    assert office.order()[0].state == S.PLAN_UNDER_REVIEW


def test_a_form_with_gaps_comes_back_with_every_gap_and_every_word(office):
    with committing(write_session(office.databases.roster)) as session:
        stage = make_stage(session, office.stage.lead)
        order = make_order(session, stage, S.PLAN_DUE, at=at_day(2026, 9, 1))
        office.order_id, problems = order.id, problems_of(session, order)
    fields = plan_fields(problems, "2027-03-01")
    fields[f"measure_{problems[0].id}"] = ""
    browser = signed_in_client(office.app, office.databases, stage.posts["chair"])
    answer = browser.send(f"/orders/{office.order_id}/plan", fields)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "第1项，请填“办法”。" in text
    assert text.count("没人管") == 3
    assert text.count("办成的日期不能晚于期限") >= 6, "gaps and dates are said at once"
    version = re.search(r'name="version" value="(\d+)"', text).group(1)
    kept = browser.send(f"/orders/{office.order_id}/plan", {**fields, "version": version, "draft": "1"})
    assert kept.status_code == 303
    text = browser.get(f"/orders/{office.order_id}/plan").get_data(as_text=True)
    assert "接着上次的草稿写" in text
    assert (text.count("没人管"), text.count('value="2027-03-01"')) == (3, 3), "nothing is lost"
    assert office.order()[0].state == S.PLAN_DUE
    assert "没人管" not in office.page("issuer"), "a draft is the home's alone"
    fields[f"measure_{problems[0].id}"] = "定人"
    text = browser.send(f"/orders/{office.order_id}/plan", fields).get_data(as_text=True)
    assert text.count("办成的日期不能晚于期限") >= 6, "each in the summary and at its field"
    good = {**fields, **plan_fields(problems, "2026-09-30"), "version": version}
    assert browser.send(f"/orders/{office.order_id}/plan", good).status_code == 303
    with reading(read_session(office.databases.roster)) as session:
        assert plan_draft_of(session, office.order_id) is None


def test_a_file_that_is_not_what_it_says_is_refused(office):
    with committing(write_session(office.databases.roster)) as session:
        stage = make_stage(session, office.stage.lead)
        office.order_id = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 1)).id
    browser = signed_in_client(office.app, office.databases, stage.posts["chair"])
    fields = {"problem_id": "0", "own_date": "2026-09-05", "files": (io.BytesIO(b"<html>"), "照片.jpg")}
    answer = browser.send(f"/orders/{office.order_id}/evidence", fields)
    assert "照片.jpg" in answer.get_data(as_text=True)
    assert answer.status_code == 200
    fields["files"] = (photo(), "照片.jpg")
    assert browser.send(f"/orders/{office.order_id}/evidence", fields).status_code == 303
    page = browser.get(f"/orders/{office.order_id}").get_data(as_text=True)
    link = re.search(rf"/orders/{office.order_id}/evidence/(\d+)", page).group(0)
    assert browser.get(link).data[:3] == b"\xff\xd8\xff"
    assert browser.get(f"{link}/small").mimetype == "image/jpeg"
    assert browser.get(f"/orders/{office.order_id}/evidence.zip").data[:2] == b"PK"
    fields = {"own_date": "2026-09-06", "file": (photo(), "更清楚.jpg")}
    assert browser.send(f"{link}/replace", fields).status_code == 303
    assert "已被替换" in browser.get(f"/orders/{office.order_id}").get_data(as_text=True)


def test_a_step_of_the_ladder_is_decided_on_its_page(office):
    with committing(write_session(office.databases.roster)) as session:
        stage = make_stage(session, office.stage.lead)
        office.order_id = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 1)).id
        office.stage = stage
        every_day(session, at=at_day(2026, 10, 15))
    office.on(2026, 10, 15)
    page = office.page("issuer")
    assert "请您决定" in page
    link = re.search(rf"/orders/{office.order_id}/(escalations/\d+/send)", page).group(1)
    page = office.send("issuer", link)
    assert "发出" in page
    assert "逾期" in office.page("chair")
