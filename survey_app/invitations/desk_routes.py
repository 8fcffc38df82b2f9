"""URLs of the desks that hold codes in their hands: slip sheets and the replacement desk."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, Response, render_template
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from survey_app.core.db import committing
from survey_app.core.errors import NotFound
from survey_app.invitations.codes import CodeBook, personal_link
from survey_app.invitations.forms import MemberNumberForm, ReissueForm
from survey_app.invitations.models import Invitation, InvitationState
from survey_app.invitations.operations import HANDED_OUT, grant_replacement, void_and_reissue
from survey_app.invitations.queries import invitation_of_number
from survey_app.invitations.slips import (
    codes_for,
    home_for_slips,
    request_slips,
    round_for_codes,
    slip_sheet,
)
from survey_app.papers.marks import Marks
from survey_app.papers.slip_stream import BATCH, stream_slips, zipped
from survey_app.papers.slips import Slip, SlipSheet
from survey_app.papers.typesetting import Typesetter
from survey_app.rounds.models import Round, RoundHome, RoundKind, RoundSecret
from survey_app.rounds.queries import round_homes
from survey_app.units.models import Unit
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext


def add_rules(pages: Blueprint) -> None:
    """Attach the desk's pages to the feature's blueprint."""
    pages.add_url_rule("/slips/<round_id>/<int:home_id>", "slips", slips)
    pages.add_url_rule("/slips/<round_id>/<int:home_id>.pdf", "slips_pdf", slips_pdf, methods=["POST"])
    pages.add_url_rule("/replace/<round_id>", "replace", replace, methods=["GET", "POST"])
    pages.add_url_rule("/replace/<round_id>/slip.pdf", "replace_slip", replace_slip, methods=["POST"])


@requires("slip.print")
def slips(round_id: str, home_id: int) -> str:
    """How many slips there are, and what the person who prints them must know."""
    round_, home, unit = home_for_slips(reader(), actor(), round_id, home_id)
    return render_template(
        "invitations/slips.html",
        round=round_,
        home=home,
        unit=unit,
        sheet=slip_sheet(installation().settings, round_, home, unit) if home.sheet_fingerprint else None,
        printable=round_.state in HANDED_OUT,
        sheets=-(-home.members // 8),
    )


@requires("slip.print")
def slips_pdf(round_id: str, home_id: int) -> Response:
    """The slips of a home: journalled first, then derived and streamed, never stored."""
    with committing(roster()) as session:
        round_, home, unit = home_for_slips(session, actor(), round_id, home_id)
        request_slips(session, actor(), round_, home, at=now())
    settings = installation().settings
    made = list(codes_for(reader(), settings, round_id, home_id))
    return _stream(slip_sheet(settings, round_, home, unit), made, round_)


@requires("invitation.replace")
def replace(round_id: str) -> str:
    """The replacement desk: one field for the roster number, one member found, nothing listed."""
    session = reader()
    round_ = round_for_codes(session, actor(), round_id)
    form = MemberNumberForm()
    form.home_id.choices = _home_choices(session, round_id)
    found: Invitation | None = None
    if form.validate_on_submit():
        found = invitation_of_number(session, round_id, form.home_id.data, form.number.data or "")
        if found is None:
            form.number.errors = [gettext("这一家的花名册里没有这个会员号。")]
    return render_template(
        "invitations/replace.html",
        round=round_,
        form=form,
        act=ReissueForm(formdata=None, home_id=form.home_id.data, number=form.number.data),
        found=found,
        states=InvitationState,
        printable=round_.state in HANDED_OUT,
    )


@requires("invitation.replace")
def replace_slip(round_id: str) -> str | Response:
    """Void the old code and hand out the slip with the new one; a lost issued ballot needs a reason."""
    form = ReissueForm()
    form.home_id.choices = _home_choices(reader(), round_id)
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            slip, sheet, round_ = _renew(session, round_id, form)
        if not form.errors and not form.form_errors:
            return _stream(sheet, [slip], round_)
    session = reader()
    return render_template(
        "invitations/replace.html",
        round=round_for_codes(session, actor(), round_id),
        form=form,
        act=form,
        found=invitation_of_number(session, round_id, form.home_id.data, form.number.data or ""),
        states=InvitationState,
        printable=True,
    )


def _renew(session: Session, round_id: str, form: ReissueForm) -> tuple[Slip, SlipSheet, Round]:
    round_ = round_for_codes(session, actor(), round_id)
    invitation = invitation_of_number(session, round_id, form.home_id.data, form.number.data or "")
    if invitation is None:
        raise NotFound("member")
    settings = installation().settings
    book = CodeBook.of(settings, session.get(RoundSecret, round_id))
    if invitation.state == InvitationState.ISSUED:
        reason = form.reason.data or ""
        code = grant_replacement(session, actor(), round_, invitation, book, reason=reason, at=now())
    else:
        code = void_and_reissue(session, actor(), round_, invitation, book, at=now())
    home = session.get_one(RoundHome, (round_id, invitation.home_id))
    sheet = slip_sheet(settings, round_, home, session.get_one(Unit, invitation.home_id))
    return Slip(personal_link(settings.base_url, code, home.sheet_fingerprint or b""), code), sheet, round_


def _home_choices(session: Session, round_id: str) -> list[SelectChoice]:
    round_for_codes(session, actor(), round_id)
    return [SelectChoice(unit.id, unit.name) for _home, unit in round_homes(session, round_id)]


def _stream(sheet: SlipSheet, made: list[Slip], round_: Round) -> Response:
    """One PDF up to a thousand slips, a ZIP of several beyond; handed on as they are set."""
    settings = installation().settings
    marks = Marks(demo=settings.demo, practice=round_.kind == RoundKind.PRACTICE)
    parts: Iterable[bytes] = stream_slips(sheet, made, Typesetter(settings.fonts_folder), marks=marks)
    kind, ending = "application/pdf", "pdf"
    if len(made) > BATCH:
        parts, kind, ending = zipped(parts, "slips"), "application/zip", "zip"
    response = Response(parts, mimetype=kind)
    response.headers["Content-Disposition"] = f"attachment; filename=slips.{ending}"
    response.headers["Cache-Control"] = "no-store"
    return response
