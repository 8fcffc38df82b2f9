"""The record of what was destroyed: kind, place, how many rows, when. It stays for good and names nobody."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class Kept(StrEnum):
    """What is kept for a time only."""

    BALLOTS = "ballots"
    COMMENTS = "comments"
    ROSTER = "roster"


class Destruction(RosterBase):
    """Something of one home in one round was destroyed because its time was over."""

    __tablename__ = "destruction"
    __table_args__ = (UniqueConstraint("kind", "round_id", "home_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    amount: Mapped[int]
    at: Mapped[datetime]
