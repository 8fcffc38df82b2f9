"""One device, many members: one after the other votes, and nothing of the one before is left."""

from __future__ import annotations

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
    return [name for name in found if not name.startswith("pingjia-display")]


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
    page.evaluate("() => history.back()")
    page.wait_for_url("**/e/kiosk")
    expect(page.locator("#kiosk-begin")).to_be_visible()
    assert stored(page) == []


def test_an_abandoned_visit_ends_by_itself(voting: Voting, hand: Hand):
    page = hand.page
    page.clock.install()
    page.goto(f"{voting.base_url}/e/kiosk")
    page.locator("#kiosk-begin").click()
    hand.sees("code")
    page.clock.run_for(185_000)
    page.wait_for_url("**/e/kiosk")
    expect(page.locator("#kiosk-begin")).to_be_visible()
