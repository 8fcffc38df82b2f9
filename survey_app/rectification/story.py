"""The story of an order: one line for every act, told to the other side in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.accounts.queries import posts_at
from survey_app.core.actor import Actor, Role
from survey_app.journal.operations import record
from survey_app.outbox.messages import tell
from survey_app.outbox.models import Message
from survey_app.rectification.letters import post_letters
from survey_app.rectification.models import Event, Order, OrderKind
from survey_app.units.models import Unit

INTERNAL = ("proposed", "proposal_edited", "submitted", "handed_back", "refused", "escalation_declined")
"""Steps inside the superior union: drafting, countersigning, what was considered and left."""

SUPERIOR, HOME, SYSTEM, MEMBERS = "superior", "home", "system", "members"


def write(
    session: Session,
    actor: Actor,
    order: Order,
    kind: str,
    *,
    at: datetime,
    side: str | None = None,
    told: str | None = None,
    text: str = "",
    **values: Any,
) -> Event:
    """Add a line, tell the side named by `told`, and record the act in the journal."""
    event = Event(
        order_id=order.id,
        at=at,
        side=side or _side_of(actor),
        who="" if actor.is_system else actor.unit_name,
        kind=kind,
        values=values,
        text=text,
        told=[],
    )
    session.add(event)
    session.flush()
    if told is not None:
        event.told = tell_side(session, order, told, f"order.{kind}", at=at)
    record(session, actor, f"order.{kind}", "order", order.id, at=at, number=order.number, **values)
    return event


def tell_side(session: Session, order: Order, side: str, kind: str, *, at: datetime) -> list[int]:
    """Leave a message for the home's chairs or the superior's officers; the ids prove who was told."""
    posts = list(_posts_of(session, order, side))
    if order.kind == OrderKind.REMINDER and kind == "order.issued":
        kind = "order.reminder_issued"
    home = session.get_one(Unit, order.home_id)
    values = {"home": home.short_name, "number": order.number or f"{order.year}年提醒"}
    tell(session, posts, kind, values, f"/orders/{order.id}", at=at)
    # `tell` writes one row a post in this transaction, so the newest rows of these posts are ours.
    told = session.scalars(
        select(Message)
        .where(Message.post_id.in_(posts), Message.kind == kind, Message.at == at)
        .order_by(Message.id.desc())
        .limit(len(set(posts)))
    ).all()
    post_letters(session, order.id, told, at=at)
    return sorted(one.id for one in told)


def _posts_of(session: Session, order: Order, side: str) -> Iterable[int]:
    if side == HOME:
        return [post.id for post in posts_at(session, order.home_id, Role.CHAIR)]
    units = [order.lead_id] + ([order.co_id] if order.co_id else [])
    return [post.id for unit_id in units for post in posts_at(session, unit_id, Role.OFFICER)]


def _side_of(actor: Actor) -> str:
    if actor.is_system:
        return SYSTEM
    return HOME if actor.role is Role.CHAIR else SUPERIOR


def events_of(session: Session, order_id: int, *, from_home: bool = False) -> list[Event]:
    """Everything that happened, newest first; the home does not read how its superior came to decide."""
    statement = select(Event).where(Event.order_id == order_id)
    if from_home:
        statement = statement.where(Event.kind.not_in(INTERNAL))
    return list(session.scalars(statement.order_by(Event.at.desc(), Event.id.desc())))
