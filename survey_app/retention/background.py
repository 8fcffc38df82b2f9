"""The nightly sweep."""

from __future__ import annotations

from survey_app.outbox.jobs import Handler, LeasedJob, Workshop
from survey_app.outbox.schedules import Schedule
from survey_app.retention.operations import sweep


def destroy_due(workshop: Workshop, _leased: LeasedJob) -> None:
    """Destroy what is due today."""
    sweep(workshop)


HANDLERS: dict[str, Handler] = {"retention.sweep": destroy_due}
SCHEDULES = (Schedule("retention.sweep", hour=3),)
