"""Numbers and dates as the pages print them (interface.md section 5), in both languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

from survey_app.web import formats as f

TODAY = date(2026, 7, 1)
EN = "en"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (f.rate(0.7669), "76.69%"),
        (f.rate(Fraction(89, 113)), "78.76%"),
        (f.rate(np.float64(0.6344)), "63.44%"),
        (f.rate(0.00005), "0.01%"),
        (f.rate1(0.718), "71.8%"),
        (f.points1(0.7669), "76.7"),
        (f.whole(0.825), "83%"),
        (f.interval(0.71453, 0.81171), "71.45到81.17"),
        (f.interval(0.71453, 0.81171, lang=EN), "71.45 to 81.17"),
        (f.outward(0.7145, 0.8117), "71到82"),
        (f.outward(0.7145, 0.8117, lang=EN), "71 to 82"),
        (f.number(1248), "1,248"),
        (f.number(-5), "-5"),
        (f.people(1248), "1,248人"),
        (f.people(1248, lang=EN), "1,248 members"),
        (f.people(1, lang=EN), "1 member"),
        (f.money(12000), "12,000.00元"),
        (f.money(Decimal("12000.5"), lang=EN), "12,000.50 yuan"),
        (f.file_size(1_470_000), "1.4MB"),
        (f.file_size(20 * 1024 * 1024, lang=EN), "20 MB"),
        (f.file_size(900), "900字节"),
    ],
)
def test_figures(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.7669, "77"),
        (0.5951, "59.5"),
        (0.5996, "59.96"),
        (0.6, "60"),
        (0.604, "60"),
        (0.7999, "79.99"),
        (0.8951, "89.5"),
    ],
)
def test_an_estimate_in_a_sentence_is_never_rounded_over_a_line(share: float, expected: str) -> None:
    assert f.about(share) == expected


@given(st.fractions(0, 1))
def test_an_estimate_in_a_sentence_stays_on_its_side_of_every_line(share: Fraction) -> None:
    shown = Decimal(f.about(share))
    exact = f._percent(share)
    assert [exact < line for line in f.LINES] == [shown < line for line in f.LINES]


@given(st.fractions(0, 1), st.fractions(0, 1))
def test_a_range_for_a_sentence_encloses_the_exact_range(one: Fraction, other: Fraction) -> None:
    low, high = sorted((one, other))
    shown_low, shown_high = map(int, f.outward(low, high).split("到"))
    assert shown_low <= f._percent(low)
    assert f._percent(high) <= shown_high


def test_binary_noise_does_not_widen_a_range() -> None:
    assert f.outward(0.29, 0.57) == "29到57"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (f.day(date(2026, 7, 15), TODAY), "7月15日（星期三）"),
        (f.day(date(2027, 1, 8), TODAY, weekday=False), "2027年1月8日"),
        (f.day(date(2026, 7, 15), TODAY, lang=EN), "Wed 15 July"),
        (f.day(date(2027, 1, 8), TODAY, lang=EN), "Fri 8 January 2027"),
        (f.day_full(date(2026, 7, 5)), "2026年7月5日"),
        (f.day_range(date(2026, 9, 25), date(2026, 9, 27), TODAY), "9月25–27日"),
        (f.day_range(date(2026, 9, 30), date(2026, 10, 7), TODAY), "9月30日–10月7日"),
        (f.day_range(date(2027, 2, 5), date(2027, 2, 11), TODAY), "2027年2月5–11日"),
        (f.day_range(date(2026, 12, 31), date(2027, 1, 3), TODAY), "2026年12月31日–2027年1月3日"),
        (f.day_range(date(2026, 9, 25), date(2026, 9, 25), TODAY), "9月25日"),
        (f.day_range(date(2026, 9, 25), date(2026, 9, 27), TODAY, lang=EN), "25–27 Sept"),
        (f.day_range(date(2026, 9, 30), date(2026, 10, 7), TODAY, lang=EN), "30 Sept – 7 Oct"),
        (f.day_range(date(2027, 2, 5), date(2027, 2, 11), TODAY, lang=EN), "5–11 Feb 2027"),
        (f.day_range(date(2026, 12, 31), date(2027, 1, 3), TODAY, lang=EN), "31 Dec 2026 – 3 Jan 2027"),
        (f.clock(datetime(2026, 6, 26, 10, 0, tzinfo=UTC)), "18:00"),
        (f.clock(datetime(2026, 6, 26, 9, 5)), "9:05"),
        (f.moment(datetime(2026, 11, 16, 1, 0, tzinfo=UTC), TODAY), "11月16日9:00"),
        (f.moment(datetime(2026, 11, 16, 1, 0, tzinfo=UTC), TODAY, lang=EN), "16 November, 9:00"),
        (f.days_left(6), "剩6个工作日"),
        (f.days_left(0), "今天"),
        (f.days_left(-5), "逾期5个工作日"),
        (f.days_left(6, lang=EN), "6 working days left"),
        (f.days_left(1, lang=EN), "1 working day left"),
        (f.days_left(0, lang=EN), "today"),
        (f.days_left(-5, lang=EN), "5 working days overdue"),
    ],
)
def test_days_and_hours(shown: str, expected: str) -> None:
    assert shown == expected


def test_the_day_is_the_day_in_beijing() -> None:
    late = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    assert f.day(late, date(2027, 1, 1)) == "1月1日（星期五）"
    assert f.day_range(late, datetime(2027, 1, 3, 10, 0, tzinfo=UTC), date(2027, 1, 1)) == "1月1–3日"


def _rendered(source: str, **context: object) -> str:
    environment = Environment(autoescape=True)
    environment.filters.update(f.FILTERS)
    return environment.from_string(source).render(**context)


def test_filters_take_language_and_day_from_the_page() -> None:
    source = "{{ d|day }} {{ n|days_left }} {{ low|interval(high) }}"
    values = {
        "d": date(2026, 7, 15),
        "n": 2,
        "low": 0.5,
        "high": 0.6,
        "now": datetime(2026, 7, 1, tzinfo=UTC),
    }
    assert _rendered(source, **values) == "7月15日（星期三） 剩2个工作日 50.00到60.00"
    assert _rendered(source, **values, page_lang="en") == "Wed 15 July 2 working days left 50.00 to 60.00"


@pytest.mark.parametrize("name", sorted(f.FILTERS))
def test_a_missing_value_prints_a_dash(name: str) -> None:
    with_two = name in {"interval", "outward", "day_range"}
    assert _rendered(f"{{{{ nothing|{name}{'(nothing)' if with_two else ''} }}}}", nothing=None) == "—"


def test_every_format_is_a_filter() -> None:
    groups: tuple[tuple[Callable[..., str], ...], ...] = (
        f.SAME_EVERYWHERE,
        f.IN_THE_LANGUAGE,
        f.KNOWING_THE_DAY,
    )
    assert set(f.FILTERS) == {function.__name__ for group in groups for function in group}
