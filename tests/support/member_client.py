"""A member's phone in Python: lookup, sheet, blind, issue, finalise, seal, cast - over HTTP or in process.

It keeps what the page keeps, so that a test can lose a reply and go on exactly where a phone would.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from questionnaires import Questionnaire, encode, from_json, read_answers
from survey_app.seals.blind import MemberSide, key_tag
from survey_app.seals.codes import short_fingerprint
from survey_app.seals.envelope import seal
from survey_app.seals.receipts import leaf_of, receipt

Send = Callable[[str, Mapping[str, Any]], tuple[int, bytes]]


class Turned(Exception):
    """The server turned a call away: its status and the code of its reason."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


def over_flask(app: Flask) -> Send:
    """Calls into an application in this process; every call has a client of its own, without cookies."""

    def send(path: str, call: Mapping[str, Any]) -> tuple[int, bytes]:
        reply = app.test_client(use_cookies=False).post(path, json=dict(call))
        assert "Set-Cookie" not in reply.headers, "a member's call must never set a cookie"
        return reply.status_code, reply.data

    return send


def over_http(base_url: str, timeout: float = 20) -> Send:
    """Calls to a running server; a lost connection raises OSError as on a phone without network."""
    parts = urlsplit(base_url)

    def send(path: str, call: Mapping[str, Any]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        try:
            connection.request("POST", path, json.dumps(dict(call)), {"Content-Type": "application/json"})
            reply = connection.getresponse()
            body = reply.read()
        except http.client.HTTPException as error:
            raise ConnectionResetError(str(error)) from error
        finally:
            connection.close()
        assert reply.headers.get("Set-Cookie") is None, "a member's call must never set a cookie"
        return reply.status, body

    return send


def base64_text(data: bytes) -> str:
    """Bytes as the page writes them."""
    return base64.b64encode(data).decode()


@dataclass
class MemberClient:
    """One member on one phone; `fingerprint` is given with a link, not with a typed code."""

    send: Send
    code: str
    fingerprint: str | None = None
    entitlement: dict[str, Any] = field(default_factory=dict)
    sheet: dict[str, Any] = field(default_factory=dict)
    sheet_hash: bytes = b""
    questionnaire: Questionnaire | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    side: MemberSide | None = None
    signature: bytes = b""
    sealed: bytes = b""

    def call(self, path: str, **values: Any) -> dict[str, Any]:
        """One JSON call; raises Turned for anything but 200."""
        status, body = self.send(path, values)
        if status != 200:
            raise Turned(status, _code_of(body))
        found: dict[str, Any] = json.loads(body)
        return found

    def look_up(self) -> dict[str, Any]:
        """What the code stands for."""
        self.entitlement = self.call("/e/lookup", code=self.code)
        return self.entitlement

    def read_sheet(self) -> dict[str, Any]:
        """Sheet, questionnaire and facts; refuses a sheet that the link does not name."""
        call = {"home": self.entitlement["home"], "round": self.entitlement["round"]}
        status, body = self.send("/e/sheet", call)
        if status != 200:
            raise Turned(status, _code_of(body))
        sheet, questionnaire, facts = body.rstrip(b"\n").split(b"\n")
        self.sheet_hash = hashlib.sha256(sheet).digest()
        if self.fingerprint is not None:
            assert short_fingerprint(self.sheet_hash) == self.fingerprint, "the sheet is not the link's"
        self.sheet, self.facts = json.loads(sheet), json.loads(facts)
        assert hashlib.sha256(questionnaire).hexdigest() == self.sheet["questionnaire"]
        self.questionnaire = from_json(questionnaire)
        return self.sheet

    def start(self) -> MemberClient:
        """Everything before the tap on submit; a new message is blinded only once."""
        if not self.entitlement:
            self.look_up()
        if not self.sheet:
            self.read_sheet()
        if self.side is None:
            self.side = MemberSide.start(self._public_n)
        return self

    def issue(self) -> bytes:
        """Spend the entitlement on the blinded message and unblind the answer."""
        reply = self.call("/e/issue", **self.issue_call())
        self.signature = self._side.finalise(base64.b64decode(reply["s"]))
        return self.signature

    def issue_call(self) -> dict[str, Any]:
        """The call as the page makes it, the same at every try."""
        tag = key_tag(self._side.public_n)
        return {"code": self.code, "tag": base64_text(tag), "b": base64_text(self._side.blinded)}

    def seal(self, answers: Mapping[str, object]) -> bytes:
        """Seal the answers once; the same bytes are sent at every try."""
        if not self.sealed:
            assert self.questionnaire is not None
            self.sealed = seal(
                base64.b64decode(self.sheet["opening_key"]),
                encode(read_answers(self.questionnaire, answers)),
                sheet_fingerprint=self.sheet_hash,
                class_id=bytes.fromhex(self.entitlement["class"]),
                credential=self._side.message,
            )
        return self.sealed

    def cast(self) -> str:
        """Put the sealed ballot in; the receipt must be the one of this very ballot."""
        reply = self.call("/box/cast", **self.cast_call())
        leaf = leaf_of(self._side.message, self.sealed)
        assert reply["leaf"] == leaf.hex(), "another ballot is stored under this credential"
        assert reply["receipt"] == receipt(leaf)
        return str(reply["receipt"])

    def cast_call(self) -> dict[str, Any]:
        """The call as the page makes it."""
        return {
            "class": self.entitlement["class"],
            "m": base64_text(self._side.message),
            "s": base64_text(self.signature),
            "x": base64_text(self.sealed),
        }

    def vote(self, answers: Mapping[str, object]) -> str:
        """The whole way; called again after any failure it goes on where it stopped."""
        self.start()
        if not self.signature:
            self.issue()
        self.seal(answers)
        return self.cast()

    def vote_through(self, answers: Mapping[str, object], patience: float = 60) -> str:
        """Vote with a network that may be lost at any moment."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                return self.vote(answers)
            except OSError:
                time.sleep(0.01)
        raise AssertionError("the server never came back")

    @property
    def _side(self) -> MemberSide:
        assert self.side is not None, "start() comes first"
        return self.side

    @property
    def _public_n(self) -> bytes:
        wanted = self.entitlement["class"]
        entry = next(one for one in self.sheet["classes"] if one["id"] == wanted)
        return base64.b64decode(entry["n"])


def _code_of(body: bytes) -> str:
    try:
        return str(json.loads(body).get("error", ""))
    except ValueError:
        return ""


def answers_of(
    questionnaire: Questionnaire, option: str = "SATISFIED", comment: str = ""
) -> dict[str, object]:
    """The same option for every closed question, and a comment if one is given."""
    raw: dict[str, object] = {item.id: option for item in questionnaire.closed_questions}
    if comment and questionnaire.open_questions:
        raw[questionnaire.open_questions[0].id] = comment
    return raw
