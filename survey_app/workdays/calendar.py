"""The legal working days of China: is a day worked, when does a limit end, how many days are left.

    calendar = Calendar(notices, amendments)     what the administrator imported, over what is bundled
    calendar.is_workday(day)
    calendar.add_workdays(start, 15)             -> Deadline; the start day is not counted
    calendar.add_calendar_days(start, 30)        -> Deadline, rolled forward to a working day
    calendar.workdays_between(today, due)        6 means six left, -5 means five overdue
    calendar.days_left(today, due)               the same, and whether the day has passed
    calendar.deadline(start, rule, printed=date) the same from what a table stores, never before `printed`
    calendar.recompute(deadline)                 after an import: the same rule, never an earlier date

A year without a notice is computed from the statute and every date that looks at it is provisional (暂定).
So are the last days of a December whose following year has no notice yet: the notice of 2019 turned
Saturday 2018-12-29 into a working day.

Sources: 全国年节及纪念日放假办法 (2024-11-10); Civil Code articles 201 and 203 for the uncounted first day
and for the last day that falls on a holiday.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from survey_app.workdays.days import (
    Counting,
    Label,
    OutOfRangeError,
    Rule,
    Run,
    is_weekend,
    next_day,
)
from survey_app.workdays.days_left import DaysLeft
from survey_app.workdays.deadline import Deadline
from survey_app.workdays.festivals import LAST_YEAR
from survey_app.workdays.notices import Amendment, Notice, bundled_notices
from survey_app.workdays.statutes import FIRST_YEAR, unarranged_holidays

FIRST_DAY_OF_NEXT_NOTICE = (12, 28)
"""The earliest December day (New Year on a Thursday, its Friday worked on the Sunday before) it may touch."""

ONE_DAY = dt.timedelta(days=1)


class Calendar:
    """Working days by the yearly notices, with provisional years where there is none; immutable."""

    def __init__(self, notices: Iterable[Notice] = (), amendments: Iterable[Amendment] = ()) -> None:
        imported = {notice.year: notice for notice in notices}
        known = {notice.year: notice for notice in bundled_notices()} | imported
        computed = [year for year in range(FIRST_YEAR, LAST_YEAR + 1) if year not in known]
        self.official_years = frozenset(known)
        self._years = self.official_years | set(computed)
        self._off: dict[dt.date, Label] = {}
        self._makeup: set[dt.date] = set()
        for year in computed:
            self._off |= unarranged_holidays(year)
        for notice in known.values():
            self._off.update(notice.off_days)
            self._makeup |= notice.makeup_days
        for amendment in amendments:
            self._amend(amendment)

    def is_workday(self, day: dt.date) -> bool:
        """Whether this day is worked: a weekday that is not off, or a weekend day that is made up."""
        if isinstance(day, dt.datetime):
            # A datetime never equals a date, so every holiday would silently be a working day.
            raise TypeError("a calendar answers for dates, not for moments")
        if day.year not in self._years:
            raise OutOfRangeError(day.year)
        return day in self._makeup or not (is_weekend(day) or day in self._off)

    def is_makeup(self, day: dt.date) -> bool:
        """Whether this is a weekend day that is worked."""
        return day in self._makeup

    def holiday(self, day: dt.date) -> Label | None:
        """The name of the holiday on this day; None on working days and plain weekends."""
        return None if self.is_workday(day) else self._off.get(day)

    def awaited_notice(self, day: dt.date) -> int | None:
        """The year whose notice is not out yet and could still change this day."""
        if day.year not in self.official_years:
            return day.year
        touched = (day.month, day.day) >= FIRST_DAY_OF_NEXT_NOTICE
        return day.year + 1 if touched and day.year + 1 not in self.official_years else None

    def is_provisional(self, day: dt.date) -> bool:
        return self.awaited_notice(day) is not None

    def next_workday(self, day: dt.date) -> dt.date:
        """This day if it is worked, otherwise the first working day after it."""
        while not self.is_workday(day):
            day = next_day(day)
        return day

    def shift(self, day: dt.date, workdays: int) -> dt.date:
        """The n-th working day after a day, or before it if n is negative."""
        if not workdays:
            return self.next_workday(day)
        step = ONE_DAY if workdays > 0 else -ONE_DAY
        for _ in range(abs(workdays)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def workdays_between(self, start: dt.date, end: dt.date) -> int:
        """Working days after the start up to and including the end; negative if the end comes first."""
        if end < start:
            return -self.workdays_between(end, start)
        days = (start + dt.timedelta(days=count) for count in range(1, (end - start).days + 1))
        return sum(self.is_workday(day) for day in days)

    def days_left(self, today: dt.date, due: dt.date) -> DaysLeft:
        """Working days from today until a limit, and whether its day has passed."""
        return DaysLeft(self.workdays_between(today, due), late=due < today)

    def deadline(self, start: dt.date, rule: Rule, *, printed: dt.date | None = None) -> Deadline:
        """The last day of a limit that starts to run the day after `start`, not before a printed date."""
        if rule.counting is Counting.WORKDAYS:
            reached = date = self.shift(start, rule.days)
            seen_from = next_day(start)
        else:
            reached = seen_from = start + dt.timedelta(days=rule.days)
            date = self.next_workday(reached)
        fresh = self._deadline(start, rule, reached, _days(seen_from, date))
        return fresh if printed is None else self.never_earlier(printed, fresh)

    def add_workdays(self, start: dt.date, days: int) -> Deadline:
        return self.deadline(start, Rule(Counting.WORKDAYS, days))

    def add_calendar_days(self, start: dt.date, days: int) -> Deadline:
        return self.deadline(start, Rule(Counting.CALENDAR_DAYS, days))

    def never_earlier(self, old: dt.date | Deadline, new: Deadline) -> Deadline:
        """The new deadline, but not before the old date: what was printed stays as the floor.

        If the old date has since become a rest day, the floor is the working day after it.
        """
        printed = old.date if isinstance(old, Deadline) else old
        if new.date >= printed:
            return new
        date = self.next_workday(printed)
        awaiting = {*new.awaiting, *self._awaited(_days(printed, date))}
        return replace(new, date=date, floor=printed, awaiting=tuple(sorted(awaiting)))

    def recompute(self, old: Deadline) -> Deadline:
        """The same rule by today's knowledge, never earlier than before."""
        return self.deadline(old.start, old.rule, printed=old.date)

    def _deadline(self, start: dt.date, rule: Rule, reached: dt.date, seen: list[dt.date]) -> Deadline:
        """A deadline on the last of the days that were looked at, which are also the days to explain."""
        return Deadline(
            date=seen[-1],
            start=start,
            rule=rule,
            reached=reached,
            rests=self._runs(seen),
            makeup_days=tuple(day for day in seen if self.is_makeup(day)),
            awaiting=tuple(sorted(self._awaited(seen))),
        )

    def _awaited(self, days: Iterable[dt.date]) -> set[int]:
        return {year for year in map(self.awaited_notice, days) if year is not None}

    def _runs(self, days: list[dt.date]) -> tuple[Run, ...]:
        """Rest days joined without a gap; a weekend beside a holiday belongs to it, as in the notices."""
        runs = []
        for resting, group in groupby(days, key=lambda day: not self.is_workday(day)):
            if resting:
                run = list(group)
                names = [self._off[day] for day in run if day in self._off]
                runs.append(Run(run[0], run[-1], names[0] if names else None))
        return tuple(runs)

    def _amend(self, amendment: Amendment) -> None:
        day = amendment.day
        self._off.pop(day, None)
        self._makeup.discard(day)
        if not amendment.working:
            self._off[day] = amendment.label
        elif is_weekend(day):
            self._makeup.add(day)


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=count) for count in range((last - first).days + 1)]
