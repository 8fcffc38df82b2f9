"""The bundled notices against the hand-typed ones, and the typing errors of a notice to be imported."""

import datetime as dt
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from survey_app.workdays import Label, Notice, NoticeFault, bundled_notices, faults_of

TYPED = runpy.run_path(str(Path(__file__).parent / "make_cases.py"))
NOTICE = {notice.year: notice for notice in bundled_notices()}
NAME = Label("放假", "holiday")


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_the_bundled_notice_has_the_days_typed_by_hand_from_the_paper(year):
    off = TYPED["days_of"](year, TYPED["OFF"][year])
    worked = TYPED["days_of"](year, TYPED["WORKED"][year])
    assert set(NOTICE[year].off_days) == off
    assert NOTICE[year].makeup_days == worked
    assert str(year) in NOTICE[year].source


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_correct_notice_has_no_fault(year):
    assert faults_of(NOTICE[year]) == []


@pytest.mark.parametrize("year", [2025, 2026])
def test_any_single_forgotten_weekday_or_working_weekend_is_found(year):
    notice = NOTICE[year]
    for day in notice.off_days:
        if day.weekday() < 5:
            off_days = {each: name for each, name in notice.off_days.items() if each != day}
            assert faults_of(replace(notice, off_days=off_days)), day
    for day in notice.makeup_days:
        assert faults_of(replace(notice, makeup_days=notice.makeup_days - {day})), day


def test_every_fault_of_a_bad_notice_is_told_at_once():
    notice = NOTICE[2026]
    spoiled = replace(
        notice,
        source=" ",
        off_days=dict(notice.off_days) | {dt.date(2026, 2, 14): NAME, dt.date(2025, 6, 2): NAME},
        makeup_days=notice.makeup_days | {dt.date(2026, 3, 4)},
    )
    assert faults_of(spoiled) == [
        NoticeFault("no_source"),
        NoticeFault("other_year", dt.date(2025, 6, 2)),
        NoticeFault("off_and_worked", dt.date(2026, 2, 14)),
        NoticeFault("weekday_made_up", dt.date(2026, 3, 4)),
    ]


def test_a_forgotten_statutory_day_is_named_and_the_balance_is_given():
    notice = NOTICE[2026]
    off_days = {day: name for day, name in notice.off_days.items() if day != dt.date(2026, 10, 1)}
    assert faults_of(replace(notice, off_days=off_days)) == [
        NoticeFault("statutory_day_missing", dt.date(2026, 10, 1)),
        NoticeFault("unbalanced", number=-1),
    ]


def test_an_empty_notice_misses_every_statutory_day():
    faults = faults_of(Notice(2027, "国办发明电"))
    assert [fault.code for fault in faults] == ["statutory_day_missing"] * 13 + ["unbalanced"]
