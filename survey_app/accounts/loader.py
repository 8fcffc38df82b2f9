"""Finds out who is signed in, for desk routes only: a member's page never has its cookies read."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from survey_app.accounts import sign_ins
from survey_app.accounts.duty_calls import Call, by_urgency
from survey_app.accounts.permissions import permissions_of
from survey_app.core.actor import Role
from survey_app.core.db import committing
from survey_app.web.access import access_of, current_actor
from survey_app.web.books import installation, now, reader, roster
from survey_app.web.desk import ROLE_TITLES, PostLink
from survey_app.web.way_back import safe_address

COOKIE = "pj_desk"
WITHOUT_SESSION = frozenset({"public", "member"})
# What a person with a one-time password may reach before choosing his own.
BEFORE_OWN_PASSWORD = frozenset({"accounts.password", "accounts.sign_out", "accounts.settings"})
# What a person whose post asks for a second factor may reach before having one.
BEFORE_SECOND_FACTOR = BEFORE_OWN_PASSWORD | {"accounts.second_factor", "accounts.confirm_password"}
EXCUSED = "second_factor_excused"


def setup(app: Flask) -> None:
    """Load the actor before every desk request, and lead the frame's switches over the desk's cookies."""
    app.before_request(load_actor)
    app.context_processor(_switches)


def load_actor() -> Response | None:
    """Put the actor on `g`; first of all a person chooses a password, and has a second factor if he must."""
    # An address that nothing answers still shows a desk's frame, so that its reader finds the way on.
    if request.endpoint is not None and access_of(current_app, request.endpoint) in WITHOUT_SESSION:
        return None
    token = request.cookies.get(COOKIE, "")
    found = sign_ins.signed_in(reader(), token, at=now()) if token else None
    if found is None:
        return None
    g.actor, g.confirmed_at, g.sign_in_token = found.actor, found.confirmed_at, token
    g.posts = []
    if len(found.posts) > 1:
        calls = by_urgency(reader(), found.posts, now())
        g.posts = [_link(post, call, found.actor.post_id) for post, call in calls]
    if now() - found.seen_at >= sign_ins.NOTED_EVERY:
        with committing(roster()) as session:
            sign_ins.note_seen(session, token, at=now())
    if found.must_change_password and request.endpoint not in BEFORE_OWN_PASSWORD:
        return redirect(url_for("accounts.password"), 303)
    g.needs_second_factor = second_factor_is_asked({post.role for post in found.posts})
    missing = g.needs_second_factor and not found.has_second_factor
    if missing and request.endpoint not in BEFORE_SECOND_FACTOR:
        return redirect(url_for("accounts.second_factor"), 303)
    return None


def second_factor_is_asked(roles: set[Role]) -> bool:
    """Whether a holder of these roles must have a second factor here; any one of his posts decides."""
    excused = current_app.extensions.get(EXCUSED)
    return bool(roles & installation().settings.second_factor_roles) and not (excused and excused())


def keep(response: Response, token: str) -> None:
    """Give the browser its token: not for scripts, not for other sites, gone when the browser closes."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=_is_https())


def forget(response: Response) -> None:
    """Take the token back."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=_is_https())


def local_path(address: str | None) -> str | None:
    """`address` if it leads to a page of ours, else None: a link may not send anybody elsewhere."""
    if not address or not address.startswith("/") or address.startswith("//"):
        return None
    if "\\" in address or any(ord(letter) < 33 for letter in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def _is_https() -> bool:
    return installation().settings.base_url.startswith("https://")


def _link(post: sign_ins.HeldPost, call: Call, current: int) -> PostLink:
    """Posts of rounds are told apart by the round and by what waits there, not by their unit."""
    if call.round_title:
        label = f"{call.round_title} · {ROLE_TITLES[post.role]} · {call.words}"
    else:
        label = f"{post.unit_name} · {post.title or ROLE_TITLES[post.role]}"
    address = url_for("accounts.switch_post", post_id=post.id)
    return PostLink(
        label,
        address,
        post.id == current,
        call.waits_for_holder,
        id=post.id,
        round_id=post.round_id,
        permissions=permissions_of(post.role),
    )


def _switches() -> dict[str, object]:
    return {"switch_url": _settings_url} if current_actor() else {}


def _settings_url(**changes: Any) -> str:
    return url_for("accounts.settings", next=safe_address(), **changes)
