"""URL of the in-app messages of a post."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, url_for
from werkzeug.wrappers import Response

from survey_app.core.db import committing
from survey_app.outbox.messages import counts_by_post, mark_read, messages_for, unread
from survey_app.outbox.reasons import reason_text
from survey_app.outbox.wording import message_text
from survey_app.outbox.worker_signs import worker_is_missing
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import Place, add_place
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.other_posts import other_posts

pages = Blueprint("outbox", __name__)


def register(app: Flask) -> None:
    """Add the page and its place in the rail."""
    app.register_blueprint(pages)
    app.jinja_env.filters["message_text"] = message_text
    app.jinja_env.filters["delivery_reason"] = reason_text
    # Asked only by pages that wait for the worker, by the macro `waiting`.
    app.jinja_env.globals["worker_is_missing"] = lambda: worker_is_missing(reader(), now())
    add_place(Place("outbox.messages", _l("消息"), "chat", 70, lambda person: person.may("message.read")))


@pages.get("/messages")
@requires("message.read")
def messages() -> str:
    """The messages of the active post, and which of the person's other posts have some."""
    rows = messages_for(reader(), actor().post_id)
    others = other_posts()
    counts = counts_by_post(reader(), [post.id for post in others])
    return render_template(
        "outbox/messages.html",
        rows=rows,
        unread=unread(reader(), actor().post_id),
        elsewhere=[(post, *counts[post.id]) for post in others if post.id in counts],
    )


@pages.post("/messages/read")
@requires("message.read")
def read_all() -> Response:
    with committing(roster()) as session:
        mark_read(session, actor().post_id, at=now())
    return redirect(url_for("outbox.messages"), 303)
