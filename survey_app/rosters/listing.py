"""The superior's list of a year: the rosters that are there, and the homes that have none yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from survey_app.accounts.models import Account, Post
from survey_app.core.actor import Actor, Role
from survey_app.rosters.models import Roster, RosterState
from survey_app.rosters.queries import is_newest
from survey_app.rosters.waiting import deciders_of, waits_for
from survey_app.units.models import Unit
from survey_app.units.queries import scope

PER_PAGE = 50
MINE, MISSING = "mine", "missing"
"""Two filters beside the states: what waits for the actor, and homes that have no roster yet."""


@dataclass(frozen=True)
class RosterRow:
    """A line of the list: a roster, and whose decision it waits for."""

    roster: Roster
    home_id: int
    home_name: str
    decider: Unit | None = None


@dataclass(frozen=True)
class RosterlessHome:
    """A home that has no roster for the year: whom to call, and whether the chair can sign in at all."""

    id: int
    name: str
    superior: str
    chairs: tuple[str, ...]
    phone: str
    has_account: bool


def visible_rosters(
    session: Session,
    actor: Actor,
    *,
    year: int,
    state: str = "",
    text: str = "",
    page: int = 1,
    per_page: int = PER_PAGE,
) -> tuple[Sequence[RosterRow], int]:
    """One page of the rosters below the scope, what waits for the actor first, and how many there are."""
    query = _listed(actor, year, state, text)
    total = session.scalars(select(func.count()).select_from(query.subquery())).one()
    urgency = case((waits_for(actor), 0), (Roster.state == RosterState.SUBMITTED, 1), else_=2)
    rows = session.execute(
        query.order_by(urgency, Roster.submitted_at, Unit.name, Roster.id)
        .offset((page - 1) * per_page)
        .limit(per_page)
    ).all()
    handed_in = [home_id for roster, home_id, _name in rows if roster.state == RosterState.SUBMITTED]
    deciders = deciders_of(session, handed_in)
    return [RosterRow(roster, home_id, name, deciders.get(home_id)) for roster, home_id, name in rows], total


def homes_without(
    session: Session, actor: Actor, *, year: int, text: str = "", page: int = 1, per_page: int = PER_PAGE
) -> tuple[list[RosterlessHome], int]:
    """One page of the homes of the scope without a roster for the year, by name, and how many there are."""
    superior = aliased(Unit)
    wanted = [_without_roster(actor, year)]
    if text:
        wanted.append(Unit.name.contains(text, autoescape=True))
    total = session.scalars(select(func.count()).select_from(Unit).where(*wanted)).one()
    rows = session.execute(
        select(Unit, superior.short_name)
        .outerjoin(superior, superior.id == Unit.parent_id)
        .where(*wanted)
        .order_by(Unit.name, Unit.id)
        .offset((page - 1) * per_page)
        .limit(per_page)
    ).all()
    chairs = _chairs_of(session, [home.id for home, _superior in rows])
    return [
        RosterlessHome(
            id=home.id,
            name=home.name,
            superior=above or "",
            chairs=chairs.get(home.id) or ((home.chair_name,) if home.chair_name else ()),
            phone=home.chair_phone or home.chair_email,
            has_account=home.id in chairs,
        )
        for home, above in rows
    ], total


def count_by_state(session: Session, actor: Actor, year: int) -> Counter[str]:
    """How many rosters of the scope stand in which state; homes without one count under 'missing'."""
    rows = session.execute(
        select(Roster.state, func.count())
        .where(Roster.year == year, Roster.home_id.in_(scope(actor)), is_newest())
        .group_by(Roster.state)
    ).all()
    counts = Counter({str(state): count for state, count in rows})
    counts[MISSING] = session.scalars(
        select(func.count()).select_from(Unit).where(_without_roster(actor, year))
    ).one()
    return counts


def _without_roster(actor: Actor, year: int) -> ColumnElement[bool]:
    """The condition that an open home of the scope has no roster for the year, in any state."""
    theirs = select(Roster.home_id).where(Roster.year == year)
    return Unit.is_home & Unit.closed_on.is_(None) & Unit.id.in_(scope(actor)) & Unit.id.not_in(theirs)


def _chairs_of(session: Session, home_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The names of the chairs who have an account, by home."""
    rows = session.execute(
        select(Post.unit_id, Account.name)
        .join(Account, Account.id == Post.account_id)
        .where(
            Post.unit_id.in_(home_ids),
            Post.role == Role.CHAIR,
            Post.until.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(Post.id)
    )
    found: dict[int, tuple[str, ...]] = {}
    for unit_id, name in rows:
        found[unit_id] = (*found.get(unit_id, ()), name)
    return found


def _listed(actor: Actor, year: int, state: str, text: str) -> Select[Roster, int, str]:
    query = (
        select(Roster, Unit.id.label("unit_id"), Unit.name)
        .join(Unit, Unit.id == Roster.home_id)
        .where(Roster.year == year, Roster.home_id.in_(scope(actor)), is_newest())
    )
    if state == MINE:
        query = query.where(waits_for(actor))
    elif state in set(RosterState):
        query = query.where(Roster.state == state)
    if text:
        query = query.where(Unit.name.contains(text, autoescape=True))
    return query
