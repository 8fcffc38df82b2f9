"""URLs of a person's own filters of the ledger: save the present one under a name, throw one away."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from survey_app.core.db import committing
from survey_app.core.errors import Refused
from survey_app.rectification.own_filters import drop_filter, filter_parts, save_filter
from survey_app.web.access import actor, requires
from survey_app.web.books import roster
from survey_app.web.desk import say
from survey_app.web.errors import sentence
from survey_app.web.i18n import gettext

pages = Blueprint("rectification_filters", __name__)


@pages.post("/orders/filters")
@requires("order.read")
def save() -> Response:
    values = request.form.to_dict()
    try:
        with committing(roster()) as session:
            kept = save_filter(session, actor(), values.pop("name", ""), values)
            say(gettext("存为“%(name)s”。", name=kept.name), "done")
    except Refused as refusal:
        say(sentence(refusal), "late")
    return redirect(url_for("rectification.index", **filter_parts(values)), 303)  # type: ignore[arg-type]  # values of an address


@pages.post("/orders/filters/<int:filter_id>/drop")
@requires("order.read")
def drop(filter_id: int) -> Response:
    with committing(roster()) as session:
        name = drop_filter(session, actor(), filter_id).name
    say(gettext("删掉了“%(name)s”。", name=name), "done")
    return redirect(url_for("rectification.index"), 303)
