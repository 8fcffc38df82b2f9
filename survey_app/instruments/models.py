"""Tables of questionnaire versions: stored whole, frozen by fingerprint once used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.core.db import RosterBase


class QuestionnaireVersion(RosterBase):
    """A questionnaire as its canonical definition; `used_at` set means it never changes again."""

    __tablename__ = "questionnaire_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(16), default="full")
    owner_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    core_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    definition: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
