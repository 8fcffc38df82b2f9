"""The small words of a calendar: names of rest days, runs of days, rules of counting, errors."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class WorkdaysError(ValueError):
    """Base of the errors of this package."""


class OutOfRangeError(WorkdaysError):
    """A day lies in a year of which neither a notice nor the festivals are known."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"no calendar for the year {year}")


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a holiday in both languages of the interface."""

    zh: str
    en: str

    def text(self, lang: str) -> str:
        return self.en if lang == "en" else self.zh


NEW_YEAR = Label("元旦", "New Year")
SPRING_FESTIVAL = Label("春节", "Spring Festival")
QINGMING = Label("清明节", "Qingming")
LABOUR_DAY = Label("劳动节", "Labour Day")
DRAGON_BOAT = Label("端午节", "Dragon Boat Festival")
MID_AUTUMN = Label("中秋节", "Mid-Autumn Festival")
NATIONAL_DAY = Label("国庆节", "National Day")
SPECIAL_DAY = Label("特别放假", "special holiday")


class Counting(StrEnum):
    """What a rule counts."""

    WORKDAYS = "workdays"
    CALENDAR_DAYS = "calendar_days"


LONGEST = 1000
"""No limit of the field is longer than three months; beyond this a number is a typing error."""


@dataclass(frozen=True, slots=True)
class Rule:
    """So many days of a kind after a start day that is itself not counted."""

    counting: Counting
    days: int

    def __post_init__(self) -> None:
        if not 1 <= self.days <= LONGEST:
            raise WorkdaysError(f"a time limit counts 1 to {LONGEST} days, not {self.days}")


@dataclass(frozen=True, slots=True)
class Run:
    """Rest days without a gap; `holiday` is None for a plain weekend."""

    first: dt.date
    last: dt.date
    holiday: Label | None


def next_day(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=1)


def is_weekend(day: dt.date) -> bool:
    return day.isoweekday() > 5
