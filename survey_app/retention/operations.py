"""Destroy what is due, and record it: the box first, so that a crash only repeats what is gone."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.erasing import erase_ballots_of
from survey_app.counting.models import HomeCount
from survey_app.journal.operations import record
from survey_app.outbox.jobs import Workshop
from survey_app.results.models import ReviewedComment
from survey_app.retention.models import Destruction, Kept
from survey_app.retention.periods import Due, due
from survey_app.rosters.models import Roster, RosterMember
from survey_app.rounds.models import RoundHome


def sweep(workshop: Workshop) -> dict[Kept, int]:
    """Destroy everything that is due now; how many homes of each kind."""
    at = workshop.clock()
    with reading(read_session(workshop.databases.roster)) as session:
        wanted = {kind: due(session, kind, at=at) for kind in Kept}
    erase_ballots_of(workshop.databases, [(one.round_id, one.home_id) for one in wanted[Kept.BALLOTS]])
    for kind, homes in wanted.items():
        for one in homes:
            with committing(write_session(workshop.databases.roster)) as session:
                _note(session, kind, one, _destroy(session, kind, one), at)
    return {kind: len(homes) for kind, homes in wanted.items()}


def _destroy(session: Session, kind: Kept, one: Due) -> int:
    if kind is Kept.BALLOTS:
        count = session.get(HomeCount, (one.round_id, one.home_id))
        return count.valid if count else 0
    if kind is Kept.COMMENTS:
        rows = ReviewedComment.round_id == one.round_id, ReviewedComment.home_id == one.home_id
        amount = session.scalar(select(func.count()).select_from(ReviewedComment).where(*rows)) or 0
        session.execute(delete(ReviewedComment).where(*rows))
        return amount
    return _blank_roster(session, one)


def _blank_roster(session: Session, one: Due) -> int:
    """Take every name, number, contact and stratum away; the rows stay, so that an audit can still count."""
    home = session.get_one(RoundHome, (one.round_id, one.home_id))
    members = session.scalars(select(RosterMember).where(RosterMember.roster_id == home.roster_id)).all()
    for member in members:
        member.number, member.name = secrets.token_hex(16), ""
        member.contact_wrapped = member.contact_mac = member.person_mac = None
        member.employment = member.age_band = member.gender = member.department = ""
    if home.roster_id is not None:
        roster = session.get_one(Roster, home.roster_id)
        roster.file_name = roster.return_reason = ""
        roster.warnings = []
    return len(members)


def _note(session: Session, kind: Kept, one: Due, amount: int, at: datetime) -> None:
    session.add(Destruction(kind=kind, round_id=one.round_id, home_id=one.home_id, amount=amount, at=at))
    subject = f"{one.round_id}/{one.home_id}"
    record(session, SYSTEM, f"retention.{kind}", "round_home", subject, at=at, amount=amount)
