"""Legal working days by the State Council's yearly arrangement, and dates that explain themselves.

Pure: standard library and the bundled data of chinesecalendar; no clock, no database, no Flask.

    calendar = Calendar(notices, amendments)   imported notices replace the bundled year; single days on top
    due = calendar.add_workdays(served_on, 15) Deadline: .date .provisional .awaiting .start .rule .rests
    explain(due, "zh", event=SERVED)           one sentence by which anybody can recount the date
    escalation(calendar, due)                  T-10, T-3, T+1, T+5, T+15, T+30, each on a working day
    faults_of(notice)                          typing errors of a notice about to be imported, all of them
    Move(old, calendar.recompute(old))         what an import did to an open date: later or unchanged
"""

from survey_app.workdays.calendar import Calendar
from survey_app.workdays.days import Counting, Label, OutOfRangeError, Rule, Run, WorkdaysError
from survey_app.workdays.days_left import DaysLeft
from survey_app.workdays.deadline import Deadline
from survey_app.workdays.escalation import LADDER, EscalationDate, Step, escalation
from survey_app.workdays.notices import Amendment, Notice, NoticeFault, bundled_notices, faults_of
from survey_app.workdays.wording import (
    ACKNOWLEDGED,
    CLOSED,
    ISSUED,
    PUBLISHED,
    REPORTED,
    SERVED,
    Move,
    date_text,
    explain,
)

__all__ = [
    "ACKNOWLEDGED",
    "CLOSED",
    "ISSUED",
    "LADDER",
    "PUBLISHED",
    "REPORTED",
    "SERVED",
    "Amendment",
    "Calendar",
    "Counting",
    "DaysLeft",
    "Deadline",
    "EscalationDate",
    "Label",
    "Move",
    "Notice",
    "NoticeFault",
    "OutOfRangeError",
    "Rule",
    "Run",
    "Step",
    "WorkdaysError",
    "bundled_notices",
    "date_text",
    "escalation",
    "explain",
    "faults_of",
]
