"""URLs of the own ways to be told: what every order matter is also sent by, chosen by each for himself."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from survey_app.accounts.forms import WaysForm
from survey_app.accounts.models import Account
from survey_app.accounts.ways import ADDRESS, choose_ways
from survey_app.core.db import committing
from survey_app.outbox.post_office import channels_of
from survey_app.outbox.transport import Channel
from survey_app.web.access import actor, signed_in
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.i18n import gettext


def add_to(pages: Blueprint) -> None:
    """Add the page of the own ways."""
    pages.add_url_rule("/messages/ways", "ways", ways, methods=["GET", "POST"])


@signed_in
def ways() -> str | Response:
    """The ways with the addresses they lead to; saving them comes back here."""
    form = WaysForm() if request.method == "POST" else None
    if form is not None and form.validate_on_submit():
        chosen = [Channel(field.name) for field in (form.mail, form.sms, form.wecom) if field.data]
        with committing(roster()) as book:
            choose_ways(book, actor(), book.get_one(Account, actor().account_id), chosen, at=now())
        say(gettext("记下了。"), "done")
        return redirect(url_for("accounts.ways"), 303)
    account = reader().get_one(Account, actor().account_id)
    told = {str(channel): getattr(account, f"told_by_{channel}") for channel in ADDRESS}
    return render_template(
        "accounts/ways.html",
        account=account,
        form=WaysForm(formdata=None, data=told),
        open_ways={str(channel) for channel in channels_of(installation().settings)},
        may_read_messages=actor().may("message.read"),
    )
