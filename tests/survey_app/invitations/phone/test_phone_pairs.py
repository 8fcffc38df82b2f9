"""Two browsers submit the same link at the same moment, for 100 links: exactly 100 ballots.

The daily run does this once in Chromium (test_phone_vote.py) and for 100 links with two clients over the real
routes (tests/survey_app/box/test_parallel.py); this is the same in two browsers, link by link.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, OpenPage
from tests.support.round_builder import HomeSpec
from tests.survey_app.invitations.phone.conftest import Hand, serving

LINKS = 100


@pytest.mark.slow
def test_two_browsers_with_each_of_100_links_make_100_ballots(
    open_page: OpenPage, sqlite_template: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "installation"
    shutil.copytree(sqlite_template, folder)
    with serving(folder, [HomeSpec.of(LINKS)]) as voting:
        hands = [Hand(open_page(PHONE)), Hand(open_page(PHONE))]
        receipts = set()
        for _ in range(LINKS):
            link = voting.link()
            for hand in hands:
                # The page of the member before is left first: a new fragment alone would not load it anew.
                hand.page.goto("about:blank")
                hand.open(link).start().answer_all().review()
            for hand in hands:
                hand.page.evaluate("setTimeout(() => document.getElementById('cast').click(), 50)")
            for hand in hands:
                ended = hand.page.locator("html[data-shown=receipt],html[data-shown=elsewhere]")
                expect(ended).to_be_attached()
            assert sorted(hand.shown or "" for hand in hands) == ["elsewhere", "receipt"]
            [winner] = [hand for hand in hands if hand.shown == "receipt"]
            receipts.add(winner.receipt())
            for hand in hands:
                hand.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        assert voting.ballots() == len(receipts) == LINKS
