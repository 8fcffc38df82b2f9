"""Jobs: enqueue in the caller's transaction, lease one, finish or retry it; one path for both databases."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.core.clock import Clock
from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from survey_app.outbox.models import Job

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class Workshop:
    """What a job's handler may use: both databases, the settings and the clock."""

    databases: Databases
    settings: Settings
    clock: Clock


@dataclass(frozen=True)
class LeasedJob:
    """A job in hand; `lease` proves that it is still ours when we write its end."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease: str


Handler = Callable[[Workshop, LeasedJob], None]


def enqueue(session: Session, kind: str, *, at: datetime, slot: str | None = None, **payload: Any) -> None:
    """Ask for a job in this transaction. With a `slot` the second request for the same slot is a no-op."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        make(Job)
        .values(
            kind=kind, slot=slot, payload=payload, state="waiting", run_at=at, attempts=0, done=0, total=0
        )
        .on_conflict_do_nothing(index_elements=["slot"])
    )


def lease_next(session: Session, *, at: datetime) -> LeasedJob | None:
    """Take the next due job, or one whose worker died (its lease has run out)."""
    job = session.scalars(
        select(Job)
        .where(
            Job.run_at <= at,
            or_(Job.state == "waiting", (Job.state == "running") & (Job.leased_until < at)),
        )
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if job is None:
        return None
    job.state, job.leased_until, job.lease = "running", at + LEASE, secrets.token_hex(16)
    job.attempts += 1
    return LeasedJob(job.id, job.kind, dict(job.payload), job.attempts, job.lease)


def note_progress(session: Session, leased: LeasedJob, done: int, total: int, *, at: datetime) -> None:
    """Tell how far a job is and renew its lease."""
    job = _still_ours(session, leased)
    if job is not None:
        job.done, job.total, job.leased_until = done, total, at + LEASE


def finish(session: Session, leased: LeasedJob) -> None:
    """The job is done."""
    job = _still_ours(session, leased)
    if job is not None:
        job.state, job.leased_until, job.error = "done", None, None


def fail(session: Session, leased: LeasedJob, reason: str, *, at: datetime) -> None:
    """The attempt failed: try again later with a growing pause, or give up and say why."""
    job = _still_ours(session, leased)
    if job is None:
        return
    job.error, job.leased_until = reason[:2000], None
    if job.attempts >= MOST_ATTEMPTS:
        job.state = "failed"
    else:
        job.state, job.run_at = "waiting", at + timedelta(seconds=5 * 2**job.attempts)


def _still_ours(session: Session, leased: LeasedJob) -> Job | None:
    job = session.get(Job, leased.id)
    return job if job is not None and job.lease == leased.lease and job.state == "running" else None
