"""The working-day calendar of this installation: the bundled data and the administrator's days on top."""

from __future__ import annotations

from sqlalchemy.orm import Session

from survey_app.workdays import Calendar

_bundled = Calendar()


def calendar_of(_session: Session) -> Calendar:
    """The calendar by which limits are computed."""
    return _bundled
