"""Orders follow a merge: the union that took a home in answers for its open orders; the story says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM
from survey_app.core.clock import beijing_day
from survey_app.rectification import story
from survey_app.rectification.models import Event, Order, OrderState
from survey_app.rectification.orders import refresh
from survey_app.rectification.states import UNDER_WAY
from survey_app.units.models import Unit, UnitChange

DRAFTED = (OrderState.DRAFT, OrderState.AWAITING_SIGNATURE)
# While the members of the old home vote, their order waits for what they say and what follows from it.
VOTING = (OrderState.REEVALUATION, OrderState.VOTE_SHORT)
FOLLOWING = tuple(state for state in (*DRAFTED, *UNDER_WAY) if state not in VOTING)
MERGED = "home_merged"


def follow_merges(session: Session, *, at: datetime) -> int:
    """Hand the open orders of homes that have merged to their successors; returns how many moved."""
    rows = session.execute(
        select(Order, UnitChange)
        .join(UnitChange, UnitChange.unit_id == Order.home_id)
        .where(
            Order.state.in_(FOLLOWING),
            UnitChange.kind == "merge",
            UnitChange.effective_on <= beijing_day(at),
        )
        .order_by(Order.id)
    ).all()
    for order, change in rows:
        _hand_on(session, order, session.get_one(Unit, change.details["into"]), at)
    return len(rows)


def _hand_on(session: Session, order: Order, successor: Unit, at: datetime) -> None:
    before = session.get_one(Unit, order.home_id)
    order.home_id = successor.id
    told = None if order.state in DRAFTED else story.HOME
    names: dict[str, Any] = {"before": before.name, "after": successor.name, "from_home": before.id}
    story.write(session, SYSTEM, order, MERGED, at=at, told=told, **names)
    story.tell_side(session, order, story.SUPERIOR, f"order.{MERGED}", at=at)
    refresh(session, order)


def home_at(session: Session, order: Order, at: datetime | None) -> Unit:
    """The home an order was about at an instant: papers keep the name they were written under."""
    if at is not None:
        later = session.scalars(
            select(Event)
            .where(Event.order_id == order.id, Event.kind == MERGED, Event.at > at)
            .order_by(Event.at, Event.id)
        ).first()
        if later is not None:
            return session.get_one(Unit, later.values["from_home"])
    return session.get_one(Unit, order.home_id)
