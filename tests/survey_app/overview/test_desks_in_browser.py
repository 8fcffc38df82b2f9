"""Desks and public pages in a real browser: axe finds nothing, nothing runs over the edge."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from werkzeug.serving import make_server

from survey_app.core.db import committing, write_session
from survey_app.noticeboard import operations
from survey_app.results.models import ResultState
from tests.support.browser import DESKTOP, PHONE
from tests.support.cast import actor_for, signed_in_client
from tests.support.district import NOW
from tests.survey_app.noticeboard.test_home_page import VALUES

NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 700}}
# Device, query, options of the browser, and whether axe reads the pages: the contents are the same in all.
LOOKS = {
    "phone": (PHONE, "", {}, True),
    "dark": (DESKTOP, "", {"color_scheme": "dark"}, True),
    "desktop": (DESKTOP, "", {}, False),
    "large": (PHONE, "?big=1", {}, False),
    "narrow": (NARROW, "", {}, False),
    "english": (DESKTOP, "?lang=en", {}, False),
}


@pytest.fixture(params=["sqlite"])
def database_kind(request):
    """What a page looks like does not depend on the database."""
    return request.param


@pytest.fixture
def home(databases, district):
    """A home with a published result, an order and a filled page."""
    found = next(
        result
        for result in district.results.values()
        if result.state == ResultState.PUBLISHED and result.rating_class == "DISSATISFIED"
    )
    with committing(write_session(databases.roster)) as session:
        actor = actor_for(session, district.chairs[found.home_id])
        operations.save_page(session, actor, found.home_id, values=VALUES, version=0, at=NOW)
    return found.home_id


@pytest.fixture
def site(app):
    """The application behind a server of this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(look, site, home, app, databases, district, open_page, axe):
    device, query, options, read = LOOKS[look]
    cookies = {
        name: signed_in_client(app, databases, post).get_cookie("pj_desk").value
        for name, post in (("officer", district.officer), ("chair", district.chairs[home]))
    }
    places = [
        ("/desk", "officer"),
        ("/desk/homes?sort=-turnout", "officer"),
        ("/rosters?state=missing", "officer"),
        ("/desk", "chair"),
        ("/home-page", "chair"),
        (f"/h/{home}", None),
        (f"/h/{home}/2026/items", None),
        ("/", None),
        ("/about/anonymity", None),
    ]
    pages = {}
    for path, person in places:
        page = pages.setdefault(person, open_page(device, **options) if person not in pages else None)
        if person:
            page.context.add_cookies([{"name": "pj_desk", "value": cookies[person], "url": site}])
        answer = page.goto(site + path + (query.replace("?", "&") if "?" in path else query))
        assert answer.status == 200, path
        assert not read or axe(page) == [], path
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, path


def test_paper_shows_the_public_page_without_bars(site, home, desktop):
    desktop.goto(f"{site}/h/{home}?print=1")
    desktop.emulate_media(media="print")
    assert not desktop.locator(".bar").is_visible()
    assert desktop.locator("#five").is_visible()


def test_no_page_of_a_desk_weighs_more_than_60_kb(app, databases, district):
    page = signed_in_client(app, databases, district.officer).get("/desk")
    assert len(page.data) <= 60_000
