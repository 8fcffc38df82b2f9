"""URL of the demo's guide: whom to play, with which password, and the clock that can be moved on."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask, redirect, render_template, url_for
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response

from survey_app.accounts.loader import EXCUSED
from survey_app.core.errors import NotFound
from survey_app.demo.clock import DemoClock
from survey_app.demo.keepsake import Keepsake, read_keepsake
from survey_app.demo.wording import WORDS
from survey_app.rounds.models import Round
from survey_app.web import access, errors
from survey_app.web.access import public
from survey_app.web.books import installation, reader
from survey_app.web.desk import say
from survey_app.web.i18n import gettext

pages = Blueprint("demo", __name__)
AFTER_CLOSE = timedelta(minutes=17)


def register(app: Flask) -> None:
    """Add the guide to a demo installation; no other installation has it."""
    app.register_blueprint(pages)
    app.extensions[EXCUSED] = _was_built_here
    errors.learn(WORDS)
    # The start page shows the way here; it knows no other part of the demo.
    app.jinja_env.globals["demo_guide"] = lambda: url_for("demo.guide")
    access.refuse_undeclared(app)


def _was_built_here() -> bool:
    """Whether these very databases hold the demo, which is built into empty ones only: no flag is enough."""
    found = read_keepsake(installation().settings.data_folder)
    return found is not None and reader().get(Round, found.round_id) is not None


def _keepsake() -> Keepsake:
    found = read_keepsake(installation().settings.data_folder)
    if found is None:
        raise NotFound
    return found


@pages.get("/demo")
@public
def guide() -> str:
    keepsake = _keepsake()
    round_ = reader().scalars(select(Round).where(Round.id == keepsake.round_id)).one_or_none()
    return render_template("demo/guide.html", keepsake=keepsake, round=round_, form=FlaskForm())


@pages.post("/demo/clock")
@public
def move_clock() -> Response:
    """Let the demo's clock stand after the close of the open round, or a day later if it is there."""
    clock = DemoClock(installation().settings.data_folder)
    round_ = reader().get(Round, _keepsake().round_id)
    after = round_.closes_at + AFTER_CLOSE if round_ else clock()
    clock.move_to(after if clock() < after else clock() + timedelta(days=1))
    say(gettext("演示时钟已经拨快。"), "done")
    return redirect(url_for("demo.guide"), 303)
