"""URLs of the officer's desk for sending links: a round, a home, one member, what did not arrive."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from survey_app.core.db import committing
from survey_app.invitations.codes import CodeBook
from survey_app.invitations.operations import HANDED_OUT, void_and_reissue
from survey_app.invitations.queries import invitation_of_number
from survey_app.invitations.sending import (
    MOST_LINK_SENDINGS,
    Way,
    ask_links,
    round_to_send,
    send_again,
    send_one,
    sendings_left,
)
from survey_app.invitations.sending_forms import OPENING, OneForm, RouteForm, SendForm
from survey_app.invitations.sending_progress import failures, latest_sendings, reach_of, sendings_of
from survey_app.invitations.sending_wording import AUDIENCES, PURPOSES
from survey_app.journal.operations import record
from survey_app.outbox.post_office import channels_of
from survey_app.outbox.transport import Channel
from survey_app.rosters.contacts import mend_contact
from survey_app.rosters.queries import contact_of
from survey_app.rosters.secrets import RosterKeys
from survey_app.rounds.models import Round, RoundHome, RoundSecret
from survey_app.rounds.queries import round_homes, visible_round_home
from survey_app.units.models import Unit
from survey_app.web.access import actor, requires
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.errors import invalid
from survey_app.web.form_errors import refill
from survey_app.web.i18n import gettext


def add_rules(pages: Blueprint) -> None:
    """Attach the desk's pages to the feature's blueprint."""
    both = ["GET", "POST"]
    pages.add_url_rule("/sending/<round_id>", "sending_round", sending_round, methods=both)
    pages.add_url_rule("/sending/<round_id>/<int:home_id>", "sending_home", sending_home, methods=both)
    pages.add_url_rule("/sending/<round_id>/<int:home_id>/one", "sending_one", sending_one, methods=both)
    pages.add_url_rule("/sendings/<sending_id>", "sending_failures", sending_failures)
    pages.add_url_rule("/sendings/<sending_id>/again", "sending_again", sending_again, methods=["POST"])


def channels() -> frozenset[Channel]:
    """The channels of this installation."""
    return channels_of(installation().settings)


def way_of(form: RouteForm) -> Way:
    """The way that a form chose."""
    return Way(form.chosen_route, channels())


@requires("link.send")
def sending_round(round_id: str) -> str | Response:
    """Every home of a round, and one button that sends all of them their links."""
    round_ = round_to_send(reader(), actor(), round_id)
    homes = round_homes(reader(), round_id)
    form = SendForm()
    form.offer(channels())
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            _ask(session, round_id, [home.home_id for home, _unit in homes], form)
        if not form.errors and not form.form_errors:
            say(gettext("已经交给发信员，这一页可以看发到哪儿了。"), "done")
            return redirect(url_for("invitations.sending_round", round_id=round_id), 303)
    latest = latest_sendings(reader(), round_id, [home for home, _unit in homes], now())
    return render_template(
        "invitations/sending_round.html",
        form=form,
        round=round_,
        homes=homes,
        latest=latest,
        busy=any(one.busy for one in latest.values()),
        **_common(round_),
    )


@requires("link.send")
def sending_home(round_id: str, home_id: int) -> str | Response:
    """One home: who can be reached, what was sent, and the buttons."""
    round_, home, unit = _home(reader(), round_id, home_id)
    form = SendForm()
    form.offer(channels())
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            _ask(session, round_id, [home_id], form)
        if not form.errors and not form.form_errors:
            say(gettext("已经交给发信员，这一页可以看发到哪儿了。"), "done")
            return redirect(url_for("invitations.sending_home", round_id=round_id, home_id=home_id), 303)
    sent = sendings_of(reader(), round_id, home, now())
    return render_template(
        "invitations/sending_home.html",
        form=form,
        round=round_,
        home=home,
        unit=unit,
        sent=sent,
        busy=any(one.busy for one in sent),
        left=sendings_left(reader(), round_id, home_id),
        most=MOST_LINK_SENDINGS,
        reach=reach_of(reader(), installation().settings.wrapping_key, home.roster_id),
        **_common(round_),
    )


@requires("link.send")
def sending_one(round_id: str, home_id: int) -> str | Response:
    """One member by roster number: the present link to the contact, which may be mended first."""
    round_, home, unit = _home(reader(), round_id, home_id)
    form = OneForm(number=request.args.get("number", ""))
    form.offer(channels())
    if form.validate_on_submit():
        with refill(form), committing(roster()) as session:
            _send_one(session, round_id, home_id, form)
        if not form.errors and not form.form_errors:
            say(gettext("已经交给发信员。"), "done")
            return redirect(url_for("invitations.sending_home", round_id=round_id, home_id=home_id), 303)
    return render_template(
        "invitations/sending_one.html", form=form, round=round_, home=home, unit=unit, **_common(round_)
    )


@requires("link.send")
def sending_failures(sending_id: str) -> str:
    """What did not arrive, by roster number and reason."""
    sending, listed = failures(reader(), actor(), sending_id)
    round_, home, unit = _home(reader(), sending.round_id, sending.home_id)
    return render_template(
        "invitations/sending_failures.html",
        sending=sending,
        listed=listed,
        round=round_,
        home=home,
        unit=unit,
        **_common(round_),
    )


@requires("link.send")
def sending_again(sending_id: str) -> Response:
    """Try once more what did not arrive."""
    sending, _listed = failures(reader(), actor(), sending_id)
    with committing(roster()) as session:
        count = send_again(session, actor(), sending.round_id, sending_id, at=now())
    say(gettext("没送达的%(n)s条又交给发信员了。", n=count), "done")
    target = url_for("invitations.sending_home", round_id=sending.round_id, home_id=sending.home_id)
    return redirect(target, 303)


def _ask(session: Session, round_id: str, home_ids: list[int], form: SendForm) -> None:
    at_opening = form.when.data == OPENING
    ask_links(session, actor(), round_id, home_ids, way_of(form), at_opening=at_opening, at=now())


def _send_one(session: Session, round_id: str, home_id: int, form: OneForm) -> None:
    round_ = round_to_send(session, actor(), round_id)
    invitation = invitation_of_number(session, round_id, home_id, form.number.data or "")
    if invitation is None:
        raise invalid("member_number_unknown", where="number")
    settings = installation().settings
    if form.renew.data:
        book = CodeBook.of(settings, session.get(RoundSecret, round_id))
        void_and_reissue(session, actor(), round_, invitation, book, at=now())
    if (form.contact.data or "").strip():
        contact = mend_contact(
            session, RosterKeys.of(settings), invitation.member_id, form.contact.data or ""
        )
        record(session, actor(), "contact.mended", "round_home", f"{round_id}/{home_id}", at=now())
    else:
        contact = contact_of(session, settings.wrapping_key, invitation.member_id)
    send_one(session, actor(), round_id, invitation, contact, way_of(form), at=now())


def _home(session: Session, round_id: str, home_id: int) -> tuple[Round, RoundHome, Unit]:
    round_ = round_to_send(session, actor(), round_id)
    home, unit = visible_round_home(session, actor(), round_id, home_id)
    return round_, home, unit


def _common(round_: Round) -> dict[str, Any]:
    return {
        "open_channels": channels(),
        "purposes": PURPOSES,
        "audiences": AUDIENCES,
        "sendable": round_.state in HANDED_OUT and now() < round_.closes_at,
        "early": round_.opens_at > now(),
    }
