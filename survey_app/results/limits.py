"""The working-day calendar by which limits of results are computed."""

from __future__ import annotations

from survey_app.holidays.queries import calendar_of

__all__ = ["calendar_of"]
