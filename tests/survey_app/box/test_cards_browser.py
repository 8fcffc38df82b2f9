"""A card in Chromium: scanned and sealed by the browser, and all the same without script."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from questionnaires import load
from survey_app.app import create_app
from survey_app.box.models import BoxClass, Intake
from survey_app.core.db import read_session, reading
from survey_app.invitations.cards import cards_for
from survey_app.rounds.models import RoundHome
from survey_app.seals.envelope import open_sealed
from survey_app.seals.opening import passphrase, unlock
from tests.support.browser import PHONE, OpenPage
from tests.support.desk import choose_channel
from tests.support.round_builder import HomeSpec

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])
FORM = load("national-core-1")


class Envelope:
    """A voting home with its printed cards, behind the real application."""

    def __init__(self, built, base_url: str) -> None:
        self.built, self.base_url = built, base_url
        with reading(read_session(built.databases.roster)) as session:
            home = session.get_one(RoundHome, (built.id, built.home_ids[0]))
            self.cards = [(card.link, card.code) for card in cards_for(session, built.settings, home)]

    def link(self, number: int) -> str:
        """What the QR of a card says, at the address of this server."""
        return self.base_url + "/card#" + self.cards[number][0].split("#")[1]

    def answers(self) -> list[dict[str, str]]:
        """All ballots in the box, opened."""
        private = unlock(self.built.key.locked, passphrase(*self.built.key.halves))
        with reading(read_session(self.built.databases.box)) as box:
            rows = box.execute(select(Intake, BoxClass).join(BoxClass, BoxClass.id == Intake.class_id)).all()
        return [
            json.loads(
                open_sealed(
                    private,
                    row.sealed,
                    sheet_fingerprint=place.sheet_fingerprint,
                    class_id=bytes.fromhex(place.id),
                    credential=row.cred,
                )
            )
            for row, place in rows
        ]


@pytest.fixture
def envelope(build) -> Iterator[Envelope]:
    built = build(HomeSpec.of(20))
    choose_channel(built, built.home_ids[0], cards=4)
    built.prepare().open()
    app = create_app(built.settings, built.databases, built.clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Envelope(built, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
    server.server_close()


def picture(page: Page, name: str) -> None:
    """A picture for the eye, where somebody asked for them."""
    folder = os.environ.get("PINGJIA_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def answer_all(page: Page, option: str) -> None:
    for item in FORM.closed_questions:
        page.locator(f"#{item.id} input[value={option}]").check(force=True)


def test_a_scanned_card_is_sealed_before_it_leaves_the_phone(envelope, open_page: OpenPage, axe):
    page = open_page(PHONE)
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data) if request.post_data else None)
    page.goto(envelope.link(0))
    assert page.locator("#code").input_value() == envelope.cards[0][1]
    assert "#" not in page.url, "the code must not stay in the address"
    picture(page, "card-code")
    assert axe(page) == []
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_text("票在您的手机上就封好了。")).to_be_visible()
    picture(page, "card-questions")
    assert axe(page) == []
    answer_all(page, "DISSATISFIED")
    page.get_by_role("button", name="看一遍").click()
    expect(page.locator("#review-h")).to_be_visible()
    picture(page, "card-review")
    assert axe(page) == []
    page.get_by_role("button", name="投票").click()
    expect(page.get_by_role("heading", name="票已投入票箱")).to_be_visible()
    picture(page, "card-receipt")
    assert axe(page) == []
    last = parse_qs(bodies[-1])
    assert set(last) == {"code", "step", "sealed"}
    assert not any("DISSATISFIED" in body for body in bodies), "an answer left the phone in the open"
    assert envelope.answers() == [{item.id: "DISSATISFIED" for item in FORM.closed_questions}]


def test_without_script_the_plain_forms_lead_to_a_receipt(envelope, open_page: OpenPage):
    page = open_page({**PHONE, "viewport": {"width": 320, "height": 640}}, java_script_enabled=False)
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data) if request.post_data else None)
    page.goto(envelope.base_url + "/card")
    page.locator("#code").fill(envelope.cards[1][1].lower())
    page.get_by_role("button", name="打开").click()
    expect(page.get_by_text("票一到就封好，再存起来。")).to_be_visible()
    page.locator(f"#{FORM.closed_questions[0].id} input[value=BASIC]").check(force=True)
    page.get_by_role("button", name="看一遍").click()
    expect(page.get_by_text("这张票会算废票")).to_be_visible()
    page.get_by_role("button", name="返回修改").click()
    answer_all(page, "BASIC")
    page.get_by_role("button", name="看一遍").click()
    picture(page, "card-plain-review")
    page.get_by_role("button", name="投票").click()
    expect(page.get_by_role("heading", name="票已投入票箱")).to_be_visible()
    assert envelope.answers() == [{item.id: "BASIC" for item in FORM.closed_questions}]
    last = parse_qs(bodies[-1])
    assert last[FORM.closed_questions[0].id] == ["BASIC"], "the limit: whoever ends the encryption reads it"
    assert "sealed" not in last


def test_a_card_whose_sheet_was_swapped_stops_before_anything_is_answered(envelope, open_page: OpenPage):
    page = open_page(PHONE)
    forged = envelope.link(2)[:-1] + ("0" if envelope.link(2)[-1] != "0" else "1")
    page.goto(forged)
    page.get_by_role("button", name="打开").click()
    expect(page.locator("#mismatch")).to_be_visible()
    expect(page.locator("#questions")).to_be_hidden()
    assert envelope.answers() == []
