"""The voting window: whether a signature may be given now, and until when a ballot may still be cast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from survey_app.rounds.models import Round, RoundState

CASTING_STAYS_OPEN = timedelta(minutes=15)
"""A phone that holds a signature may finish after the close (anonymity.md section 5)."""


@dataclass(frozen=True)
class Hours:
    """What of a round decides about its window, for calls that need nothing else of it."""

    state: str
    opens_at: datetime
    closes_at: datetime


class Phase(StrEnum):
    """What a member's page shows: not yet, now, or over."""

    EARLY = "early"
    OPEN = "open"
    CLOSED = "closed"


BEFORE = frozenset({RoundState.PREPARING, RoundState.READY, RoundState.OPENING})


def phase(round_: Round | Hours, at: datetime) -> Phase:
    """The phase of a round; the hour of the close holds even when the job that closes is late."""
    if round_.state in BEFORE or (round_.state == RoundState.VOTING and at < round_.opens_at):
        return Phase.EARLY
    if round_.state == RoundState.VOTING and at < round_.closes_at:
        return Phase.OPEN
    return Phase.CLOSED


def casting_until(round_: Round | Hours) -> datetime:
    """The instant at which casting is shut."""
    return round_.closes_at + CASTING_STAYS_OPEN


def may_sign_again(round_: Round | Hours, at: datetime) -> bool:
    """Whether a phone that lost the reply may ask for the same signature once more."""
    running = round_.state in (RoundState.VOTING, RoundState.CLOSING)
    return running and round_.opens_at <= at < casting_until(round_)
