"""Tables of results: the state of a home's rating, its immutable snapshots, objections, comments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class ResultState(StrEnum):
    """provisional -> (objected ->) final -> published; held, voided and superseded stand beside."""

    HELD = "held"
    PROVISIONAL = "provisional"
    OBJECTED = "objected"
    FINAL = "final"
    PUBLISHED = "published"
    VOIDED = "voided"
    SUPERSEDED = "superseded"


class Result(RosterBase):
    """The rating of a home in a round and how far it has come.

    The figures beside the class are what a superior may be shown of it (percent as printed; NULL where the
    disclosure rules hide them), so that lists over 30,000 homes need no snapshot. `opinions` to `favourable`
    stand only where a total may contain them. `p_value` serves the release check and is shown to nobody.
    """

    __tablename__ = "result"
    __table_args__ = (
        UniqueConstraint("round_id", "home_id"),
        Index("ix_result_home_id", "home_id"),
        Index("ix_result_year_state", "year", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    # No foreign key: the snapshot points back here, and a circle of keys helps nobody.
    snapshot_id: Mapped[int | None]
    rating_class: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(4))
    reminder: Mapped[bool] = mapped_column(default=False)
    marks: Mapped[list[Any]]
    members: Mapped[int] = mapped_column(default=0)
    ballots: Mapped[int | None]
    combined: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    n_effective: Mapped[float | None]
    opinions: Mapped[int | None]
    satisfied: Mapped[int | None]
    favourable: Mapped[int | None]
    p_value: Mapped[float | None]
    provisional_at: Mapped[datetime]
    objection_until: Mapped[date]
    no_objection_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None]
    confirm_reason: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime | None]
    superseded_by: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


class RatingSnapshot(RosterBase):
    """Inputs and outcome of one rating, never changed: the sheet, the scheme, the rating, their digest."""

    __tablename__ = "rating_snapshot"

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), index=True)
    number: Mapped[int]
    made_at: Mapped[datetime]
    cause: Mapped[str] = mapped_column(String(24))
    sheet: Mapped[dict[str, Any]]
    scheme: Mapped[dict[str, Any]]
    rating: Mapped[dict[str, Any]]
    input_digest: Mapped[str] = mapped_column(String(64))
    method_version: Mapped[str] = mapped_column(String(24))
    questionnaire_fingerprint: Mapped[str] = mapped_column(String(64))


class ResultFlag(RosterBase):
    """A sign at a home that its superior is advised to check; it changes no rating and removes no ballot."""

    __tablename__ = "result_flag"

    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), primary_key=True)
    sign: Mapped[str] = mapped_column(String(16), primary_key=True)
    observed: Mapped[float]
    expected: Mapped[float]


class Objection(RosterBase):
    """An objection to a provisional result: text and one file, decided by another officer."""

    __tablename__ = "objection"

    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(ForeignKey("result.id"), index=True)
    raised_at: Mapped[datetime]
    raised_by: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_checksum: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None]
    upheld: Mapped[bool | None]
    decision: Mapped[str] = mapped_column(Text, default="")


class CommentState(StrEnum):
    """waiting -> released (masked where needed) or withheld."""

    WAITING = "waiting"
    RELEASED = "released"
    WITHHELD = "withheld"


class ReviewedComment(RosterBase):
    """A member's words under a random id of this side; the original stays with the reviewer."""

    __tablename__ = "reviewed_comment"
    __table_args__ = (Index("ix_reviewed_comment_round_id_home_id", "round_id", "home_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    question: Mapped[str] = mapped_column(String(16))
    original: Mapped[str] = mapped_column(Text)
    released: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(10), default=CommentState.WAITING)
    reviewed_by: Mapped[int | None]
