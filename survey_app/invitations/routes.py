"""URLs of the identified side: three calls of the member's page, slips, and the replacement desk.

The calls read and write the roster database only; what they carry is fixed here:

    POST /e/lookup {"code": text}                  -> {"state", "phase", "round", "home", "class"}
         state  open | issued | exchanged | void; a void code gets only {"state": "void"}
         phase  early | open | closed;  round, class: 32 hex;  home: number.  No key is in this reply.
    POST /e/sheet  {"round": 32 hex, "home": number} -> application/x-ndjson, three lines, the same bytes
         for the whole home: the round sheet, the questionnaire, the facts of the first page
    POST /e/issue  {"code": text, "tag": base64 of 4 bytes, "b": base64 of 256 bytes} -> {"s": base64}
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response

from survey_app.core.actor import Role
from survey_app.core.db import committing, look_session
from survey_app.core.errors import NotFound
from survey_app.invitations import (
    claim_routes,
    desk_routes,
    exchange_routes,
    page,
    reminder_routes,
    sending_routes,
)
from survey_app.invitations.claiming import forget_claims
from survey_app.invitations.codes import issuing_key
from survey_app.invitations.issuing import grant
from survey_app.invitations.operations import void_all
from survey_app.invitations.queries import entitlement_of, is_retired
from survey_app.invitations.sending import end_for_draft
from survey_app.invitations.sending_wording import SENDING_WORDS, VERBS
from survey_app.invitations.sheets import sheet_lines
from survey_app.invitations.window import phase
from survey_app.invitations.wording import DESK_VERBS, WORDS
from survey_app.journal.wording import learn_verbs
from survey_app.rounds.operations import on_undo
from survey_app.seals.blind import KEY_TAG_BYTES, MODULUS_BYTES
from survey_app.seals.codes import code_mac, normalise
from survey_app.seals.errors import BadBlindedMessage, CodeMistyped
from survey_app.web import errors
from survey_app.web.access import member
from survey_app.web.books import installation, now, roster
from survey_app.web.compression import compressed
from survey_app.web.desk import Place, add_place
from survey_app.web.guessing import wrong_code
from survey_app.web.i18n import lazy_gettext as _l
from survey_app.web.member_calls import (
    BadCall,
    base64_text,
    bytes_field,
    id_field,
    number_field,
    read_call,
    reply,
    text_field,
)

pages = Blueprint("invitations", __name__)
calls = Blueprint("invitations_calls", __name__)
page.add_rules(pages)
desk_routes.add_rules(pages)
exchange_routes.add_rules(pages)
sending_routes.add_rules(pages)
reminder_routes.add_rules(pages)


def register(app: Flask) -> None:
    """Add the pages and the calls; calls carry no CSRF token, their credential cannot be forged."""
    app.extensions["csrf_guard"].exempt(calls)
    app.register_blueprint(calls)
    app.register_blueprint(pages)
    errors.learn(WORDS)
    errors.learn(SENDING_WORDS)
    learn_verbs(VERBS)
    learn_verbs(DESK_VERBS)
    on_undo(end_for_draft)
    on_undo(void_all)
    on_undo(forget_claims)
    app.extensions["csrf_guard"].exempt(claim_routes.pages)
    app.register_blueprint(claim_routes.pages)
    add_place(
        Place(
            "invitations.my_desk",
            _l("发放"),
            "people",
            20,
            lambda person: person.role is Role.WORKING_GROUP,
            prefix="/issue",
        )
    )


@calls.post("/e/lookup")
@member
def lookup() -> Response:
    """What a code stands for. Nothing changes, and no key is told to a call that identifies a member."""
    mac = _mac(text_field(read_call(), "code"))
    with look_session(installation().databases.roster) as session:
        found = entitlement_of(session, mac)
        retired = found is None and is_retired(session, mac)
    if retired:
        return reply(state="void")
    if found is None:
        raise wrong_code("code_unknown")
    return reply(
        state=found.state,
        phase=phase(found.hours, now()),
        round=found.round_id,
        home=found.home_id,
        **{"class": found.class_id},
    )


@calls.post("/e/sheet")
@member
def sheet() -> Response:
    """Sheet, questionnaire and facts of a home: nothing in the call tells who asks."""
    call = read_call()
    with look_session(installation().databases.roster) as session:
        lines = sheet_lines(session, id_field(call, "round"), number_field(call, "home"))
    response = Response(lines, mimetype="application/x-ndjson")
    response.headers["Cache-Control"] = "no-store"
    return compressed(response)


@calls.post("/e/issue")
@member
def issue() -> Response:
    """One blind signature for one entitlement; asked again with the same message it is given again."""
    call = read_call()
    mac = _mac(text_field(call, "code"))
    tag, blinded = bytes_field(call, "tag", KEY_TAG_BYTES), bytes_field(call, "b", MODULUS_BYTES)
    try:
        with committing(roster()) as session:
            granted = grant(session, mac, tag, blinded, at=now())
    except NotFound:
        raise wrong_code("code_unknown") from None
    except BadBlindedMessage:
        raise BadCall("b") from None
    # Signed after the commit: if the reply is lost, the same message is signed again.
    key = issuing_key(installation().settings, granted.class_id, granted.issuing_private)
    return reply(s=base64_text(key.blind_sign(blinded)))


def _mac(typed: str) -> bytes:
    try:
        code = normalise(typed[:64])
    except CodeMistyped:
        raise wrong_code("code_unknown") from None
    return code_mac(installation().settings.code_pepper, code)
