"""URLs of the tellers: batches of a home, one form per screen, the list of differences."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import InputRequired

from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.counting.models import PaperBatch
from survey_app.counting.paper import (
    FIRST,
    SECOND,
    BatchState,
    KeyedForm,
    add_batch,
    batch_of_teller,
    batch_state,
    claim_keying,
    form_of,
    home_of_teller,
    key_form,
    read_form,
    resolve,
    settle,
)
from survey_app.counting.paper_views import batches_of, forms_keyed
from survey_app.invitations.paper_forms import class_letters
from survey_app.rounds.models import RoundHome, RoundState
from survey_app.units.models import Unit
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext
from survey_app.web.i18n import lazy_gettext as _l

pages = Blueprint("paper", __name__)


class BatchForm(FlaskForm):
    """A pile, counted by hand."""

    sheets = IntegerField(_l("这一叠有几张"), validators=[InputRequired(_l("请填张数，没有收到就填0。"))])


@pages.get("/paper")
@requires("paper.key")
def my_home() -> Response:
    """To the home whose paper this teller keys."""
    person = actor()
    if person.round_id is None:
        raise NotFound("round")
    return redirect(url_for("paper.home", round_id=person.round_id, home_id=person.unit_id), 303)


@pages.route("/paper/<round_id>/<int:home_id>", methods=["GET", "POST"])
@requires("paper.key")
def home(round_id: str, home_id: int) -> str | Response:
    """The batches of a home and how far each is; a new one."""
    round_, place = home_of_teller(reader(), actor(), round_id, home_id)
    form = BatchForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            subject, at_home = home_of_teller(session, actor(), round_id, home_id)
            made = add_batch(session, actor(), subject, at_home, form.sheets.data or 0, at=now())
            batch_id, settled = made.id, made.settled
        if not form.errors and not form.form_errors:
            if settled:
                say(gettext("已记下：没有收到纸质票。"), "done")
                return redirect(url_for("paper.home", round_id=round_id, home_id=home_id), 303)
            return redirect(url_for("paper.batch", batch_id=batch_id), 303)
    return render_template(
        "counting/paper_home.html",
        round=round_,
        unit=reader().get_one(Unit, place.home_id),
        form=form,
        batches=batches_of(reader(), installation().databases, round_id, home_id),
        keyable=round_.state == RoundState.CLOSED,
    )


@pages.get("/paper/<batch_id>")
@requires("paper.key")
def batch(batch_id: str) -> str:
    """One batch: what is to be keyed by whom, or which forms differ."""
    found = batch_of_teller(reader(), actor(), batch_id)
    state = batch_state(installation().databases, found)
    keying = state.keying
    return render_template(
        "counting/paper_batch.html",
        batch=found,
        state=state,
        mine=keying is not None and _may_key(found, keying),
        sheet=state.next_sheet(keying) if keying else None,
        unit=reader().get_one(Unit, found.home_id),
        form=FlaskForm(),
    )


def _may_key(found: PaperBatch, keying: int) -> bool:
    if keying == FIRST:
        return found.first_by in (None, actor().account_id)
    return found.first_by != actor().account_id and found.second_by in (None, actor().account_id)


@pages.post("/paper/<batch_id>/settle")
@requires("paper.key")
def settle_batch(batch_id: str) -> Response:
    """Close a batch that is alike throughout, when whoever keyed last was cut off before it was closed."""
    if FlaskForm().validate_on_submit():
        _settle(batch_id)
    return redirect(url_for("paper.batch", batch_id=batch_id), 303)


@pages.route("/paper/<batch_id>/<int:keying>/<int:sheet>", methods=["GET", "POST"])
@requires("paper.key")
def keying(batch_id: str, keying: int, sheet: int) -> str | Response:
    """One form: a number key for each question, then the next form."""
    databases = installation().databases
    found = batch_of_teller(reader(), actor(), batch_id)
    if keying not in (FIRST, SECOND) or not 1 <= sheet <= found.sheets:
        raise NotFound("sheet")
    state = batch_state(databases, found)
    # The first keying is complete before the second begins, and stays as it is from then on.
    if state.keying == FIRST if keying == SECOND else bool(state.second):
        raise NotFound("sheet")
    form = FlaskForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            writing = batch_of_teller(session, actor(), batch_id, lock=True)
            claim_keying(session, actor(), writing, keying)
            keyed = read_form(
                session,
                writing,
                request.form.get("class_id", ""),
                _typed(session, writing, state, keying, sheet),
            )
        if not form.form_errors and not form.errors:
            if not key_form(databases, found, sheet, keying, keyed):
                return _came_too_late(batch_id)
            return _onward(batch_id, keying)
    own = (state.first if keying == FIRST else state.second) if _may_key(found, keying) else {}
    return _form_page(found, sheet, own.get(sheet), form, keying=keying)


def _typed(
    session: Session, found: PaperBatch, state: BatchState, keying: int, sheet: int
) -> Mapping[str, object]:
    """The answers in the form. Words are keyed once: the second time those of the first keying are kept."""
    given = {name: value for name, value in request.form.items() if name not in ("csrf_token", "class_id")}
    if keying == FIRST:
        return given
    kept = json.loads(state.first[sheet].answers)
    words = {each.id for each in form_of(session, found).open_questions}
    return {**given, **{name: kept[name] for name in words & kept.keys()}}


def _onward(batch_id: str, keying: int) -> Response:
    databases = installation().databases
    state = batch_state(databases, batch_of_teller(reader(), actor(), batch_id))
    following = state.next_sheet(keying)
    if following is not None:
        address = url_for("paper.keying", batch_id=batch_id, keying=keying, sheet=following)
        return redirect(address, 303)
    _settle(batch_id)
    return redirect(url_for("paper.batch", batch_id=batch_id), 303)


def _came_too_late(batch_id: str) -> Response:
    """Somebody finished before us: what lies in the box stands, and the person is told so."""
    say(gettext("这一张刚才已经录好了，以先录好的为准，您这次填的没有存入。"))
    _settle(batch_id)
    return redirect(url_for("paper.batch", batch_id=batch_id), 303)


def _settle(batch_id: str) -> None:
    with committing(roster()) as session:
        subject = batch_of_teller(session, actor(), batch_id, lock=True)
        if settle(session, installation().databases, actor(), subject, at=now()):
            say(gettext("两遍都一样，这一批已录好。"), "done")


@pages.route("/paper/<batch_id>/differences/<int:sheet>", methods=["GET", "POST"])
@requires("paper.key")
def difference(batch_id: str, sheet: int) -> str | Response:
    """One form that was keyed in two ways: look at the paper, say what it says."""
    databases = installation().databases
    found = batch_of_teller(reader(), actor(), batch_id)
    state = batch_state(databases, found)
    if state.keying is not None or sheet not in state.differing or found.settled:
        raise NotFound("sheet")
    form = FlaskForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            writing = batch_of_teller(session, actor(), batch_id, lock=True)
            keyed = read_form(
                session,
                writing,
                request.form.get("class_id", ""),
                _typed(session, writing, state, SECOND, sheet),
            )
        if not form.form_errors and not form.errors:
            if not resolve(databases, found, sheet, keyed):
                return _came_too_late(batch_id)
            _settle(batch_id)
            return redirect(url_for("paper.batch", batch_id=batch_id), 303)
    first, second = state.first[sheet], state.second[sheet]
    return _form_page(found, sheet, None, form, keying=None, differing=(first, second))


def _form_page(
    found: PaperBatch,
    sheet: int,
    own: KeyedForm | None,
    form: FlaskForm,
    *,
    keying: int | None,
    differing: tuple[KeyedForm, KeyedForm] | None = None,
) -> str:
    session = reader()
    return render_template(
        "counting/paper_form.html",
        batch=found,
        sheet=sheet,
        keying=keying,
        form=form,
        fields=forms_keyed(form_of(session, found), own, differing),
        letters=class_letters(session, session.get_one(RoundHome, (found.round_id, found.home_id))),
        chosen_class=own.class_id if own else "",
        classes=tuple(one.class_id for one in differing) if differing else (),
        questionnaire=form_of(session, found),
    )
