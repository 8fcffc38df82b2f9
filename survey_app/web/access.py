"""Access is declared on every endpoint, or the application refuses to start."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from survey_app.core.actor import Actor
from survey_app.core.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])
MARK = "_pingjia_access"


class UndeclaredAccess(RuntimeError):
    """An endpoint says nothing about who may call it."""


def public(view: View) -> View:
    """Open to everybody; no session is read and no cookie set."""
    setattr(view, MARK, "public")
    return view


def member(view: View) -> View:
    """A member's route: open, without session, cookie, CSRF token or journal line."""
    setattr(view, MARK, "member")
    return view


def entrance(view: View) -> View:
    """The way in and out of the desks: open to everybody, with the session of its own form."""
    setattr(view, MARK, "entrance")
    return view


def signed_in(view: View) -> View:
    """Open to every account in any post."""
    return _guarded(view, None)


def requires(permission: str) -> Callable[[View], View]:
    """Open to posts that carry `permission`; scope is the loader's affair."""

    def decorate(view: View) -> View:
        return _guarded(view, permission)

    return decorate


def _guarded(view: View, permission: str | None) -> View:
    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        person = current_actor()
        if person is None:
            return _to_sign_in()
        if permission is not None and not person.may(permission):
            raise Refused("role_may_not", permission=permission)
        return view(*args, **values)

    setattr(guarded, MARK, permission or "signed_in")
    return guarded  # type: ignore[return-value]  # wraps keeps the signature, mypy cannot see it


def _to_sign_in() -> Response:
    if request.method not in {"GET", "HEAD"}:
        abort(403)
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))


def current_actor() -> Actor | None:
    """The actor of this request, or None; `accounts` registers the loader."""
    return getattr(g, "actor", None)


def actor() -> Actor:
    """The actor of a guarded request."""
    person = current_actor()
    if person is None:
        raise RuntimeError("actor() was called on an endpoint that is not guarded")
    return person


def access_of(app: Flask, endpoint: str) -> str | None:
    """What an endpoint declares: 'public', 'member', 'entrance', 'signed_in' or a permission."""
    return getattr(app.view_functions[endpoint], MARK, None)


def refuse_undeclared(app: Flask) -> None:
    """Raise UndeclaredAccess with every endpoint that declares nothing."""
    silent = sorted(
        rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None
    )
    if silent:
        raise UndeclaredAccess(f"endpoints without declared access: {', '.join(silent)}")
