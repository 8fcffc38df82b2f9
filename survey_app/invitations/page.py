"""The member's page and its script: readable sources joined when the application starts.

Both are the same bytes for everybody and hold no secret, so they may travel compressed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, render_template, url_for

from survey_app.core.errors import NotFound
from survey_app.web.access import member
from survey_app.web.compression import compressed

SOURCES = Path(__file__).parents[1] / "static" / "ballot"
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
    pages.add_url_rule("/e/<digest>.js", "script", ballot_script)


@member
def ballot() -> Response:
    """The member's page; code and fingerprint stay in the fragment, which no server sees."""
    address = url_for("invitations.script", digest=script().digest)
    page = render_template("invitations/ballot.html", script_url=address)
    return compressed(Response(page, mimetype="text/html"))


@member
def ballot_script(digest: str) -> Response:
    """The script under its name; another name is a page of another version."""
    if digest != script().digest:
        raise NotFound("script")
    response = compressed(Response(script().text, mimetype="text/javascript"))
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
