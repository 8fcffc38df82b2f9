"""The codes of a home's members, derived for printing: streamed into slips, never stored, journalled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound, Refused
from survey_app.core.settings import Settings
from survey_app.invitations.codes import CodeBook, personal_link
from survey_app.invitations.models import Invitation
from survey_app.invitations.operations import HANDED_OUT
from survey_app.journal.operations import record
from survey_app.papers.slips import Slip, SlipSheet
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.models import Round, RoundHome, RoundSecret
from survey_app.rounds.queries import visible_round, visible_round_home
from survey_app.seals.codes import verification_code
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below

BATCH = 2_000


def round_for_codes(session: Session, actor: Actor, round_id: str) -> Round:
    """A round whose codes this officer may handle: organised below him in the line of affiliation."""
    round_ = visible_round(session, actor, round_id)
    if not is_below(session, round_.organiser_id, actor.unit_id, Line.AFFILIATION):
        raise NotFound("round")
    return round_


def home_for_slips(
    session: Session, actor: Actor, round_id: str, home_id: int
) -> tuple[Round, RoundHome, Unit]:
    """A home whose slips this organiser or working group may print; a chair never gets this far."""
    actor.need("slip.print")
    home, unit = visible_round_home(session, actor, round_id, home_id)
    refuse_own_home(session, actor, home_id)
    if actor.role is Role.WORKING_GROUP:
        return session.get_one(Round, round_id), home, unit
    return round_for_codes(session, actor, round_id), home, unit


def request_slips(session: Session, actor: Actor, round_: Round, home: RoundHome, *, at: datetime) -> None:
    """Note who prints how many; nothing may be printed before `ready` and after the close."""
    actor.need("slip.print")
    refuse_own_home(session, actor, home.home_id)
    if round_.state not in HANDED_OUT:
        raise Refused("wrong_state", thing="round", state=round_.state, action="slips")
    subject = f"{round_.id}/{home.home_id}"
    record(session, actor, "slips.printed", "round_home", subject, at=at, count=home.members)


def codes_for(session: Session, settings: Settings, round_id: str, home_id: int) -> Iterator[Slip]:
    """Link and code of every member of a home, in the order of the invitations' random ids."""
    book = CodeBook.of(settings, session.get(RoundSecret, round_id))
    home = session.get_one(RoundHome, (round_id, home_id))
    fingerprint = home.sheet_fingerprint or b""
    rows = session.execute(
        select(Invitation.id, Invitation.generation)
        .where(Invitation.round_id == round_id, Invitation.home_id == home_id)
        .order_by(Invitation.id)
        .execution_options(yield_per=BATCH)
    )
    for invitation_id, generation in rows:
        code = book.code(invitation_id, generation)
        yield Slip(personal_link(settings.base_url, code, fingerprint), code)


def slip_sheet(
    settings: Settings, round_: Round, home: RoundHome, unit: Unit, *, entry: str = "/e/code"
) -> SlipSheet:
    """What all slips (or cards) of a home say alike; `entry` is where a code is typed."""
    return SlipSheet(
        home=unit.name,
        year=round_.year,
        closes_at=round_.closes_at,
        entry_address=f"{settings.base_url}{entry}",
        check_code=verification_code(home.sheet_fingerprint or b""),
    )
