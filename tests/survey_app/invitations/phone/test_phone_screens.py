"""Every screen a link can lead to, told in the words of the design, from the real state of the round."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, OpenPage
from tests.support.round_builder import CLOSES_AT, OPENS_AT
from tests.survey_app.invitations.phone.conftest import LARGE, ONE_CLASS, SMALL, Hand, Voting


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


def test_a_card_is_offered_only_where_cards_are_kept(hand: Hand, voting: Voting) -> None:
    link = voting.link(ONE_CLASS)
    for cards in (0, 30):
        voting.set_cards(cards)
        welcome = hand.open(link).sees("welcome")
        welcome.get_by_text("还不放心？").click()
        expect(welcome.get_by_text("可以找上级工会或者评议工作小组换成纸质票")).to_be_visible()
        expect(welcome.get_by_text("也可以换票卡")).to_be_visible(visible=cards > 0)


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


def test_a_cancelled_round_says_so_with_its_reason_and_what_became_of_the_ballots(
    open_page: OpenPage, voting: Voting
) -> None:
    used, unused = voting.link(), voting.link()
    phone, other = Hand(open_page(PHONE)), Hand(open_page(PHONE))
    receipt = phone.vote(used)
    other.open(unused).start().answer_all().review()
    voting.set_round(state="cancelled", cancel_reason="名册漏了一个车间")
    try:
        other.cast()
        for screen in (other.sees("cancelled"), phone.open(used).sees("cancelled")):
            expect(screen).to_contain_text("名册漏了一个车间")
            expect(screen).to_contain_text("已经投的票全部销毁，没有出结果。")
            expect(screen).not_to_contain_text("投票已于")
        expect(phone.page.locator("[data-screen=cancelled] .code")).to_have_text(receipt)
    finally:
        voting.set_round(state="voting", cancel_reason="")


def test_a_link_that_closes_under_the_fingers_is_told_so(hand: Hand, voting: Voting) -> None:
    hand.open(voting.link()).start().answer_all().review()
    voting.round.clock.at = CLOSES_AT + timedelta(minutes=1)
    hand.cast()
    expect(hand.sees("closed").get_by_text("没有用过")).to_be_visible()


def test_a_ballot_issued_in_time_is_still_cast_after_the_close(hand: Hand, voting: Voting) -> None:
    link, before = voting.link(), voting.ballots()
    hand.cut("/box/cast")
    hand.open(link).start().answer_all().review().cast()
    expect(hand.page.locator("#try-now")).to_be_visible()
    voting.round.clock.at = CLOSES_AT + timedelta(minutes=10)
    hand.mend("/box/cast")
    hand.page.reload()
    hand.sees("interrupted")
    hand.page.locator("#resume").click()
    hand.receipt()
    assert voting.ballots() == before + 1


def test_a_ballot_begun_too_late_is_told_the_truth(hand: Hand, voting: Voting) -> None:
    hand.lose_reply("/e/issue")
    link = voting.link()
    hand.open(link).start().answer_all().review().cast()
    expect(hand.page.locator("#try-now")).to_be_visible()
    voting.round.clock.at = CLOSES_AT + timedelta(minutes=16)
    hand.page.locator("#try-now").click()
    expect(hand.sees("closed").get_by_text("领了票，没赶上投进去")).to_be_visible()


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


def test_an_unexpected_refusal_is_told_in_the_server_s_words(hand: Hand, voting: Voting) -> None:
    body = json.dumps({"error": "bad_call", "text": "这一页发来的内容不对。", "faults": []})
    hand.page.route(
        "**/box/cast", lambda route: route.fulfill(status=400, body=body, content_type="application/json")
    )
    hand.open(voting.link(LARGE)).start().answer_all().review().cast()
    expect(hand.sees("refused")).to_contain_text("这一页发来的内容不对。")
