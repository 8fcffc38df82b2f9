"""In-app messages: a row per post and event, written in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from survey_app.outbox.models import Message


def tell(
    session: Session,
    post_ids: Iterable[int],
    kind: str,
    values: dict[str, Any],
    link: str,
    *,
    at: datetime,
) -> int:
    """Leave a message of `kind` for each post; its words come from the kind and `values` when it is read."""
    rows = [
        Message(post_id=post_id, at=at, kind=kind, values=values, link=link)
        for post_id in sorted(set(post_ids))
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def messages_for(session: Session, post_id: int, *, most: int = 100) -> list[Message]:
    """The newest messages of a post."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.post_id == post_id)
            .order_by(Message.at.desc(), Message.id.desc())
            .limit(most)
        )
    )


def unread(session: Session, post_id: int) -> int:
    """How many messages of a post nobody has read."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Message)
            .where(Message.post_id == post_id, Message.read_at.is_(None))
        )
        or 0
    )


def counts_by_post(session: Session, post_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """For each of these posts with messages: how many nobody has read, and how many there are."""
    rows = session.execute(
        select(Message.post_id, func.count() - func.count(Message.read_at), func.count())
        .where(Message.post_id.in_(list(post_ids)))
        .group_by(Message.post_id)
    )
    return {post_id: (new, all_) for post_id, new, all_ in rows}


def mark_read(session: Session, post_id: int, *, at: datetime) -> None:
    """All messages of a post are read."""
    session.execute(
        update(Message).where(Message.post_id == post_id, Message.read_at.is_(None)).values(read_at=at)
    )
