"""Background work of counting: the steps of a round, and the watch over the announced close."""

from __future__ import annotations

from sqlalchemy import select

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, write_session
from survey_app.counting.ceremony import finish
from survey_app.counting.erasing import erase_vote
from survey_app.counting.operations import request_close
from survey_app.counting.preparing import prepare
from survey_app.counting.voting import close_votes, destroy, open_votes
from survey_app.outbox.jobs import Handler, LeasedJob, Workshop, note_progress
from survey_app.outbox.models import Job
from survey_app.outbox.schedules import Schedule
from survey_app.rounds.models import Round, RoundState


def prepare_round(workshop: Workshop, leased: LeasedJob) -> None:
    """Prepare, telling after each home how far it is; the lease is renewed with it."""

    def progress(done: int, total: int) -> None:
        with committing(write_session(workshop.databases.roster)) as session:
            note_progress(session, leased, done, total, at=workshop.clock())

    prepare(workshop, leased.payload["round_id"], progress)


def close_due_rounds(workshop: Workshop, _leased: LeasedJob) -> None:
    """Request the close of every round whose announced hour has passed."""
    at = workshop.clock()
    with committing(write_session(workshop.databases.roster)) as session:
        due = select(Round).where(Round.state == RoundState.VOTING, Round.closes_at <= at)
        for round_ in session.scalars(due.with_for_update(skip_locked=True)):
            request_close(session, SYSTEM, round_, at=at)


def erase_voided_home(workshop: Workshop, leased: LeasedJob) -> None:
    """Erase the vote of a home that was voided."""
    erase_vote(workshop.databases, leased.payload["round_id"], leased.payload["home_id"])


def rearm_failed_steps(workshop: Workshop, _leased: LeasedJob) -> None:
    """Try again whatever was given up: every step can be repeated, and no round may stand still for ever."""
    with committing(write_session(workshop.databases.roster)) as session:
        given_up = select(Job).where(Job.state == "failed", Job.kind.in_(STEPS))
        for job in session.scalars(given_up.with_for_update(skip_locked=True)):
            job.state, job.attempts, job.run_at = "waiting", 0, workshop.clock()


HANDLERS: dict[str, Handler] = {
    "counting.prepare": prepare_round,
    "counting.open_votes": lambda workshop, leased: open_votes(workshop, leased.payload["round_id"]),
    "counting.close_votes": lambda workshop, leased: close_votes(workshop, leased.payload["round_id"]),
    "counting.close_due": close_due_rounds,
    "counting.rearm": rearm_failed_steps,
    "counting.destroy": lambda workshop, leased: destroy(workshop, leased.payload["round_id"]),
    "counting.erase_home": erase_voided_home,
    "counting.finish": lambda workshop, leased: finish(workshop, leased.payload["round_id"]),
}
SCHEDULES = (Schedule("counting.close_due", minutes=5), Schedule("counting.rearm", minutes=15))
STEPS = (
    "counting.prepare",
    "counting.open_votes",
    "counting.close_votes",
    "counting.finish",
    "counting.destroy",
    "counting.erase_home",
)
