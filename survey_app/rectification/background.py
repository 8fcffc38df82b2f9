"""Background work of rectification: drafts, deemed service, merges, the ladder, second votes, calendars."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import SYSTEM
from survey_app.core.clock import beijing_day
from survey_app.core.db import committing, write_session
from survey_app.outbox.jobs import LeasedJob, Workshop
from survey_app.outbox.schedules import Schedule
from survey_app.outbox.sending import LetterKind
from survey_app.rectification import (
    closing,
    escalating,
    letters,
    merged_homes,
    proposing,
    recomputing,
    serving,
)
from survey_app.rectification.models import Order, OrderState
from survey_app.rectification.queries import undrafted_results


def daily(workshop: Workshop, _leased: LeasedJob) -> None:
    """Once a day: service by lapse of time, then the rungs of the ladder; a second run finds nothing."""
    with committing(write_session(workshop.databases.roster)) as session:
        every_day(session, at=workshop.clock())


def every_day(session: Session, *, at: datetime) -> None:
    """What a new day brings by itself."""
    for order_id in serving.unsigned(session, beijing_day(at)):
        serving.deem_served(session, session.get_one(Order, order_id), at=at)
    merged_homes.follow_merges(session, at=at)
    escalating.propose_due(session, at=at)


def follow_results(workshop: Workshop, _leased: LeasedJob) -> None:
    """Draft what follows from ratings that have become final, and end what a second vote ends."""
    with committing(write_session(workshop.databases.roster)) as session:
        at = workshop.clock()
        for result in undrafted_results(session):
            proposing.propose(session, SYSTEM, result, at=at)
        voting = select(Order).where(Order.state == OrderState.REEVALUATION).order_by(Order.id)
        for order in session.scalars(voting).all():
            for end in (closing.conclude, closing.hand_to_decision, closing.call_off_vote):
                if end(session, order, at=at):
                    break


def follow_calendar(workshop: Workshop, leased: LeasedJob) -> None:
    """Move open dates after an import."""
    with committing(write_session(workshop.databases.roster)) as session:
        recomputing.recompute(session, reason=leased.payload["reason"], at=workshop.clock())


HANDLERS = {
    "rectification.daily": daily,
    "rectification.follow_results": follow_results,
    "rectification.recompute": follow_calendar,
}
LETTERS: dict[str, LetterKind] = {letters.KIND: letters.LETTER}
SCHEDULES = (
    Schedule("rectification.daily", hour=6),
    Schedule("rectification.follow_results", minutes=5),
)
