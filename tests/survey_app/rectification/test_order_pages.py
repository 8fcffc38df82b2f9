"""The pages of orders in Chromium: accessible on phone and desktop, in both languages, nothing too wide."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise

import pytest
from werkzeug.serving import make_server

from survey_app.core.db import committing, write_session
from survey_app.rectification.background import every_day
from survey_app.rectification.models import OrderState
from tests.support.browser import DESKTOP, PHONE
from tests.support.cast import StandingClock, make_app, make_home, signed_in_client
from tests.support.orders import at_day, make_order, make_stage

S = OrderState


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def site(settings, databases) -> Iterator[tuple[str, dict[str, str], dict[str, int]]]:
    """Address, cookies of an officer and a chair, and orders in three states."""
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        ids = {"late": make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11)).id}
        for name, state in (("review", S.PLAN_UNDER_REVIEW), ("draft", S.DRAFT)):
            other = make_stage(session, stage.lead, make_home(session, stage.lead, f"{name}公司工会"))
            ids[name] = make_order(session, other, state, at=at_day(2026, 11, 10)).id
        every_day(session, at=at_day(2026, 11, 20))
    app = make_app(settings, databases, StandingClock(at_day(2026, 11, 20)))
    cookies = {
        who: signed_in_client(app, databases, stage.posts[who]).get_cookie("pj_desk").value
        for who in ("issuer", "chair")
    }
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", cookies, ids
    server.shutdown()
    thread.join()
    server.server_close()


def targets_of(page, selector: str) -> list[dict[str, float]]:
    """The boxes of what a finger has to hit."""
    return page.eval_on_selector_all(
        selector,
        "all => all.map(one => one.getBoundingClientRect())"
        ".map(b => ({x: b.x, y: b.y, r: b.right, h: b.height}))",
    )


def test_what_can_be_done_about_a_problem_is_a_target_of_its_own_on_a_phone(site, open_page):
    base, cookies, ids = site
    page = open_page(PHONE)
    page.context.add_cookies([{"name": "pj_desk", "value": cookies["chair"], "url": base}])
    page.goto(f"{base}/orders/{ids['late']}")
    boxes = targets_of(page, "tr:first-child .tasks a")
    assert len(boxes) == 3
    assert all(box["h"] >= 44 for box in boxes)
    for one, other in pairwise(boxes):
        assert other["x"] >= one["r"] + 8 or other["y"] >= one["y"] + one["h"] + 8


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_accessible_and_fits_its_screen(site, open_page, axe, device):
    base, cookies, ids = site
    pages = [
        ("issuer", f"/orders/{ids['late']}"),
        ("chair", f"/orders/{ids['late']}?lang=en"),
        ("issuer", f"/orders/{ids['draft']}/sign"),
        ("issuer", f"/orders/{ids['review']}/review"),
        ("chair", f"/orders/{ids['late']}/evidence"),
        ("chair", f"/orders/{ids['late']}/extension"),
        ("issuer", "/orders"),
        ("issuer", "/orders?view=board"),
        ("issuer", "/orders?view=calendar&lang=en"),
        ("issuer", "/orders/proposals"),
        ("issuer", "/orders/bulk?kind=step&all=1"),
        ("issuer", "/orders/bulk?kind=sign"),
        ("issuer", "/orders/statistics"),
    ]
    page = open_page(device)
    for who, path in pages:
        page.context.add_cookies([{"name": "pj_desk", "value": cookies[who], "url": base}])
        assert page.goto(base + path).status == 200, path
        assert axe(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= device["viewport"]["width"], f"{path} is {width} wide"
