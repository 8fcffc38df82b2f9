"""URL of the destruction report for officers, auditors and administrators."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template, request

from survey_app.core.actor import Role
from survey_app.journal.wording import learn_verbs
from survey_app.retention.models import Kept
from survey_app.retention.queries import destructions, round_records
from survey_app.web.access import actor, requires
from survey_app.web.books import reader
from survey_app.web.desk import Place, add_place
from survey_app.web.i18n import Lazy
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("retention", __name__)
KINDS: dict[str, Lazy] = {
    Kept.BALLOTS: _l("选票"),
    Kept.COMMENTS: _l("评语"),
    Kept.ROSTER: _l("花名册里的个人信息"),
}
VERBS: dict[str, Lazy] = {
    "retention.ballots": _l("到期销毁选票"),
    "retention.comments": _l("到期销毁评语"),
    "retention.roster": _l("到期销毁花名册里的个人信息"),
}
READERS = (Role.OFFICER, Role.AUDITOR)


def register(app: Flask) -> None:
    """Add the page, the verbs and the rail's place."""
    app.register_blueprint(pages)
    learn_verbs(VERBS)
    add_place(
        Place(
            "retention.index",
            _l("销毁记录"),
            "clock",
            86,
            lambda person: person.role in READERS,
            on_phone=False,
        )
    )


@pages.get("/retention")
@requires("journal.read")
def index() -> str:
    """What was destroyed when; what is kept how long."""
    page = max(1, request.args.get("page", 1, type=int))
    lines, count = destructions(reader(), actor(), page)
    return render_template(
        "retention/index.html",
        lines=lines,
        page=page,
        pages=count,
        rounds=round_records(reader(), actor()),
        kinds=KINDS,
    )
