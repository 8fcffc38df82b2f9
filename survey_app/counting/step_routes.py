"""URLs by which the organiser starts a step of a round: prepare, open, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from survey_app.core.actor import Actor
from survey_app.core.db import committing
from survey_app.counting.operations import request_close, request_open, request_prepare
from survey_app.rounds.models import Round
from survey_app.rounds.queries import organised_round, round_homes
from survey_app.web.access import actor, requires
from survey_app.web.books import now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext

pages = Blueprint("steps", __name__)
Step = Callable[..., None]


@pages.route("/rounds/<round_id>/prepare", methods=["GET", "POST"])
@requires("round.run")
def prepare(round_id: str) -> str | Response:
    return _step(
        round_id, request_prepare, "counting/prepare.html", gettext("开始准备。钥匙和票条正在生成。")
    )


@pages.route("/rounds/<round_id>/open", methods=["GET", "POST"])
@requires("round.run")
def open_votes(round_id: str) -> str | Response:
    return _step(
        round_id, request_open, "counting/open.html", gettext("正在开放投票。到了开始时间，会员才能投票。")
    )


@pages.route("/rounds/<round_id>/close", methods=["GET", "POST"])
@requires("round.run")
def close_votes(round_id: str) -> str | Response:
    return _step(round_id, request_close, "counting/close.html", gettext("开始收票。15分钟后票箱封口。"))


def _step(round_id: str, step: Step, template: str, done: str) -> str | Response:
    round_ = organised_round(reader(), actor(), round_id)
    form = FlaskForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            _take(session, step, actor(), round_id, now())
        if not form.errors:
            say(done, "done")
            return redirect(url_for("overview.round_page", round_id=round_id), 303)
    homes = round_homes(reader(), round_id)
    return render_template(
        template,
        form=form,
        round=round_,
        homes=len(homes),
        members=sum(home.members for home, _unit in homes),
    )


def _take(session: Session, step: Step, person: Actor, round_id: str, at: datetime) -> None:
    subject: Round = organised_round(session, person, round_id, lock=True)
    step(session, person, subject, at=at)
