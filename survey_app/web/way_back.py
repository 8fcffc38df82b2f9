"""Addresses that are safe to follow from a page that has none of its own: after a POST, a 404 or a 405.

Browsers send us no referrer (our own policy forbids it), so the way back is found from the address itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from survey_app.web.access import access_of, current_actor

OPEN = frozenset({"public", "member"})


def safe_address() -> str:
    """This page's address with its query if a GET opens it; after a POST to an act, the page of the act."""
    if request.method in {"GET", "HEAD"} and not _refuses_get():
        return request.full_path.rstrip("?")
    return _opens(request.path) or way_back() or "/"


def way_back(*, gone: bool = False) -> str | None:
    """The nearest page this person may open: after a POST the page itself, else the one above it.

    Of what is `gone` (or was never there: nobody may tell the two apart) only lists lead back, for a page
    that names the same thing would be gone too.
    """
    posted = request.method not in {"GET", "HEAD"}
    candidates = ([request.path] if posted else []) + list(_above(request.path))
    return next((found for path in candidates if (found := _opens(path, lists_only=gone))), None)


def _refuses_get() -> bool:
    return getattr(request.routing_exception, "code", None) == 405


def _above(path: str) -> Iterator[str]:
    """The addresses above a path, nearest first, without the root."""
    while (path := path.rstrip("/").rpartition("/")[0]) != "":
        yield path


def _opens(path: str, *, lists_only: bool = False) -> str | None:
    """`path` if a GET leads to a page that this person may open by its access (its subject may be gone)."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return None
    try:
        endpoint, values = adapter.match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    if lists_only and values:
        return None
    return path if endpoint != "static" and _may_open(access_of(current_app, endpoint)) else None


def _may_open(access: str | None) -> bool:
    person = current_actor()
    if access in OPEN:
        return True
    if person is None:
        return access == "entrance"
    return access == "signed_in" or (access is not None and person.may(access))
