"""Compress what is the same bytes for everybody, never a reply with a secret: its length would tell of it."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Response, request

TEXTS = ("text/css", "text/javascript", "image/svg+xml")


def compressed(response: Response) -> Response:
    """The reply, compressed if the browser can read it so."""
    response.vary.add("Accept-Encoding")
    if "gzip" in request.accept_encodings:
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.content_encoding = "gzip"
    return response


@lru_cache(maxsize=256)
def _packed(content: bytes) -> bytes:
    # The same bytes for everybody are asked for again and again: packing them takes longer than serving them.
    return gzip.compress(content, mtime=0)


def compress_static(response: Response) -> Response:
    """Compress style sheets, scripts and icons on their way out."""
    static = request.endpoint == "static" and response.status_code == 200
    return compressed(response) if static and response.mimetype in TEXTS else response
