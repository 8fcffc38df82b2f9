"""One sentence that lets anybody recount a date by hand, in Chinese and in English.

    7月1日送达，当天不算，从7月2日起数10个工作日；中间7月4–5日、11–12日休息，数到7月15日（星期三）。

Dates name their year only where it is not `this_year` (by default the year of the start).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from survey_app.workdays import english, mandarin
from survey_app.workdays.days import Counting, Label
from survey_app.workdays.deadline import Deadline

SERVED = Label("送达", "Served")
ACKNOWLEDGED = Label("签收", "Acknowledged")
ISSUED = Label("印发", "Issued")
PUBLISHED = Label("公布", "Published")
REPORTED = Label("报告", "Reported")
CLOSED = Label("截止", "Closed")


class Voice(Protocol):
    """What a language has to be able to say; `mandarin` and `english` are the two."""

    STOP: str

    def by_workdays(self, deadline: Deadline, event: Label, year: int) -> str: ...
    def by_calendar_days(self, deadline: Deadline, event: Label, year: int) -> str: ...
    def kept(self, deadline: Deadline, year: int) -> str: ...
    def provisional(self, deadline: Deadline) -> str: ...
    def move(self, old: Deadline, new: Deadline, year: int) -> str: ...
    def dated(self, day: dt.date, year: int) -> str: ...


def _voice(lang: str) -> Voice:
    return english if lang == "en" else mandarin


def explain(
    deadline: Deadline, lang: str = "zh", *, event: Label = SERVED, this_year: int | None = None
) -> str:
    """The sentence about one deadline; `event` says what happened on the start day."""
    voice = _voice(lang)
    year = deadline.start.year if this_year is None else this_year
    by_workdays = deadline.rule.counting is Counting.WORKDAYS
    sentence = (voice.by_workdays if by_workdays else voice.by_calendar_days)(deadline, event, year)
    if deadline.floor is not None:
        sentence += voice.kept(deadline, year)
    if deadline.provisional:
        sentence += voice.provisional(deadline)
    return sentence + voice.STOP


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline before and after an import, and whether anybody has to be told."""

    old: Deadline
    new: Deadline

    @property
    def moved(self) -> bool:
        return self.old.date != self.new.date

    def text(self, lang: str = "zh", *, this_year: int | None = None) -> str:
        """Why the date changed or stayed, for the journal and for the message to the union."""
        voice = _voice(lang)
        return voice.move(self.old, self.new, self.old.start.year if this_year is None else this_year)


def date_text(day: dt.date, lang: str = "zh", *, this_year: int | None = None) -> str:
    """A day with its weekday: 7月15日（星期三）, Wed 15 July."""
    voice = _voice(lang)
    return voice.dated(day, day.year if this_year is None else this_year)
