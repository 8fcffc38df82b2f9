"""Forgets what signing in leaves behind: old failures and sessions that have run out."""

from __future__ import annotations

from survey_app.accounts.lockout import forget_old
from survey_app.accounts.sign_ins import close_expired
from survey_app.core.db import committing, write_session
from survey_app.outbox.jobs import LeasedJob, Workshop
from survey_app.outbox.schedules import Schedule


def tidy_up(workshop: Workshop, _leased: LeasedJob) -> None:
    """The daily clearing."""
    with committing(write_session(workshop.databases.roster)) as session:
        forget_old(session, at=workshop.clock())
        close_expired(session, at=workshop.clock())


HANDLERS = {"accounts.tidy_up": tidy_up}
SCHEDULES = (Schedule("accounts.tidy_up", hour=4),)
