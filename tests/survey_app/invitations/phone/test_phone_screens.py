"""Every screen a link can lead to, told in the words of the design, from the real state of the round."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import PHONE, OpenPage
from tests.support.round_builder import CLOSES_AT, OPENS_AT
from tests.survey_app.invitations.phone.conftest import LARGE, ONE_CLASS, SMALL, Hand, Voting, code_of


def test_the_first_screen_says_whose_home_how_long_until_when_and_what_is_promised(
    hand: Hand, voting: Voting
) -> None:
    voting.set_round(notice="各位会员：\n请参加评议。", privacy_text="名单在公布90天以后删除。")
    voting.set_report("今年办了三件实事。")
    welcome = hand.open(voting.link()).sees("welcome")
    expect(welcome.get_by_role("heading", level=1)).to_have_text("请您评一评长河机械厂职工之家")
    expect(hand.page.locator("#welcome-h")).to_be_focused()
    for text in (
        "2026年度会员评议职工之家",
        "22道选择题，大约2分钟",
        "6月26日（星期五）18:00截止",
        "6月29日由至少两位开箱人一起开箱",
        "与您同类（合同制）的会员共60人",
        "请告诉柳溪市总工会：0772-1234567。",
    ):
        expect(welcome.get_by_text(text)).to_be_visible()
    for summary, text in (
        ("评议公告", "请参加评议。"),
        ("工会主席的工作报告", "今年办了三件实事。"),
        ("个人信息怎么处理", "名单在公布90天以后删除。"),
        ("还不放心？", "口令条撕毁以前"),
    ):
        expect(welcome.get_by_text(text)).to_be_hidden()
        welcome.get_by_text(summary).click()
        expect(welcome.get_by_text(text)).to_be_visible()
    assert hand.page.title() == "请您评一评 · 评家", "phones are lent: no unit in the title"


def test_a_home_of_one_class_is_told_so(hand: Hand, voting: Voting) -> None:
    welcome = hand.open(voting.link(ONE_CLASS)).sees("welcome")
    expect(welcome.get_by_text("您这一家会员共25人，不再分类。")).to_be_visible()
    expect(welcome.get_by_text("与您同类")).to_be_hidden()


def test_a_small_home_is_not_asked_for_words(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link(SMALL)).start()
    expect(hand.page.locator("textarea")).to_have_count(0)
    expect(hand.page.get_by_text("想说的话")).to_be_hidden()


def test_a_practice_round_says_on_every_screen_that_it_does_not_count(hand: Hand, voting: Voting) -> None:
    voting.set_round(kind="practice")
    hand.open(voting.link())
    expect(hand.page.get_by_text("演练，不算数")).to_be_visible()
    hand.start()
    expect(hand.page.get_by_text("演练，不算数")).to_be_visible()


def test_an_extension_is_shown_with_its_reason(hand: Hand, voting: Voting) -> None:
    welcome = hand.open(voting.link()).sees("welcome")
    expect(welcome.get_by_text("截止时间往后改过")).to_be_hidden()
    voting.set_round(extension_reason="台风停工三天")
    welcome = hand.open(voting.link()).sees("welcome")
    expect(welcome.get_by_text("截止时间往后改过。原因：台风停工三天")).to_be_visible()


def test_before_the_opening_the_link_says_when_it_will_work(hand: Hand, voting: Voting) -> None:
    voting.round.clock.at = OPENS_AT - timedelta(hours=1)
    early = hand.open(voting.link()).sees("early")
    expect(early).to_contain_text("6月8日（星期一）8:00起可以评议，链接到时能用。")


def test_after_the_close_the_link_says_whether_it_was_used(open_page: OpenPage, voting: Voting) -> None:
    used, unused = voting.link(), voting.link()
    phones = [Hand(open_page(PHONE)), Hand(open_page(PHONE))]
    receipt = phones[0].vote(used)
    voting.round.clock.at = CLOSES_AT + timedelta(hours=1)
    closed = phones[1].open(unused).sees("closed")
    expect(closed).to_contain_text("投票已于6月26日18:00结束")
    expect(closed.get_by_text("没有用过")).to_be_visible()
    closed = phones[1].open(used).sees("closed")
    expect(closed.get_by_text("用过了")).to_be_visible()
    expect(closed.locator(".code")).to_be_hidden()
    closed = phones[0].open(used).sees("closed")
    expect(closed.locator(".code")).to_have_text(receipt)


def test_a_link_that_closes_under_the_fingers_is_told_so(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link()).start().answer_all().review()
    voting.round.clock.at = CLOSES_AT + timedelta(minutes=1)
    hand.cast()
    expect(hand.sees("closed").get_by_text("没有用过")).to_be_visible()


def test_a_ballot_issued_in_time_is_still_cast_after_the_close(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    cut = _cut(hand.page, "/box/cast")
    hand.open(link).start().answer_all().review().cast()
    expect(hand.page.locator("#try-now")).to_be_visible()
    voting.round.clock.at = CLOSES_AT + timedelta(minutes=10)
    hand.page.unroute("**/box/cast", cut)
    hand.page.reload()
    hand.sees("interrupted")
    hand.page.locator("#resume").click()
    hand.receipt()
    assert voting.ballots() == before + 1


def test_a_used_link_on_another_phone_sends_back_to_the_first(open_page: OpenPage, voting: Voting) -> None:
    link = voting.link()
    Hand(open_page(PHONE)).vote(link)
    elsewhere = Hand(open_page(PHONE)).open(link).sees("elsewhere")
    expect(elsewhere).to_contain_text("票不在这台手机上；投没投进去，这里查不到。")
    expect(elsewhere).to_contain_text("不是您：请马上告诉柳溪市总工会：0772-1234567。")


@pytest.mark.parametrize(
    ("state", "text"),
    [("exchanged", "您的票已经换成票卡或纸质票"), ("issued", "票已经领走了")],
)
def test_a_link_whose_ballot_went_another_way_says_which(
    hand: Hand, voting: Voting, state: str, text: str
) -> None:
    link = voting.link()
    voting.set_state(link, state=state)
    hand.open(link)
    expect(hand.page.get_by_role("heading", level=1)).to_have_text(text)


def test_a_ballot_exchanged_while_the_page_was_open_is_not_cast(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    hand.open(link).start().answer_all().review()
    voting.set_state(link, state="exchanged", exchanged_for="card")
    hand.cast()
    hand.sees("exchanged")
    assert voting.ballots() == before


def test_a_replaced_link_asks_for_the_newest(hand: Hand, voting: Voting) -> None:
    link = voting.link()
    voting.retire(link)
    expect(hand.open(link).sees("void")).to_contain_text("请用最新收到的那个。")


def test_without_its_fragment_the_link_asks_for_the_code(hand: Hand, voting: Voting) -> None:
    code = hand.open(f"{voting.base_url}/e?from=singlemessage").sees("code")
    expect(code.get_by_role("heading", name="链接少了一截", exact=True)).to_be_visible()
    expect(code.get_by_text("您的票没有丢，也没有用掉")).to_be_visible()
    typed = Hand(hand.page).open(f"{voting.base_url}/e/code").sees("code")
    expect(typed.get_by_role("heading", name="输入票码", exact=True)).to_be_visible()


def test_a_cut_fragment_is_noticed_without_asking_anybody(hand: Hand, voting: Voting) -> None:
    asked: list[str] = []
    hand.page.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)
    hand.open(voting.link()[:-3]).sees("code")
    assert asked == []


def test_a_typed_code_shows_the_sheet_s_code_and_then_is_a_link(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    code = code_of(link)
    hand.open(f"{voting.base_url}/e/code")
    hand.page.locator("#code").fill(f" {code[:4].lower()}-{code[4:8]} {code[8:].lower()} ")
    hand.page.get_by_role("button", name="打开").click()
    shown = hand.sees("welcome").locator(".code").inner_text()
    assert shown == "-".join(link.split("#")[1][20:36][i : i + 4] for i in range(0, 16, 4))
    hand.start()
    assert hand.page.url == link
    hand.choose("q1")
    hand.page.reload()
    expect(hand.sees("welcome").get_by_text("核对一下")).to_be_hidden()
    hand.start().answer_all().review().cast().receipt()
    assert voting.ballots() == before + 1


def test_a_link_shows_no_code_to_compare_because_it_carries_the_whole_one(hand: Hand, voting: Voting) -> None:
    expect(hand.open(voting.link()).sees("welcome").get_by_text("核对一下")).to_be_hidden()


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda code: code[:-1] + ("2" if code[-1] != "2" else "3"), "好像有一个字抄错了"),
        (lambda code: code[:-1], "票码是20位，这里有19位。"),
        (lambda code: "U" + code[1:], "没有字母U"),
    ],
    ids=["one wrong", "one missing", "no such letter"],
)
def test_a_mistyped_code_is_noticed_before_anything_is_sent(
    hand: Hand, voting: Voting, spoil: object, text: str
) -> None:
    asked: list[str] = []
    hand.page.on("request", lambda r: asked.append(r.url) if r.method == "POST" else None)
    hand.open(f"{voting.base_url}/e/code")
    typed = spoil(code_of(voting.link()))  # type: ignore[operator]  # a function of the parameters above
    hand.page.locator("#code").fill(typed)
    hand.page.locator("#code").press("Enter")
    expect(hand.page.get_by_role("alert")).to_be_focused()
    expect(hand.page.locator("main").get_by_text(text)).to_be_visible()
    expect(hand.page.locator("#code")).to_have_attribute("aria-invalid", "true")
    hand.page.get_by_role("link", name="回到票码").click()
    expect(hand.page.locator("#code")).to_be_focused()
    assert asked == []


def test_a_code_that_nobody_has_is_unknown(hand: Hand, voting: Voting) -> None:
    hand.open(f"{voting.base_url}/e/code")
    made_up = hand.page.evaluate("'2'.repeat(18) + Pingjia.base32.checks('2'.repeat(18), 2)")
    hand.page.locator("#code").fill(made_up)
    hand.page.locator("#code").press("Enter")
    expect(hand.page.get_by_role("alert")).to_contain_text("没有这个票码")


@pytest.mark.parametrize("line", [0, 1])
def test_a_sheet_or_questionnaire_with_any_altered_byte_stops_the_page(
    hand: Hand, voting: Voting, line: int
) -> None:
    """Test 14: bytes spread over both lines that the link vouches for, each altered alone."""
    link = voting.link()
    called: list[str] = []
    hand.page.on("request", lambda r: called.append(r.url) if "issue" in r.url else None)
    original: dict[str, bytes] = {}
    positions = [0.0, 0.1, 0.37, 0.5, 0.81, 1.0]

    def alter(route: Route) -> None:
        lines = original.setdefault("lines", route.fetch().body()).split(b"\n")
        at = int(positions.pop() * (len(lines[line]) - 1))
        changed = bytearray(lines[line])
        changed[at] ^= 1
        lines[line] = bytes(changed)
        route.fulfill(body=b"\n".join(lines), content_type="application/x-ndjson")

    hand.page.route("**/e/sheet", alter)
    while positions:
        stopped = hand.open(link).sees("mismatch")
        expect(stopped).to_contain_text("已经停下，没有投票。")
    assert called == []
    hand.page.unroute("**/e/sheet", alter)
    hand.open(link).sees("welcome")


def test_a_class_that_is_not_on_the_sheet_stops_the_page(hand: Hand, voting: Voting) -> None:
    def lie(route: Route) -> None:
        reply = route.fetch().json()
        route.fulfill(json={**reply, "class": "0" * 32})

    hand.page.route("**/e/lookup", lie)
    hand.open(voting.link()).sees("mismatch")


def test_a_signature_of_another_key_stops_the_page(hand: Hand, voting: Voting) -> None:
    before = voting.ballots()
    hand.page.route("**/e/issue", lambda route: route.fulfill(json={"s": "AA" * 170 + "AA=="}))
    hand.open(voting.link()).start().answer_all().review().cast()
    hand.sees("mismatch")
    assert voting.ballots() == before


def test_a_draft_survives_a_reload_and_nothing_is_chosen_beforehand(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link()).start()
    expect(hand.page.locator("input:checked")).to_have_count(0)
    hand.choose("q1", "BASIC").choose("q22", "UNKNOWN")
    hand.page.locator("#t1").fill("门早点开")
    hand.page.reload()
    hand.start()
    expect(hand.page.get_by_text("接着上次答。已答的都在。")).to_be_visible()
    expect(hand.page.locator("#q1 [value=BASIC]")).to_be_checked()
    expect(hand.page.locator("#q22 [value=UNKNOWN]")).to_be_checked()
    expect(hand.page.locator("#t1")).to_have_value("门早点开")
    expect(hand.page.locator("#progress-text")).to_have_text("已答2题，共22题")
    assert hand.page.evaluate("Object.keys(localStorage).filter((k) => k.includes('ballot'))") == []


def test_an_answer_can_be_changed_and_cleared(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link()).start().choose("q1", "BASIC").choose("q1", "DISSATISFIED")
    expect(hand.page.locator("#q1 :checked")).to_have_value("DISSATISFIED")
    hand.page.locator("#q1").get_by_role("button", name="清除这题").click()
    expect(hand.page.locator("#q1 :checked")).to_have_count(0)
    expect(hand.page.locator("#progress-text")).to_have_text("已答0题，共22题")


def test_the_review_leads_back_to_every_unanswered_question(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link()).start().answer_all("BASIC", but=("q5", "q18")).review()
    review = hand.sees("review")
    expect(review.get_by_text("还有2题没选")).to_be_visible()
    review.get_by_role("button", name="第18题").first.click()
    hand.sees("questions")
    expect(hand.page.locator("#q18 input").first).to_be_focused()
    assert hand.page.evaluate(
        """() => document.querySelector("#q18 .pick").getBoundingClientRect().bottom
                 < document.querySelector(".foot").getBoundingClientRect().top"""
    ), "the question must not hide behind the bar"
    hand.choose("q18", "UNKNOWN").review()
    expect(review.locator("[data-when=oneLeft]")).to_be_visible()
    rows = review.locator("dl").nth(3).locator("div")
    expect(rows.nth(1)).to_contain_text("不了解")
    hand.page.go_back()
    hand.sees("questions")


def test_an_empty_ballot_is_not_cast_and_a_thin_one_is_warned_of(hand: Hand, voting: Voting) -> None:
    before = voting.ballots()
    hand.open(voting.link()).start().review().cast()
    expect(hand.page.get_by_text("一题都没选，不能投。请至少选一题。")).to_be_visible()
    expect(hand.page.locator("#nothing")).to_be_focused()
    hand.page.get_by_role("button", name="返回修改").click()
    hand.sees("questions")
    hand.choose("q1").review()
    expect(hand.page.get_by_text("选的不到11题，这张票会算废票。再选10题就有效。")).to_be_visible()
    assert voting.ballots() == before


def test_the_language_changes_without_losing_the_link_or_the_answers(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link()).start().choose("q1", "BASIC")
    hand.page.get_by_role("link", name="English").click()
    hand.sees("welcome")
    expect(hand.page.locator("#welcome-h")).to_have_text("Please ratethe Employees' Home of 长河机械厂")
    expect(hand.page.get_by_text("closes Fri 26 June, 18:00")).to_be_visible()
    expect(hand.page.locator("#welcome-h [lang=zh-CN]")).to_have_text("长河机械厂")
    hand.start()
    expect(hand.page.locator("#progress-text")).to_have_text("1 of 22 answered")
    expect(hand.page.locator("#q1 :checked + span")).to_have_text("Basically satisfied")
    assert "satisfied are you" in hand.page.locator("#q1 .tx").inner_text()


def test_large_print_is_kept_on_the_phone_and_in_no_cookie(hand: Hand, voting: Voting) -> None:
    link = voting.link()
    hand.open(link)
    hand.page.get_by_role("link", name="大字").click()
    expect(hand.page.locator("html")).to_have_class("big")
    expect(hand.page.get_by_role("link", name="标准字号")).to_be_visible()
    hand.page.reload()
    hand.sees("welcome")
    expect(hand.page.locator("html")).to_have_class("big")
    assert hand.page.context.cookies() == []
    hand.page.get_by_role("link", name="标准字号").click()
    expect(hand.page.locator("html")).not_to_have_class("big")


def test_without_script_the_page_names_card_and_paper(open_page: OpenPage, voting: Voting) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    page.goto(voting.link())
    expect(page.get_by_text("请换一张不用脚本的票卡，或者要一张纸质票。")).to_be_visible()
    expect(page.locator("h1:visible")).to_have_count(1)


@pytest.mark.parametrize("missing", ["delete window.BigInt", "delete String.prototype.padStart"])
def test_an_old_phone_is_told_what_else_works(hand: Hand, voting: Voting, missing: str) -> None:
    hand.page.add_init_script(missing)
    hand.page.goto(voting.link())
    expect(hand.page.get_by_role("heading", name="这台手机太旧，封不了票")).to_be_visible()
    expect(hand.page.locator("h1:visible")).to_have_count(1)


def test_without_connection_the_first_screen_can_be_tried_again(hand: Hand, voting: Voting) -> None:
    cut = _cut(hand.page, "/e/lookup")
    unreachable = hand.open(voting.link()).sees("unreachable")
    expect(unreachable).to_contain_text("您的票没有丢，也没有用掉。")
    hand.page.unroute("**/e/lookup", cut)
    hand.page.get_by_role("button", name="再试一次").click()
    hand.sees("welcome")


def test_the_skip_link_keeps_the_code_in_the_address(hand: Hand, voting: Voting) -> None:
    link = voting.link()
    hand.open(link)
    hand.page.locator(".skip").focus()
    hand.page.keyboard.press("Enter")
    expect(hand.page.locator("#welcome-h")).to_be_focused()
    assert hand.page.url == link


def test_a_whole_vote_by_keyboard_alone(hand: Hand, voting: Voting) -> None:
    page = hand.page
    hand.open(voting.link())
    page.locator("#start").press("Enter")
    hand.sees("questions")
    for number in range(1, 23):
        page.locator(f"#q{number} input").first.press("Space")
        page.keyboard.press("ArrowRight")
    expect(page.locator("#q22 :checked")).to_have_value("BASIC")
    page.locator(".foot button").press("Enter")
    hand.sees("review")
    page.locator("#cast").press("Enter")
    hand.receipt()


def test_an_unexpected_refusal_is_told_in_the_server_s_words(hand: Hand, voting: Voting) -> None:
    body = json.dumps({"error": "bad_call", "text": "这一页发来的内容不对。", "faults": []})
    hand.page.route(
        "**/box/cast", lambda route: route.fulfill(status=400, body=body, content_type="application/json")
    )
    hand.open(voting.link(LARGE)).start().answer_all().review().cast()
    expect(hand.sees("refused")).to_contain_text("这一页发来的内容不对。")


def _cut(page: Page, path: str) -> object:
    def cut(route: Route) -> None:
        route.abort()

    page.route(f"**{path}", cut)
    return cut
