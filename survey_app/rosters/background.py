"""Removes uploaded lists that nobody imported within a day."""

from __future__ import annotations

from survey_app.outbox.jobs import LeasedJob, Workshop
from survey_app.outbox.schedules import Schedule
from survey_app.spreadsheets.uploads import Uploads


def sweep_uploads(workshop: Workshop, _leased: LeasedJob) -> None:
    """The daily sweep of the folder of uploads."""
    Uploads(workshop.settings.data_folder / "uploads", workshop.settings.wrapping_key).sweep()


HANDLERS = {"rosters.sweep_uploads": sweep_uploads}
SCHEDULES = (Schedule("rosters.sweep_uploads", hour=3),)
