"""The Chinese sentences about deadlines, in the words people use at a union's counter."""

import datetime as dt
from collections.abc import Sequence

from survey_app.workdays.days import Label, Run, next_day
from survey_app.workdays.deadline import MOST_WEEKENDS, Deadline

STOP = "。"
WEEKDAYS = "一二三四五六日"


def by_workdays(deadline: Deadline, event: Label, year: int) -> str:
    first = plain(next_day(deadline.start), deadline.start.year)
    start = f"{plain(deadline.start, year)}{event.zh}，当天不算"
    count = f"从{first}起数{deadline.rule.days}个工作日"
    between = _between(deadline, year)
    between = f"中间{between}，" if between else ""
    return f"{start}，{count}；{between}数到{dated(deadline.reached, year)}"


def by_calendar_days(deadline: Deadline, event: Label, year: int) -> str:
    start = f"{plain(deadline.start, year)}{event.zh}，当天不算"
    reached = f"{deadline.rule.days}天到{dated(deadline.reached, year)}"
    if deadline.reached in deadline.makeup_days:
        return f"{start}；{reached}，这天调休上班，不用顺延"
    if not deadline.rests:
        return f"{start}；{reached}，这天上班，不用顺延"
    rest = deadline.rests[0]
    why = f"{runs(deadline.rests, year)}{rest.holiday.zh}放假" if rest.holiday else "是周末"
    moved_to = next_day(deadline.rests[-1].last)
    worked = "，这天调休上班" if moved_to in deadline.makeup_days else ""
    return f"{start}；{reached}，{why}，顺延到{dated(moved_to, year)}{worked}"


def kept(deadline: Deadline, year: int) -> str:
    printed = plain(deadline.floor or deadline.date, year)
    return f"；原来定的是{printed}，只往后、不往前，所以是{dated(deadline.date, year)}"


def provisional(deadline: Deadline) -> str:
    years = "、".join(f"{year}年" for year in deadline.awaiting)
    return f"；{years}的放假安排还没公布，这个日期暂定，公布以后只会往后、不会往前"


def move(old: Deadline, new: Deadline, year: int) -> str:
    if old.date == new.date:
        return f"放假安排更新，期限不变，还是{dated(new.date, year)}。"
    return f"放假安排更新，期限从{dated(old.date, year)}改到{dated(new.date, year)}，只往后、不往前。"


def plain(day: dt.date, year: int) -> str:
    prefix = f"{day.year}年" if day.year != year else ""
    return f"{prefix}{day.month}月{day.day}日"


def dated(day: dt.date, year: int) -> str:
    return f"{plain(day, year)}（星期{WEEKDAYS[day.weekday()]}）"


def runs(spans: Sequence[Run], year: int) -> str:
    """7月4–5日、11–12日: the month is not repeated while it stays the same."""
    parts = []
    before: dt.date | None = None
    for span in spans:
        parts.append(_run(span, year, before))
        before = span.last
    return "、".join(parts)


def _run(span: Run, year: int, before: dt.date | None) -> str:
    same = before is not None and (before.year, before.month) == (span.first.year, span.first.month)
    head = plain(span.first, year).removesuffix("日")
    head = str(span.first.day) if same else head
    if span.first == span.last:
        return f"{head}日"
    if (span.first.year, span.first.month) == (span.last.year, span.last.month):
        return f"{head}–{span.last.day}日"
    return f"{head}日–{plain(span.last, year)}"


def _between(deadline: Deadline, year: int) -> str:
    parts = []
    if len(deadline.weekends) > MOST_WEEKENDS:
        parts.append("周末休息")
    elif deadline.weekends:
        parts.append(f"{runs(deadline.weekends, year)}休息")
    if deadline.holidays:
        parts.append(f"{runs(deadline.holidays, year)}放假")
    if deadline.makeup_days:
        days = "、".join(f"{plain(day, year)}（{WEEKDAYS[day.weekday()]}）" for day in deadline.makeup_days)
        parts.append(f"{days}调休上班")
    return "，".join(parts)
