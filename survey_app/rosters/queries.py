"""Reads of rosters: members, contacts, the years of a home, the same person in two homes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from survey_app.core.actor import Actor
from survey_app.core.errors import NotFound
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rosters.secrets import open_contact
from survey_app.units.models import Unit
from survey_app.units.queries import scope

STRATA = ("employment", "age_band", "gender", "department")
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as classes and invitations need him; the contact is asked for by its own name."""

    id: int
    number: str
    name: str
    employment: str
    age_band: str
    gender: str
    department: str


@dataclass(frozen=True)
class SamePerson:
    """Somebody who stands on this roster and on another home's of the same year."""

    number: str
    name: str
    other_home: str
    other_number: str


def members_of(session: Session, roster_id: int) -> list[MemberRow]:
    """Every member of a roster, by id."""
    columns = [getattr(RosterMember, name) for name in MemberRow.__dataclass_fields__]
    rows = session.execute(
        select(*columns).where(RosterMember.roster_id == roster_id).order_by(RosterMember.id)
    )
    return [MemberRow(*row) for row in rows]


def contact_of(session: Session, wrapping_key: bytes, member_id: int) -> str:
    """The phone number or mail address of one member, or empty; NotFound without such a member."""
    member = session.get(RosterMember, member_id)
    if member is None:
        raise NotFound("member")
    return open_contact(wrapping_key, member.contact_wrapped, member.roster_id, member.number)


def latest_roster(session: Session, home_id: int, year: int) -> Roster | None:
    """The newest edition of a home's roster for a year."""
    return session.scalars(
        select(Roster)
        .where(Roster.home_id == home_id, Roster.year == year)
        .order_by(Roster.edition.desc())
        .limit(1)
    ).first()


def frozen_roster(session: Session, home_id: int, year: int) -> Roster | None:
    """The newest frozen edition of a home's roster for a year: the list a round votes by."""
    return session.scalars(
        select(Roster)
        .where(Roster.home_id == home_id, Roster.year == year, Roster.state == RosterState.FROZEN)
        .order_by(Roster.edition.desc())
        .limit(1)
    ).first()


def newest_by_year(session: Session, home_id: int) -> dict[int, Roster]:
    """The newest edition of every year for which a home has a roster, the latest year first."""
    rows = session.scalars(
        select(Roster).where(Roster.home_id == home_id, is_newest()).order_by(Roster.year.desc())
    )
    return {roster.year: roster for roster in rows}


def visible_roster(session: Session, actor: Actor, roster_id: int) -> Roster:
    """One roster within the scope; NotFound outside it."""
    found = session.scalars(
        select(Roster).where(Roster.id == roster_id, Roster.home_id.in_(scope(actor)))
    ).one_or_none()
    if found is None:
        raise NotFound("roster")
    return found


def levels_of(session: Session, roster_id: int) -> dict[str, Counter[str]]:
    """How many members each value of each stratum has; strata nobody filled are left out."""
    found: dict[str, Counter[str]] = {}
    for name in STRATA:
        column = getattr(RosterMember, name)
        rows = session.execute(
            select(column, func.count()).where(RosterMember.roster_id == roster_id).group_by(column)
        ).all()
        if any(value for value, _count in rows):
            found[name] = Counter(dict(rows))
    return found


def without_contact(session: Session, roster_id: int) -> int:
    """How many members can only be reached on paper."""
    return session.scalars(
        select(func.count()).where(
            RosterMember.roster_id == roster_id, RosterMember.contact_wrapped.is_(None)
        )
    ).one()


def same_persons(session: Session, roster: Roster, limit: int = MOST_SHOWN) -> list[SamePerson]:
    """Members of this roster who also stand on the newest roster of another home for the same year."""
    other, their = aliased(RosterMember), aliased(Roster)
    newest = aliased(Roster)
    query = (
        select(RosterMember.number, RosterMember.name, Unit.name, other.number)
        .join(other, other.person_mac == RosterMember.person_mac)
        .join(their, their.id == other.roster_id)
        .join(Unit, Unit.id == their.home_id)
        .where(
            RosterMember.roster_id == roster.id,
            RosterMember.person_mac.is_not(None),
            their.year == roster.year,
            their.home_id != roster.home_id,
            ~select(newest.id)
            .where(newest.home_id == their.home_id, newest.year == their.year, newest.edition > their.edition)
            .exists(),
        )
        .order_by(RosterMember.number, Unit.name)
        .limit(limit)
    )
    return [SamePerson(*row) for row in session.execute(query)]


def is_newest() -> ColumnElement[bool]:
    """Whether a roster is the newest edition of its home and year."""
    later = aliased(Roster)
    return (
        ~select(later.id)
        .where(later.home_id == Roster.home_id, later.year == Roster.year, later.edition > Roster.edition)
        .exists()
    )
