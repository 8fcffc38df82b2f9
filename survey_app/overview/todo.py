"""What waits for an officer: rosters, steps of rounds, ratings, comments and orders, by due date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, not_, or_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.overview.wording import ACTS, OTHER_ACT
from survey_app.rectification import todo as orders
from survey_app.rectification.ledger import held_by
from survey_app.rectification.models import Order
from survey_app.results import listing
from survey_app.results.listing import TodoRow
from survey_app.rosters.models import Roster, RosterState
from survey_app.rosters.waiting import has_nearer_officer, stands_below, waits_for
from survey_app.rounds.models import Round, RoundState
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import below
from survey_app.web.i18n import Lazy, gettext
from survey_app.workdays import Calendar, DaysLeft

MOST = 20
ROSTERS_BY_NAME = 3


@dataclass(frozen=True)
class Todo:
    """One thing to do: in words, where, until when with the working days left, and its button."""

    sentence: str
    unit: str
    due: date | None
    days_left: DaysLeft | None
    url: str
    act: str | Lazy


def todos(session: Session, actor: Actor, calendar: Calendar, at: datetime) -> list[Todo]:
    """Everything that waits for this officer, what is due first on top."""
    today = beijing_day(at)
    rows = [
        *_rosters(session, actor, today),
        *_rounds(session, actor, at),
        *listing.todo_rows(session, actor, today, MOST),
    ]
    found = [_todo(row, calendar, today) for row in rows]
    found += [_of_order(row) for row in _orders(session, actor, today)]
    return sorted(found, key=lambda one: (one.due or date.max, one.unit))


def _todo(row: TodoRow, calendar: Calendar, today: date) -> Todo:
    left = calendar.days_left(today, row.due) if row.due else None
    url = url_for(row.endpoint, **row.values)  # type: ignore[arg-type]  # values of an address
    return Todo(row.sentence, row.unit, row.due, left, url, ACTS.get(row.kind, OTHER_ACT))


def _orders(session: Session, actor: Actor, today: date) -> list[orders.TodoRow]:
    """Orders that this unit leads or shares; those of units below wait for their own officers."""
    rows = orders.todo_rows(session, actor, today)
    own = set(
        session.scalars(select(Order.id).where(Order.id.in_([row.order_id for row in rows]), _mine(actor)))
    )
    return [row for row in rows if row.order_id in own]


def _mine(actor: Actor) -> ColumnElement[bool]:
    return or_(Order.lead_id == actor.unit_id, func.coalesce(Order.co_id, 0) == actor.unit_id)


def below_count(session: Session, actor: Actor, at: datetime) -> int:
    """How much waits for officers further down: told to a superior in one line, asked of nobody here."""
    if not actor.may("result.confirm"):
        return 0
    today = beijing_day(at)
    down = below(actor.unit_id, Line.AFFILIATION).where(UnitAncestor.unit_id != actor.unit_id)
    of_superior = or_(held_by("issuer"), held_by("inspectors"))
    others = [
        select(Order.id).where(Order.lead_id.in_(down), of_superior, not_(_mine(actor))),
        _submitted(today).where(
            stands_below(Roster.home_id, actor), has_nearer_officer(Roster.home_id, actor)
        ),
    ]
    counts = [session.scalar(select(func.count()).select_from(one.subquery())) or 0 for one in others]
    return listing.count_below(session, actor, today) + sum(counts)


def _of_order(row: orders.TodoRow) -> Todo:
    # In a table a decision stands without its full stop.
    return Todo(row.sentence.rstrip("。."), row.home, row.due_on, row.days, row.link, row.act)


def _rosters(session: Session, actor: Actor, today: date) -> Iterator[TodoRow]:
    """Rosters handed in: a few by name, many as one line."""
    if not actor.may("roster.confirm"):
        return
    waiting = _submitted(today).where(waits_for(actor))
    first = session.execute(waiting.order_by(Roster.submitted_at).limit(ROSTERS_BY_NAME + 1)).all()
    if len(first) > ROSTERS_BY_NAME:
        count = session.scalar(select(func.count()).select_from(waiting.subquery()))
        sentence = gettext("%(n)s家报来花名册，等您确认", n=count)
        yield TodoRow("rosters", actor.unit_name, sentence, None, "rosters.index", {"state": "mine"})
        return
    for roster_id, name in first:
        yield TodoRow(
            "roster", name, gettext("花名册报来了，请确认"), None, "rosters.show", {"roster_id": roster_id}
        )


def _submitted(today: date) -> Select[int, str]:
    return (
        select(Roster.id, Unit.name)
        .join(Unit, Unit.id == Roster.home_id)
        .where(Roster.state == RosterState.SUBMITTED, Roster.year >= today.year)
    )


def _rounds(session: Session, actor: Actor, at: datetime) -> Iterator[TodoRow]:
    """Rounds of this officer that need a step of his."""
    if not actor.may("round.run"):
        return
    rows = session.execute(
        select(Round, Unit.name)
        .join(Unit, Unit.id == Round.organiser_id)
        .where(
            Round.state.in_((RoundState.DRAFT, RoundState.READY, RoundState.VOTING)),
            Round.organiser_id == actor.unit_id,
        )
        .order_by(Round.opens_at)
    )
    for round_, organiser in rows:
        step = _step(round_, at)
        if step is not None:
            kind, sentence, due = step
            yield TodoRow(kind, organiser, sentence, due, "overview.round_page", {"round_id": round_.id})


def _step(round_: Round, at: datetime) -> tuple[str, str, date] | None:
    opens, closes = beijing_day(round_.opens_at), beijing_day(round_.closes_at)
    title = round_.title
    if round_.state == RoundState.DRAFT:
        return "prepare", gettext("准备评议：%(title)s", title=title), opens - timedelta(days=1)
    if round_.state == RoundState.READY:
        return "open", gettext("开放投票：%(title)s", title=title), opens
    if at >= round_.closes_at:
        return "close", gettext("投票时间到了，请收票：%(title)s", title=title), closes
    return None
