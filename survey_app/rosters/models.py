"""Tables of rosters: the list of eligible members of a home, and its members. Least data on purpose."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class RosterState(StrEnum):
    """draft -> submitted -> confirmed -> frozen; returned goes back to draft with a reason."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    FROZEN = "frozen"


class Roster(RosterBase):
    """The roster of one home for one year, as of an eligibility date."""

    __tablename__ = "roster"
    __table_args__ = (UniqueConstraint("home_id", "year", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    year: Mapped[int]
    edition: Mapped[int] = mapped_column(default=1)
    eligible_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12), default=RosterState.DRAFT)
    members: Mapped[int] = mapped_column(default=0)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_checksum: Mapped[str] = mapped_column(String(64), default="")
    warnings: Mapped[list[Any]]
    return_reason: Mapped[str] = mapped_column(Text, default="")
    imported_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None]
    frozen_at: Mapped[datetime | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    version: Mapped[int] = mapped_column(default=1)


class RosterMember(RosterBase):
    """One eligible member. The contact is encrypted at rest; `person_mac` finds the same person twice."""

    __tablename__ = "roster_member"
    __table_args__ = (
        UniqueConstraint("roster_id", "number"),
        Index("ix_roster_member_person_mac", "person_mac"),
        Index("ix_roster_member_contact_mac", "contact_mac"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    roster_id: Mapped[int] = mapped_column(ForeignKey("roster.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    contact_wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    person_mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    employment: Mapped[str] = mapped_column(String(40), default="")
    age_band: Mapped[str] = mapped_column(String(40), default="")
    gender: Mapped[str] = mapped_column(String(40), default="")
    department: Mapped[str] = mapped_column(String(60), default="")
