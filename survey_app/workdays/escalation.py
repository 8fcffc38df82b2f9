"""The ladder around a due day: when to remind, when to propose the next step. People decide each step.

All offsets are working days, so nothing ever fires on a rest day. The reminder ten days ahead is for
limits of more than twenty working days only; a reminder that would come on the start day or before it
is left out. Source: domain.md 5.4 and the table of defaults in product.md.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from survey_app.workdays.calendar import Calendar
from survey_app.workdays.deadline import Deadline


class Step(StrEnum):
    """The rungs, from the first reminder to the circular."""

    FIRST_REMINDER = "first_reminder"
    LAST_REMINDER = "last_reminder"
    REMINDER = "reminder"
    SUPERVISION = "supervision"
    FORMAL_TALK = "formal_talk"
    CIRCULAR = "circular"


LADDER: Mapping[Step, int] = MappingProxyType(
    {
        Step.FIRST_REMINDER: -10,
        Step.LAST_REMINDER: -3,
        Step.REMINDER: 1,
        Step.SUPERVISION: 5,
        Step.FORMAL_TALK: 15,
        Step.CIRCULAR: 30,
    }
)
"""Working days from the due day; 催办 is `REMINDER`, the word of the glossary."""

LONG_LIMIT = 20


@dataclass(frozen=True, slots=True)
class EscalationDate:
    """One rung and the working day on which it is due."""

    step: Step
    offset: int
    date: dt.date
    provisional: bool


def escalation(
    calendar: Calendar, deadline: Deadline, ladder: Mapping[Step, int] = LADDER
) -> tuple[EscalationDate, ...]:
    """The rungs of a deadline in the order of their dates."""
    is_long = calendar.workdays_between(deadline.start, deadline.date) > LONG_LIMIT
    rungs = []
    for step, offset in ladder.items():
        date = calendar.shift(deadline.date, offset)
        if date <= deadline.start or (step is Step.FIRST_REMINDER and not is_long):
            continue
        provisional = deadline.provisional or calendar.is_provisional(date)
        rungs.append(EscalationDate(step, offset, date, provisional))
    return tuple(sorted(rungs, key=lambda rung: rung.date))
