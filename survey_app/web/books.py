"""What a request holds of the installation: settings, clock, files, and sessions of the roster side.

The box has its own door: only `box` and `counting` ask for `box_engine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from survey_app.core.clock import Clock
from survey_app.core.db import Databases, read_session, write_session
from survey_app.core.files import FileStore
from survey_app.core.settings import Settings


@dataclass(frozen=True)
class Installation:
    """Everything that lives as long as the process."""

    settings: Settings
    databases: Databases
    clock: Clock
    files: FileStore


def installation() -> Installation:
    """The installation this application serves."""
    found: Installation = current_app.extensions["pingjia"]
    return found


def now() -> datetime:
    """The instant of this request, read once so that one act has one time."""
    if "now" not in g:
        g.now = installation().clock()
    instant: datetime = g.now
    return instant


def roster() -> Session:
    """A new session that may write, for `with committing(roster()) as session:`."""
    return write_session(installation().databases.roster)


def reader() -> Session:
    """The request's reading session, closed at its end."""
    if "reader" not in g:
        g.reader = read_session(installation().databases.roster)
    session: Session = g.reader
    return session


def box_engine() -> Engine:
    """The engine of the box."""
    return installation().databases.box


def close_reader(_error: BaseException | None = None) -> None:
    """End the request's reading session (a teardown function)."""
    session = g.pop("reader", None)
    if session is not None:
        # Closing rolls back.
        session.close()
