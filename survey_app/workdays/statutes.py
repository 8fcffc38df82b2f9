"""The statutory holidays of a year by the rules of 2024-11-10, and where they fall if nobody arranges them.

全国年节及纪念日放假办法 gives everybody 13 days: New Year 1, Spring Festival 4 (its eve and three days),
Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National Day 3. A day that falls on a weekend is made
up on a working day (article 6); so is one that falls on another holiday, by the arrangement of 2020.

The yearly notice of the State Council Office then only *moves* days: every extra day off is paid by a
working weekend. A year computed here therefore has exactly as many working days as its notice will give it,
and differs only in which days they are. That is why its dates are provisional and not wrong by a margin.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cache

from survey_app.workdays.days import (
    DRAGON_BOAT,
    LABOUR_DAY,
    MID_AUTUMN,
    NATIONAL_DAY,
    NEW_YEAR,
    QINGMING,
    SPRING_FESTIVAL,
    Label,
    OutOfRangeError,
    is_weekend,
    next_day,
)
from survey_app.workdays.festivals import LAST_YEAR, festivals_of

FIRST_YEAR = 2025
"""The rules came into force on 2025-01-01."""


def statutory_days(year: int) -> tuple[tuple[dt.date, Label], ...]:
    """The 13 days off that the law names, in order; two of them may be the same day."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise OutOfRangeError(year)
    return tuple(sorted(_named_days(year), key=lambda named: named[0]))


@cache
def unarranged_holidays(year: int) -> dict[dt.date, Label]:
    """The days off of a year without a notice: the statutory ones, and those made up for lost ones."""
    days = statutory_days(year)
    off = dict(reversed(days))
    lost = []
    seen: set[dt.date] = set()
    for day, label in days:
        if is_weekend(day) or day in seen:
            lost.append((day, label))
        seen.add(day)
    for day, label in lost:
        off[_next_free(day, off)] = label
    return off


def _named_days(year: int) -> Iterator[tuple[dt.date, Label]]:
    moving = festivals_of(year)
    yield dt.date(year, 1, 1), NEW_YEAR
    for offset in range(-1, 3):
        yield moving.spring_festival + dt.timedelta(days=offset), SPRING_FESTIVAL
    yield moving.qingming, QINGMING
    yield dt.date(year, 5, 1), LABOUR_DAY
    yield dt.date(year, 5, 2), LABOUR_DAY
    yield moving.dragon_boat, DRAGON_BOAT
    yield moving.mid_autumn, MID_AUTUMN
    for day in (1, 2, 3):
        yield dt.date(year, 10, day), NATIONAL_DAY


def _next_free(day: dt.date, off: dict[dt.date, Label]) -> dt.date:
    """The first weekday after a lost holiday that is not off already: made up as near as the law allows."""
    while is_weekend(day) or day in off:
        day = next_day(day)
    return day
