"""Two hundred dated cases, computed by another method, and each explained so that it can be recounted."""

import datetime as dt
import json
import re
import runpy
from pathlib import Path

import pytest

from survey_app.workdays import Calendar, Counting, Rule, explain

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
CALENDAR = Calendar()

VECTORS_OF_THE_DESIGN = [
    ("2026-01-19", "workdays", 15, "2026-02-09"),
    ("2026-02-10", "workdays", 15, "2026-03-09"),
    ("2026-02-13", "workdays", 5, "2026-02-27"),
    ("2026-04-27", "workdays", 5, "2026-05-07"),
    ("2026-09-14", "workdays", 15, "2026-10-10"),
    ("2026-09-18", "workdays", 10, "2026-10-09"),
    ("2025-09-24", "workdays", 15, "2025-10-21"),
    ("2026-11-23", "workdays", 15, "2026-12-14"),
    ("2026-01-16", "calendar_days", 30, "2026-02-24"),
    ("2026-07-03", "calendar_days", 90, "2026-10-08"),
    ("2026-08-04", "calendar_days", 60, "2026-10-08"),
]


def name_of(case: dict) -> str:
    return f"{case['start']}+{case['days']}{case['counting'][0]}"


def deadline_of(case: dict):
    rule = Rule(Counting(case["counting"]), case["days"])
    return CALENDAR.deadline(dt.date.fromisoformat(case["start"]), rule)


def test_the_file_holds_150_official_and_50_provisional_cases_of_all_years():
    provisional = [case for case in CASES if case["provisional"]]
    assert (len(CASES) - len(provisional), len(provisional)) == (150, 50)
    assert len({name_of(case) for case in CASES}) == 200
    years = {case["due"][:4] for case in CASES}
    assert years == {"2024", "2025", "2026", "2027"}


def test_the_file_is_what_the_independent_script_writes():
    written = runpy.run_path(str(HERE / "make_cases.py"))["rendered"]()
    assert written == (HERE / "cases.json").read_text(encoding="utf-8")


def test_the_independent_script_does_not_look_at_the_program():
    source = (HERE / "make_cases.py").read_text(encoding="utf-8")
    imports = re.findall(r"^(?:import|from) (\S+)", source, flags=re.MULTILINE)
    assert set(imports) == {"bisect", "datetime", "json", "pathlib"}


@pytest.mark.parametrize(("start", "counting", "days", "due"), VECTORS_OF_THE_DESIGN)
def test_the_vectors_of_the_design_are_among_the_cases(start, counting, days, due):
    wanted = {"start": start, "counting": counting, "days": days, "due": due, "provisional": False}
    assert wanted in CASES


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_deadline_is_the_independent_one(case):
    deadline = deadline_of(case)
    assert deadline.date.isoformat() == case["due"]
    assert deadline.provisional == case["provisional"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_reader_who_has_only_the_sentence_recounts_the_same_date(case):
    sentence = explain(deadline_of(case), "zh")
    start = dt.date.fromisoformat(case["start"])
    assert recount(sentence, start) == dt.date.fromisoformat(case["due"]), sentence
    assert sentence.count("。") == 1
    assert ("暂定" in sentence) == case["provisional"]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_english_sentence_ends_on_the_same_date(case):
    sentence = explain(deadline_of(case), "en")
    due = dt.date.fromisoformat(case["due"])
    year = "" if case["due"][:4] == case["start"][:4] else f" {due.year}"
    assert f"{due:%a} {due.day} {due:%B}{year}" in sentence
    assert ("provisional" in sentence) == case["provisional"]


def recount(sentence: str, start: dt.date) -> dt.date:
    """What somebody with a pocket calendar of plain weeks and this one sentence finds.

    Nothing here knows a holiday: days off and days worked instead come from the words alone.
    """
    assert sentence.startswith(f"{start.month}月{start.day}日送达，当天不算")
    if match := re.search(r"数(\d+)个工作日", sentence):
        off, worked = named_days(sentence, start)
        return count_workdays(start, int(match[1]), off, worked)
    days = int(re.search(r"；(\d+)天到", sentence)[1])
    reached = start + dt.timedelta(days=days)
    assert f"{reached.month}月{reached.day}日（星期{'一二三四五六日'[reached.weekday()]}）" in sentence
    if "不用顺延" in sentence:
        assert reached.weekday() < 5 or "调休上班" in sentence
        return reached
    off, _ = named_days(sentence, start)
    made_up = re.search(r"顺延到([^，]+)，这天调休上班", sentence)
    worked = days_in(made_up[1], start) if made_up else set()
    while reached not in worked and (reached.weekday() >= 5 or reached in off):
        reached += dt.timedelta(days=1)
    return reached


def count_workdays(start: dt.date, wanted: int, off: set[dt.date], worked: set[dt.date]) -> dt.date:
    day = start
    while wanted:
        day += dt.timedelta(days=1)
        wanted -= day in worked or (day.weekday() < 5 and day not in off)
    return day


def named_days(sentence: str, start: dt.date) -> tuple[set[dt.date], set[dt.date]]:
    off: set[dt.date] = set()
    worked: set[dt.date] = set()
    for clause in re.split(r"[，；。]", sentence):
        if clause.endswith(("放假", "休息")):
            off |= days_in(clause, start)
        elif clause.endswith("调休上班"):
            worked |= days_in(clause, start)
    return off, worked


def days_in(clause: str, start: dt.date) -> set[dt.date]:
    """7月4–5日、11–12日 and 9月30日–10月2日, with a year where it is not that of the start."""
    found: set[dt.date] = set()
    year, month = start.year, start.month
    span = r"(?:(\d{4})年)?(?:(\d+)月)?(\d+)日?(?:–(?:(\d{4})年)?(?:(\d+)月)?(\d+))?日"
    for first_year, first_month, first, last_year, last_month, last in re.findall(span, clause):
        if first_month:
            year, month = int(first_year or start.year), int(first_month)
        day = dt.date(year, month, int(first))
        if last_month:
            year, month = int(last_year or start.year), int(last_month)
        end = dt.date(year, month, int(last or first))
        while day <= end:
            found.add(day)
            day += dt.timedelta(days=1)
    return found
