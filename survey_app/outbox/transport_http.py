"""The one way in which the outbox speaks HTTP: POST of JSON, no redirect, a reason for every failure."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from survey_app.outbox.transport import NotDelivered

PATIENCE_S = 20.0
LARGEST_ANSWER = 64 * 1024
# A proxy that says this does not know what became of the request behind it.
NOBODY_KNOWS = {502, 504}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """A letter goes where the settings say and nowhere else."""


_opener = urllib.request.build_opener(_NoRedirect)


def post_json(
    url: str, content: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, patience: float
) -> dict[str, Any]:
    """Send `content`, give the answer's JSON object; raises NotDelivered."""
    request = urllib.request.Request(  # noqa: S310 - the settings accept http(s) addresses only
        url,
        data=json.dumps(content, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
        method="POST",
    )
    return _object(_answer(request, patience))


def get_json(url: str, *, patience: float) -> dict[str, Any]:
    """The JSON object at an address; raises NotDelivered."""
    return _object(_answer(urllib.request.Request(url), patience))  # noqa: S310 - as above


def _answer(request: urllib.request.Request, patience: float) -> bytes:
    try:
        with _opener.open(request, timeout=patience) as response:
            content: bytes = response.read(LARGEST_ANSWER)
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise _status(error.code) from None
    except urllib.error.URLError:
        # Raised while connecting or sending: a gateway never saw the whole request.
        raise NotDelivered("server_unreachable", channel_down=True) from None
    except TimeoutError:
        raise NotDelivered("no_answer", doubtful=True, channel_down=True) from None
    except (OSError, http.client.HTTPException):
        raise NotDelivered("cut_off", doubtful=True) from None


def _status(code: int) -> NotDelivered:
    if code in (401, 403):
        return NotDelivered("sign_in_refused", channel_down=True)
    if code == 429 or code >= 500:
        return NotDelivered("server_busy", doubtful=code in NOBODY_KNOWS)
    return NotDelivered("refused", final=True)


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        # It answered 200 with something else: whether the letter went out, nobody knows.
        raise NotDelivered("answer_unclear", doubtful=True)
    return found
