"""Writes cases.json: 200 dated cases computed without the program and without chinesecalendar.

Provenance. The tables below were typed from the notices of the General Office of the State Council on
the holidays of 2024, 2025 and 2026 (国务院办公厅关于2024年／2025年／2026年部分节假日安排的通知), and for
2027, of which there was no notice yet, from the statute of 2024-11-10 with the lunar dates of an almanac.
The method differs on purpose from the program's: every working day from 2024 to 2027 is listed once,
and a limit is a position in that list.

    python tests/survey_app/workdays/make_cases.py      rewrites the file beside this script
"""

import bisect
import datetime as dt
import json
from pathlib import Path

OFF = {
    2024: "1-1 2-10..2-17 4-4..4-6 5-1..5-5 6-10 9-15..9-17 10-1..10-7",
    2025: "1-1 1-28..2-4 4-4..4-6 5-1..5-5 5-31..6-2 10-1..10-8",
    2026: "1-1..1-3 2-15..2-23 4-4..4-6 5-1..5-5 6-19..6-21 9-25..9-27 10-1..10-7",
    # Spring Festival 2-6: eve 2-5, then 2-6 Sat and 2-7 Sun made up on 2-9 and 2-10; 5-1 Sat and 5-2 Sun
    # on 5-3 and 5-4; 10-2 Sat and 10-3 Sun on 10-4 and 10-5.
    2027: "1-1 2-5..2-10 4-5 5-1..5-4 6-9 9-15 10-1..10-5",
}
WORKED = {
    2024: "2-4 2-18 4-7 4-28 5-11 9-14 9-29 10-12",
    2025: "1-26 2-8 4-27 9-28 10-11",
    2026: "1-4 2-14 2-28 5-9 9-20 10-10",
    2027: "",
}

VECTORS = [
    ("2026-01-19", "workdays", 15),
    ("2026-02-10", "workdays", 15),
    ("2026-02-13", "workdays", 5),
    ("2026-04-27", "workdays", 5),
    ("2026-09-14", "workdays", 15),
    ("2026-09-18", "workdays", 10),
    ("2025-09-24", "workdays", 15),
    ("2026-11-23", "workdays", 15),
    ("2026-01-16", "calendar_days", 30),
    ("2026-07-03", "calendar_days", 90),
    ("2026-08-04", "calendar_days", 60),
]

STARTS = {
    2024: "1-5 1-24 2-2 2-8 3-29 4-3 4-24 4-30 5-17 6-7 7-1 8-2 9-10 9-13 9-27 9-30 10-11",
    2025: "1-3 1-20 1-26 2-7 3-14 4-3 4-25 4-30 5-26 5-30 7-7 8-8 9-22 9-28 9-30 10-10 11-14",
    2026: "1-4 1-23 2-11 2-14 3-6 4-2 4-24 4-30 6-12 6-18 7-6 8-7 9-18 9-24 9-30 10-9 11-2",
    2027: "1-4 1-22 2-1 2-4 3-8 4-2 4-23 4-30 6-4 6-8 6-25 7-5 8-6 9-10 9-14 9-24 9-30",
}

LIMITS = [
    ("workdays", 1),
    ("workdays", 3),
    ("workdays", 5),
    ("workdays", 10),
    ("workdays", 15),
    ("workdays", 30),
    ("calendar_days", 1),
    ("calendar_days", 7),
    ("calendar_days", 30),
    ("calendar_days", 60),
    ("calendar_days", 90),
]


def days_of(year: int, text: str) -> set[dt.date]:
    found = set()
    for part in text.split():
        first, _, last = part.partition("..")
        day = _date(year, first)
        while day <= _date(year, last or first):
            found.add(day)
            day += dt.timedelta(days=1)
    return found


def _date(year: int, text: str) -> dt.date:
    month, day = text.split("-")
    return dt.date(year, int(month), int(day))


def working_days() -> list[dt.date]:
    off = set().union(*(days_of(year, text) for year, text in OFF.items()))
    worked = set().union(*(days_of(year, text) for year, text in WORKED.items()))
    every = (dt.date(2024, 1, 1) + dt.timedelta(days=count) for count in range(1461))
    return [day for day in every if day in worked or (day.weekday() < 5 and day not in off)]


LIST = working_days()


def due(start: dt.date, counting: str, days: int) -> dt.date:
    if counting == "workdays":
        return LIST[bisect.bisect_right(LIST, start) + days - 1]
    return LIST[bisect.bisect_left(LIST, start + dt.timedelta(days=days))]


def case(start: dt.date, counting: str, days: int) -> dict[str, object]:
    end = due(start, counting, days)
    # The last four days of 2026 belong to the notice of 2027, which is not out either.
    provisional = end >= dt.date(2026, 12, 28)
    return {
        "start": start.isoformat(),
        "counting": counting,
        "days": days,
        "due": end.isoformat(),
        "provisional": provisional,
    }


def candidates(year: int) -> list[dict[str, object]]:
    starts = [_date(year, text) for text in STARTS[year].split()]
    # Neighbouring starts get different limits first, so that a cut after 50 keeps them all mixed.
    turns = range(len(LIMITS))
    pairs = [
        (start, LIMITS[(turn + 3 * place) % len(LIMITS)])
        for turn in turns
        for place, start in enumerate(starts)
    ]
    return [case(start, counting, days) for start, (counting, days) in pairs]


def all_cases() -> list[dict[str, object]]:
    vectors = [case(dt.date.fromisoformat(start), counting, days) for start, counting, days in VECTORS]
    chosen = list(vectors)
    for year, wanted in ((2024, 50), (2025, 49), (2026, 40)):
        fresh = [each for each in candidates(year) if each not in chosen and not each["provisional"]]
        chosen += fresh[:wanted]
    # Three that start in 2026 and end beyond its notice, then 47 that start in 2027.
    across = [
        ("2026-12-11", "workdays", 15),
        ("2026-11-20", "calendar_days", 60),
        ("2026-12-21", "workdays", 5),
    ]
    chosen += [case(dt.date.fromisoformat(start), counting, days) for start, counting, days in across]
    fresh = [each for each in candidates(2027) if each["due"] < "2027-12-28"]
    return chosen + fresh[:47]


def rendered() -> str:
    lines = ",\n".join("  " + json.dumps(each) for each in all_cases())
    return f"[\n{lines}\n]\n"


if __name__ == "__main__":
    (Path(__file__).parent / "cases.json").write_text(rendered(), encoding="utf-8")
