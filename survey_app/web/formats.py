"""Numbers and dates as pages print them, in Chinese and English: pure functions, and filters made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import wraps
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from survey_app.core.clock import beijing, system_clock

Share = float | Fraction | Decimal

ZH = "zh-CN"
EN = "en"
ABSENT = "—"
LINES = (60, 80, 90)
WEEKDAYS = {ZH: "一二三四五六日", EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SHORT_MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")


# -- shares and intervals ---------------------------------------------------------------------------


def _percent(share: Share) -> Decimal:
    """The share times 100. Binary noise is cut, or 0.82 could round outward to 83."""
    exact = (
        Decimal(share.numerator) / share.denominator if isinstance(share, Fraction) else Decimal(str(share))
    )
    return (exact * 100).quantize(Decimal("1e-8"), ROUND_HALF_UP)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def rate(share: Share) -> str:
    """An official rate: two decimals. Its base belongs beside it."""
    return f"{_rounded(_percent(share), 2)}%"


def rate1(share: Share) -> str:
    """A total of a district: one decimal."""
    return f"{_rounded(_percent(share), 1)}%"


def points1(share: Share) -> str:
    """A rate in a chart or an overview: one decimal, no sign."""
    return str(_rounded(_percent(share), 1))


def whole(share: Share) -> str:
    """A rate of one item."""
    return f"{_rounded(_percent(share), 0)}%"


def about(share: Share) -> str:
    """An estimate for a sentence (大约有77位): whole, unless that would carry it over a line that decides."""
    percent = _percent(share)
    for decimals in range(8):
        shown = _rounded(percent, decimals)
        if all((percent < line) == (shown < line) for line in LINES):
            return str(shown)
    return str(percent)


def _joined(low: str, high: str, lang: str) -> str:
    return f"{low} to {high}" if lang == EN else f"{low}到{high}"


def interval(low: Share, high: Share, lang: str = ZH) -> str:
    """The range of the estimate, to two decimals; never with ±, for it is not symmetric."""
    return _joined(str(_rounded(_percent(low), 2)), str(_rounded(_percent(high), 2)), lang)


def outward(low: Share, high: Share, lang: str = ZH) -> str:
    """The range for a sentence: whole numbers that enclose it."""
    floor = _percent(low).to_integral_value(ROUND_FLOOR)
    ceiling = _percent(high).to_integral_value(ROUND_CEILING)
    return _joined(str(floor), str(ceiling), lang)


# -- counts, money, sizes -----------------------------------------------------------------------------


def number(count: int) -> str:
    """A count with separators from 1,000."""
    return f"{count:,}"


def people(count: int, lang: str = ZH) -> str:
    """A count of members."""
    if lang == EN:
        return f"{count:,} member" if count == 1 else f"{count:,} members"
    return f"{count:,}人"


def money(amount: Decimal | float, lang: str = ZH) -> str:
    """An amount in yuan, with fen."""
    figure = f"{_rounded(Decimal(str(amount)), 2):,}"
    return f"{figure} yuan" if lang == EN else f"{figure}元"


def file_size(octets: int, lang: str = ZH) -> str:
    """The size of a file in the unit a person would use; the limit of 20MB counts in the same unit."""
    for unit, scale in (("MB", 1024 * 1024), ("kB", 1024)):
        if octets >= scale:
            figure = _rounded(Decimal(octets) / scale, 0 if octets >= 10 * scale else 1)
            return f"{figure} {unit}" if lang == EN else f"{figure}{unit}"
    return f"{octets} bytes" if lang == EN else f"{octets}字节"


# -- days and hours -----------------------------------------------------------------------------------


def _day_of(moment: date | datetime) -> date:
    """The day on a calendar in Beijing: an instant at 20:00 UTC is already tomorrow here."""
    if isinstance(moment, datetime):
        return (beijing(moment) if moment.tzinfo else moment).date()
    return moment


def day(moment: date | datetime, today: date | None = None, weekday: bool = True, lang: str = ZH) -> str:
    """A date; the year is written only when it is not the year of `today` (or no `today` is given)."""
    when = _day_of(moment)
    with_year = today is None or when.year != today.year
    if lang == EN:
        text = f"{when.day} {MONTHS[when.month - 1]}" + (f" {when.year}" if with_year else "")
        return f"{WEEKDAYS[EN][when.weekday()]} {text}" if weekday else text
    text = (f"{when.year}年" if with_year else "") + f"{when.month}月{when.day}日"
    return f"{text}（星期{WEEKDAYS[ZH][when.weekday()]}）" if weekday else text


def day_full(moment: date | datetime, lang: str = ZH) -> str:
    """A date as papers write it: always with its year, never with its weekday or a padding zero."""
    return day(moment, None, False, lang)


def month(when: date, today: date | None = None, lang: str = ZH) -> str:
    """A month; its year is written only when it is not the year of `today` (or no `today` is given)."""
    with_year = today is None or when.year != today.year
    if lang == EN:
        return MONTHS[when.month - 1] + (f" {when.year}" if with_year else "")
    return (f"{when.year}年" if with_year else "") + f"{when.month}月"


def clock(moment: datetime) -> str:
    """The time of day in Beijing, 24 hours. Never to be shown for anything near a ballot."""
    local = beijing(moment) if moment.tzinfo else moment
    return f"{local.hour}:{local.minute:02d}"


def moment(instant: datetime, today: date | None = None, lang: str = ZH) -> str:
    """Day and time of something somebody did, as in a timeline."""
    when = day(instant, today, False, lang)
    return f"{when}, {clock(instant)}" if lang == EN else when + clock(instant)


def day_range(
    first: date | datetime, last: date | datetime, today: date | None = None, lang: str = ZH
) -> str:
    """From a day to a day, with an en dash; what both ends share is written once."""
    start, end = _day_of(first), _day_of(last)
    if start == end:
        return day(start, today, False, lang)
    return _english_range(start, end, today) if lang == EN else _chinese_range(start, end, today)


def _chinese_range(first: date, last: date, today: date | None) -> str:
    start = day(first, today, False)
    if first.year != last.year:
        return f"{day_full(first)}–{day_full(last)}"
    if first.month != last.month:
        return f"{start}–{last.month}月{last.day}日"
    return f"{start[:-1]}–{last.day}日"


def _english_range(first: date, last: date, today: date | None) -> str:
    def short(when: date, with_year: bool) -> str:
        return f"{when.day} {SHORT_MONTHS[when.month - 1]}" + (f" {when.year}" if with_year else "")

    if first.year != last.year:
        return f"{short(first, True)} – {short(last, True)}"
    end = short(last, today is None or last.year != today.year)
    return f"{first.day}–{end}" if first.month == last.month else f"{short(first, False)} – {end}"


def days_left(count: int, lang: str = ZH) -> str:
    """Working days until a limit; negative once it has passed; on a rest day after it, late by none."""
    if count == 0 and getattr(count, "late", False):
        return "overdue" if lang == EN else "已逾期"
    if lang == EN:
        if count == 0:
            return "today"
        unit = "working day" if abs(count) == 1 else "working days"
        return f"{count} {unit} left" if count > 0 else f"{-count} {unit} overdue"
    if count == 0:
        return "今天"
    return f"剩{count}个工作日" if count > 0 else f"逾期{-count}个工作日"


# -- filters ------------------------------------------------------------------------------------------


def _language(context: Context) -> str:
    return EN if context.get("page_lang") == EN else ZH


def _today(context: Context) -> date:
    """The day of the request. Without a `now` in the context the clock of the machine must do."""
    return _day_of(context.get("now") or system_clock())


def _filter(function: Callable[..., str], *from_page: str) -> Callable[..., str]:
    """`function` as a filter: it gets what it needs from the page, and a missing value prints a dash."""

    @pass_context
    @wraps(function)
    def filtered(context: Context, value: Any, *args: Any, **named: Any) -> str:
        if value is None or any(argument is None for argument in args):
            return ABSENT
        for name in from_page:
            named.setdefault(name, _language(context) if name == "lang" else _today(context))
        return function(value, *args, **named)

    return filtered


SAME_EVERYWHERE = (rate, rate1, points1, whole, about, number, clock)
IN_THE_LANGUAGE = (interval, outward, people, money, file_size, day_full, days_left)
KNOWING_THE_DAY = (day, moment, day_range, month)

FILTERS: dict[str, Callable[..., str]] = {
    **{function.__name__: _filter(function) for function in SAME_EVERYWHERE},
    **{function.__name__: _filter(function, "lang") for function in IN_THE_LANGUAGE},
    **{function.__name__: _filter(function, "lang", "today") for function in KNOWING_THE_DAY},
}
