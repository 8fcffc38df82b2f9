"""Schedules: what recurs, with one slot per day or hour, so that any number of workers enqueue it once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.clock import beijing
from survey_app.outbox.jobs import enqueue


@dataclass(frozen=True)
class Schedule:
    """A job of `kind`, once a day from `hour` on (Beijing), or once every `minutes` when those are given."""

    kind: str
    hour: int = 6
    minutes: int | None = None


def enqueue_due(session: Session, schedules: Iterable[Schedule], *, at: datetime) -> None:
    """Enqueue whatever belongs to the present slot and is not there yet."""
    local = beijing(at)
    for schedule in schedules:
        if schedule.minutes is not None:
            minute = local.hour * 60 + local.minute
            slot = f"{schedule.kind}/{local:%Y-%m-%d}/{minute // schedule.minutes}"
        elif local.hour >= schedule.hour:
            slot = f"{schedule.kind}/{local:%Y-%m-%d}"
        else:
            continue
        enqueue(session, schedule.kind, at=at, slot=slot)
