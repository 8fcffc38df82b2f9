"""What `/readyz` and the log say: rounds stuck in a step, class lists that differ, databases that log."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass
from survey_app.core.db import Databases, read_session, reading
from survey_app.core.server_memory import loud_settings
from survey_app.counting.models import CountingRun
from survey_app.invitations.window import casting_until
from survey_app.journal.models import JournalLine
from survey_app.outbox.models import Job
from survey_app.rounds.models import IN_PROGRESS, BallotClass, Round, RoundState
from survey_app.web.books import Installation

log = logging.getLogger("pingjia.counting")
STUCK_AFTER = timedelta(hours=2)
STEP_JOBS = {
    RoundState.PREPARING: "counting.prepare",
    RoundState.OPENING: "counting.open_votes",
    RoundState.CLOSING: "counting.close_votes",
}
COMPARED = (*IN_PROGRESS, RoundState.READY, RoundState.VOTING, RoundState.CLOSED)


def problems(installation: Installation) -> list[str]:
    """Sentences for the probe: each names the round, none names a person."""
    at = installation.clock()
    found = []
    with reading(read_session(installation.databases.roster)) as session:
        for round_ in session.scalars(select(Round).where(Round.state.in_(IN_PROGRESS))):
            if _is_stuck(session, round_, at):
                found.append(f"round {round_.id} is stuck in {round_.state}")
        found += _class_lists(session, installation.databases)
        found += _not_destroyed(session)
    return found


def _is_stuck(session: Session, round_: Round, at: datetime) -> bool:
    if round_.state == RoundState.COUNTING:
        return _opening_is_stuck(session, round_, at)
    jobs = _jobs(session, STEP_JOBS[RoundState(round_.state)], round_.id)
    if any(job.state == "failed" for job in jobs) or not jobs:
        return True
    since = session.scalar(
        select(JournalLine.at)
        .where(JournalLine.subject_id == round_.id)
        .order_by(JournalLine.number.desc())
        .limit(1)
    )
    if round_.state == RoundState.CLOSING:
        since = casting_until(round_)
    running = any(job.leased_until is not None and job.leased_until > at for job in jobs)
    return not running and since is not None and at - since > STUCK_AFTER


def _opening_is_stuck(session: Session, round_: Round, at: datetime) -> bool:
    """An opening that beats no more, or a last step that was given up; people may take their time."""
    run = session.get(CountingRun, round_.id)
    if run is None or (run.opened_at is None and at - run.beat_at > STUCK_AFTER):
        return True
    return any(job.state == "failed" for job in _jobs(session, "counting.finish", round_.id))


def _jobs(session: Session, kind: str, round_id: str) -> list[Job]:
    jobs = session.scalars(select(Job).where(Job.kind == kind))
    return [job for job in jobs if job.payload.get("round_id") == round_id]


def _class_lists(session: Session, databases: Databases) -> list[str]:
    """Both sides must know the same classes of every round from its preparation until it is counted."""
    rounds = session.execute(select(Round.id, Round.state).where(Round.state.in_(COMPARED))).all()
    found = []
    with reading(read_session(databases.box)) as box:
        for round_id, state in rounds:
            homes = dict(
                session.execute(
                    select(BallotClass.id, BallotClass.home_id).where(BallotClass.round_id == round_id)
                ).all()
            )
            there = set(box.scalars(select(BoxClass.id).where(BoxClass.round_id == round_id)))
            preparing = state == RoundState.PREPARING
            if _is_behind(homes, there) if preparing else homes.keys() != there:
                found.append(f"round {round_id}: the class lists of roster and box differ")
    return found


def _is_behind(homes: dict[str, int], there: set[str]) -> bool:
    """While preparing the box follows the roster home by home: at most the home in hand may be missing."""
    return len({home for class_id, home in homes.items() if class_id not in there}) > 1


def _not_destroyed(session: Session) -> list[str]:
    """Cancelled rounds whose ballots could not be removed from the box."""
    given_up = session.scalars(select(Job).where(Job.kind == "counting.destroy", Job.state == "failed"))
    return [f"round {job.payload['round_id']} ended, but the box still holds it" for job in given_up]


def warn_of_telltale_settings(databases: Databases) -> list[str]:
    """Settings of PostgreSQL that would keep times or statements beside the ballots; logged at start."""
    try:
        found = loud_settings(databases)
    except OperationalError:
        # A database may come up after us: that must not keep the program from starting.
        log.warning("a database does not answer yet, the settings were not looked at")
        return []
    for line in found:
        log.warning("%s keeps times or statements beside the ballots", line)
    return found
