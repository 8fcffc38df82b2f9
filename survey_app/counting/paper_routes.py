"""URLs of the tellers: batches of a home, one form per screen, the list of differences."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.counting.models import PaperBatch
from survey_app.counting.paper import (
    add_batch,
    batch_of_teller,
    claim_keying,
    form_of,
    give_word,
    home_of_teller,
    read_form,
    restart_batch,
    settle,
)
from survey_app.counting.paper_sealing import (
    FIRST,
    SECOND,
    KeyedForm,
    Pile,
    batch_state,
    forget_keyed,
    key_form,
    keyed_form,
    open_pile,
    pack,
    resolve,
    with_words_of_the_first,
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


class WordForm(FlaskForm):
    """The word on the cover of the pile."""

    word = StringField(_l("封面上的暗号"), validators=[InputRequired(_l("请填封面上的暗号。"))])


OWN_FIELDS = frozenset({"csrf_token", "class_id", "word", "step"})


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
            made, word = add_batch(
                session, installation().settings, actor(), subject, at_home, form.sheets.data or 0, at=now()
            )
            batch_id, ordinal, settled = made.id, made.ordinal, made.settled
        if not form.errors and not form.form_errors:
            if settled:
                say(gettext("已记下：没有收到纸质票。"), "done")
                return redirect(url_for("paper.home", round_id=round_id, home_id=home_id), 303)
            return _word_page(place, batch_id, ordinal, word)
    return render_template(
        "counting/paper_home.html",
        round=round_,
        unit=reader().get_one(Unit, place.home_id),
        form=form,
        batches=batches_of(reader(), installation().databases, round_id, home_id),
        keyable=round_.state == RoundState.CLOSED,
    )


def _word_page(place: RoundHome, batch_id: str, ordinal: int, word: str) -> str:
    """The word for the cover, shown this once: the server keeps nothing that it could be read from."""
    unit = reader().get_one(Unit, place.home_id)
    return render_template(
        "counting/paper_word.html", place=place, batch_id=batch_id, ordinal=ordinal, word=word, unit=unit
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


@pages.post("/paper/<batch_id>/restart")
@requires("paper.key")
def restart(batch_id: str) -> str | Response:
    """The cover is lost: what was keyed goes, the batch gets a new word and is keyed anew."""
    if not FlaskForm().validate_on_submit():
        return redirect(url_for("paper.batch", batch_id=batch_id), 303)
    with committing(roster()) as session:
        restart_batch(session, actor(), batch_of_teller(session, actor(), batch_id, lock=True), at=now())
    forget_keyed(installation().databases, batch_id)
    with committing(roster()) as session:
        word = give_word(
            installation().settings, actor(), batch_of_teller(session, actor(), batch_id, lock=True)
        )
    found = batch_of_teller(reader(), actor(), batch_id)
    place = reader().get_one(RoundHome, (found.round_id, found.home_id))
    return _word_page(place, batch_id, found.ordinal, word)


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
    out_of_turn = state.keying == FIRST if keying == SECOND else bool(state.second)
    if out_of_turn or state.is_packed:
        raise NotFound("sheet")
    form = WordForm()
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            writing = batch_of_teller(session, actor(), batch_id, lock=True)
            claim_keying(session, actor(), writing, keying)
            pile, keyed = _typed(session, writing, form, keying, sheet)
        if not form.form_errors and not form.errors:
            if not key_form(databases, pile, sheet, keying, keyed):
                return _came_too_late(batch_id)
            return _onward(batch_id, keying)
    return _form_page(found, sheet, form, keying=keying)


def _typed(
    session: Session, found: PaperBatch, form: WordForm, keying: int, sheet: int
) -> tuple[Pile, KeyedForm]:
    """The answers in the form. Words are keyed once: the second time those of the first keying are kept."""
    pile = open_pile(session, installation().settings, found, form.word.data or "")
    given: Mapping[str, object] = {
        name: value for name, value in request.form.items() if name not in OWN_FIELDS
    }
    if keying != FIRST:
        words = {each.id for each in form_of(session, found).open_questions}
        given = with_words_of_the_first(installation().databases, pile, sheet, given, words)
    return pile, read_form(session, found, request.form.get("class_id", ""), given)


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
    databases = installation().databases
    found = batch_of_teller(reader(), actor(), batch_id)
    # The box first: what follows may be repeated until the roster side says that the batch is settled.
    if found.settled or not pack(databases, found.id, found.sheets):
        return
    with committing(roster()) as session:
        subject = batch_of_teller(session, actor(), batch_id, lock=True)
        if settle(session, databases, actor(), subject, at=now()):
            say(gettext("两遍都一样，这一批已录好。"), "done")


@pages.route("/paper/<batch_id>/differences/<int:sheet>", methods=["GET", "POST"])
@requires("paper.key")
def difference(batch_id: str, sheet: int) -> str | Response:
    """One form that was keyed in two ways: look at the paper, say what it says.

    What the two keyings were is shown to whoever types the word on the cover; without it nobody can read it.
    """
    databases = installation().databases
    found = batch_of_teller(reader(), actor(), batch_id)
    state = batch_state(databases, found)
    if state.keying is not None or sheet not in state.differing or found.settled:
        raise NotFound("sheet")
    form = WordForm()
    both = None
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            writing = batch_of_teller(session, actor(), batch_id, lock=True)
            pile = open_pile(session, installation().settings, writing, form.word.data or "")
            first, second = (keyed_form(databases, pile, sheet, which) for which in (FIRST, SECOND))
            both = first, second
            keyed = None
            if request.form.get("step") == "save":
                _same_pile, keyed = _typed(session, writing, form, SECOND, sheet)
        if keyed is not None and not form.form_errors and not form.errors:
            if not resolve(databases, pile, sheet, keyed):
                return _came_too_late(batch_id)
            _settle(batch_id)
            return redirect(url_for("paper.batch", batch_id=batch_id), 303)
    return _form_page(found, sheet, form, keying=None, differing=both)


def _form_page(
    found: PaperBatch,
    sheet: int,
    form: WordForm,
    *,
    keying: int | None,
    differing: tuple[KeyedForm, KeyedForm] | None = None,
) -> str:
    session = reader()
    typed = request.form if form.errors or form.form_errors else {}
    return render_template(
        "counting/paper_form.html",
        batch=found,
        sheet=sheet,
        keying=keying,
        form=form,
        known=keying is not None or differing is not None,
        fields=forms_keyed(form_of(session, found), differing, typed),
        chosen_class=typed.get("class_id", ""),
        letters=class_letters(session, session.get_one(RoundHome, (found.round_id, found.home_id))),
        classes=tuple(one.class_id for one in differing) if differing else (),
        questionnaire=form_of(session, found),
    )
