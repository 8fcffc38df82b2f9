"""Reads of the calendar: the working days that count today, what was imported, what was changed."""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from threading import Lock

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.holidays.models import DayChange, HolidayNotice
from survey_app.workdays import Amendment, Calendar, Label, Notice

_built: OrderedDict[tuple[object, ...], Calendar] = OrderedDict()
_lock = Lock()
MOST_KEPT = 8


def calendar_of(session: Session) -> Calendar:
    """The calendar of this installation; built once for each state of the two tables."""
    state = _state(session)
    with _lock:
        if state in _built:
            return _built[state]
    made = Calendar(_notices(session), _amendments(session))
    with _lock:
        _built[state] = made
        while len(_built) > MOST_KEPT:
            _built.popitem(last=False)
    return made


def _state(session: Session) -> tuple[object, ...]:
    """What tells one state of the tables from another, on this very database."""
    newest = session.scalar(select(func.max(HolidayNotice.id)))
    counts = session.execute(select(func.max(DayChange.id), func.count(DayChange.withdrawn_at))).one()
    empty = newest is None and counts[0] is None
    # Without rows every database has the same calendar; with rows the address is part of the key.
    return ("bundled",) if empty else (str(session.get_bind().engine.url), newest, *counts)


def current_notices(session: Session) -> list[HolidayNotice]:
    """The imported notice of each year that counts, newest year first."""
    newest = select(func.max(HolidayNotice.id)).group_by(HolidayNotice.year)
    return list(
        session.scalars(
            select(HolidayNotice).where(HolidayNotice.id.in_(newest)).order_by(HolidayNotice.year.desc())
        )
    )


def current_changes(session: Session) -> list[DayChange]:
    """The single days that are changed, newest day first."""
    return list(
        session.scalars(
            select(DayChange).where(DayChange.withdrawn_at.is_(None)).order_by(DayChange.day.desc())
        )
    )


def _notices(session: Session) -> list[Notice]:
    return [
        Notice(
            row.year,
            row.source,
            {date.fromisoformat(day): Label(*names) for day, names in row.off_days.items()},
            frozenset(date.fromisoformat(day) for day in row.makeup_days),
        )
        for row in current_notices(session)
    ]


def _amendments(session: Session) -> list[Amendment]:
    rows = session.scalars(select(DayChange).where(DayChange.withdrawn_at.is_(None)).order_by(DayChange.id))
    return [Amendment(row.day, row.working, row.source) for row in rows]
