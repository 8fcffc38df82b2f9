"""The pages of results in a real browser: axe is content, the policy holds, nothing scrolls sideways."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flask import Flask
from werkzeug.serving import make_server

from survey_app.accounts.models import Account
from survey_app.accounts.sign_ins import open_sign_in
from tests.support.browser import DESKTOP, PHONE
from tests.survey_app.results.conftest import RIVER
from tests.survey_app.results.test_pages import AGREED, HELD, sqlite_only

SUMMARY, PLACES = "/ratings/summary", "/ratings/places?quota=1"
PAGES = {
    "chair": ("/results/1", "/results/1/why", "/results/1/table", "/objection/1"),
    "officer": ("/ratings?view=all", "/ratings/1", "/ratings/3", "/comments/{round}/{home}", SUMMARY, PLACES),
}
# Everything on a phone; dark, English and large print where the most can go wrong.
VIEWS = (
    (PHONE, {}, "", 6),
    (DESKTOP, {"color_scheme": "dark"}, "lang=en", 2),
    (PHONE, {}, "big=1", 2),
)


@sqlite_only
def test_every_page_is_accessible(build, open_page, axe):
    built = build(RIVER, AGREED, HELD, at=datetime.now(UTC) - timedelta(hours=1)).rate()
    tokens = {}
    with built.writing() as session:
        for name, post in (("chair", built.chairs[0]), ("officer", built.officers[0])):
            account = session.get_one(Account, post.account_id)
            tokens[name] = open_sign_in(session, account, at=datetime.now(UTC), post_id=post.id)
    values = {"round": built.id, "home": built.homes[0].id}
    with _serving(built.app) as base_url:
        for device, further, query, most in VIEWS:
            page = open_page(device, **further)  # both persons in one: style, script and fonts come once
            for who, paths in PAGES.items():
                page.context.add_cookies([{"name": "pj_desk", "value": tokens[who], "url": base_url}])
                for path in paths[:most]:
                    _look(page, base_url, path.format(**values), query, axe)


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    """The application in this process: a second one would take seconds to start."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)


def _look(page, base_url, path, query, axe):
    joint = "&" if "?" in path else "?"
    answer = page.goto(f"{base_url}{path}{joint}{query}" if query else f"{base_url}{path}")
    assert answer.status == 200, path
    assert page.url.startswith(f"{base_url}{path}"), "sent elsewhere"
    assert len(answer.body()) <= 60_000, path
    assert axe(page) == [], path
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, path
