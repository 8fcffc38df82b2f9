"""The demo's story is told up to the present and not a minute further."""

from __future__ import annotations

from datetime import date, time
from typing import Any, cast

from survey_app.core.clock import at_beijing
from survey_app.demo.stage import Stage

NOBODY: Any = cast("Any", None)


def test_nothing_in_the_story_happens_later_than_the_hour_it_is_made() -> None:
    before_six = at_beijing(date(2026, 11, 24), time(5, 45))
    stage = Stage(NOBODY, NOBODY, before_six, print)
    assert stage.now == before_six, "nine o'clock of today is still to come"
    assert stage.at(0, 6) == before_six
    assert stage.at(1, 6) == at_beijing(date(2026, 11, 23), time(6, 0))
    assert stage.at(1) == at_beijing(date(2026, 11, 23), time(9, 0))


def test_later_in_the_day_the_story_keeps_its_hours() -> None:
    evening = at_beijing(date(2026, 11, 24), time(20, 0))
    stage = Stage(NOBODY, NOBODY, evening, print)
    assert stage.now == at_beijing(date(2026, 11, 24), time(9, 0))
    assert stage.at(0, 6) == at_beijing(date(2026, 11, 24), time(6, 0))
