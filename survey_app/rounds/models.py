"""Tables of rounds: scheme, round, its homes, ballot classes, secrets. No row tells a member's state."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class RoundKind(StrEnum):
    """What a round is for; a practice round can never reach a rating."""

    ORDINARY = "ordinary"
    REPEAT = "repeat"
    RE_EVALUATION = "re_evaluation"
    PRACTICE = "practice"


class RoundState(StrEnum):
    """From draft to archived; the -ing states are the resumable steps between."""

    DRAFT = "draft"
    PREPARING = "preparing"
    READY = "ready"
    OPENING = "opening"
    VOTING = "voting"
    CLOSING = "closing"
    CLOSED = "closed"
    COUNTING = "counting"
    COUNTED = "counted"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


IN_PROGRESS = frozenset({RoundState.PREPARING, RoundState.OPENING, RoundState.CLOSING, RoundState.COUNTING})


class Electorate(StrEnum):
    """Who votes: every member, or the delegates of an assembly."""

    MEMBERS = "members"
    DELEGATES = "delegates"


class Channel(StrEnum):
    """How a home's members vote: by personal links, or, where nobody has a link, by cards or on paper."""

    LINKS = "links"
    CARDS = "cards"
    PAPER = "paper"


class SchemeVersion(RosterBase):
    """方案: the policy record a superior issues; lower levels inherit it and may only tighten it."""

    __tablename__ = "scheme_version"
    __table_args__ = (UniqueConstraint("issuer_unit_id", "year", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    edition: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    policy: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]


class Round(RosterBase):
    """One organiser, a set of homes of its subtree, one voting window, one scheme."""

    __tablename__ = "round"
    __table_args__ = (
        Index("ix_round_organiser_id", "organiser_id"),
        Index("ix_round_state", "state"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16), default=RoundKind.ORDINARY)
    electorate: Mapped[str] = mapped_column(String(12), default=Electorate.MEMBERS)
    organiser_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    scheme_id: Mapped[int] = mapped_column(ForeignKey("scheme_version.id"))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    follows_round_id: Mapped[str | None] = mapped_column(ForeignKey("round.id"))
    policy: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default=RoundState.DRAFT)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    first_closes_at: Mapped[datetime | None]
    extension_reason: Mapped[str] = mapped_column(Text, default="")
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    opening_planned_on: Mapped[date | None]
    deputies: Mapped[list[Any]]
    notice: Mapped[str] = mapped_column(Text, default="")
    privacy_handler: Mapped[str] = mapped_column(String(120), default="")
    privacy_contact: Mapped[str] = mapped_column(String(120), default="")
    privacy_text: Mapped[str] = mapped_column(Text, default="")
    ready_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    counted_at: Mapped[datetime | None]
    created_by: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)


class RoundHome(RosterBase):
    """A home in a round, with the frozen facts its members' phones need.

    `ordinary_year` is filled only in ordinary rounds that are not cancelled: the unique key then allows
    one per home and year, on both databases (NULLs are distinct). `cards` is how many cards are printed for
    each ballot class; `present` how many came, where nobody has a link or an assembly of delegates votes.
    """

    __tablename__ = "round_home"
    __table_args__ = (UniqueConstraint("home_id", "ordinary_year"), Index("ix_round_home_home_id", "home_id"))

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    ordinary_year: Mapped[int | None]
    roster_id: Mapped[int | None] = mapped_column(ForeignKey("roster.id"))
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    members: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str] = mapped_column(String(8), default=Channel.LINKS, server_default=Channel.LINKS)
    cards: Mapped[int] = mapped_column(default=0, server_default="0")
    present: Mapped[int | None]
    sheet: Mapped[bytes | None] = mapped_column(LargeBinary)
    sheet_fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    work_report_name: Mapped[str] = mapped_column(String(200), default="")
    work_report_checksum: Mapped[str] = mapped_column(String(64), default="")
    work_report_text: Mapped[str] = mapped_column(Text, default="")


class BallotClass(RosterBase):
    """Home x stratum, the unit of entitlement, with its issuing key (private half erased at closing).

    `cards_left` is how many of its printed cards were still in the envelope when voting was over.
    """

    __tablename__ = "ballot_class"
    __table_args__ = (UniqueConstraint("round_id", "home_id", "ordinal"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    ordinal: Mapped[int]
    label: Mapped[str] = mapped_column(String(120))
    levels: Mapped[dict[str, Any]]
    members: Mapped[int]
    cards_left: Mapped[int | None]
    issuing_public: Mapped[bytes] = mapped_column(LargeBinary(256))
    issuing_private: Mapped[bytes | None] = mapped_column(LargeBinary)


class RoundSecret(RosterBase):
    """The wrapped code key and the custodians' encrypted opening key; both are erased in their time."""

    __tablename__ = "round_secret"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    code_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    opening_public: Mapped[bytes | None] = mapped_column(LargeBinary)
    opening_ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_by: Mapped[int | None]
    erased_at: Mapped[datetime | None]


class CustodianStep(RosterBase):
    """What a custodian confirmed in the ceremony: key made, rehearsed, opened, slips torn up."""

    __tablename__ = "custodian_step"
    __table_args__ = (UniqueConstraint("round_id", "account_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    step: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
