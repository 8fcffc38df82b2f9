"""The statutory days of a year without a notice."""

import datetime as dt
from collections import Counter

import pytest

from survey_app.workdays import Calendar, OutOfRangeError
from survey_app.workdays.festivals import LAST_YEAR
from survey_app.workdays.statutes import FIRST_YEAR, statutory_days, unarranged_holidays

YEARS = range(FIRST_YEAR, LAST_YEAR + 1)


def working_days(year: int, off: set[dt.date]) -> int:
    days = (dt.date(year, 1, 1) + dt.timedelta(days=count) for count in range(366))
    return sum(day.year == year and day.weekday() < 5 and day not in off for day in days)


@pytest.mark.parametrize("year", YEARS)
def test_the_law_names_thirteen_days(year):
    counts = Counter(label.en for _, label in statutory_days(year))
    assert counts == {
        "New Year": 1,
        "Spring Festival": 4,
        "Qingming": 1,
        "Labour Day": 2,
        "Dragon Boat Festival": 1,
        "Mid-Autumn Festival": 1,
        "National Day": 3,
    }


@pytest.mark.parametrize("year", YEARS)
def test_every_lost_holiday_is_made_up_so_that_thirteen_weekdays_are_off(year):
    off = unarranged_holidays(year)
    assert sum(day.weekday() < 5 for day in off) == 13
    assert {day for day, _ in statutory_days(year)} <= set(off)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_computed_year_has_as_many_working_days_as_its_notice_gave_it(year):
    calendar = Calendar()
    days = (dt.date(year, 1, 1) + dt.timedelta(days=count) for count in range(365))
    official = sum(calendar.is_workday(day) for day in days)
    assert official == 248
    assert working_days(year, set(unarranged_holidays(year))) == official


def test_2027_has_its_holidays_on_these_days():
    expected = [
        "01-01",
        *("02-05", "02-06", "02-07", "02-08", "02-09", "02-10"),
        "04-05",
        *("05-01", "05-02", "05-03", "05-04"),
        "06-09",
        "09-15",
        *("10-01", "10-02", "10-03", "10-04", "10-05"),
    ]
    assert [day.strftime("%m-%d") for day in sorted(unarranged_holidays(2027))] == expected


def test_a_mid_autumn_day_inside_the_national_days_is_made_up_after_them():
    # 2028-10-03 is Mid-Autumn and the third National Day; 2028-10-01 is a Sunday.
    off = sorted(day for day in unarranged_holidays(2028) if day.month == 10)
    assert [day.day for day in off] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("year", [2024, LAST_YEAR + 1])
def test_years_before_the_rules_or_beyond_the_almanac_are_refused(year):
    with pytest.raises(OutOfRangeError):
        statutory_days(year)
