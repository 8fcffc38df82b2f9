"""URLs of the desks: the overview of each role, the page of one round, the places that do not fit a phone."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template
from werkzeug.wrappers import Response

from survey_app.counting import step_routes
from survey_app.overview.round_page import round_view
from survey_app.web.access import actor, requires, signed_in
from survey_app.web.books import now, reader
from survey_app.web.desk import Place, add_place
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("overview", __name__)


def register(app: Flask) -> None:
    """Add the desks and their place in the rail."""
    app.register_blueprint(step_routes.pages)
    app.register_blueprint(pages)
    add_place(Place("overview.desk", _l("总览"), "home", 10, lambda _person: True))


@pages.get("/desk")
@signed_in
def desk() -> str | Response:
    return render_template("overview/desk.html")


@pages.get("/more")
@signed_in
def more() -> str:
    return render_template("overview/more.html")


@pages.get("/rounds/<round_id>")
@requires("round.read")
def round_page(round_id: str) -> str:
    view = round_view(reader(), actor(), round_id, at=now())
    return render_template("overview/round.html", view=view)
