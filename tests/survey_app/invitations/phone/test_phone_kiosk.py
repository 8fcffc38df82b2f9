"""One device, many members: one after the other votes, and nothing of the one before is left."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.survey_app.invitations.phone.conftest import Hand, Voting, code_of


def visit(hand: Hand, voting: Voting, link: str) -> str:
    """A whole visit from the start page to the receipt."""
    page = hand.page
    expect(page.locator("#kiosk-begin")).to_be_visible()
    page.locator("#kiosk-begin").click()
    hand.sees("code")
    page.locator("#code").fill(code_of(link))
    page.locator("#code-form button").click()
    hand.sees("welcome")
    return hand.start().answer_all().review().cast().receipt()


def stored(page: Page) -> list[str]:
    """Everything the device keeps."""
    found: list[str] = page.evaluate("() => Object.keys(localStorage).concat(Object.keys(sessionStorage))")
    return found


def test_two_members_vote_one_after_the_other_and_leave_nothing(voting: Voting, hand: Hand):
    page, before = hand.page, voting.ballots()
    page.goto(f"{voting.base_url}/e/kiosk")
    receipts = []
    for _ in range(2):
        receipts.append(visit(hand, voting, voting.link()))
        page.locator("#kiosk-next button").click()
        page.wait_for_url("**/e/kiosk")
        assert stored(page) == []
    assert len(set(receipts)) == 2
    assert voting.ballots() == before + 2


def test_back_never_leads_into_the_visit_before(voting: Voting, hand: Hand):
    page = hand.page
    page.goto(f"{voting.base_url}/e/kiosk")
    page.locator("#kiosk-begin").click()
    hand.sees("code")
    page.locator("#code").fill(code_of(voting.link()))
    page.locator("#code-form button").click()
    hand.sees("welcome")
    hand.start().answer_all()
    expect(page.locator("#kiosk-next")).to_be_visible()
    page.locator("#kiosk-next button").click()
    page.wait_for_url("**/e/kiosk")
    with page.expect_navigation(url="**/e/code?kiosk=1", wait_until="commit"):
        page.evaluate("() => history.back()")
    page.wait_for_url("**/e/kiosk")
    expect(page.locator("#kiosk-begin")).to_be_visible()
    assert stored(page) == []


def abandoned(hand: Hand, voting: Voting) -> Page:
    """A visit that its member left with the code half typed, on a clock that the test holds."""
    page = hand.page
    page.clock.install()
    page.goto(f"{voting.base_url}/e/kiosk")
    page.locator("#kiosk-begin").click()
    hand.sees("code")
    page.locator("#code").fill("7K3M")
    return page


def test_an_abandoned_visit_ends_by_itself(voting: Voting, hand: Hand):
    page = abandoned(hand, voting)
    page.clock.run_for(185_000)
    page.wait_for_url("**/e/kiosk")
    expect(page.locator("#kiosk-begin")).to_be_visible()
    assert stored(page) == []


# The way to the start takes so long that the page still stands there.
NEVER_ARRIVES = """() => {
  window.asked = 0;
  navigation.onnavigate = (event) => { window.asked += 1; event.preventDefault(); };
}"""


def test_a_slow_device_is_sent_to_the_start_once_and_shows_nothing_meanwhile(voting: Voting, hand: Hand):
    page = abandoned(hand, voting)
    page.evaluate(NEVER_ARRIVES)
    page.clock.run_for(195_000)
    assert page.evaluate("window.asked") == 1, "a second call would give up the first"
    assert page.locator("#code").input_value() == ""
    page.evaluate("navigation.onnavigate = null")
    page.locator("#kiosk-next button").click()
    page.wait_for_url("**/e/kiosk")
    expect(page.locator("#kiosk-begin")).to_be_visible()


REFUSED = json.dumps({"error": "bad_call", "text": "这一页发来的内容不对。", "faults": []})
ELSEWHERE = json.dumps({"error": "issued_elsewhere", "text": "票已经领走了。", "faults": []})


@pytest.mark.parametrize(
    ("path", "status", "body", "screen"),
    [
        ("/box/cast", 400, REFUSED, "refused"),
        ("/e/issue", 409, ELSEWHERE, "elsewhere"),
    ],
)
def test_a_refused_visit_leaves_nothing_either(
    voting: Voting, hand: Hand, path: str, status: int, body: str, screen: str
):
    page, link = hand.page, voting.link()
    addresses: list[str] = []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    page.clock.install()
    page.route(
        f"**{path}", lambda route: route.fulfill(status=status, body=body, content_type="application/json")
    )
    page.goto(f"{voting.base_url}/e/kiosk")
    page.locator("#kiosk-begin").click()
    hand.sees("code")
    page.locator("[data-size]").click()
    page.locator("#code").fill(code_of(link))
    page.locator("#code-form button").click()
    hand.sees("welcome")
    hand.start().answer_all("DISSATISFIED")
    page.locator("#t1").fill("独一无二的一句话")
    hand.review().cast()
    hand.sees(screen)
    expect(page.locator("fieldset.q, #t1")).to_have_count(0)
    assert page.locator("#code").input_value() == ""
    assert page.evaluate("Object.keys(sessionStorage)") == []
    left = page.content() + page.evaluate("JSON.stringify({...localStorage})")
    assert "独一无二" not in left
    assert "DISSATISFIED" not in left
    page.clock.run_for(65_000)
    expect(page.locator("#kiosk-begin")).to_be_visible()
    assert stored(page) == [], "after a refusal the clock clears the rest too"
    assert not any(code_of(link) in address for address in addresses), (
        "no address in the history holds the code"
    )


def test_a_page_loaded_anew_on_a_shared_device_knows_no_answers(voting: Voting, hand: Hand):
    page, link = hand.page, voting.link()
    for _ in range(2):
        page.goto(f"{voting.base_url}/e/code?kiosk=1")
        hand.sees("code")
        page.locator("#code").fill(code_of(link))
        page.locator("#code-form button").click()
        hand.sees("welcome")
        hand.start()
        expect(page.locator("#progress-text")).to_have_text("已答0题，共22题")
        hand.answer_all()
