"""Reminders: to everyone by default, at most two per home and round; who was reached is nobody's business.

A reminder to those who have not voted is decided letter by letter when it is written: no list is stored or
shown, and the count is shown like turnout.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import NotFound, Refused
from survey_app.invitations.models import Sending
from survey_app.invitations.sending import Way, ask
from survey_app.invitations.sending_states import Audience, Purpose
from survey_app.invitations.slips import round_for_codes
from survey_app.invitations.window import Phase, phase
from survey_app.rounds.models import Round, RoundHome
from survey_app.rounds.queries import policy_of, round_homes, visible_round
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below

Homes = list[tuple[RoundHome, Unit]]


def homes_to_remind(session: Session, actor: Actor, round_id: str) -> tuple[Round, Homes]:
    """The round, and the homes this person may remind: all for the organiser, his own for a chair."""
    actor.need("round.remind")
    if actor.role is not Role.CHAIR:
        return round_for_codes(session, actor, round_id), round_homes(session, round_id)
    round_ = visible_round(session, actor, round_id)
    own = [
        (home, unit)
        for home, unit in round_homes(session, round_id)
        if is_below(session, unit.id, actor.unit_id, Line.AFFILIATION)
    ]
    if not own:
        raise NotFound("round")
    return round_, own


def reminders_left(session: Session, round_: Round, home_id: int) -> int:
    """How many reminders a home may still get in this round."""
    used = session.scalar(
        select(func.count())
        .select_from(Sending)
        .where(
            Sending.round_id == round_.id,
            Sending.home_id == home_id,
            Sending.purpose == Purpose.REMINDER,
        )
    )
    return policy_of(round_).reminders - (used or 0)


def remind(
    session: Session,
    actor: Actor,
    round_id: str,
    way: Way,
    *,
    audience: Audience = Audience.EVERYONE,
    at: datetime,
) -> list[Sending]:
    """Ask for a reminder in every home of this person that has one left; refused when none has."""
    round_, homes = homes_to_remind(session, actor, round_id)
    session.refresh(round_, with_for_update=True)
    if phase(round_, at) is not Phase.OPEN:
        raise Refused("voting_closed" if phase(round_, at) is Phase.CLOSED else "voting_not_open")
    way.need_one()
    asked = [
        ask(session, actor, round_, home, Purpose.REMINDER, way, audience=audience, run_at=at, at=at)
        for home, _unit in homes
        if reminders_left(session, round_, home.home_id) > 0
    ]
    if not asked:
        raise Refused("reminders_used_up", most=policy_of(round_).reminders)
    return asked
