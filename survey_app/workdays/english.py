"""The English sentences about deadlines, as complete as the Chinese ones."""

import datetime as dt
from collections.abc import Sequence

from survey_app.workdays.days import Label, Run, next_day
from survey_app.workdays.deadline import MOST_WEEKENDS, Deadline

STOP = "."
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def by_workdays(deadline: Deadline, event: Label, year: int) -> str:
    start = f"{event.en} on {plain(deadline.start, year)}, that day not counted"
    days = "working day" if deadline.rule.days == 1 else "working days"
    count = f"{deadline.rule.days} {days} from {plain(next_day(deadline.start), deadline.start.year)}"
    between = _between(deadline, year)
    between = f", with {between}," if between else ""
    return f"{start}; {count}{between} end on {dated(deadline.reached, year)}"


def by_calendar_days(deadline: Deadline, event: Label, year: int) -> str:
    start = f"{event.en} on {plain(deadline.start, year)}, that day not counted"
    reached = f"{deadline.rule.days} days end on {dated(deadline.reached, year)}"
    if deadline.reached in deadline.makeup_days:
        return f"{start}; {reached}, a make-up working day, so the date stays"
    if not deadline.rests:
        return f"{start}; {reached}, a working day, so the date stays"
    rest = deadline.rests[0]
    why = f"in the {rest.holiday.en} break ({runs(deadline.rests, year)})" if rest.holiday else "a weekend"
    moved_to = next_day(deadline.rests[-1].last)
    worked = ", a make-up working day" if moved_to in deadline.makeup_days else ""
    return f"{start}; {reached}, {why}, so the date moves to {dated(moved_to, year)}{worked}"


def kept(deadline: Deadline, year: int) -> str:
    printed = plain(deadline.floor or deadline.date, year)
    return f"; it was set to {printed} and never moves earlier, so it is {dated(deadline.date, year)}"


def provisional(deadline: Deadline) -> str:
    years = _joined([str(year) for year in deadline.awaiting])
    return f"; the holidays of {years} are not announced yet: the date is provisional and only moves later"


def move(old: Deadline, new: Deadline, year: int) -> str:
    if old.date == new.date:
        return f"The holiday arrangement was updated; the deadline stays {dated(new.date, year)}."
    return (
        f"The holiday arrangement was updated; the deadline moves from {dated(old.date, year)} "
        f"to {dated(new.date, year)}, only ever later."
    )


def plain(day: dt.date, year: int) -> str:
    suffix = f" {day.year}" if day.year != year else ""
    return f"{day.day} {MONTHS[day.month - 1]}{suffix}"


def dated(day: dt.date, year: int) -> str:
    return f"{WEEKDAYS[day.weekday()]} {plain(day, year)}"


def runs(spans: Sequence[Run], year: int) -> str:
    """4–5 and 11–12 July: the month is named once at the end of its list."""
    parts = []
    for place, span in enumerate(spans):
        after = spans[place + 1].first if place + 1 < len(spans) else None
        parts.append(_run(span, year, after))
    return _joined(parts)


def _run(span: Run, year: int, after: dt.date | None) -> str:
    same = after is not None and (after.year, after.month) == (span.last.year, span.last.month)
    tail = str(span.last.day) if same else plain(span.last, year)
    if span.first == span.last:
        return tail
    if (span.first.year, span.first.month) == (span.last.year, span.last.month):
        return f"{span.first.day}–{tail}"
    return f"{plain(span.first, year)} – {plain(span.last, year)}"


def _between(deadline: Deadline, year: int) -> str:
    parts = []
    if len(deadline.weekends) > MOST_WEEKENDS:
        parts.append("weekends off")
    elif deadline.weekends:
        parts.append(f"{runs(deadline.weekends, year)} off")
    if deadline.holidays:
        parts.append(f"{runs(deadline.holidays, year)} on holiday")
    if deadline.makeup_days:
        parts.append(f"{_joined([dated(day, year) for day in deadline.makeup_days])} worked instead")
    return ", ".join(parts)


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
