"""The gallery in Chromium: accessible, never scrolling sideways, easy to hit, by keyboard, on paper."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pypdf import PageObject, PdfReader

from tests.look.gallery import gallery_app, served
from tests.support.browser import OpenPage

Axe = Callable[[Page], list[str]]

PHONE = {"viewport": {"width": 390, "height": 844}}
DESK = {"viewport": {"width": 1440, "height": 900}}
SMALL = {"viewport": {"width": 320, "height": 640}}
DARK = {"color_scheme": "dark"}
VIEWS: dict[str, tuple[dict[str, Any], str]] = {
    "phone": (PHONE, ""),
    "phone-dark": ({**PHONE, **DARK}, ""),
    "phone-large": (PHONE, "big=1"),
    "phone-english": (PHONE, "lang=en"),
    "desk": (DESK, ""),
    "desk-dark-large": ({**DESK, **DARK}, "big=1"),
    "tablet": ({"viewport": {"width": 768, "height": 1024}}, ""),
    "smallest": (SMALL, ""),
    "smallest-dark-large": ({**SMALL, **DARK}, "big=1&lang=en"),
}

# Links inside a sentence are exempt (WCAG 2.5.8); ticks and rings are hit through their label.
SMALL_TARGETS = """(least) => {
  const found = [];
  for (const one of document.querySelectorAll('a[href], button, summary, input, select, textarea')) {
    if (one.type === 'hidden' || one.classList.contains('skip') || !one.offsetParent) continue;
    const words = [...one.parentNode.childNodes].filter(node => node.nodeType === 3 && node.data.trim());
    if (one.tagName === 'A' && words.length) continue;
    const label = /radio|checkbox/.test(one.type) && one.labels[0];
    const box = (label || one).getBoundingClientRect();
    if (box.height < least - 0.5 || box.width < Math.min(least, 44) - 0.5)
      found.push(`${one.outerHTML.slice(0, 80)} ${box.width}x${box.height}`);
  }
  return found;
}"""

HIDDEN_BEHIND_BAR = """() => {
  const one = document.activeElement;
  const bar = document.querySelector('.foot, .rail');
  if (!one || one === document.body || bar.contains(one) || one.classList.contains('skip')) return null;
  const box = one.getBoundingClientRect();
  return box.top > bar.getBoundingClientRect().top - 4 ? one.outerHTML.slice(0, 80) : null;
}"""


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    """The address of the served gallery."""
    with served(gallery_app()) as address:
        yield address


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["desk", "member"])
def test_every_component_is_accessible_fits_and_can_be_hit(
    name: str, view: str, base_url: str, open_page: OpenPage, axe: Axe
) -> None:
    """Axe reports nothing, nothing scrolls sideways, and every target is 44 high (60 in large print)."""
    device, query = VIEWS[view]
    page = open_page(device)
    page.goto(f"{base_url}/{name}?{query}")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= device["viewport"]["width"]
    assert page.evaluate(SMALL_TARGETS, 60 if "big" in query else 44) == []


@pytest.mark.parametrize("name", ["confirm", "error"])
def test_small_pages_are_accessible(name: str, base_url: str, open_page: OpenPage, axe: Axe) -> None:
    """The page before an irreversible act and the error page pass too."""
    page = open_page(PHONE)
    page.goto(f"{base_url}/{name}")
    assert axe(page) == []
    assert page.evaluate(SMALL_TARGETS, 44) == []
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("name", ["desk", "member"])
def test_keyboard_focus_is_never_under_the_bottom_bar(name: str, base_url: str, open_page: OpenPage) -> None:
    """Tabbing through the whole page keeps the focused control above the fixed bar."""
    page = open_page(PHONE)
    page.goto(f"{base_url}/{name}")
    hidden = []
    for _ in range(page.locator("a[href], button, summary, input, select, textarea").count()):
        page.keyboard.press("Tab")
        hidden.append(page.evaluate(HIDDEN_BEHIND_BAR))
    assert [one for one in hidden if one] == []


@pytest.mark.parametrize("scripts", [True, False])
def test_the_error_summary_has_the_focus(scripts: bool, base_url: str, open_page: OpenPage) -> None:
    """A page sent back with faults begins at the faults, with or without script."""
    page = open_page(PHONE, java_script_enabled=scripts)
    page.goto(f"{base_url}/desk")
    assert page.locator("[data-faults]:focus").count() == 1
    page.locator("[data-faults] a").first.click()
    assert page.url.endswith("#reason")


def test_the_role_menu_closes_with_escape_and_gives_the_focus_back(
    base_url: str, open_page: OpenPage
) -> None:
    """As menus do."""
    page = open_page(DESK)
    page.goto(f"{base_url}/desk")
    page.locator(".role summary").click()
    assert page.locator(".role[open]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".role[open]").count() == 0
    assert page.locator(".role summary:focus").count() == 1


def test_paper_shows_every_explanation_and_no_bars(base_url: str, open_page: OpenPage) -> None:
    """`?print=1` opens the details; on paper bars, buttons and filters are gone and the ground is white."""
    page = open_page(DESK)
    page.goto(f"{base_url}/desk?print=1")
    page.emulate_media(media="print")
    assert page.locator("details.why").count() == page.locator("details.why[open]").count() > 0
    for hidden in (".bar", ".rail", ".filters", ".acts"):
        assert not page.locator(hidden).first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_a_second_tap_does_not_send_a_form_twice(base_url: str, open_page: OpenPage) -> None:
    """desk.js lets the first submit through and holds the second."""
    page = open_page(DESK)
    page.goto(f"{base_url}/desk")
    held = page.evaluate("""() => {
      const form = document.querySelector('main form[method=post]');
      const send = () => form.dispatchEvent(new Event('submit', {bubbles: true, cancelable: true}));
      return [send(), send()];
    }""")
    assert held == [True, False]


def test_a_long_table_begins_under_its_heading_on_paper(base_url: str, open_page: OpenPage) -> None:
    """A card longer than a sheet breaks over it: no page with a heading alone, and a margin."""
    page = open_page(DESK)
    page.goto(f"{base_url}/desk")
    page.evaluate(
        """() => {
          const body = document.querySelector('.card table tbody');
          const row = body.rows[0];
          for (let i = 0; i < 80; i++) body.append(row.cloneNode(true));
          const card = body.closest('.card');
          document.querySelector('main').replaceChildren(card);
          card.prepend(Object.assign(document.createElement('h2'), {textContent: 'LISTHEAD'}));
        }"""
    )
    paper = PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True)))
    first = paper.pages[0].extract_text().split()
    assert "LISTHEAD" in first
    assert len(first) > 100, "the rows begin on the page of the heading"
    left = min(x for x in _left_edges(paper.pages[0]) if x > 0)
    assert left > 30, "text keeps a margin of more than a centimetre"


def _left_edges(sheet: PageObject) -> list[float]:
    """Where the pieces of text of a page begin, in points from the left."""
    edges: list[float] = []

    def note(_text: str, outer: list[float], inner: list[float], _font: Any, _size: float) -> None:
        edges.append(outer[0] * inner[4] + outer[4])

    sheet.extract_text(visitor_text=note)
    return edges
