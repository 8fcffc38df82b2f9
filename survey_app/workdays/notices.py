"""The yearly arrangement of the State Council Office: bundled, imported, and what may be wrong with one.

`bundled_notices` takes the arrangements from the chinesecalendar library. A `Notice` imported by the
administrator replaces the bundled one of its year; an `Amendment` changes a single day (a day of mourning,
a flood). `faults_of` finds the typing errors a clerk makes when copying a notice, all of them.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import chinese_calendar.constants as library

from survey_app.workdays.days import (
    DRAGON_BOAT,
    LABOUR_DAY,
    MID_AUTUMN,
    NATIONAL_DAY,
    NEW_YEAR,
    QINGMING,
    SPECIAL_DAY,
    SPRING_FESTIVAL,
    Label,
    is_weekend,
)
from survey_app.workdays.statutes import FIRST_YEAR, statutory_days

LIBRARY_NAMES = {
    "New Year's Day": NEW_YEAR,
    "Spring Festival": SPRING_FESTIVAL,
    "Tomb-sweeping Day": QINGMING,
    "Labour Day": LABOUR_DAY,
    "Dragon Boat Festival": DRAGON_BOAT,
    "Mid-autumn Festival": MID_AUTUMN,
    "National Day": NATIONAL_DAY,
}


@dataclass(frozen=True)
class Notice:
    """The arrangement of one year: days off with their names, weekend days that are worked, and its source.

    A notice may name days of the neighbouring year (the working Saturday 2018-12-29 stood in that of 2019).
    """

    year: int
    source: str
    off_days: Mapping[dt.date, Label] = field(default_factory=dict)
    makeup_days: frozenset[dt.date] = frozenset()


@dataclass(frozen=True, slots=True)
class Amendment:
    """One day that is off or worked whatever the notice says, with the paper that says so."""

    day: dt.date
    working: bool
    source: str
    label: Label = SPECIAL_DAY


@dataclass(frozen=True, slots=True)
class NoticeFault:
    """One thing that cannot be right in a notice: a code and the day or the number it is about."""

    code: str
    day: dt.date | None = None
    number: int | None = None


@cache
def bundled_notices() -> tuple[Notice, ...]:
    """The arrangements that come with the program, one for each year that the library knows whole."""
    # A year is known when its National Day is: January dates alone may stem from the year before.
    years = sorted({day.year for day in library.holidays if (day.month, day.day) == (10, 1)})
    return tuple(_bundled_notice(year) for year in years)


def _bundled_notice(year: int) -> Notice:
    off_days = {
        day: LIBRARY_NAMES.get(str(name), SPECIAL_DAY)
        for day, name in sorted(library.holidays.items())
        if day.year == year
    }
    makeup_days = frozenset(day for day in library.workdays if day.year == year)
    return Notice(year, f"国务院办公厅关于{year}年部分节假日安排的通知", off_days, makeup_days)


def faults_of(notice: Notice) -> list[NoticeFault]:
    """Every fault of a notice that is about to be imported, in the order of the days.

    The last check weighs the whole: a notice moves days and gives none away, so weekdays off minus
    weekend days worked must be the statutory number. One forgotten or mistyped day tips the scale.
    """
    faults = [NoticeFault("no_source")] if not notice.source.strip() else []
    for day in sorted({*notice.off_days, *notice.makeup_days}):
        faults += [NoticeFault(code, day) for code in _day_faults(notice, day)]
    if notice.year >= FIRST_YEAR:
        statutory = statutory_days(notice.year)
        missing = sorted({day for day, _ in statutory if day not in notice.off_days})
        faults += [NoticeFault("statutory_day_missing", day) for day in missing]
        given = sum(not is_weekend(day) for day in notice.off_days) - len(notice.makeup_days)
        if given != len(statutory):
            faults.append(NoticeFault("unbalanced", number=given - len(statutory)))
    return faults


def _day_faults(notice: Notice, day: dt.date) -> list[str]:
    codes = []
    first = dt.date(notice.year - 1, 12, 24)
    last = dt.date(notice.year + 1, 1, 7)
    if not first <= day <= last:
        codes.append("other_year")
    if day in notice.off_days and day in notice.makeup_days:
        codes.append("off_and_worked")
    if day in notice.makeup_days and not is_weekend(day):
        codes.append("weekday_made_up")
    return codes
