"""URLs of the card's page: plain forms that work without script; where there is one, the browser seals.

    GET  /card                                   the field for the code; the same bytes for everybody
    POST /card  step=open    code                the questions
                step=review  code, answers       one more look, nothing is stored
                step=cast    code, answers       sealed here in memory, then stored: the receipt
                step=cast    code, sealed        sealed by the browser: this server never saw the answers

The code travels in bodies only. No form carries a CSRF token: it would set a cookie, and a code cannot
be forged.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from flask import Blueprint, render_template, request

from questionnaires import AnswerError, AnswerSheet, encode, read_answers
from survey_app.box.casting import Cast, cast
from survey_app.core.db import committing, write_session
from survey_app.core.errors import NotFound, Refused
from survey_app.counting.card_reading import CardPoll, card_signature, open_card
from survey_app.invitations.window import Phase
from survey_app.seals.codes import normalise
from survey_app.seals.envelope import SEALED_BYTES, seal
from survey_app.seals.errors import CodeMistyped
from survey_app.seals.receipts import leaf_of, receipt
from survey_app.web.access import member
from survey_app.web.books import installation, now
from survey_app.web.guessing import wrong_code
from survey_app.web.member_calls import LARGEST_CALL, BadCall

pages = Blueprint("cards", __name__)
STEPS = ("open", "review", "cast")
LONGEST_CODE = 64
Page = tuple[str, int]


@pages.get("/card")
@member
def card() -> str:
    """The field for a card's code; the code of a scanned card stays behind the #."""
    return _screen("code")


@pages.post("/card")
@member
def step() -> Page:
    """One step further with the code in the body."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise BadCall("site")
    if (request.content_length or 0) > LARGEST_CALL:
        raise BadCall("length")
    request.max_content_length = LARGEST_CALL
    typed = request.form.get("code", "")[:LONGEST_CODE]
    try:
        code = normalise(typed)
        poll = open_card(installation().databases, installation().settings, code, at=now())
    except CodeMistyped as fault:
        return _screen("code", typed=typed, fault=fault.fault), 422
    except NotFound:
        fault_code = wrong_code("card_unknown").code
        return _screen("code", typed=typed, fault=fault_code), 404
    return _next(poll, code)


def _next(poll: CardPoll, code: str) -> Page:
    wanted = request.form.get("step", "open")
    if wanted not in STEPS:
        raise BadCall("step")
    if poll.phase is Phase.EARLY:
        return _screen("early", poll=poll), 200
    if wanted == "cast" and poll.may_cast:
        return _cast(poll, code)
    if poll.used:
        return _screen("used", poll=poll), 200
    if poll.phase is Phase.CLOSED:
        return _screen("closed", poll=poll), 200
    if wanted == "review":
        return _review(poll, code)
    return _questions(poll, code), 200


def _questions(poll: CardPoll, code: str, *, fault: str = "") -> str:
    return _screen("questions", poll=poll, code=code, chosen=_given(poll), fault=fault)


def _review(poll: CardPoll, code: str) -> Page:
    try:
        sheet = read_answers(poll.questionnaire, _given(poll))
    except AnswerError as error:
        return _questions(poll, code, fault=error.codes[0]), 422
    left = len(sheet.codes) - sheet.answered
    short = max(0, poll.questionnaire.minimum_answers - sheet.answered)
    page = _screen("review", poll=poll, code=code, chosen=_given(poll), left=left, short=short)
    return page, 200


def _cast(poll: CardPoll, code: str) -> Page:
    sealed = _sealed_by_browser()
    if sealed is None:
        try:
            sealed = _sealed_here(poll, read_answers(poll.questionnaire, _given(poll)))
        except AnswerError as error:
            return _questions(poll, code, fault=error.codes[0]), 422
    databases = installation().databases
    try:
        signature = card_signature(databases, installation().settings, poll)
        with committing(write_session(databases.box)) as box:
            leaf = cast(box, Cast(poll.class_id, poll.credential, signature, sealed))
    except Refused:
        return _screen("closed", poll=poll), 200
    # Sent twice, by a reload or a second tap, the first ballot stands and its receipt is shown again.
    earlier = leaf != leaf_of(poll.credential, sealed)
    return _screen("receipt", poll=poll, receipt=receipt(leaf), earlier=earlier), 200


def _sealed_by_browser() -> bytes | None:
    typed = request.form.get("sealed", "")
    if not typed:
        return None
    try:
        sealed = base64.b64decode(typed, validate=True)
    except (binascii.Error, ValueError):
        raise BadCall("sealed") from None
    if len(sealed) != SEALED_BYTES:
        raise BadCall("sealed")
    return sealed


def _sealed_here(poll: CardPoll, sheet: AnswerSheet) -> bytes:
    """Sealed in this process's memory; the open answers end with the request."""
    return seal(
        poll.opening_public,
        encode(sheet),
        sheet_fingerprint=poll.fingerprint,
        class_id=bytes.fromhex(poll.class_id),
        credential=poll.credential,
    )


def _given(poll: CardPoll) -> Mapping[str, str]:
    """The answers in the body, by question; whatever else is there is left out."""
    return {each.id: request.form[each.id] for each in poll.questionnaire.asked if each.id in request.form}


def _screen(name: str, **values: object) -> str:
    return render_template("counting/card.html", screen=name, **values)
