"""URLs of the custodians' ceremony, the protocol sheets, and the two exits from a held home."""

from __future__ import annotations

import base64

from flask import Blueprint, Flask, Response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from survey_app.accounts.step_up import require_fresh_sign_in
from survey_app.core.actor import Role
from survey_app.core.clock import system_clock
from survey_app.core.db import committing
from survey_app.core.errors import Fault, NotFound, Refused
from survey_app.counting import card_routes, child, paper_routes, probes
from survey_app.counting.ceremony import (
    confirm_destruction,
    confirm_rehearsal,
    custody_round,
    hand_in_key,
)
from survey_app.counting.custody import Step, custody_of
from survey_app.counting.forms import HalvesForm, HoldForm, KeyForm
from survey_app.counting.operations import accept_hold, need_own_line, void_home
from survey_app.counting.paper_requirement import paper_open
from survey_app.counting.protocol import protocol_of
from survey_app.counting.queries import custodian_ids, home_count
from survey_app.counting.rule import may_be_accepted
from survey_app.counting.run import end_opening
from survey_app.counting.wording import PAPER_VERBS, RULE_LINES, WORDS, rule_line
from survey_app.journal.chain import head
from survey_app.journal.wording import learn_verbs
from survey_app.papers.marks import Marks
from survey_app.papers.protocol_sheet import protocol_sheet_pdf
from survey_app.papers.typesetting import Typesetter
from survey_app.rounds.models import Round, RoundKind
from survey_app.rounds.operations import on_cancel
from survey_app.rounds.queries import visible_round, visible_round_home
from survey_app.rounds.readiness import add_requirement
from survey_app.web import errors
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import Place, add_place, say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext, in_chinese
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.probes import add_check

pages = Blueprint("counting", __name__)
ASKS_FOR_PASSWORD = frozenset({Step.OPEN, Step.RESUME})


def register(app: Flask) -> None:
    """Add the pages, sentences, the probe and the rail's place; warn of databases that keep times."""
    app.register_blueprint(pages)
    app.extensions["csrf_guard"].exempt(card_routes.pages)
    app.register_blueprint(card_routes.pages)
    app.register_blueprint(paper_routes.pages)
    add_requirement("count", paper_open)
    on_cancel(end_opening)
    learn_verbs(PAPER_VERBS)
    add_place(
        Place("paper.my_home", _l("纸质票"), "file", 20, lambda one: one.may("paper.key"), prefix="/paper")
    )
    errors.learn(WORDS)
    errors.learn(RULE_LINES)
    add_check(probes.problems)
    probes.warn_of_telltale_settings(app.extensions["pingjia"].databases)
    add_place(
        Place(
            "counting.my_box", _l("开箱"), "box", 20, lambda person: person.may("box.custody"), prefix="/box"
        )
    )


@pages.get("/box")
@requires("box.custody")
def my_box() -> AnyResponse:
    """To the box this custodian holds."""
    if actor().round_id is None:
        raise NotFound("round")
    return redirect(url_for("counting.custody", round_id=actor().round_id), 303)


@pages.get("/box/<round_id>")
@requires("box.custody")
def custody(round_id: str) -> str:
    """The step that is due now."""
    return _page(round_id, HalvesForm(formdata=None))


def _page(round_id: str, form: HalvesForm) -> str:
    session = reader()
    round_ = custody_round(session, actor(), round_id)
    view = custody_of(session, round_, actor().account_id, at=now())
    if view.step in ASKS_FOR_PASSWORD and not form.is_submitted():
        require_fresh_sign_in()
    return render_template(
        "counting/custody.html",
        round=round_,
        view=view,
        form=form,
        key_form=KeyForm(formdata=None),
        public=base64.b64encode(view.public).decode(),
        locked=base64.b64encode(view.locked).decode(),
    )


@pages.post("/box/<round_id>/key")
@requires("box.custody")
def key(round_id: str) -> AnyResponse:
    """Take the public half and the locked half of a new key; the passphrase stays on the slips."""
    form = KeyForm()
    custody_round(reader(), actor(), round_id)
    if not form.validate_on_submit():
        raise Refused("opening_key_bad")
    public, locked = form.keys()
    with committing(roster()) as session:
        round_ = custody_round(session, actor(), round_id, lock=True)
        hand_in_key(session, actor(), round_, public=public, locked=locked, at=now())
    say(gettext("钥匙已经存好。接着试开一次，证明口令条没有抄错。"), "done")
    return _back(round_id)


@pages.post("/box/<round_id>/rehearsal")
@requires("box.custody")
def rehearsal(round_id: str) -> AnyResponse:
    """The browser has opened a dummy ballot with what was typed from the slips."""
    with committing(roster()) as session:
        confirm_rehearsal(session, actor(), custody_round(session, actor(), round_id, lock=True), at=now())
    say(gettext("试开成功。口令条请收好，开箱那天再用。"), "done")
    return _back(round_id)


@pages.post("/box/<round_id>/open")
@requires("box.custody")
def open_box(round_id: str) -> str | AnyResponse:
    """Hand both halves to the one process that counts; a wrong passphrase changes nothing."""
    form = HalvesForm()
    custody_round(reader(), actor(), round_id)
    if form.validate_on_submit():
        require_fresh_sign_in(url_for("counting.custody", round_id=round_id))
        ahead = now() - system_clock()
        answer = child.start(installation().settings, round_id, actor().post_id, form.halves(), ahead=ahead)
        if answer.started:
            say(gettext("口令对上了，正在开箱。"), "done")
            return _back(round_id)
        _complain(form, answer)
    return _page(round_id, form)


def _complain(form: HalvesForm, answer: child.Answer) -> None:
    if answer.code != "half_mistyped":
        form.form_errors = [errors.sentence(Fault(answer.code, answer.details))]
        return
    field = form.second if answer.details["half"] == 2 else form.first
    half = str(field.label.text)
    field.errors = [errors.sentence(Fault(f"half_{answer.details['fault']}", {"half": half}))]


@pages.post("/box/<round_id>/destroyed")
@requires("box.custody")
def destroyed(round_id: str) -> AnyResponse:
    """This custodian's slips are torn up."""
    require_fresh_sign_in(url_for("counting.custody", round_id=round_id))
    with committing(roster()) as session:
        round_ = custody_round(session, actor(), round_id, lock=True)
        last = confirm_destruction(session, actor(), round_, at=now())
    say(gettext("都确认了，正在收尾。") if last else gettext("已记下。等另一位开箱人确认。"), "done")
    return _back(round_id)


def _back(round_id: str) -> AnyResponse:
    return redirect(url_for("counting.custody", round_id=round_id), 303)


@pages.get("/counts/<round_id>/<int:home_id>/protocol.pdf")
@requires("round.read")
def protocol(round_id: str, home_id: int) -> Response:
    """The protocol sheet of a home, with the head of the journal as it stands now."""
    session = reader()
    home, _unit = visible_round_home(session, actor(), round_id, home_id)
    round_ = session.get_one(Round, round_id)
    settings = installation().settings
    with in_chinese():
        sheet = protocol_of(session, installation().databases, settings.code_pepper, round_, home)
    marks = Marks(
        demo=settings.demo, practice=round_.kind == RoundKind.PRACTICE, journal_head=head(session)[1]
    )
    response = Response(
        protocol_sheet_pdf(sheet, Typesetter(settings.fonts_folder), marks=marks), mimetype="application/pdf"
    )
    response.headers["Content-Disposition"] = "inline; filename=protocol.pdf"
    return response


@pages.route("/counts/<round_id>/<int:home_id>/hold", methods=["GET", "POST"])
@requires("round.read")
def hold(round_id: str, home_id: int) -> str | AnyResponse:
    """A held home: the broken lines with their numbers, and the exits open to this person."""
    session = reader()
    _home, unit = visible_round_home(session, actor(), round_id, home_id)
    if not (actor().may("result.confirm") or actor().may("box.custody")):
        raise NotFound("home")
    form = HoldForm()
    if form.is_submitted() and not actor().may("box.custody"):
        need_own_line(session, actor(), home_id)
    if form.validate_on_submit():
        require_fresh_sign_in(url_for("counting.hold", round_id=round_id, home_id=home_id))
        with refill(form), committing(roster()) as writing:
            _decide(writing, round_id, home_id, form)
        if not form.errors and not form.form_errors:
            return redirect(url_for("counting.hold", round_id=round_id, home_id=home_id), 303)
    count = home_count(session, round_id, home_id)
    return render_template(
        "counting/hold.html",
        round=session.get_one(Round, round_id),
        unit=unit,
        count=count,
        form=form,
        lines=[rule_line(line) for line in count.held],
        acceptable=may_be_accepted(count.held),
        missing=len(custodian_ids(session, round_id) - {voice["account"] for voice in count.acceptances}),
        officer_spoke=any(voice["role"] == Role.OFFICER for voice in count.acceptances),
        spoken=actor().account_id in {voice["account"] for voice in count.acceptances},
    )


def _decide(session: Session, round_id: str, home_id: int, form: HoldForm) -> None:
    round_ = visible_round(session, actor(), round_id)
    reason = form.reason.data or ""
    if form.act.data == "void":
        void_home(session, actor(), round_, home_id, reason=reason, at=now())
        say(gettext("已作废。这一家的票已经安排销毁，请另建一轮重评。"), "done")
    elif accept_hold(session, actor(), round_, home_id, reason=reason, at=now()):
        say(gettext("都接受了，结果马上算出来。"), "done")
    else:
        say(gettext("已记下您的意见，等其他人。"), "done")
