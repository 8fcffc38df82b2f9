"""URLs where the organiser decides, home by home, whether members vote by link, by card or on paper."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from survey_app.core.db import committing
from survey_app.rounds import queries
from survey_app.rounds.channels import set_channel
from survey_app.rounds.models import Channel, RoundState
from survey_app.rounds.wording import CHANNEL_TITLES
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("channels", __name__)


class ChannelForm(FlaskForm):
    """The channel for the homes ticked below, and the number of cards for each class."""

    channel = RadioField(_l("怎么投票"), choices=[], default=Channel.LINKS)
    cards = IntegerField(_l("每类印几张票卡"), default=0, validators=[InputRequired(_l("不印就填0。"))])


@pages.route("/rounds/<round_id>/channels", methods=["GET", "POST"])
@requires("round.edit")
def index(round_id: str) -> str | Response:
    """The homes of a draft with their channels; what is chosen holds for those that are ticked."""
    round_ = queries.organised_round(reader(), actor(), round_id)
    form = ChannelForm()
    form.channel.choices = [SelectChoice(one, str(title)) for one, title in CHANNEL_TITLES.items()]
    ticked = {int(one) for one in request.form.getlist("homes") if one.isascii() and one.isdigit()}
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject = queries.organised_round(session, actor(), round_id, lock=True)
            set_channel(
                session,
                actor(),
                subject,
                ticked,
                channel=Channel(form.channel.data),
                cards=form.cards.data or 0,
                at=now(),
            )
        if not form.errors and not form.form_errors:
            say(gettext("已定好%(n)s家的投票方式。", n=len(ticked)), "done")
            return redirect(url_for("channels.index", round_id=round_id), 303)
    return render_template(
        "rounds/channels.html",
        round=round_,
        form=form,
        homes=queries.round_homes(reader(), round_id),
        ticked=ticked,
        titles=CHANNEL_TITLES,
        editable=round_.state == RoundState.DRAFT,
    )
