"""What the member's page is told about a home: the same bytes for everybody in it.

Three lines of JSON: the round sheet exactly as hashed, the questionnaire exactly as fingerprinted, and the
facts of the first page (hours, notice, privacy, work report). The first two are verified by the page.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from survey_app.core.errors import NotFound
from survey_app.instruments.queries import questionnaire_of
from survey_app.invitations.window import Hours, casting_until
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.seals.codes import verification_code
from survey_app.seals.sheet import canonical_json

MOST_HOMES = 256
_round, _home = Round.__table__.c, RoundHome.__table__.c
# All that the three lines are made of, with the fingerprint for the one that never changes.
_FACTS = (
    select(
        *(_home.sheet_fingerprint, _home.questionnaire_id, _home.members),
        *(_home.work_report_text, _home.work_report_name, _home.cards),
        *(_round.kind, _round.electorate, _round.year, _round.state, _round.opens_at, _round.closes_at),
        *(_round.extension_reason, _round.cancel_reason, _round.opening_planned_on, _round.notice),
        *(_round.privacy_handler, _round.privacy_contact, _round.privacy_text),
    )
    .join_from(RoundHome.__table__, Round.__table__, _round.id == _home.round_id)
    .where(_home.round_id == bindparam("round"), _home.home_id == bindparam("home"))
)
_SHEET = select(_home.sheet).where(_home.sheet_fingerprint == bindparam("named"))
_kept: dict[tuple[Any, ...], bytes] = {}


def sheet_lines(session: Session, round_id: str, home_id: int) -> bytes:
    """The three lines, or NotFound for a home that has no sheet (yet).

    Kept under the facts they were made of, which are read at every call: a change is seen at once.
    """
    facts = session.execute(_FACTS, {"round": round_id, "home": home_id}).one_or_none()
    if facts is None or facts.sheet_fingerprint is None:
        raise NotFound("home")
    lines = _kept.get(tuple(facts))
    if lines is None:
        sheet: bytes = session.execute(_SHEET, {"named": facts.sheet_fingerprint}).scalar_one()
        form = questionnaire_of(session, facts.questionnaire_id).to_json()
        lines = b"\n".join((sheet, form, canonical_json(_facts(facts)))) + b"\n"
        if len(_kept) >= MOST_HOMES:
            _kept.clear()
        _kept[tuple(facts)] = lines
    return lines


def _facts(found: Any) -> dict[str, object]:
    hours = Hours(found.state, found.opens_at, found.closes_at)
    return {
        "kind": found.kind,
        "electorate": found.electorate,
        "year": found.year,
        "opens_at": found.opens_at.isoformat(),
        "closes_at": found.closes_at.isoformat(),
        "casting_until": casting_until(hours).isoformat(),
        "extension_reason": found.extension_reason,
        "cancelled": found.cancel_reason if found.state == RoundState.CANCELLED else "",
        "opening_planned_on": found.opening_planned_on.isoformat() if found.opening_planned_on else None,
        "members": found.members,
        "cards": found.cards > 0,
        "notice": found.notice,
        "privacy": {
            "handler": found.privacy_handler,
            "contact": found.privacy_contact,
            "text": found.privacy_text,
        },
        "report": {"text": found.work_report_text, "file": found.work_report_name},
        "verification_code": verification_code(found.sheet_fingerprint),
    }
