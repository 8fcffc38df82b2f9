"""Asks for the password again before an act that cannot be taken back."""

from __future__ import annotations

from typing import NoReturn

from flask import g, redirect, request, url_for
from werkzeug.exceptions import Forbidden

from survey_app.accounts.sign_ins import FRESH
from survey_app.web.books import now
from survey_app.web.desk import say
from survey_app.web.i18n import gettext


class NotFresh(Forbidden):
    """The last password is too long ago; carries the way to the page that asks for it."""


def is_fresh() -> bool:
    """Whether the person has given the password within the last quarter of an hour."""
    confirmed = g.get("confirmed_at")
    return confirmed is not None and now() - confirmed <= FRESH


def require_fresh_sign_in(back: str | None = None) -> None:
    """Go on if the password is fresh, else ask for it and come back to `back` (default: this address)."""
    if not is_fresh():
        _ask(back or request.full_path.rstrip("?"))


def _ask(back: str) -> NoReturn:
    if request.method != "GET":
        say(gettext("密码已确认。刚才那一步还没有办，请再按一次。"))
    raise NotFresh(response=redirect(url_for("accounts.confirm_password", next=back), 303))
