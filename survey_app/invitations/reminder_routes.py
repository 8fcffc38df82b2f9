"""URLs of the reminder: one page that asks, one act; for the chair in his home, for the officer in all."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from survey_app.core.actor import Role
from survey_app.core.db import committing
from survey_app.invitations.reminders import homes_to_remind, remind, reminders_left
from survey_app.invitations.sending_forms import RemindForm
from survey_app.invitations.sending_progress import latest_sendings
from survey_app.invitations.sending_routes import channels, way_of
from survey_app.invitations.sending_states import Audience
from survey_app.invitations.sending_wording import AUDIENCES, PURPOSES
from survey_app.invitations.window import Phase, phase
from survey_app.rounds.queries import policy_of
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext


def add_rules(pages: Blueprint) -> None:
    """Attach the page to the feature's blueprint."""
    pages.add_url_rule("/round/<round_id>/remind", "remind", remind_page, methods=["GET", "POST"])


@requires("round.remind")
def remind_page(round_id: str) -> str | Response:
    """What a reminder says, to whom it goes, how many are left."""
    round_, homes = homes_to_remind(reader(), actor(), round_id)
    form = RemindForm()
    form.offer(channels())
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            audience = Audience(form.audience.data)
            asked = remind(session, actor(), round_id, way_of(form), audience=audience, at=now())
        if not form.errors and not form.form_errors:
            say(gettext("提醒交给发信员了，共%(n)s家。", n=len(asked)), "done")
            return redirect(url_for("invitations.remind", round_id=round_id), 303)
    latest = latest_sendings(reader(), round_id, [home for home, _unit in homes], now())
    return render_template(
        "invitations/remind.html",
        form=form,
        round=round_,
        homes=homes,
        left={home.home_id: reminders_left(reader(), round_, home.home_id) for home, _unit in homes},
        most=policy_of(round_).reminders,
        latest=latest,
        busy=any(one.busy for one in latest.values()),
        open_channels=channels(),
        purposes=PURPOSES,
        audiences=AUDIENCES,
        voting=phase(round_, now()) is Phase.OPEN,
        is_chair=actor().role is Role.CHAIR,
    )
