"""URLs of the anonymous side: cast, receipt, published lists. Only the box database is opened here.

POST /box/cast {"class": 32 hex, "m": base64 of 64 bytes, "s": base64 of 256, "x": base64 of 3484}
     -> {"receipt": "XXXX-XXXX-XXXX-XXXX", "leaf": 64 hex}, both of the stored ballot: the page compares
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response, render_template, request

from survey_app.box.casting import Cast, cast
from survey_app.box.queries import (
    any_opened,
    any_unopened,
    find_receipt,
    is_known,
    leaf_lines,
    published_home,
)
from survey_app.box.wording import WORDS
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import NotFound
from survey_app.seals.blind import MESSAGE_BYTES, MODULUS_BYTES
from survey_app.seals.envelope import SEALED_BYTES
from survey_app.seals.errors import Mistyped
from survey_app.seals.receipts import receipt
from survey_app.web import errors
from survey_app.web.access import member, public
from survey_app.web.books import box_engine
from survey_app.web.member_calls import bytes_field, id_field, read_call, reply

pages = Blueprint("box", __name__)
LONGEST_TYPED = 64


def register(app: Flask) -> None:
    """Add the pages of the box; no form here carries a CSRF token, because a token would set a cookie."""
    app.extensions["csrf_guard"].exempt(pages)
    app.register_blueprint(pages)
    errors.learn(WORDS)


@pages.post("/box/cast")
@member
def cast_ballot() -> Response:
    """Take a sealed ballot. No cookie, no code, no address reaches the stored row."""
    call = read_call()
    ballot = Cast(
        class_id=id_field(call, "class"),
        credential=bytes_field(call, "m", MESSAGE_BYTES),
        signature=bytes_field(call, "s", MODULUS_BYTES),
        sealed=bytes_field(call, "x", SEALED_BYTES),
    )
    with committing(write_session(box_engine())) as session:
        leaf = cast(session, ballot)
    return reply(receipt=receipt(leaf), leaf=leaf.hex())


@pages.get("/r")
@public
def receipt_form() -> str:
    """The field for a receipt."""
    with reading(read_session(box_engine())) as session:
        early = any_unopened(session) and not any_opened(session)
    return render_template("box/receipt.html", typed="", outcome="early" if early else "ask", home=None)


@pages.post("/r")
@public
def receipt_answer() -> tuple[str, int]:
    """Whether the ballot of this receipt was counted in."""
    typed = request.form.get("receipt", "")[:LONGEST_TYPED]
    try:
        with reading(read_session(box_engine())) as session:
            home = find_receipt(session, typed)
            waits = home is None and any_unopened(session)
            early = waits and not any_opened(session)
    except Mistyped:
        return render_template("box/receipt.html", typed=typed, outcome="mistyped", home=None), 422
    outcome = str(home.fate) if home else "early" if early else "waits" if waits else "missing"
    return render_template("box/receipt.html", typed=typed, outcome=outcome, home=home), 200


@pages.get("/published/<round_id>/<int:home_id>")
@public
def published(round_id: str, home_id: int) -> tuple[str, int]:
    """The figures of a home's opening, the digest of its list, and the way to the file."""
    with reading(read_session(box_engine())) as session:
        try:
            home = published_home(session, round_id, home_id)
        except NotFound:
            if not is_known(session, round_id, home_id):
                raise
            return render_template("box/published.html", home=None), 200
    return render_template("box/published.html", home=home), 200


@pages.get("/published/<round_id>/<int:home_id>/leaves.txt")
@public
def published_leaves(round_id: str, home_id: int) -> Response:
    """The sorted list itself, for everybody to keep."""
    with reading(read_session(box_engine())) as session:
        lines = "".join(leaf_lines(session, round_id, home_id))
    response = Response(lines, mimetype="text/plain")
    response.headers["Content-Disposition"] = f"attachment; filename=leaves-{round_id[:8]}-{home_id}.txt"
    return response
