"""Two tellers in Chromium: a pile keyed by number keys under the word on its cover, mended, counted.

The forms go to the server as they are keyed, inside TLS, and are sealed there on arrival; nothing of them
stays in the browser, and the word stays in the tab alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from questionnaires import load
from survey_app.accounts.models import Account
from survey_app.accounts.sign_ins import open_sign_in
from survey_app.app import create_app
from survey_app.box.models import Ballot, Paper
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.models import HomeCount
from survey_app.seals.pile import make_word
from tests.support.browser import DESKTOP, PHONE, OpenPage
from tests.support.tellers import Table

FORM = load("national-core-1")
QUESTIONS = len(FORM.closed_questions)
STICKING_OUT = """() => {
  const edge = document.querySelector("form[data-pile]").getBoundingClientRect().right + 1;
  const cells = Array.from(document.querySelectorAll("form[data-pile] .pick span"));
  const out = (cell) => cell.getBoundingClientRect().right > edge || cell.scrollWidth > cell.clientWidth + 1;
  return cells.filter(out).map((cell) => cell.textContent);
}"""
STORED = "() => [JSON.stringify({...sessionStorage}), JSON.stringify({...localStorage})]"


class Desk:
    """One teller at a browser of his own, and everything that left it."""

    def __init__(self, page: Page, built, post, base_url: str) -> None:
        self.page, self.base_url = page, base_url
        self.addresses: list[str] = []
        self.bodies: list[str] = []
        page.on("request", self._note)
        with committing(write_session(built.databases.roster)) as session:
            account = session.get_one(Account, post.account_id)
            token = open_sign_in(session, account, at=built.clock(), post_id=post.id)
        page.context.add_cookies([{"name": "pj_desk", "value": token, "url": base_url}])

    def _note(self, request) -> None:
        self.addresses.append(request.url)
        if request.post_data:
            self.bodies.append(request.post_data)

    def kept(self) -> tuple[dict[str, str], dict[str, str]]:
        """What the tab and the browser keep."""
        tab, browser = self.page.evaluate(STORED)
        return json.loads(tab), json.loads(browser)

    def key_sheet(self, letter: str, keys: str, words: tuple[str, ...] = ()) -> None:
        """A form by the keyboard alone, from the letter printed on it through the words to Enter."""
        expect(self.page.locator("#class_id input").first).to_be_focused()
        self.page.keyboard.type(letter.lower() + keys)
        for place, said in enumerate(words):
            expect(self.page.locator("textarea").nth(place)).to_be_focused()
            for line, text in enumerate(said.split("\n")):
                if line:
                    self.page.keyboard.press("Shift+Enter")
                self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("button", name="记下，下一张")).to_be_focused()
        self.page.keyboard.press("Enter")


def fits_a_phone(page: Page) -> None:
    """No cell sticks out of its form on a narrow screen, in large print and in the longer language."""
    address = page.url
    page.set_viewport_size(PHONE["viewport"])
    for language in ("en", "zh"):
        page.goto(f"{address}?lang={language}")
        for _ in range(2):
            assert page.evaluate(STICKING_OUT) == [], language
            page.evaluate("document.documentElement.classList.add('big')")
    page.set_viewport_size(DESKTOP["viewport"])
    page.goto(address)


@pytest.fixture
def tellers(closed, open_page: OpenPage) -> Iterator[tuple[Table, Desk, Desk]]:
    built, table = closed
    app = create_app(built.settings, built.databases, clock=built.clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base_url = f"http://127.0.0.1:{server.server_port}"
    yield table, *(Desk(open_page(DESKTOP), built, post, base_url) for post in table.tellers)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_two_tellers_key_a_pile_by_keyboard_and_it_is_counted(tellers, axe):
    table, one, other = tellers
    built, satisfied = table.built, "1" * QUESTIONS
    page = one.page
    page.goto(f"{one.base_url}/paper")
    page.get_by_label("这一叠有几张").fill("2")
    page.get_by_role("button", name="开始录这一叠").click()
    word = page.locator("p.code").text_content()
    page.get_by_role("link", name="抄好了，开始录").click()
    batch = page.url
    page.get_by_role("link", name="从第1张录起").click()
    expect(page.locator("#word")).to_be_focused()
    assert axe(page) == []
    fits_a_phone(page)
    page.locator("#word").focus()
    page.keyboard.type(word.lower())
    page.keyboard.press("Tab")
    one.key_sheet("A", satisfied, ("票上的话\n第二行1", ""))
    expect(page.get_by_role("heading", name="第2张，共2张")).to_be_visible()
    expect(page.locator("#word")).to_have_value(word.lower())
    one.key_sheet("B", "0" + satisfied[1:], ("", ""))
    expect(page.get_by_text("这一遍请另一位计票人录")).to_be_visible()
    pile = f"pile-word-{batch.rsplit('/', 1)[1]}"
    assert one.kept() == ({pile: word.lower()}, {}), "the tab keeps the word and nothing of a form"

    second = other.page
    second.goto(f"{batch}/2/1")
    wrong = make_word()
    second.locator("#word").fill(wrong)
    second.locator("#class_id input").first.focus()
    other.key_sheet("A", satisfied)
    expect(second.locator("#word-error")).to_contain_text("不是这一批封面上的暗号")
    assert other.kept() == ({}, {}), "a wrong word is not kept"
    assert second.locator("fieldset.q input:checked").count() == QUESTIONS + 1, "what was keyed is not lost"
    second.locator("#word").fill(word)
    second.get_by_role("button", name="记下，下一张").click()
    other.key_sheet("B", satisfied)
    expect(second.get_by_role("heading", name="有1张两遍录得不一样")).to_be_visible()

    page.goto(batch)
    page.get_by_role("link", name="第2张").click()
    expect(page.locator("fieldset.q")).to_have_count(0)
    page.get_by_role("button", name="看两遍各是什么").click()
    expect(page.locator("legend .hot")).to_have_text(["第一遍：没选；第二遍：满意"])
    assert axe(page) == []
    page.locator(f"#{FORM.closed_questions[0].id} input").first.focus()
    page.keyboard.type("1")
    page.get_by_role("button", name="以这个为准").click()
    expect(page.get_by_text("这一批录好了")).to_be_visible()

    texts = [value for body in one.bodies for value in parse_qs(body).get(FORM.open_questions[0].id, [])]
    assert texts == ["票上的话\r\n第二行1"], "digits among the words are words"
    assert any("SATISFIED" in body for body in one.bodies), "who ends the encryption reads what is keyed"
    for desk in (one, other):
        sent = [parse_qs(body) for body in desk.bodies]
        assert {"word", "class_id"} <= set(sent[-1]), "the word goes in the body with the form"
        for secret in (word, word.lower(), word.replace("-", ""), "SATISFIED"):
            assert not any(secret in address for address in desk.addresses), "nothing stands in an address"
    with reading(read_session(built.databases.box)) as box:
        rows = box.execute(select(Paper.sheet, Paper.keying, Paper.draft, Paper.digest)).all()
    assert sorted(map(tuple, rows)) == [(1, 1, None, None), (2, 1, None, None)]
    built.count().finish()
    with reading(read_session(built.databases.roster)) as session:
        count = session.get_one(HomeCount, (built.id, table.home))
    assert (count.paper, count.valid, count.void, count.held) == (2, 12, 0, [])
    with reading(read_session(built.databases.box)) as box:
        assert len(box.scalars(select(Ballot.id)).all()) == 12
