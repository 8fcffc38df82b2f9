"""The opening in progress: whether it is alive, its beat, and what ends it from outside.

The beat does not wait for a home to be done: one huge home, or the tidying at the end, may take longer than
anybody should wait who wants to know whether the process still lives.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_app.core.db import committing, write_session
from survey_app.core.errors import Conflict
from survey_app.counting.models import CountingRun, HomeCount
from survey_app.outbox.jobs import Workshop
from survey_app.rounds.models import Round, RoundState

log = logging.getLogger("pingjia.counting")
STALE = timedelta(seconds=90)
"""Without a beat for so long nobody counts any more, and the custodians may type again."""
BEAT_S = 20.0
TAKEN = ""
"""The token of a run that nobody may go on with."""


class OpeningStands(StrEnum):
    """Where the opening of a round in `counting` stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    UNCONFIRMED = "unconfirmed"


def opening_stands(run: CountingRun | None, at: datetime) -> OpeningStands:
    """Running, broken off (the halves must be typed again), or done and waiting for the custodians."""
    if run is not None and run.opened_at is not None:
        return OpeningStands.UNCONFIRMED
    return OpeningStands.RUNNING if is_alive(run, at) else OpeningStands.STOPPED


def is_alive(run: CountingRun | None, at: datetime) -> bool:
    """Whether a process counts now."""
    return run is not None and run.opened_at is None and at - run.beat_at < STALE


def own_run(session: Session, round_id: str, token: str) -> CountingRun:
    """The run, if it is still ours; another process may have taken over, or the round was cancelled."""
    run = session.get_one(CountingRun, round_id, with_for_update=True)
    if run.token != token:
        raise Conflict("counting_runs_already")
    return run


def note_home(workshop: Workshop, round_id: str, token: str, name: str) -> None:
    """A home is done."""
    with committing(write_session(workshop.databases.roster)) as session:
        run = own_run(session, round_id, token)
        run.beat_at, run.done, run.home = workshop.clock(), run.done + 1, name


def beat(workshop: Workshop, round_id: str, token: str) -> None:
    """Still alive, in the middle of a home."""
    with committing(write_session(workshop.databases.roster)) as session:
        own_run(session, round_id, token).beat_at = workshop.clock()


def let_go(workshop: Workshop, round_id: str, token: str) -> None:
    """The count broke off: the custodians may type again at once, without waiting for a missing beat."""
    with committing(write_session(workshop.databases.roster)) as session:
        own_run(session, round_id, token).beat_at = workshop.clock() - STALE


@contextmanager
def beating(give_beat: Callable[[], None]) -> Iterator[None]:
    """Beat from a thread beside the work of the block; never begun before a fork."""
    done = threading.Event()

    def keep_beating() -> None:
        while not done.wait(BEAT_S):
            try:
                give_beat()
            except Exception:
                # The work finds out by itself at its next home; a beat that fails must not end it.
                log.warning("a beat of the count failed", exc_info=True)

    thread = threading.Thread(target=keep_beating, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def end_opening(session: Session, round_: Round, at: datetime) -> None:
    """A round in `counting` is cancelled: refused while a process counts, else nothing of its count stays."""
    if round_.state != RoundState.COUNTING:
        return
    run = session.get(CountingRun, round_.id, with_for_update=True)
    if is_alive(run, at):
        raise Conflict("counting_runs_cancel_later")
    if run is not None:
        run.token = TAKEN
    session.execute(delete(HomeCount).where(HomeCount.round_id == round_.id))
