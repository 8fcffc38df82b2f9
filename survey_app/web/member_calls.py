"""What every call of the member's page must look like: JSON, from our own page, small, never stored.

Such a call has no session, no cookie and no CSRF token: the credential inside cannot be forged across
sites (anonymity.md L13). Bytes travel as standard base64, ids as hexadecimal text.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from flask import Response, jsonify, request

from survey_app.core.errors import PingjiaError

LARGEST_CALL = 16 * 1024
_ID = re.compile(r"[0-9a-f]{32}")


class BadCall(PingjiaError):
    """The call is not one that our page makes; nothing in it is repeated."""

    def __init__(self, where: str) -> None:
        super().__init__("bad_call", where=where)


def read_call() -> dict[str, Any]:
    """The JSON object of this call, or BadCall."""
    if request.mimetype != "application/json":
        raise BadCall("type")
    # Browsers that send the header name the caller's site; older ones send nothing.
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise BadCall("site")
    if (request.content_length or 0) > LARGEST_CALL:
        raise BadCall("length")
    # A chunked body has no declared length: the cap also holds for what is really read.
    request.max_content_length = LARGEST_CALL
    call = request.get_json(silent=True, cache=False)
    if not isinstance(call, dict):
        raise BadCall("json")
    return call


def bytes_field(call: dict[str, Any], name: str, size: int) -> bytes:
    """Base64 of exactly `size` bytes."""
    try:
        value = base64.b64decode(text_field(call, name), validate=True)
    except (binascii.Error, ValueError):
        raise BadCall(name) from None
    if len(value) != size:
        raise BadCall(name)
    return value


def id_field(call: dict[str, Any], name: str) -> str:
    """An id of 16 bytes as 32 hexadecimal characters."""
    value = text_field(call, name)
    if not _ID.fullmatch(value):
        raise BadCall(name)
    return value


def number_field(call: dict[str, Any], name: str) -> int:
    """A whole number that fits a database key."""
    value = call.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise BadCall(name)
    return value


def text_field(call: dict[str, Any], name: str) -> str:
    """A text."""
    value = call.get(name)
    if not isinstance(value, str):
        raise BadCall(name)
    return value


def base64_text(data: bytes) -> str:
    """Bytes as they travel in a reply."""
    return base64.b64encode(data).decode("ascii")


def reply(**values: Any) -> Response:
    """A JSON reply that nobody keeps."""
    response = jsonify(values)
    response.headers["Cache-Control"] = "no-store"
    return response
