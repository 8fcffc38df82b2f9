"""The three warnings of a roster: its own figure, shared contacts, the change since last year."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from survey_app.rosters.models import Roster, RosterMember
from survey_app.units.models import Unit

MOST_DIFFERENCE = 0.05
MOST_SHARING = 2
MOST_CHANGE = 0.20


def warnings_of(session: Session, roster: Roster, home: Unit) -> list[dict[str, Any]]:
    """Every warning that applies, with the numbers its sentence needs."""
    session.flush()
    found = (_figure(roster, home), _sharing(session, roster), _change(session, roster))
    return [warning for warning in found if warning is not None]


def _figure(roster: Roster, home: Unit) -> dict[str, Any] | None:
    stated = home.stated_members
    if not stated or abs(roster.members - stated) <= MOST_DIFFERENCE * stated:
        return None
    return {"code": "figure_differs", "stated": stated, "members": roster.members}


def _sharing(session: Session, roster: Roster) -> dict[str, Any] | None:
    groups = (
        select(func.count().label("members"))
        .where(RosterMember.roster_id == roster.id, RosterMember.contact_mac.is_not(None))
        .group_by(RosterMember.contact_mac)
        .having(func.count() > MOST_SHARING)
        .subquery()
    )
    contacts, members = session.execute(
        select(func.count(), func.coalesce(func.sum(groups.c.members), 0))
    ).one()
    return {"code": "contact_shared", "contacts": contacts, "members": int(members)} if contacts else None


def _change(session: Session, roster: Roster) -> dict[str, Any] | None:
    before = session.scalars(
        select(Roster)
        .where(Roster.home_id == roster.home_id, Roster.year < roster.year, Roster.frozen_at.is_not(None))
        .order_by(Roster.year.desc(), Roster.edition.desc())
        .limit(1)
    ).first()
    if before is None or not before.members:
        return None
    stayed = _in_both(session, roster.id, before.id)
    joined, left = roster.members - stayed, before.members - stayed
    if joined + left <= MOST_CHANGE * before.members:
        return None
    return {"code": "much_changed", "year": before.year, "joined": joined, "left": left}


def _in_both(session: Session, roster_id: int, before_id: int) -> int:
    old = aliased(RosterMember)
    query = (
        select(func.count())
        .select_from(RosterMember)
        .join(old, (old.number == RosterMember.number) & (old.roster_id == before_id))
        .where(RosterMember.roster_id == roster_id)
    )
    return session.scalars(query).one()
