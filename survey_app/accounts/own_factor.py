"""URLs of the own second factor: turn it on with a QR, see the recovery codes once, turn it off."""

from __future__ import annotations

import io

import segno
from flask import Blueprint, g, redirect, render_template, url_for
from markupsafe import Markup

from survey_app.accounts import second_factor
from survey_app.accounts.forms import EnrolForm
from survey_app.accounts.models import Account
from survey_app.accounts.step_up import require_fresh_sign_in
from survey_app.core import tokens
from survey_app.core.db import committing
from survey_app.core.errors import Refused
from survey_app.web import errors
from survey_app.web.access import actor, signed_in
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import say
from survey_app.web.i18n import gettext

PURPOSE = "second-factor-secret"
MINUTES = 15


def add_to(pages: Blueprint) -> None:
    """Add the pages of the own second factor."""
    pages.add_url_rule("/second-factor", "second_factor", own, methods=["GET", "POST"])
    pages.add_url_rule("/second-factor/off", "second_factor_off", off, methods=["POST"])


@signed_in
def own():
    """Turn the second factor on: the QR, then the first digits, then the recovery codes."""
    require_fresh_sign_in(url_for("accounts.second_factor"))
    account = reader().get_one(Account, actor().account_id)
    key = installation().settings.secret_key
    form = EnrolForm()
    if form.validate_on_submit():
        secret, owner = tokens.read(key, PURPOSE, form.secret.data or "", MINUTES * 60)
        if owner != account.id:
            raise Refused("token_invalid")
        try:
            with committing(roster()) as session:
                codes = second_factor.enrol(
                    session,
                    actor(),
                    session.get_one(Account, account.id, with_for_update=True),
                    secret,
                    "".join((form.digits.data or "").split()),
                    installation().settings.wrapping_key,
                    at=now(),
                )
        except Refused as refused:
            form.digits.errors = [errors.sentence(refused)]
        else:
            return render_template("accounts/recovery_codes.html", codes=codes)
    else:
        secret = second_factor.new_secret()
        form.secret.data = tokens.sign(key, PURPOSE, [secret, account.id])
    page = render_template(
        "accounts/second_factor.html",
        form=form,
        account=account,
        needed=g.needs_second_factor,
        secret=secret,
        qr=_drawing(second_factor.address_of(secret, account.login)),
        codes_left=second_factor.codes_left(reader(), account.id),
    )
    return page, 422 if form.digits.errors else 200


@signed_in
def off():
    """Turn the second factor off, unless a post of this person asks for one."""
    if g.needs_second_factor:
        raise Refused("second_factor_needed")
    require_fresh_sign_in(url_for("accounts.second_factor"))
    with committing(roster()) as session:
        account = session.get_one(Account, actor().account_id, with_for_update=True)
        second_factor.remove(session, actor(), account, at=now())
    say(gettext("验证器已关掉，登录只要密码。"), "done")
    return redirect(url_for("accounts.password"), 303)


def _drawing(address: str) -> Markup:
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=5, border=4, light="#ffffff", xmldecl=False, svgns=True, nl=False
    )
    # Drawn by our own library from our own address: nothing in it comes from a person.
    return Markup(out.getvalue().decode())  # noqa: S704 - see above
