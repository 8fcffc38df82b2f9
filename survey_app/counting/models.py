"""The roster side's record of an opening: figures of the protocol sheet, written after the box."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class HomeCount(RosterBase):
    """What was issued, returned, valid and void in one home, and whether the count rule holds it."""

    __tablename__ = "home_count"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    members: Mapped[int]
    issued: Mapped[int]
    replaced: Mapped[int]
    exchanged_card: Mapped[int]
    exchanged_paper: Mapped[int]
    sealed: Mapped[int]
    paper: Mapped[int]
    valid: Mapped[int]
    void: Mapped[int]
    unopened: Mapped[bool]
    held: Mapped[list[Any]]
    acceptances: Mapped[list[Any]]
    hold_accepted_reason: Mapped[str] = mapped_column(Text, default="")
    void_reason: Mapped[str] = mapped_column(Text, default="")
    groups: Mapped[list[Any]]
    leaves_root: Mapped[bytes] = mapped_column(LargeBinary(32))
    ballots_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    tallies_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    # What the signs 建议核查 are made of; NULL where the box stayed shut and in rounds counted before.
    traits: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class PaperBatch(RosterBase):
    """A pile of paper forms of one home, as two tellers key it; the keyed forms themselves lie in the box."""

    __tablename__ = "paper_batch"
    __table_args__ = (UniqueConstraint("round_id", "home_id", "ordinal"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    ordinal: Mapped[int]
    sheets: Mapped[int]
    first_by: Mapped[int | None]
    second_by: Mapped[int | None]
    settled: Mapped[bool]
    # By this the word on the pile's cover is known when it is typed; the word itself stands nowhere.
    word_check: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class CountingRun(RosterBase):
    """The opening in progress: how many homes are done, and a beat that tells whether it is still alive."""

    __tablename__ = "counting_run"

    round_id: Mapped[str] = mapped_column(ForeignKey("round.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(32))
    beat_at: Mapped[datetime]
    done: Mapped[int]
    total: Mapped[int]
    home: Mapped[str] = mapped_column(String(120), default="")
    opened_at: Mapped[datetime | None]
