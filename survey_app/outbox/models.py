"""Tables of the outbox: jobs, messages to people with an account, and deliveries to the outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class Job(RosterBase):
    """Work to be done after the transaction that asked for it; `slot` makes a schedule's hour unique."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    slot: Mapped[str | None] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)


class Message(RosterBase):
    """An in-app message to the holders of one post or to one account."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_post_id_read_at", "post_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    values: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(String(300), default="")
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class Delivery(RosterBase):
    """One message to the outside (mail, SMS, WeCom): every attempt leaves its state and reason.

    A personal link never stands here: `payload` names the invitation and the worker derives the link
    at sending. Delivered rows of member messages keep the batch, not the member. `doubtful` counts the
    attempts whose end nobody saw: a row that is sent and doubtful may have arrived more than once.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_due", "state", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(60))
    batch: Mapped[str | None] = mapped_column(String(64), index=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    run_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    doubtful: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
