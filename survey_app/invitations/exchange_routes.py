"""URLs of the desk 发放: a card or a paper form for one member's link; the count when voting is over."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields import SelectChoice

from survey_app.core.actor import Role
from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.invitations.cards import cards_for, request_cards
from survey_app.invitations.exchanging import exchange, home_at_desk
from survey_app.invitations.forms import DeskCountForm, DeskForm, PaperFormsForm
from survey_app.invitations.models import Exchange, Invitation, InvitationState
from survey_app.invitations.operations import HANDED_OUT
from survey_app.invitations.paper_forms import class_letters, paper_form
from survey_app.invitations.queries import invitation_of_number
from survey_app.invitations.slips import slip_sheet
from survey_app.invitations.window import Phase, phase
from survey_app.papers.marks import Marks
from survey_app.papers.paper_ballot import paper_ballot_pdf
from survey_app.papers.slip_stream import BATCH, stream_cards, zipped
from survey_app.papers.typesetting import Typesetter
from survey_app.rounds.channels import count_desk, needs_present
from survey_app.rounds.models import BallotClass, Channel, Round, RoundHome, RoundKind, RoundState
from survey_app.units.models import Unit
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext


def add_rules(pages: Blueprint) -> None:
    """Attach the desk's pages to the feature's blueprint."""
    here = "/issue/<round_id>/<int:home_id>"
    pages.add_url_rule("/issue", "my_desk", my_desk)
    pages.add_url_rule(here, "desk", desk, methods=["GET", "POST"])
    pages.add_url_rule(f"{here}/exchange", "exchange", exchange_one, methods=["POST"])
    pages.add_url_rule(f"{here}/cards.pdf", "cards_pdf", cards_pdf, methods=["POST"])
    pages.add_url_rule(f"{here}/paper.pdf", "paper_pdf", paper_pdf, methods=["POST"])
    pages.add_url_rule(f"{here}/count", "desk_count", desk_count, methods=["GET", "POST"])


@requires("card.hand_out")
def my_desk() -> AnyResponse:
    """To the desk of this working group."""
    person = actor()
    if person.role is not Role.WORKING_GROUP or person.round_id is None:
        return redirect(url_for("rounds.index"), 303)
    return redirect(url_for("invitations.desk", round_id=person.round_id, home_id=person.unit_id), 303)


@requires("card.hand_out")
def desk(round_id: str, home_id: int) -> str:
    """One field for the roster number; one member found, nothing listed."""
    session = reader()
    round_, home, unit = home_at_desk(session, actor(), round_id, home_id)
    form = DeskForm()
    found: Invitation | None = None
    if form.validate_on_submit():
        found = invitation_of_number(session, round_id, home_id, form.number.data or "")
        if found is None:
            form.number.errors = [gettext("这一家的花名册里没有这个会员号。")]
    return _page(session, round_, home, unit, form, found)


def _page(
    session: Session, round_: Round, home: RoundHome, unit: Unit, form: DeskForm, found: Invitation | None
) -> str:
    letters = class_letters(session, home)
    paper = PaperFormsForm(formdata=None)
    paper.class_id.choices = _class_choices(letters)
    # Asked only where there are several, and then there is no form without one.
    paper.class_id.flags.required = True
    drawn_from = next((letter for letter, row in letters if found and row.id == found.class_id), "")
    return render_template(
        "invitations/desk.html",
        round=round_,
        home=home,
        unit=unit,
        form=form,
        found=found,
        letter=drawn_from,
        letters=letters,
        paper=paper,
        states=InvitationState,
        open=phase(round_, now()) is Phase.OPEN,
        printable=round_.state in HANDED_OUT and home.sheet_fingerprint is not None,
        with_links=home.channel == Channel.LINKS,
        countable=round_.state == RoundState.CLOSED and (home.cards or needs_present(round_, home)),
        sheet=slip_sheet(installation().settings, round_, home, unit) if home.sheet_fingerprint else None,
    )


def _class_choices(letters: Iterable[tuple[str, object]]) -> list[SelectChoice]:
    return [
        SelectChoice(letter, gettext("%(letter)s类", letter=letter) if letter else gettext("全体会员"))
        for letter, _row in letters
    ]


@requires("card.hand_out")
def exchange_one(round_id: str, home_id: int) -> str | AnyResponse:
    """Spend the link of the member found, for a card or a paper form."""
    form = DeskForm()
    if form.validate_on_submit():
        wanted = Exchange.CARD if request.form.get("for") == Exchange.CARD else Exchange.PAPER
        with refill(form), committing(roster()) as session:
            round_, home, _unit = home_at_desk(session, actor(), round_id, home_id)
            found = invitation_of_number(session, round_id, home_id, form.number.data or "")
            if found is None:
                raise NotFound("member")
            exchange(session, actor(), round_, home, found, wanted, at=now())
        if not form.errors and not form.form_errors:
            done = {
                Exchange.CARD: gettext("已登记换票卡。请让会员自己从信封里抽一张。"),
                Exchange.PAPER: gettext("已登记换纸质票。请把纸质票交给会员。"),
            }
            say(done[wanted], "done")
            return redirect(url_for("invitations.desk", round_id=round_id, home_id=home_id), 303)
    session = reader()
    round_, home, unit = home_at_desk(session, actor(), round_id, home_id)
    found = invitation_of_number(session, round_id, home_id, form.number.data or "")
    return _page(session, round_, home, unit, form, found)


@requires("slip.print")
def cards_pdf(round_id: str, home_id: int) -> Response:
    """The cards of a home: journalled first, then derived and streamed, never stored."""
    with committing(roster()) as session:
        round_, home, unit = home_at_desk(session, actor(), round_id, home_id)
        request_cards(session, actor(), round_, home, at=now())
    settings = installation().settings
    session = reader()
    home = session.get_one(RoundHome, (round_id, home_id))
    made = list(cards_for(session, settings, home))
    sheet = slip_sheet(settings, round_, home, unit, entry="/card")
    parts: Iterable[bytes] = stream_cards(
        sheet, made, Typesetter(settings.fonts_folder), marks=_marks(round_)
    )
    if len(made) > BATCH:
        return _file(zipped(parts, "cards"), "application/zip", "cards.zip")
    return _file(parts, "application/pdf", "cards.pdf")


@requires("card.hand_out")
def paper_pdf(round_id: str, home_id: int) -> str | Response:
    """Paper forms of one class; they carry no code, so nothing has to be kept secret."""
    session = reader()
    round_, home, unit = home_at_desk(session, actor(), round_id, home_id)
    letters = class_letters(session, home)
    form = PaperFormsForm()
    form.class_id.choices = _class_choices(letters)
    if not letters or not form.validate_on_submit():
        return _page(session, round_, home, unit, DeskForm(formdata=None), None)
    ballot = paper_form(session, round_, home, form.class_id.data, form.copies.data or 1)
    made = paper_ballot_pdf(ballot, Typesetter(installation().settings.fonts_folder), marks=_marks(round_))
    return _file([made], "application/pdf", "paper-ballots.pdf")


@requires("card.hand_out")
def desk_count(round_id: str, home_id: int) -> str | AnyResponse:
    """When voting is over: how many came, how many cards are left in each envelope."""
    session = reader()
    round_, home, unit = home_at_desk(session, actor(), round_id, home_id)
    letters = class_letters(session, home)
    form = DeskCountForm()
    if not needs_present(round_, home):
        del form.present
    if form.validate_on_submit():
        with refill(form), committing(roster()) as writing:
            subject, at_home, _unit = home_at_desk(writing, actor(), round_id, home_id)
            left = {row.id: _whole(f"left-{row.id}") for _letter, row in letters} if home.cards else {}
            count_desk(
                writing,
                actor(),
                subject,
                at_home,
                present=form.data.get("present"),
                cards_left={class_id: count for class_id, count in left.items() if count is not None},
                at=now(),
            )
        if not form.errors and not form.form_errors:
            say(gettext("已点清。开箱以前还可以改。"), "done")
            return redirect(url_for("invitations.desk", round_id=round_id, home_id=home_id), 303)
    elif not form.is_submitted() and needs_present(round_, home):
        form.present.data = home.present
    return render_template(
        "invitations/desk_count.html",
        round=round_,
        home=home,
        unit=unit,
        form=form,
        letters=letters,
        typed={row.id: _typed(row) for _letter, row in letters},
        asks_present=needs_present(round_, home),
        countable=round_.state == RoundState.CLOSED,
    )


def _typed(row: BallotClass) -> str:
    stored = "" if row.cards_left is None else str(row.cards_left)
    return request.form.get(f"left-{row.id}", stored)


def _whole(name: str) -> int | None:
    typed = request.form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else None


def _marks(round_: Round) -> Marks:
    return Marks(demo=installation().settings.demo, practice=round_.kind == RoundKind.PRACTICE)


def _file(parts: Iterable[bytes], kind: str, name: str) -> Response:
    response = Response(parts, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response
