"""What the member's page is told about a home: the same bytes for everybody in it.

Three lines of JSON: the round sheet exactly as hashed, the questionnaire exactly as fingerprinted, and the
facts of the first page (hours, notice, privacy, work report). The first two are verified by the page.
"""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from survey_app.core.errors import NotFound
from survey_app.instruments.queries import questionnaire_of
from survey_app.invitations.window import casting_until
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.seals.codes import verification_code
from survey_app.seals.sheet import canonical_json

_forms: dict[str, bytes] = {}


def sheet_lines(session: Session, round_id: str, home_id: int) -> bytes:
    """The three lines, or NotFound for a home that has no sheet (yet)."""
    home = session.get(RoundHome, (round_id, home_id))
    if home is None or home.sheet is None or home.sheet_fingerprint is None:
        raise NotFound("home")
    round_ = session.get_one(Round, round_id)
    facts = canonical_json(_facts(round_, home))
    return b"\n".join((home.sheet, _questionnaire(session, home), facts)) + b"\n"


def _questionnaire(session: Session, home: RoundHome) -> bytes:
    """The questionnaire that the sheet names by its fingerprint; its bytes never change, so they are kept."""
    named: str = json.loads(home.sheet or b"{}")["questionnaire"]
    if named not in _forms:
        form = questionnaire_of(session, home.questionnaire_id)
        if form.fingerprint != named:
            return form.to_json()
        _forms[named] = form.to_json()
    return _forms[named]


def _facts(round_: Round, home: RoundHome) -> dict[str, object]:
    return {
        "kind": round_.kind,
        "electorate": round_.electorate,
        "year": round_.year,
        "opens_at": round_.opens_at.isoformat(),
        "closes_at": round_.closes_at.isoformat(),
        "casting_until": casting_until(round_).isoformat(),
        "extension_reason": round_.extension_reason,
        "cancelled": round_.cancel_reason if round_.state == RoundState.CANCELLED else "",
        "opening_planned_on": round_.opening_planned_on.isoformat() if round_.opening_planned_on else None,
        "members": home.members,
        "notice": round_.notice,
        "privacy": {
            "handler": round_.privacy_handler,
            "contact": round_.privacy_contact,
            "text": round_.privacy_text,
        },
        "report": {"text": home.work_report_text, "file": home.work_report_name},
        "verification_code": verification_code(home.sheet_fingerprint or b""),
    }
