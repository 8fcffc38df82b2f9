"""URL of the poster's claim: one field, one answer for everybody; no session, no token, no journal."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from survey_app.core.db import committing
from survey_app.invitations.claiming import claim, round_to_claim
from survey_app.invitations.sending import Way
from survey_app.invitations.sending_states import Route
from survey_app.outbox.post_office import channels_of
from survey_app.units.models import Unit
from survey_app.web.access import member
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.member_calls import BadCall

pages = Blueprint("claims", __name__)
LONGEST_NUMBER = 40


@pages.get("/h/<int:home_id>/claim")
@member
def form(home_id: int) -> str:
    """The field for the roster number; looking changes nothing."""
    return _page(home_id, sent=False)


@pages.post("/h/<int:home_id>/claim")
@member
def ask(home_id: int) -> str:
    """The same page for a member, a stranger, and somebody who asks too often."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise BadCall("site")
    settings = installation().settings
    number = request.form.get("number", "").strip()[:LONGEST_NUMBER]
    way = Way(Route.CONTACT, frozenset(channels_of(settings)))
    with committing(roster()) as session:
        claim(session, settings, home_id, number, way, at=now())
    return _page(home_id, sent=True)


def _page(home_id: int, *, sent: bool) -> str:
    session = reader()
    unit = session.get(Unit, home_id)
    if unit is None or not unit.is_home:
        abort(404)
    round_ = round_to_claim(session, home_id, at=now())
    return render_template("invitations/claim.html", unit=unit, round=round_, sent=sent)
