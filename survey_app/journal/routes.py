"""URL of the journal for officers, auditors and administrators."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request

from survey_app.core.actor import Role
from survey_app.journal.chain import head
from survey_app.journal.queries import journal_page
from survey_app.journal.scope import acting_units
from survey_app.journal.subjects import names_of
from survey_app.journal.wording import kind_title, verb_title
from survey_app.web.access import actor, requires
from survey_app.web.books import reader
from survey_app.web.desk import Place, add_place
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("journal", __name__)


def register(app: Flask) -> None:
    """Add the page and its place in the rail."""
    app.register_blueprint(pages)
    app.jinja_env.filters["verb_title"] = verb_title
    app.jinja_env.filters["kind_title"] = kind_title
    add_place(
        Place(
            "journal.index",
            _l("日志"),
            "books",
            85,
            lambda person: person.may("journal.read") and person.role is not Role.CHAIR,
            on_phone=False,
        )
    )


@pages.get("/journal")
@requires("journal.read")
def index() -> str:
    text = request.args.get("text", "").strip()
    page = max(1, request.args.get("page", 1, type=int))
    rows, lines, last = journal_page(reader(), acting_units(actor()), text=text, page=page)
    _number, digest = head(reader())
    return render_template(
        "journal/index.html",
        rows=rows,
        names=names_of(reader(), rows),
        page=page,
        pages=last,
        text=text,
        number=lines,
        digest=digest,
    )
