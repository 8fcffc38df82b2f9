"""The sentences about dates, word for word, in both languages."""

import datetime as dt

import pytest

from survey_app.workdays import ACKNOWLEDGED, PUBLISHED, Calendar, Label, date_text, explain

CALENDAR = Calendar()


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("deadline", "event", "zh", "en"),
    [
        (
            CALENDAR.add_workdays(day("2026-07-01"), 10),
            Label("初评送达", "Draft result served"),
            "7月1日初评送达，当天不算，从7月2日起数10个工作日；中间7月4–5日、11–12日休息，"
            "数到7月15日（星期三）。",
            "Draft result served on 1 July, that day not counted; 10 working days from 2 July, "
            "with 4–5 and 11–12 July off, end on Wed 15 July.",
        ),
        (
            CALENDAR.add_workdays(day("2026-09-14"), 15),
            ACKNOWLEDGED,
            "9月14日签收，当天不算，从9月15日起数15个工作日；中间9月19日休息，"
            "9月25–27日、10月1–7日放假，9月20日（日）、10月10日（六）调休上班，数到10月10日（星期六）。",
            "Acknowledged on 14 September, that day not counted; 15 working days from 15 September, "
            "with 19 September off, 25–27 September and 1–7 October on holiday, "
            "Sun 20 September and Sat 10 October worked instead, end on Sat 10 October.",
        ),
        (
            CALENDAR.add_calendar_days(day("2026-09-14"), 90),
            ACKNOWLEDGED,
            "9月14日签收，当天不算；90天到12月13日（星期日），是周末，顺延到12月14日（星期一）。",
            "Acknowledged on 14 September, that day not counted; 90 days end on Sun 13 December, "
            "a weekend, so the date moves to Mon 14 December.",
        ),
        (
            CALENDAR.add_calendar_days(day("2026-01-16"), 30),
            PUBLISHED,
            "1月16日公布，当天不算；30天到2月15日（星期日），2月15–23日春节放假，顺延到2月24日（星期二）。",
            "Published on 16 January, that day not counted; 30 days end on Sun 15 February, "
            "in the Spring Festival break (15–23 February), so the date moves to Tue 24 February.",
        ),
        (
            CALENDAR.add_calendar_days(day("2026-09-14"), 26),
            ACKNOWLEDGED,
            "9月14日签收，当天不算；26天到10月10日（星期六），这天调休上班，不用顺延。",
            "Acknowledged on 14 September, that day not counted; 26 days end on Sat 10 October, "
            "a make-up working day, so the date stays.",
        ),
        (
            CALENDAR.add_calendar_days(day("2026-04-24"), 14),
            ACKNOWLEDGED,
            "4月24日签收，当天不算；14天到5月8日（星期五），这天上班，不用顺延。",
            "Acknowledged on 24 April, that day not counted; 14 days end on Fri 8 May, "
            "a working day, so the date stays.",
        ),
        (
            CALENDAR.add_workdays(day("2026-12-23"), 8),
            ACKNOWLEDGED,
            "12月23日签收，当天不算，从12月24日起数8个工作日；中间12月26–27日休息，"
            "2027年1月1–3日放假，数到2027年1月5日（星期二）；"
            "2027年的放假安排还没公布，这个日期暂定，公布以后只会往后、不会往前。",
            "Acknowledged on 23 December, that day not counted; 8 working days from 24 December, "
            "with 26–27 December off, 1–3 January 2027 on holiday, end on Tue 5 January 2027; "
            "the holidays of 2027 are not announced yet: the date is provisional and only moves later.",
        ),
    ],
)
def test_a_deadline_explains_itself_in_one_sentence(deadline, event, zh, en):
    assert explain(deadline, "zh", event=event) == zh
    assert explain(deadline, "en", event=event) == en


def test_a_date_kept_at_its_floor_says_what_the_count_alone_would_give():
    deadline = CALENDAR.never_earlier(day("2026-07-17"), CALENDAR.add_workdays(day("2026-07-01"), 10))
    assert explain(deadline).endswith(
        "数到7月15日（星期三）；原来定的是7月17日，只往后、不往前，所以是7月17日（星期五）。"
    )
    assert explain(deadline, "en").endswith(
        "end on Wed 15 July; it was set to 17 July and never moves earlier, so it is Fri 17 July."
    )


def test_more_than_three_weekends_are_not_listed_one_by_one():
    sentence = explain(CALENDAR.add_workdays(day("2026-07-01"), 20))
    assert "中间周末休息，数到7月29日（星期三）" in sentence


def test_a_limit_that_rolls_onto_a_working_weekend_says_that_it_is_worked():
    deadline = CALENDAR.add_calendar_days(day("2026-09-12"), 7)
    assert explain(deadline).endswith(
        "7天到9月19日（星期六），是周末，顺延到9月20日（星期日），这天调休上班。"
    )
    assert explain(deadline, "en").endswith("moves to Sun 20 September, a make-up working day.")


def test_a_limit_without_rest_days_names_none():
    deadline = CALENDAR.add_workdays(day("2026-07-06"), 2)
    assert explain(deadline) == "7月6日送达，当天不算，从7月7日起数2个工作日；数到7月8日（星期三）。"
    assert "; 2 working days from 7 July end on Wed 8 July." in explain(deadline, "en")


def test_more_weekends_are_summed_up_in_english_too():
    assert ", with weekends off, end on" in explain(CALENDAR.add_workdays(day("2026-07-01"), 20), "en")


def test_the_year_is_named_only_where_it_is_not_this_year():
    deadline = CALENDAR.add_workdays(day("2026-07-01"), 1)
    assert explain(deadline, this_year=2027).startswith("2026年7月1日送达，当天不算，从7月2日起数1个工作日")
    assert "2026" not in explain(deadline, this_year=2026)
    assert date_text(day("2027-01-08"), this_year=2026) == "2027年1月8日（星期五）"
    assert date_text(day("2026-07-15"), "en") == "Wed 15 July"


def test_a_break_across_two_months_names_both():
    deadline = CALENDAR.add_workdays(day("2025-01-26"), 5)
    assert "1月28日–2月4日放假" in explain(deadline)
    assert "28 January – 4 February on holiday" in explain(deadline, "en")
