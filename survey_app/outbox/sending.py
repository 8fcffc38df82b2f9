"""Sending: take a delivery, compose and hand it over outside of any transaction, write its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.outbox import deliveries
from survey_app.outbox.deliveries import LeasedDelivery
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.post_office import PostOffice
from survey_app.outbox.transport import Channel, Letter, NotDelivered

log = logging.getLogger("pingjia.outbox")
AT_ONCE = 50


class Forgets(StrEnum):
    """When a row lets go of whom it was for."""

    NEVER = "never"
    WHEN_SENT = "when_sent"
    ALWAYS = "always"


class Withdrawn(Exception):
    """The letter has become pointless, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotYet(Exception):
    """The letter may not go out before this instant."""

    def __init__(self, until: datetime) -> None:
        super().__init__("not yet")
        self.until = until


@dataclass(frozen=True)
class Draft:
    """What a composer may use."""

    workshop: Workshop
    session: Session
    channel: Channel
    payload: dict[str, Any]
    at: datetime


Compose = Callable[[Draft], Letter | None]
"""Gives the letter, or None when nobody is to be written to; raises Withdrawn or NotYet."""


@dataclass(frozen=True)
class LetterKind:
    """How letters of a kind are written, and when their rows forget for whom they were."""

    compose: Compose
    forgets: Forgets = Forgets.NEVER


Ending = Callable[[Session], None]
Writing = Callable[[], AbstractContextManager[Any]]


def send_due(
    workshop: Workshop,
    office: PostOffice,
    kinds: Mapping[str, LetterKind],
    *,
    most: int = AT_ONCE,
    writing: Writing = nullcontext,
) -> int:
    """Work on up to `most` due deliveries, one after the other; how many were taken in hand."""
    done = 0
    try:
        leased = _turn(workshop, office, None, take=True)
        while leased is not None:
            with writing():
                end = _attempt(workshop, office, leased, kinds.get(leased.kind), workshop.clock())
            done += 1
            leased = _turn(workshop, office, end, take=done < most)
    finally:
        office.close()
    return done


def _turn(workshop: Workshop, office: PostOffice, end: Ending | None, *, take: bool) -> LeasedDelivery | None:
    """Write the end of one delivery and take the next: one transaction, so that a letter costs one commit."""
    with committing(write_session(workshop.databases.roster)) as session:
        if end is not None:
            end(session)
            session.flush()
        at = workshop.clock()
        return deliveries.lease_next(session, at=at, resting=office.resting(at)) if take else None


def _attempt(
    workshop: Workshop, office: PostOffice, leased: LeasedDelivery, kind: LetterKind | None, at: datetime
) -> Ending:
    """Try once, outside of any write transaction; what is to be written about it."""
    if kind is None:
        return lambda session: deliveries.give_up(session, leased, "kind_unknown", forget=False)
    forget = kind.forgets is Forgets.ALWAYS
    letter: Letter | None = None
    try:
        with reading(read_session(workshop.databases.roster)) as session:
            letter = kind.compose(Draft(workshop, session, leased.channel, leased.payload, at))
        if letter is None:
            return lambda session: deliveries.drop(session, leased)
        office.send(letter, f"pingjia-delivery-{leased.id}", at=at)
    except NotYet as error:
        until = error.until
        return lambda session: deliveries.put_off(session, leased, until)
    except Withdrawn as error:
        reason = error.reason
        return lambda session: deliveries.give_up(session, leased, reason, forget=forget)
    except NotDelivered as error:
        failed = error
        log.warning("delivery %s (%s) attempt %s: %s", leased.id, leased.kind, leased.attempts, failed.reason)
    except Exception as error:
        # Never the text of the exception: it may quote a letter or an address.
        log.error("delivery %s (%s): unexpected %s", leased.id, leased.kind, type(error).__name__)
        failed = NotDelivered("unexpected", doubtful=letter is not None)
    else:
        gone = forget or kind.forgets is Forgets.WHEN_SENT
        return lambda session: deliveries.finish(session, leased, at=workshop.clock(), forget=gone)
    return lambda session: deliveries.fail(
        session,
        leased,
        failed.reason,
        at=workshop.clock(),
        final=failed.final,
        doubtful=failed.doubtful,
        forget=forget,
    )
