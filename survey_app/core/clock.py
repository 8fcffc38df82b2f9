"""The clock of the application: aware UTC instants in, days and hours of Beijing out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
BEIJING = ZoneInfo("Asia/Shanghai")


def system_clock() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def beijing(instant: datetime) -> datetime:
    """The same instant on a clock in Beijing."""
    return instant.astimezone(BEIJING)


def beijing_day(instant: datetime) -> date:
    """The day in Beijing on which `instant` falls."""
    return beijing(instant).date()


def at_beijing(day: date, hour: time = time(0, 0)) -> datetime:
    """The instant in UTC at which a clock in Beijing shows `hour` on `day`."""
    return datetime.combine(day, hour, BEIJING).astimezone(UTC)
