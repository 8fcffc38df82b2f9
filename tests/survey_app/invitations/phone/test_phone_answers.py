"""Answering: drafts, changes, the last look, language, size, and the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.survey_app.invitations.phone.conftest import Hand, Voting


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
    expect(
        hand.page.get_by_text("选的不到11题，这张票会算废票。再选10题就有效，点题目回去：")
    ).to_be_visible()
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
