"""Whether a worker is at work, read from the jobs: a living one takes what is due within a second."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from survey_app.outbox.models import Delivery, Job

PATIENCE = timedelta(seconds=30)


def worker_is_missing(session: Session, at: datetime) -> bool:
    """A job was due half a minute ago and nobody holds anything in hand: then nobody works here."""
    left_lying = or_(
        and_(Job.state == "waiting", Job.run_at <= at - PATIENCE),
        and_(Job.state == "running", Job.leased_until <= at - PATIENCE),
    )
    if not session.scalar(select(exists().where(left_lying))):
        return False
    # The worker does one thing at a time: a long step, or a slow mail server, keeps it from the next job.
    in_hand = [
        exists().where(table.state == state, table.leased_until > at)
        for table, state in ((Job, "running"), (Delivery, "sending"))
    ]
    return not session.scalar(select(or_(*in_hand)))
