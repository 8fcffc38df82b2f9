"""WeCom: a message of our application to one person by phone number; a group robot for plain texts."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from survey_app.outbox.transport import Letter, NotDelivered
from survey_app.outbox.transport_http import PATIENCE_S, get_json, post_json

TOKEN_STALE = {40014, 42001}
BUSY = {-1, 45009, 45033}
NO_SUCH_PERSON = {46004, 60111, 81013, 40003, 301002}
REPETITIONS_DROPPED_FOR_S = 4 * 3600
# An address, or twenty characters in the alphabet of codes with any grouping.
LINK = re.compile(r"://|www\.|/e#|(?:[0-9A-HJKMNP-TV-Z][ -]?){20}", re.IGNORECASE)


class WecomTransport:
    """The application message API: token, person by phone number, text; WeCom drops repetitions itself."""

    def __init__(self, url: str, corp: str, agent: str, secret: str, patience: float = PATIENCE_S) -> None:
        self._url, self._agent, self._patience = url, agent, patience
        self._credentials = {"corpid": corp, "corpsecret": secret}
        self._token = ""

    def send(self, letter: Letter, _reference: str) -> None:
        """Send one text to the person with this phone number; a stale token is renewed once."""
        person = self._person(letter.address)
        answer = self._call(
            "message/send",
            {
                "touser": person,
                "msgtype": "text",
                "agentid": int(self._agent or 0),
                "text": {"content": letter.text},
                "enable_duplicate_check": 1,
                "duplicate_check_interval": REPETITIONS_DROPPED_FOR_S,
            },
        )
        if answer.get("invaliduser"):
            raise NotDelivered("no_such_address", final=True)

    def close(self) -> None:
        """The token is kept: WeCom counts how often one is fetched."""

    def _person(self, mobile: str) -> str:
        try:
            return str(self._call("user/getuserid", {"mobile": mobile}).get("userid", ""))
        except NotDelivered as error:
            raise _before_sending(error) from None

    def _call(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = self._post(path, content)
        if answer.get("errcode") in TOKEN_STALE:
            self._token = ""
            answer = self._post(path, content)
        _check(answer)
        return answer

    def _post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        if not self._token:
            query = urlencode(self._credentials)
            try:
                answer = get_json(f"{self._url}/cgi-bin/gettoken?{query}", patience=self._patience)
            except NotDelivered as error:
                raise _before_sending(error) from None
            if answer.get("errcode", 0) != 0:
                raise NotDelivered("sign_in_refused", channel_down=True)
            self._token = str(answer.get("access_token", ""))
        query = urlencode({"access_token": self._token})
        return post_json(f"{self._url}/cgi-bin/{path}?{query}", content, patience=self._patience)


class RobotTransport:
    """A group robot: everybody in the group reads it, so a text with a link or a code is refused."""

    def __init__(self, url: str, patience: float = PATIENCE_S) -> None:
        self._url, self._patience = url, patience

    def send(self, letter: Letter, _reference: str) -> None:
        """Post one plain text into the group."""
        if LINK.search(letter.text):
            raise NotDelivered("link_forbidden", final=True)
        _check(
            post_json(
                self._url, {"msgtype": "text", "text": {"content": letter.text}}, patience=self._patience
            )
        )

    def close(self) -> None:
        """Nothing stays open between messages."""


def _before_sending(error: NotDelivered) -> NotDelivered:
    """Looking for a person or a token sends no letter, so whatever fails there leaves no doubt."""
    return NotDelivered(error.reason, final=error.final, channel_down=error.channel_down)


def _check(answer: dict[str, Any]) -> None:
    code = answer.get("errcode", 0)
    if code == 0:
        return
    if code in BUSY:
        raise NotDelivered("server_busy")
    raise NotDelivered("no_such_address" if code in NO_SUCH_PERSON else "refused", final=True)
