"""Dates of the four festivals that do not stand still: Spring Festival, 清明, 端午 (5-5), 中秋 (8-15).

The table holds the civil dates in Beijing time. It was taken from two independent calendar libraries
(lunardate and lunar_python, which agree) and is recomputed in the tests from the moon and the sun
themselves: new moons by Meeus chapter 49, solar longitude by chapter 25, months numbered by GB/T 33661-2017.
"""

import datetime as dt
from dataclasses import dataclass

from survey_app.workdays.days import OutOfRangeError

TABLE = {
    2024: "02-10 04-04 06-10 09-17",
    2025: "01-29 04-04 05-31 10-06",
    2026: "02-17 04-05 06-19 09-25",
    2027: "02-06 04-05 06-09 09-15",
    2028: "01-26 04-04 05-28 10-03",
    2029: "02-13 04-04 06-16 09-22",
    2030: "02-03 04-05 06-05 09-12",
    2031: "01-23 04-05 06-24 10-01",
    2032: "02-11 04-04 06-12 09-19",
    2033: "01-31 04-04 06-01 09-08",
    2034: "02-19 04-05 06-20 09-27",
    2035: "02-08 04-05 06-10 09-16",
    2036: "01-28 04-04 05-30 10-04",
    2037: "02-15 04-04 06-18 09-24",
    2038: "02-04 04-05 06-07 09-13",
    2039: "01-24 04-05 05-27 10-02",
    2040: "02-12 04-04 06-14 09-20",
}

LAST_YEAR = max(TABLE)


@dataclass(frozen=True, slots=True)
class Festivals:
    """The four moving festivals of one year."""

    spring_festival: dt.date
    qingming: dt.date
    dragon_boat: dt.date
    mid_autumn: dt.date


def festivals_of(year: int) -> Festivals:
    """The festivals of a year of the table; OutOfRangeError for any other."""
    if year not in TABLE:
        raise OutOfRangeError(year)
    return Festivals(*(dt.date.fromisoformat(f"{year}-{day}") for day in TABLE[year].split()))
