"""The background worker: schedules, jobs and deliveries, one at a time, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from survey_app.accounts.queries import mail_recipients
from survey_app.app import FEATURES, create_app
from survey_app.core.clock import Clock
from survey_app.core.db import Databases, committing, write_session
from survey_app.core.settings import Settings
from survey_app.holidays.queries import calendar_of
from survey_app.journal.chain import head
from survey_app.outbox import digest
from survey_app.outbox.jobs import Handler, LeasedJob, Workshop, fail, finish, lease_next
from survey_app.outbox.post_office import PostOffice, transports_of
from survey_app.outbox.schedules import Schedule, enqueue_due
from survey_app.outbox.sending import LetterKind, send_due

log = logging.getLogger("pingjia.worker")
IDLE_SECONDS = 1.0
AWAY_SECONDS = 2.0


def collect() -> tuple[dict[str, Handler], list[Schedule]]:
    """Every feature's handlers by job kind, and every schedule, from its `background` room if it has one."""
    handlers: dict[str, Handler] = {}
    schedules: list[Schedule] = []
    for room in _background_rooms():
        handlers.update(room.HANDLERS)
        schedules.extend(getattr(room, "SCHEDULES", ()))
    return handlers, schedules


def collect_letters() -> dict[str, LetterKind]:
    """Every feature's kinds of letter, from its `background` room."""
    letters: dict[str, LetterKind] = {}
    for room in _background_rooms():
        letters.update(getattr(room, "LETTERS", {}))
    return letters


def _background_rooms() -> list[Any]:
    rooms = []
    for feature in FEATURES:
        name = f"survey_app.{feature}.background"
        try:
            rooms.append(import_module(name))
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
    return rooms


def work(databases: Databases, settings: Settings, clock: Clock, *, once: bool = False) -> None:
    """Run until SIGTERM; with `once` until nothing is due any more."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread() and not once:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
    handlers, schedules = collect()
    workshop = Workshop(databases, settings, clock)
    deliver = mailroom(workshop)

    def turn() -> bool:
        with committing(write_session(databases.roster)) as session:
            enqueue_due(session, schedules, at=clock())
        worked = step(workshop, handlers)
        return bool(deliver()) or worked

    while not stop.is_set():
        if not _through_outages(turn, stop, once=once):
            if once:
                return
            stop.wait(IDLE_SECONDS)


def _through_outages(turn: Callable[[], bool], stop: threading.Event, *, once: bool) -> bool:
    """One turn; while the database is away, wait for it. What was in hand is free again after its lease."""
    try:
        return turn()
    except OperationalError as error:
        if once:
            raise
        log.warning("the database is away (%s), waiting", type(error.orig).__name__)
        stop.wait(AWAY_SECONDS)
        return True


def mailroom(workshop: Workshop) -> Callable[[], int]:
    """A function that sends what is due and tells how many letters it took in hand."""
    connect()
    office, letters = PostOffice(transports_of(workshop.settings)), collect_letters()

    @cache
    def application() -> Flask:
        # Letters are worded by the features, and these teach their words when the application is made.
        return create_app(workshop.settings, workshop.databases, workshop.clock)

    return lambda: send_due(workshop, office, letters, writing=lambda: application().app_context())


def connect() -> None:
    """Tell the outbox what lies above it: people's addresses, the calendar, the head of the journal."""

    def is_workday(session: Session, day: date) -> bool:
        return calendar_of(session).is_workday(day)

    digest.learn(digest.Sources(recipients=mail_recipients, is_workday=is_workday, head=head))


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
