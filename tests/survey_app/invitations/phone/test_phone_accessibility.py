"""Every screen for everybody: axe finds nothing, nothing scrolls sideways, every target is large enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import DESKTOP, PHONE, OpenPage
from tests.survey_app.invitations.phone.conftest import Hand, Voting

NARROW: dict[str, Any] = {**PHONE, "viewport": {"width": 320, "height": 640}}
LOOKS = [
    pytest.param(PHONE, {}, "", id="phone"),
    pytest.param(PHONE, {"color_scheme": "dark"}, "?lang=en", id="dark-en"),
    pytest.param(NARROW, {"color_scheme": "dark"}, "?big=1", id="320-big-dark"),
    pytest.param(NARROW, {}, "?big=1&lang=en", id="320-big-en"),
    pytest.param(DESKTOP, {}, "?lang=en", id="desktop-en"),
]
# Controls in a sentence are exempt (WCAG 2.5.8); a radio is measured by its cell.
SMALL_TARGETS = """(least) =>
  [...document.querySelectorAll("a, button, summary, input[type=text], .pick label")]
  .filter((each) => each.offsetParent && !each.matches(".skip, p > a, li div > a"))
  .map((each) => [each.textContent.trim(), each.getBoundingClientRect().height])
  .filter(([, height]) => height < least - 0.5)"""
CHINESE_WITHOUT_MARK = """() => {
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.data, place = walker.currentNode.parentElement;
    const marked = !place.offsetParent || place.closest("[lang=zh-CN]");
    if (!marked && /[\\u4e00-\\u9fff]/.test(text)) { found.push(text); }
  }
  return found;
}"""


@pytest.mark.parametrize(("device", "options", "query"), LOOKS)
def test_every_screen_is_usable_by_everybody(
    open_page: OpenPage,
    voting: Voting,
    axe: Callable[[Page], list[str]],
    device: dict[str, Any],
    options: dict[str, Any],
    query: str,
) -> None:
    voting.set_round(notice="各位会员：\n请参加评议。", privacy_text="名单在公布90天以后删除。")
    hand = Hand(open_page(device, **options))
    page, least = hand.page, 60 if "big" in query else 44

    def check(screen: str) -> None:
        hand.sees(screen)
        assert axe(page) == [], screen
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, screen
        assert page.evaluate(SMALL_TARGETS, least) == [], screen
        expect(page.locator("h1:visible")).to_have_count(1)
        if "lang=en" in query:
            assert page.evaluate(CHINESE_WITHOUT_MARK) == [], screen

    link = voting.link(query=query)
    hand.open(link)
    for summary in page.locator("summary:visible").all():
        summary.click()
    check("welcome")
    hand.start().choose("q1").choose("q2", "UNKNOWN")
    check("questions")
    hand.review()
    check("review")
    hand.lose_reply("/box/cast")
    hand.cast()
    expect(page.locator("#try-now")).to_be_visible()
    check("sending")
    page.locator("#try-now").click()
    check("receipt")
    hand.open(link)
    check("used")
    hand.open(f"{voting.base_url}/e{query}")
    page.locator("#code").fill("7K3M Q9TX 2HPB W6NB 4RTC")
    page.locator("#code").press("Enter")
    check("code")
