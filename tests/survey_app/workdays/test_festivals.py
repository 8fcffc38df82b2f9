"""The table of moving festivals, against known years and against the moon and the sun themselves.

Second route: Jean Meeus, Astronomical Algorithms, 2nd edition: new moons by chapter 49, the sun's apparent
longitude by chapter 25 (low accuracy, some minutes of time), and the numbering of months of GB/T 33661-2017:
month 11 holds the winter solstice, and in a year of 13 months the first one without a major term is the leap.
"""

import datetime as dt
import itertools
import math

import pytest

from survey_app.workdays.festivals import TABLE, festivals_of

BEIJING = dt.timedelta(hours=8)
J2000 = dt.datetime(2000, 1, 1, 12)
DELTA_T = dt.timedelta(seconds=75)
"""Terrestrial minus universal time, 70 to 80 seconds in these decades."""


def beijing_day(jde: float) -> dt.date:
    return (J2000 + dt.timedelta(days=jde - 2451545.0) - DELTA_T + BEIJING).date()


def jde_of(moment: dt.datetime) -> float:
    return 2451545.0 + (moment + DELTA_T - J2000) / dt.timedelta(days=1)


def new_moon(k: int) -> float:
    """Moment of the k-th new moon after that of 2000-01-06, in dynamical time (chapter 49)."""
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = math.radians(2.5534 + 29.10535670 * k - 0.0000014 * t * t)
    moon = math.radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)
    f = math.radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    node = math.radians(124.7746 - 1.56375588 * k + 0.0020672 * t * t)
    terms = [
        (-0.40720, 0, 1, 0),
        (0.17241 * e, 1, 0, 0),
        (0.01608, 0, 2, 0),
        (0.01039, 0, 0, 2),
        (0.00739 * e, -1, 1, 0),
        (-0.00514 * e, 1, 1, 0),
        (0.00208 * e * e, 2, 0, 0),
        (-0.00111, 0, 1, -2),
        (-0.00057, 0, 1, 2),
        (0.00056 * e, 1, 2, 0),
        (-0.00042, 0, 3, 0),
        (0.00042 * e, 1, 0, 2),
        (0.00038 * e, 1, 0, -2),
        (-0.00024 * e, -1, 2, 0),
    ]
    correction = sum(size * math.sin(a * sun + b * moon + c * f) for size, a, b, c in terms)
    correction -= 0.00017 * math.sin(node)
    return 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t + correction


def solar_longitude(jde: float) -> float:
    """Apparent geocentric longitude of the sun in degrees (chapter 25)."""
    t = (jde - 2451545.0) / 36525
    m = math.radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (1.914602 - 0.004817 * t) * math.sin(m) + 0.019993 * math.sin(2 * m) + 0.000289 * math.sin(3 * m)
    omega = math.radians(125.04 - 1934.136 * t)
    true = 280.46646 + 36000.76983 * t + 0.0003032 * t * t + centre
    return (true - 0.00569 - 0.00478 * math.sin(omega)) % 360


def term_day(year: int, longitude: float) -> dt.date:
    """The Beijing day on which the sun reaches this longitude; longitude 0 is about 20 March."""
    low = jde_of(dt.datetime(year, 3, 20)) + longitude * 365.2422 / 360 - 8
    high = low + 16
    while high - low > 1e-5:
        middle = (low + high) / 2
        ahead = (solar_longitude(middle) - longitude + 180) % 360 - 180
        low, high = (middle, high) if ahead < 0 else (low, middle)
    return beijing_day(low)


def new_moon_days(first: dt.date, last: dt.date) -> list[dt.date]:
    days = (beijing_day(new_moon(k)) for k in itertools.count(280))
    return [
        day for day in itertools.takewhile(lambda day: day <= last, days) if day >= first - dt.timedelta(31)
    ]


def month_starts(year: int) -> dict[int, dt.date]:
    """First days of the months 11, 12, 1, … 10 that lie before the winter solstice of the year."""
    solstices = term_day(year - 1, 270), term_day(year, 270)
    moons = new_moon_days(dt.date(year - 1, 11, 1), dt.date(year, 12, 31))
    start, end = (max(day for day in moons if day <= solstice) for solstice in solstices)
    months = [day for day in moons if start <= day <= end]
    majors = [term_day(year - 1, 270), *(term_day(year - 1, 300 + 30 * step) for step in range(13))]
    bounded = list(itertools.pairwise(months))
    without = [first for first, after in bounded if not any(first <= major < after for major in majors)]
    leap = without[0] if len(bounded) == 13 else None
    names = [11, 12, *range(1, 11)]
    return dict(zip(names, (first for first, _ in bounded if first != leap), strict=True))


@pytest.mark.parametrize("year", sorted(TABLE))
def test_the_moon_and_the_sun_give_the_festivals_of_the_table(year):
    starts = month_starts(year)
    festivals = festivals_of(year)
    assert festivals.spring_festival == starts[1]
    assert festivals.dragon_boat == starts[5] + dt.timedelta(days=4)
    assert festivals.mid_autumn == starts[8] + dt.timedelta(days=14)
    assert festivals.qingming == term_day(year, 15)


@pytest.mark.parametrize(
    ("year", "spring", "qingming", "dragon_boat", "mid_autumn"),
    [
        (2024, "2024-02-10", "2024-04-04", "2024-06-10", "2024-09-17"),
        (2025, "2025-01-29", "2025-04-04", "2025-05-31", "2025-10-06"),
        (2026, "2026-02-17", "2026-04-05", "2026-06-19", "2026-09-25"),
    ],
)
def test_the_table_has_the_dates_everybody_remembers(year, spring, qingming, dragon_boat, mid_autumn):
    known = festivals_of(year)
    given = (known.spring_festival, known.qingming, known.dragon_boat, known.mid_autumn)
    assert [day.isoformat() for day in given] == [spring, qingming, dragon_boat, mid_autumn]


def test_the_year_2033_whose_leap_month_is_disputed_follows_the_standard():
    # A naive rule puts the leap after month 7, where a month has no major term, and shifts Mid-Autumn.
    assert festivals_of(2033).mid_autumn == dt.date(2033, 9, 8)
    assert festivals_of(2034).spring_festival == dt.date(2034, 2, 19)
