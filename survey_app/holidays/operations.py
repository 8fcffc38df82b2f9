"""Writes of the calendar: import a year's notice, change one day, take a change back."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.errors import Conflict, Fault, Invalid
from survey_app.holidays.models import DayChange, HolidayNotice
from survey_app.journal.operations import record
from survey_app.outbox.jobs import enqueue
from survey_app.workdays import Notice, faults_of

RECOMPUTE = "rectification.recompute"
"""The job by which open limits follow the calendar; rectification handles it."""


def import_notice(session: Session, actor: Actor, notice: Notice, *, at: datetime) -> HolidayNotice:
    """Store the arrangement of a year; every open limit in it is recomputed after the transaction."""
    actor.need("calendar.edit")
    found = faults_of(notice)
    if found:
        raise Invalid(
            [
                Fault(f"notice_{one.code}", {"day": str(one.day or ""), "number": one.number or 0}, "text")
                for one in found
            ]
        )
    row = HolidayNotice(
        year=notice.year,
        source=notice.source,
        off_days={day.isoformat(): [name.zh, name.en] for day, name in sorted(notice.off_days.items())},
        makeup_days=sorted(day.isoformat() for day in notice.makeup_days),
        imported_at=at,
        imported_by=actor.account_id,
    )
    session.add(row)
    session.flush()
    record(
        session, actor, "calendar.imported", "calendar", notice.year, at=at, source=notice.source, row=row.id
    )
    enqueue(session, RECOMPUTE, at=at, slot=f"{RECOMPUTE}/notice/{row.id}", reason=notice.source)
    return row


def change_day(
    session: Session, actor: Actor, day: date, *, working: bool, source: str, at: datetime
) -> DayChange:
    """Make one day off or worked, with the paper that says so; an earlier change of the day is replaced."""
    actor.need("calendar.edit")
    if not source.strip():
        raise Invalid([Fault("notice_no_source", {}, "source")])
    for earlier in session.scalars(
        select(DayChange).where(DayChange.day == day, DayChange.withdrawn_at.is_(None))
    ):
        earlier.withdrawn_at = at
    row = DayChange(day=day, working=working, source=source.strip(), made_at=at, made_by=actor.account_id)
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        "calendar.day_changed",
        "calendar",
        day.isoformat(),
        at=at,
        working=working,
        source=row.source,
    )
    enqueue(session, RECOMPUTE, at=at, slot=f"{RECOMPUTE}/day/{row.id}", reason=row.source)
    return row


def withdraw_change(session: Session, actor: Actor, row: DayChange, *, at: datetime) -> None:
    """Take a change of one day back; dates that were printed with it stay."""
    actor.need("calendar.edit")
    if row.withdrawn_at is not None:
        raise Conflict("changed_meanwhile")
    row.withdrawn_at = at
    session.flush()
    record(session, actor, "calendar.day_restored", "calendar", row.day.isoformat(), at=at)
    enqueue(session, RECOMPUTE, at=at, slot=f"{RECOMPUTE}/day/{row.id}/back", reason=row.source)
