"""A new official calendar: open dates follow it, only ever later, with old, new and reason on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import story
from survey_app.rectification.limits import deadline_of
from survey_app.rectification.models import Escalation, Limit, LimitMove, Order
from survey_app.rectification.orders import refresh


def _take_back_steps(session: Session, limit: Limit) -> None:
    """What was proposed by the old day and waits is forgotten: it comes again by the new day."""
    session.execute(
        delete(Escalation).where(Escalation.limit_id == limit.id, Escalation.decided_at.is_(None))
    )


def recompute(session: Session, *, reason: str, at: datetime) -> int:
    """Bring every running limit in line with the calendar of today; returns how many dates moved."""
    calendar = calendar_of(session)
    moved: dict[int, list[LimitMove]] = {}
    rows = session.execute(
        select(Limit, Order)
        .join(Order, Order.id == Limit.order_id)
        .where(Limit.met_on.is_(None), Limit.dropped_at.is_(None))
        .order_by(Limit.id)
    ).all()
    for limit, order in rows:
        new = deadline_of(calendar, limit)
        changed = new.date != limit.due_on
        if changed:
            move = LimitMove(limit_id=limit.id, at=at, old=limit.due_on, new=new.date, reason=reason)
            session.add(move)
            moved.setdefault(order.id, []).append(move)
            _take_back_steps(session, limit)
        if changed or new.provisional != limit.provisional:
            limit.due_on, limit.provisional = new.date, new.provisional
            refresh(session, order)
    for order_id, moves in moved.items():
        order = session.get_one(Order, order_id)
        story.write(
            session,
            SYSTEM,
            order,
            "limits_moved",
            at=at,
            told=story.HOME,
            text=reason,
            moves=[[move.old.isoformat(), move.new.isoformat()] for move in moves],
        )
        story.tell_side(session, order, story.SUPERIOR, "order.limits_moved", at=at)
    return sum(map(len, moved.values()))
