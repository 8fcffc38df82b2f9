"""Tables of the calendar: imported yearly notices and days that are changed one by one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class HolidayNotice(RosterBase):
    """The arrangement of a year as it was imported; the newest of a year counts, earlier ones stay."""

    __tablename__ = "holiday_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(Text)
    off_days: Mapped[dict[str, Any]]
    makeup_days: Mapped[list[Any]]
    imported_at: Mapped[datetime]
    imported_by: Mapped[int]


class DayChange(RosterBase):
    """A single day that is off or worked whatever the notice says; a withdrawn one no longer counts."""

    __tablename__ = "day_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    working: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime]
    made_by: Mapped[int]
    withdrawn_at: Mapped[datetime | None]
