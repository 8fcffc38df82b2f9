"""The ladder of reminders and proposals around a due day."""

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.workdays import LADDER, Calendar, Counting, Rule, Step, escalation

CALENDAR = Calendar()
STARTS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
RULES = st.builds(Rule, st.sampled_from(list(Counting)), st.integers(1, 90))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_second_problem_of_the_designs_order_climbs_the_ladder_as_drawn():
    due = CALENDAR.add_calendar_days(day("2026-09-14"), 60)
    assert due.date == day("2026-11-13")
    rungs = {rung.step: rung.date for rung in escalation(CALENDAR, due)}
    assert rungs == {
        Step.FIRST_REMINDER: day("2026-10-30"),
        Step.LAST_REMINDER: day("2026-11-10"),
        Step.REMINDER: day("2026-11-16"),
        Step.SUPERVISION: day("2026-11-20"),
        Step.FORMAL_TALK: day("2026-12-04"),
        Step.CIRCULAR: day("2026-12-25"),
    }


def test_the_early_reminder_is_for_limits_of_more_than_twenty_working_days():
    twenty = escalation(CALENDAR, CALENDAR.add_workdays(day("2026-07-01"), 20))
    more = escalation(CALENDAR, CALENDAR.add_workdays(day("2026-07-01"), 21))
    assert Step.FIRST_REMINDER not in {rung.step for rung in twenty}
    assert Step.FIRST_REMINDER in {rung.step for rung in more}


def test_a_reminder_that_would_come_on_the_start_day_is_left_out():
    three = escalation(CALENDAR, CALENDAR.add_workdays(day("2026-07-01"), 3))
    four = escalation(CALENDAR, CALENDAR.add_workdays(day("2026-07-01"), 4))
    assert [rung.step for rung in three] == list(LADDER)[2:]
    assert [rung.step for rung in four] == list(LADDER)[1:]


def test_a_rung_in_a_year_without_notice_is_provisional_though_the_deadline_is_not():
    due = CALENDAR.add_calendar_days(day("2026-09-14"), 90)
    assert not due.provisional
    provisional = [rung.step for rung in escalation(CALENDAR, due) if rung.provisional]
    assert provisional == [Step.FORMAL_TALK, Step.CIRCULAR]


def test_every_rung_of_a_provisional_deadline_is_provisional_even_where_its_own_day_is_known():
    due = CALENDAR.add_workdays(day("2026-12-01"), 26)
    rungs = escalation(CALENDAR, due)
    assert rungs[0].date == day("2026-12-23")
    assert not CALENDAR.is_provisional(rungs[0].date)
    assert all(rung.provisional for rung in rungs)


def test_a_policy_may_have_its_own_ladder():
    due = CALENDAR.add_workdays(day("2026-07-01"), 10)
    rungs = escalation(CALENDAR, due, {Step.SUPERVISION: 2})
    assert [(rung.step, rung.offset, rung.date) for rung in rungs] == [
        (Step.SUPERVISION, 2, day("2026-07-17"))
    ]


@given(STARTS, RULES)
@settings(max_examples=100, deadline=None)
def test_nothing_fires_on_a_rest_day_and_every_rung_is_its_offset_away(start, rule):
    due = CALENDAR.deadline(start, rule)
    rungs = escalation(CALENDAR, due)
    assert [rung.date for rung in rungs] == sorted(rung.date for rung in rungs)
    for rung in rungs:
        assert CALENDAR.is_workday(rung.date)
        assert rung.date > start
        assert CALENDAR.workdays_between(due.date, rung.date) == rung.offset
