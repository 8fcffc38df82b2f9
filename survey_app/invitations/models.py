"""Tables of the identified side. No column tells when a member did anything."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class InvitationState(StrEnum):
    """open -> issued (blind signature given) or exchanged (card, paper); void after a replacement."""

    OPEN = "open"
    ISSUED = "issued"
    EXCHANGED = "exchanged"
    VOID = "void"


class Invitation(RosterBase):
    """A member's entitlement in a round. The code itself is derived, only its keyed hash is stored."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("round_id", "member_id"),
        Index("ix_invitation_round_id_home_id_state", "round_id", "home_id", "state"),
        Index("ix_invitation_class_id", "class_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    class_id: Mapped[str] = mapped_column(ForeignKey("ballot_class.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("roster_member.id"))
    generation: Mapped[int] = mapped_column(default=1)
    code_mac: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=InvitationState.OPEN)
    exchanged_for: Mapped[str | None] = mapped_column(String(8))
    blinded_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class RetiredCode(RosterBase):
    """The keyed hash of a code that was replaced: its holder is told so instead of 'unknown'."""

    __tablename__ = "retired_code"

    code_mac: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))


class ReplacementCount(RosterBase):
    """How many replacements were granted after an issue, per class (R of the count rule)."""

    __tablename__ = "replacement_count"

    class_id: Mapped[str] = mapped_column(ForeignKey("ballot_class.id"), primary_key=True)
    granted: Mapped[int] = mapped_column(default=0)


class ReminderBatch(RosterBase):
    """A reminder sent to a home or a round: how many, never to whom."""

    __tablename__ = "reminder_batch"
    __table_args__ = (Index("ix_reminder_batch_round_id_home_id", "round_id", "home_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    at: Mapped[datetime]
    audience: Mapped[str] = mapped_column(String(12))
    sent: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")


class TurnoutDay(RosterBase):
    """The figure of turnout per home and day, written once a day; the only source of every screen.

    A row is the cumulative number of used entitlements at the day's reading: days, never hours.
    """

    __tablename__ = "turnout_day"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    used: Mapped[int]
