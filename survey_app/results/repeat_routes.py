"""URL by which the organiser plans the repeat of the homes that could not be rated."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from survey_app.core.db import committing
from survey_app.results.repeating import homes_to_repeat, repeat
from survey_app.rounds.forms import PlanForm
from survey_app.rounds.queries import organised_round
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import Lazy, gettext
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("repeats", __name__)
WORDS: dict[str, str | Lazy] = {"nothing_to_repeat": _l("没有要补评的单位。")}


class RepeatForm(PlanForm):
    """Name and window; everything else is taken over."""


@pages.route("/rounds/<round_id>/repeat", methods=["GET", "POST"])
@requires("round.edit")
def plan(round_id: str) -> str | Response:
    """Which homes vote again and why; one act makes the draft."""
    round_ = organised_round(reader(), actor(), round_id)
    form = RepeatForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = organised_round(session, actor(), round_id, lock=True)
            made = repeat(
                session, actor(), subject, title=form.title.data or "", **form.window(), at=now()
            ).id
        if not form.errors and not form.form_errors:
            say(gettext("补评已建好。花名册还是原来那份，接着定开箱人、改通知。"), "done")
            return redirect(url_for("overview.round_page", round_id=made), 303)
    elif not form.is_submitted():
        form.title.data = gettext("%(title)s（补评）", title=round_.title)
    return render_template(
        "results/repeat.html", form=form, round=round_, due=homes_to_repeat(reader(), round_)
    )
