"""Background work of invitations: the daily reading of turnout, and the sendings."""

from __future__ import annotations

from survey_app.core.db import committing, write_session
from survey_app.invitations import sending_letters, sending_work
from survey_app.invitations.turnout import write_day
from survey_app.outbox.jobs import Handler, LeasedJob, Workshop
from survey_app.outbox.schedules import Schedule


def read_turnout(workshop: Workshop, _leased: LeasedJob) -> None:
    """Write the day's reading of every home that votes."""
    with committing(write_session(workshop.databases.roster)) as session:
        write_day(session, at=workshop.clock())


HANDLERS: dict[str, Handler] = {"invitations.turnout": read_turnout, **sending_work.HANDLERS}
SCHEDULES = (Schedule("invitations.turnout", hour=6), *sending_work.SCHEDULES)
LETTERS = sending_letters.LETTERS
