"""What must hold for every date, and what an imported notice may and may not do to a deadline."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.web.formats import days_left
from survey_app.workdays import (
    Amendment,
    Calendar,
    Counting,
    Label,
    Move,
    Notice,
    OutOfRangeError,
    Rule,
    WorkdaysError,
    faults_of,
)

BUNDLED = Calendar()
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
RULES = st.builds(Rule, st.sampled_from(list(Counting)), st.integers(1, 90))
EXAMPLES = settings(max_examples=150, deadline=None)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def span(first: str, last: str) -> list[dt.date]:
    start = day(first)
    return [start + dt.timedelta(days=count) for count in range((day(last) - start).days + 1)]


# A notice as it might come for 2027: Spring Festival of eight days paid by two working weekend days,
# Labour Day of five and National Day of seven paid by one and two.
NOTICE_2027 = Notice(
    2027,
    "国办发明电〔2026〕某号",
    dict.fromkeys(
        [
            day("2027-01-01"),
            *span("2027-02-05", "2027-02-12"),
            *span("2027-04-03", "2027-04-05"),
            *span("2027-05-01", "2027-05-05"),
            day("2027-06-09"),
            day("2027-09-15"),
            *span("2027-10-01", "2027-10-07"),
        ],
        Label("放假", "holiday"),
    ),
    frozenset(map(day, ["2027-01-31", "2027-02-20", "2027-05-08", "2027-09-26", "2027-10-09"])),
)


@given(DAYS, RULES)
@EXAMPLES
def test_a_deadline_never_falls_on_a_rest_day(start, rule):
    assert BUNDLED.is_workday(BUNDLED.deadline(start, rule).date)


@given(DAYS, st.integers(1, 90))
@EXAMPLES
def test_a_limit_in_working_days_holds_exactly_that_many(start, days):
    end = BUNDLED.add_workdays(start, days).date
    assert BUNDLED.workdays_between(start, end) == days


@given(DAYS, st.integers(1, 90))
@EXAMPLES
def test_a_limit_in_calendar_days_is_rolled_forward_over_rest_days_only(start, days):
    deadline = BUNDLED.add_calendar_days(start, days)
    assert deadline.reached == start + dt.timedelta(days=days)
    rolled_over = (deadline.date - deadline.reached).days
    assert not any(
        BUNDLED.is_workday(deadline.reached + dt.timedelta(days=count)) for count in range(rolled_over)
    )


@given(DAYS, RULES)
@EXAMPLES
def test_a_later_start_never_gives_an_earlier_deadline(start, rule):
    following = BUNDLED.deadline(start + dt.timedelta(days=1), rule)
    assert following.date >= BUNDLED.deadline(start, rule).date


@given(DAYS, st.sampled_from(list(Counting)), st.integers(1, 89))
@EXAMPLES
def test_a_longer_limit_never_gives_an_earlier_deadline(start, counting, days):
    shorter = BUNDLED.deadline(start, Rule(counting, days))
    longer = BUNDLED.deadline(start, Rule(counting, days + 1))
    assert longer.date >= shorter.date


@given(DAYS, DAYS, DAYS)
@EXAMPLES
def test_working_days_between_add_up_and_change_sign_with_direction(one, two, three):
    between = BUNDLED.workdays_between
    assert between(one, two) + between(two, three) == between(one, three)
    assert between(one, two) == -between(two, one)


@given(DAYS, st.integers(1, 40))
@EXAMPLES
def test_going_back_as_many_working_days_undoes_going_forward(start, days):
    worked = BUNDLED.next_workday(start)
    assert BUNDLED.shift(BUNDLED.shift(worked, days), -days) == worked


@given(DAYS, RULES)
@EXAMPLES
def test_an_imported_notice_never_moves_a_deadline_earlier_nor_onto_a_rest_day(start, rule):
    informed = Calendar([NOTICE_2027])
    old = BUNDLED.deadline(start, rule)
    new = informed.recompute(old)
    assert new.date >= old.date
    assert informed.is_workday(new.date)
    assert informed.recompute(new) == informed.deadline(start, rule, printed=new.date)
    assert informed.recompute(new).date == new.date


def test_the_notice_these_tests_import_could_be_a_real_one():
    assert faults_of(NOTICE_2027) == []


def test_the_start_day_is_not_counted():
    assert BUNDLED.add_workdays(day("2026-07-01"), 1).date == day("2026-07-02")


def test_a_makeup_saturday_is_a_working_day_and_can_be_a_due_day():
    assert BUNDLED.is_workday(day("2026-10-10"))
    assert BUNDLED.is_makeup(day("2026-10-10"))
    assert BUNDLED.add_workdays(day("2026-09-14"), 15).date == day("2026-10-10")


def test_days_left_and_days_overdue_are_those_of_the_designs_pages():
    assert BUNDLED.workdays_between(day("2026-11-20"), day("2026-12-14")) == 16
    assert BUNDLED.workdays_between(day("2026-11-20"), day("2026-11-13")) == -5
    assert BUNDLED.workdays_between(day("2026-11-16"), day("2026-11-13")) == -1


@pytest.mark.parametrize(
    ("today", "due", "count", "late", "words", "english"),
    [
        ("2026-11-13", "2026-11-13", 0, False, "今天", "today"),
        ("2026-11-15", "2026-11-13", 0, True, "已逾期", "overdue"),
        ("2026-11-16", "2026-11-13", -1, True, "逾期1个工作日", "1 working day overdue"),
        ("2026-11-14", "2026-11-16", 1, False, "剩1个工作日", "1 working day left"),
    ],
)
def test_a_limit_of_friday_is_late_on_sunday_though_no_working_day_has_passed(
    today, due, count, late, words, english
):
    left = BUNDLED.days_left(day(today), day(due))
    assert (left, left.late) == (count, late)
    assert days_left(left) == words
    assert days_left(left, "en") == english


def test_a_holiday_has_its_name_and_a_weekend_or_working_day_has_none():
    assert BUNDLED.holiday(day("2026-10-02")).zh == "国庆节"
    assert BUNDLED.holiday(day("2027-02-10")).en == "Spring Festival"
    assert BUNDLED.holiday(day("2026-07-04")) is None
    assert BUNDLED.holiday(day("2026-10-10")) is None


def test_a_year_without_a_notice_is_provisional_until_its_notice_is_imported():
    start = day("2027-01-28")
    assert BUNDLED.add_workdays(start, 5).provisional
    assert BUNDLED.add_workdays(start, 5).awaiting == (2027,)
    assert not Calendar([NOTICE_2027]).add_workdays(start, 5).provisional


def test_the_last_december_days_wait_for_the_notice_of_the_next_year():
    assert not BUNDLED.is_provisional(day("2026-12-27"))
    assert BUNDLED.awaited_notice(day("2026-12-28")) == 2027
    assert not BUNDLED.is_provisional(day("2025-12-29"))


def test_a_notice_may_turn_a_december_saturday_into_a_working_day():
    notice = Notice(2027, "x", NOTICE_2027.off_days, NOTICE_2027.makeup_days | {day("2026-12-26")})
    assert Calendar([notice]).is_workday(day("2026-12-26"))
    assert not BUNDLED.is_workday(day("2026-12-26"))


def test_an_import_that_adds_days_off_moves_the_deadline_later_and_says_so():
    old = BUNDLED.add_calendar_days(day("2027-01-12"), 30)
    new = Calendar([NOTICE_2027]).recompute(old)
    assert (old.date, new.date) == (day("2027-02-11"), day("2027-02-15"))
    move = Move(old, new)
    assert move.moved
    assert move.text("zh") == ("放假安排更新，期限从2月11日（星期四）改到2月15日（星期一），只往后、不往前。")
    assert "from Thu 11 February to Mon 15 February" in move.text("en")


def test_an_import_that_would_move_a_deadline_earlier_leaves_it_where_it_was_printed():
    old = BUNDLED.add_workdays(day("2027-01-28"), 3)
    new = Calendar([NOTICE_2027]).recompute(old)
    assert (old.date, new.date) == (day("2027-02-02"), day("2027-02-02"))
    assert new.reached == day("2027-02-01")
    assert new.floor == old.date
    assert not Move(old, new).moved
    assert "期限不变" in Move(old, new).text("zh")


def test_a_printed_date_that_became_a_rest_day_moves_to_the_working_day_after_it():
    calendar = Calendar(amendments=[Amendment(day("2026-07-15"), working=False, source="京政发〔2026〕9号")])
    fresh = calendar.add_workdays(day("2026-07-01"), 5)
    assert calendar.never_earlier(day("2026-07-15"), fresh).date == day("2026-07-16")


def test_a_deadline_that_stands_has_no_floor():
    deadline = BUNDLED.add_workdays(day("2026-07-01"), 10)
    assert BUNDLED.recompute(deadline) == deadline
    assert BUNDLED.never_earlier(deadline, deadline).floor is None


def test_a_deadline_kept_at_a_date_of_an_unknown_year_waits_for_that_years_notice():
    fresh = BUNDLED.add_workdays(day("2026-12-01"), 10)
    assert not fresh.provisional
    assert BUNDLED.never_earlier(day("2027-01-05"), fresh).awaiting == (2027,)


def test_a_start_on_a_rest_day_is_no_part_of_what_was_skipped():
    deadline = BUNDLED.add_workdays(day("2026-07-04"), 1)
    assert [(run.first, run.last) for run in deadline.rests] == [(day("2026-07-05"), day("2026-07-05"))]


def test_the_working_day_nought_days_away_is_the_day_itself_or_the_next_one():
    assert BUNDLED.shift(day("2026-07-03"), 0) == day("2026-07-03")
    assert BUNDLED.shift(day("2026-07-04"), 0) == day("2026-07-06")


def test_an_imported_notice_replaces_the_bundled_one_of_its_year():
    corrected = Notice(2026, "更正", {day("2026-01-01"): Label("元旦", "New Year")})
    calendar = Calendar([corrected])
    assert calendar.is_workday(day("2026-10-01"))
    assert not calendar.is_workday(day("2026-10-10"))
    assert not calendar.is_workday(day("2025-10-01"))


def test_an_amendment_wins_over_every_notice_in_both_directions():
    calendar = Calendar(
        amendments=[
            Amendment(day("2026-10-01"), working=True, source="x"),
            Amendment(day("2026-10-10"), working=False, source="x"),
            Amendment(day("2026-07-04"), working=True, source="x"),
            Amendment(day("2026-07-06"), working=False, source="x", label=Label("防汛", "flood")),
        ]
    )
    worked = ["2026-10-01", "2026-07-04"]
    off = ["2026-10-10", "2026-07-06"]
    assert all(calendar.is_workday(day(each)) for each in worked)
    assert not any(calendar.is_workday(day(each)) for each in off)
    assert calendar.holiday(day("2026-07-06")).zh == "防汛"
    assert not calendar.is_provisional(day("2026-07-06"))


@pytest.mark.parametrize("days", [0, -1, 1001])
def test_a_limit_of_no_days_or_of_years_is_refused(days):
    with pytest.raises(WorkdaysError):
        BUNDLED.add_workdays(day("2026-07-01"), days)


@pytest.mark.parametrize("outside", ["2003-12-31", "2041-01-01", "1899-07-01"])
def test_a_year_that_nobody_can_know_is_refused_by_name(outside):
    with pytest.raises(OutOfRangeError) as refused:
        BUNDLED.is_workday(day(outside))
    assert refused.value.year == day(outside).year


def test_a_moment_is_refused_because_it_would_equal_no_holiday():
    with pytest.raises(TypeError):
        BUNDLED.is_workday(dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
