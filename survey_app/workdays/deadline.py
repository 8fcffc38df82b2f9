"""A computed date that knows how it came about: start, rule, what was skipped, whether it is provisional."""

import datetime as dt
from dataclasses import dataclass

from survey_app.workdays.days import Rule, Run

MOST_WEEKENDS = 3
"""More weekends than this are not listed one by one: 周末休息 says the same in four characters."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a time limit; never a rest day.

    `reached` is where the count itself ends: for calendar days perhaps a rest day, from which `date` was
    rolled forward. `rests` and `makeup_days` are the days the explanation has to name. `floor` is the date
    printed earlier, where the count alone would now give a day before it.
    """

    date: dt.date
    start: dt.date
    rule: Rule
    reached: dt.date
    rests: tuple[Run, ...] = ()
    makeup_days: tuple[dt.date, ...] = ()
    awaiting: tuple[int, ...] = ()
    """The years whose notice is not out yet and could still change this date."""
    floor: dt.date | None = None

    @property
    def provisional(self) -> bool:
        """Whether the date is 暂定."""
        return bool(self.awaiting)

    @property
    def weekends(self) -> tuple[Run, ...]:
        return tuple(run for run in self.rests if run.holiday is None)

    @property
    def holidays(self) -> tuple[Run, ...]:
        return tuple(run for run in self.rests if run.holiday is not None)
