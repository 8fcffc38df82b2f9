"""The background worker: schedules, jobs and deliveries, one at a time, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from importlib import import_module

from survey_app.app import FEATURES
from survey_app.core.clock import Clock
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.settings import Settings
from survey_app.outbox.jobs import Handler, LeasedJob, Workshop, fail, finish, lease_next
from survey_app.outbox.schedules import Schedule, enqueue_due

log = logging.getLogger("pingjia.worker")
IDLE_SECONDS = 1.0


def collect() -> tuple[dict[str, Handler], list[Schedule]]:
    """Every feature's handlers by job kind, and every schedule, from its `background` room if it has one."""
    handlers: dict[str, Handler] = {}
    schedules: list[Schedule] = []
    for feature in FEATURES:
        name = f"survey_app.{feature}.background"
        try:
            room = import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            continue
        handlers.update(room.HANDLERS)
        schedules.extend(getattr(room, "SCHEDULES", ()))
    return handlers, schedules


def work(databases: Databases, settings: Settings, clock: Clock, *, once: bool = False) -> None:
    """Run until SIGTERM; with `once` until nothing is due any more."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread() and not once:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
    handlers, schedules = collect()
    workshop = Workshop(databases, settings, clock)
    while not stop.is_set():
        with committing(write_session(databases.roster)) as session:
            enqueue_due(session, schedules, at=clock())
        if not step(workshop, handlers):
            if once:
                return
            stop.wait(IDLE_SECONDS)


def step(workshop: Workshop, handlers: dict[str, Handler]) -> bool:
    """Do one due job; False when there is none."""
    roster = workshop.databases.roster
    with committing(write_session(roster)) as session:
        leased = lease_next(session, at=workshop.clock())
    if leased is None:
        return False
    try:
        handlers[leased.kind](workshop, leased)
    except Exception as error:
        log.exception("job %s (%s) failed", leased.id, leased.kind)
        _close(workshop, leased, f"{type(error).__name__}: {error}")
    else:
        _close(workshop, leased, None)
    return True


def _close(workshop: Workshop, leased: LeasedJob, reason: str | None) -> None:
    with committing(write_session(workshop.databases.roster)) as session:
        if reason is None:
            finish(session, leased)
        else:
            fail(session, leased, reason, at=workshop.clock())
