"""Read the State Council's notice as it is published: 春节：2月5日（周五）至11日（周四）放假调休，共7天。"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from survey_app.core.errors import Fault, Invalid
from survey_app.workdays import Label, Notice
from survey_app.workdays.days import (
    DRAGON_BOAT,
    LABOUR_DAY,
    MID_AUTUMN,
    NATIONAL_DAY,
    NEW_YEAR,
    QINGMING,
    SPECIAL_DAY,
    SPRING_FESTIVAL,
)

NAMES = (NEW_YEAR, SPRING_FESTIVAL, QINGMING, LABOUR_DAY, DRAGON_BOAT, MID_AUTUMN, NATIONAL_DAY)
WEEKDAY = r"(?:（[^）]*）|\([^)]*\))?"
DAY = rf"(?:(\d{{4}})年)?(?:(\d{{1,2}})月)?(\d{{1,2}})日{WEEKDAY}"
SPAN = re.compile(rf"{DAY}(?:至{DAY})?")
CLAUSE = re.compile(r"[^。；\n]*")


def read_notice(year: int, source: str, text: str) -> Notice:
    """The days off and worked that a notice names; Invalid where a day does not exist or none is named."""
    off: dict[date, Label] = {}
    worked: set[date] = set()
    label = SPECIAL_DAY
    for clause in CLAUSE.findall(text):
        label = next((name for name in NAMES if name.zh in clause), label)
        if "上班" in clause:
            worked |= set(_days(clause, year))
        elif "放假" in clause:
            off |= dict.fromkeys(_days(clause, year), label)
    if not off:
        raise Invalid([Fault("notice_names_no_day", {}, "text")])
    return Notice(year, source.strip(), off, frozenset(worked))


def _days(clause: str, year: int) -> Iterator[date]:
    """Every day of the spans in a clause; a day without a month stands in the month before it."""
    month = 0
    for found in SPAN.finditer(clause):
        first_year, first_month, first, last_year, last_month, last = found.groups()
        month = int(first_month or month)
        start = _day(int(first_year or year), month, int(first))
        end = start
        if last:
            end = _day(int(last_year or start.year), int(last_month or month), int(last))
            # 12月31日至1月2日: the second day lies in the next year although the notice does not say so.
            if end < start:
                end = _day(end.year + 1, end.month, end.day)
            month = end.month
        while start <= end:
            yield start
            start += timedelta(days=1)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as wrong:
        raise Invalid(
            [Fault("notice_day_does_not_exist", {"day": f"{year}年{month}月{day}日"}, "text")]
        ) from wrong
