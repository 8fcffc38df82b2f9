"""Background work of invitations: the daily reading of turnout."""

from __future__ import annotations

from survey_app.core.db import committing, write_session
from survey_app.invitations.turnout import write_day
from survey_app.outbox.jobs import Handler, LeasedJob, Workshop
from survey_app.outbox.schedules import Schedule


def read_turnout(workshop: Workshop, _leased: LeasedJob) -> None:
    """Write the day's reading of every home that votes."""
    with committing(write_session(workshop.databases.roster)) as session:
        write_day(session, at=workshop.clock())


HANDLERS: dict[str, Handler] = {"invitations.turnout": read_turnout}
SCHEDULES = (Schedule("invitations.turnout", hour=6),)
