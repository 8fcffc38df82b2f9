"""The table of the noticeboard: what a home shows of itself, the five 亮 of the seed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class HomePage(RosterBase):
    """亮牌子, 亮身份, 亮制度, 亮项目, 亮程序 of one home; earlier versions stand in the journal.

    `rules` and `services` hold one thing a line; `procedures` is a list of {"name": …, "steps": [...]}.
    """

    __tablename__ = "home_page"

    home_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(200), default="")
    hours: Mapped[str] = mapped_column(String(120), default="")
    chair_name: Mapped[str] = mapped_column(String(60), default="")
    chair_phone: Mapped[str] = mapped_column(String(40), default="")
    chair_email: Mapped[str] = mapped_column(String(120), default="")
    reception: Mapped[str] = mapped_column(String(120), default="")
    rules: Mapped[str] = mapped_column(Text, default="")
    services: Mapped[str] = mapped_column(Text, default="")
    procedures: Mapped[list[Any]]
    updated_at: Mapped[datetime]
    updated_by: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
