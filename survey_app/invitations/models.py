"""Tables of the identified side. No column tells when a member did anything."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class InvitationState(StrEnum):
    """open -> issued (blind signature given) or exchanged (card, paper); void after a replacement."""

    OPEN = "open"
    ISSUED = "issued"
    EXCHANGED = "exchanged"
    VOID = "void"


class Exchange(StrEnum):
    """What a link was exchanged for at the desk."""

    CARD = "card"
    PAPER = "paper"


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


class ClaimCount(RosterBase):
    """How often a link was claimed by a roster number, and from when on it may be claimed again.

    The key of the entitlement is no foreign key: the rows go when the voting is over.
    """

    __tablename__ = "claim_count"
    __table_args__ = (Index("ix_claim_count_round_id", "round_id"),)

    invitation_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    made: Mapped[int]
    again_from: Mapped[datetime]


class Sending(RosterBase):
    """One sending of links or reminders to a home: to how many, never to whom.

    Its deliveries carry its id as their batch, and nothing of the member once they are sent.
    """

    __tablename__ = "sending"
    __table_args__ = (Index("ix_sending_round_id_home_id", "round_id", "home_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    purpose: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(12))
    route: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime]
    asked_by: Mapped[int]
    run_at: Mapped[datetime]
    total: Mapped[int] = mapped_column(default=0)
    unreachable: Mapped[int] = mapped_column(default=0)


class TurnoutDay(RosterBase):
    """The figure of turnout per home and day, written once a day; the only source of every screen.

    A row is the cumulative number of used entitlements at the day's reading: days, never hours.
    """

    __tablename__ = "turnout_day"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    used: Mapped[int]
