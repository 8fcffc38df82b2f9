"""How much each post of a person calls for him now: features above tell it, the role menu and sign-in ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from sqlalchemy.orm import Session

from survey_app.accounts.queries import HeldPost


class Urgency(IntEnum):
    """The order in which posts stand in the menu; a lasting post without a round stands between."""

    NOW = 0
    TO_PREPARE = 1
    LASTING = 2
    WAITING = 3
    DONE = 4


@dataclass(frozen=True)
class Call:
    """A post of a round: which round it is, in words, and what waits there."""

    urgency: Urgency
    round_title: str
    words: str

    @property
    def waits_for_holder(self) -> bool:
        """Whether something must be done in it now."""
        return self.urgency <= Urgency.TO_PREPARE


Caller = Callable[[Session, HeldPost, datetime], Call | None]
LASTING = Call(Urgency.LASTING, "", "")
_callers: list[Caller] = []


def learn(caller: Caller) -> None:
    """Ask this function about posts of rounds (called by a feature when it registers)."""
    if caller not in _callers:
        _callers.append(caller)


def call_of(session: Session, post: HeldPost, at: datetime) -> Call:
    """What one post calls for."""
    if post.round_id is None:
        return LASTING
    found = (caller(session, post, at) for caller in _callers)
    return next((call for call in found if call is not None), Call(Urgency.WAITING, "", ""))


def by_urgency(session: Session, posts: Sequence[HeldPost], at: datetime) -> list[tuple[HeldPost, Call]]:
    """Posts with what they call for, the most pressing first; of two alike the newer round's first."""
    calls = [(post, call_of(session, post, at)) for post in reversed(posts)]
    return sorted(calls, key=lambda pair: pair[1].urgency)
