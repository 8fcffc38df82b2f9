"""The member's page and its script: readable sources joined when the application starts.

Both are the same bytes for everybody and hold no secret, so they may travel compressed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request, url_for

from survey_app.core.clock import beijing_day
from survey_app.core.errors import NotFound
from survey_app.web.access import member
from survey_app.web.books import now
from survey_app.web.compression import compressed
from survey_app.web.i18n import page_language

SOURCES = Path(__file__).parents[1] / "static" / "ballot"
MOST_PAGES = 64
# In the order in which they build on each other; features.js is loaded before, by itself.
PARTS = (
    *("codes", "blind", "seal", "memory", "calls", "poll", "voting"),
    *("wording", "screens", "questions", "review", "sending", "receipt", "display", "entry", "ballot"),
)


@dataclass(frozen=True)
class Script:
    """The one script of the page, named after its content so that browsers may keep it for good."""

    text: bytes
    digest: str


@cache
def script() -> Script:
    """The joined script of this installation."""
    text = b"\n".join((SOURCES / f"{part}.js").read_bytes() for part in PARTS)
    return Script(text, hashlib.sha256(text).hexdigest()[:16])


def add_rules(pages: Blueprint) -> None:
    """Add the page, its address for typed codes, and its script."""
    pages.add_url_rule("/e", "ballot", ballot)
    pages.add_url_rule("/e/code", "typed_code", ballot)
    pages.add_url_rule("/e/kiosk", "kiosk", kiosk)
    pages.add_url_rule("/e/<digest>.js", "script", ballot_script)


@member
def ballot() -> Response:
    """The member's page; code and fingerprint stay in the fragment, which no server sees."""
    # Somebody who is signed in at a desk has a cookie and sees its frame; a member never has one.
    content = _render() if request.cookies else _kept(_render)
    return compressed(Response(content, mimetype="text/html"))


def _render() -> bytes:
    address = url_for("invitations.script", digest=script().digest)
    shared = request.args.get("kiosk") == "1"
    return render_template("invitations/ballot.html", script_url=address, kiosk=shared).encode()


def _kept(render: Callable[[], bytes]) -> bytes:
    """The page as it was rendered before for this address, language and day: nothing else is in it."""
    pages: dict[tuple[object, ...], bytes] = current_app.extensions.setdefault("ballot_pages", {})
    key = (request.path, request.query_string, page_language(), beijing_day(now()))
    if key not in pages:
        if len(pages) >= MOST_PAGES:
            pages.clear()
        pages[key] = render()
    return pages[key]


@member
def kiosk() -> str:
    """Where every visit on a shared device begins and ends."""
    return render_template("invitations/kiosk.html")


@member
def ballot_script(digest: str) -> Response:
    """The script under its name; another name is a page of another version."""
    if digest != script().digest:
        raise NotFound("script")
    response = compressed(Response(script().text, mimetype="text/javascript"))
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
