"""Years beside each other: the change in words, the break where they cannot be compared, on every page."""

from __future__ import annotations

import pytest

from survey_app.core.db import read_session, reading
from survey_app.results.models import Result
from survey_app.results.trends import area_changes, trend_note, trend_picture, years_of
from survey_app.units.queries import scope
from tests.support.counted_home import CountedRound
from tests.survey_app.results.conftest import EXAMPLE, RIVER
from tests.survey_app.results.test_pages import TEN, sqlite_only
from tests.survey_app.results.years import year_before

BREAK = "2026年起%s改了，前后不能直接比。"
BOTH = BREAK % "测评表的题目、计算方法"
FAR_LOWER = {"combined": 40.0, "low": 33.0, "high": 47.0}
FAR_HIGHER = {"combined": 97.0, "low": 93.0, "high": 99.0}
HIDDEN = {"combined": None, "low": None, "high": None, "n_effective": None}
TOUCHING = {"combined": 70.0, "low": 63.0, "high": 76.0}


def note_of(built: CountedRound, home: int = 0) -> str:
    """What the years of a home say."""
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        return trend_note(years_of(session, built.homes[home].id, 2026))


@pytest.mark.parametrize(
    ("figures", "changes", "note"),
    [
        (FAR_LOWER, {}, "和2025年比，高了36.7个百分点。"),
        (FAR_HIGHER, {}, "和2025年比，低了20.3个百分点。"),
        (TOUCHING, {}, "和2025年比，看不出差别。"),
        (FAR_LOWER, {"questionnaire_fingerprint": "0" * 64}, BREAK % "测评表的题目"),
        (FAR_LOWER, {"method_version": "pingjia-0"}, BREAK % "计算方法"),
        (FAR_LOWER, {"method_version": "1.0", "questionnaire_fingerprint": "0" * 64}, BOTH),
        (FAR_LOWER, {"method_version": "1.0", "scheme": {"basis": "raw"}}, BREAK % "计算方法"),
        (HIDDEN, {}, ""),
    ],
    ids=["higher", "lower", "overlapping", "form", "method", "form and method", "method and basis", "hidden"],
)
def test_a_change_is_said_only_where_ranges_part_and_the_method_stayed(build, figures, changes, note):
    built = build(RIVER).rate()
    assert note_of(built) == ""
    year_before(built, figures=figures, **changes)
    assert note_of(built) == note


@sqlite_only
def test_overlapping_ranges_are_no_difference_even_where_the_interval_of_the_change_excludes_zero(build):
    built = build(RIVER).rate()
    now = built.result()
    figures = {"combined": now.combined - 14, "low": now.low - 15, "high": now.low + 0.1}
    year_before(built, figures={**figures, "n_effective": 5000.0})
    assert note_of(built) == "和2025年比，看不出差别。"


@sqlite_only
def test_the_break_stands_in_the_picture_between_its_years(build):
    built = build(RIVER).rate()
    year_before(built, figures=TOUCHING, questionnaire_fingerprint="0" * 64)
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        drawn = str(trend_picture(years_of(session, built.homes[0].id, 2026), ()).wide)
    places = [drawn.index(f">{words}<") for words in ("2025年", "测评表的题目改了，前后不能直接比", "2026年")]
    assert places == sorted(places)
    assert ">70.0<" in drawn


@sqlite_only
def test_one_year_alone_is_no_trend(build):
    built = build(RIVER).rate()
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        assert trend_picture(years_of(session, built.homes[0].id, 2026), ()) is None


@sqlite_only
def test_chair_superior_and_public_read_the_same_sentence(build):
    built = build(RIVER).rate()
    year_before(built, figures={**FAR_LOWER, "state": "published"})
    with built.writing() as session:
        session.get_one(Result, built.result().id).state = "published"
    number, home = built.result().id, built.homes[0].id
    pages = (
        built.client(built.chairs[0]).get(f"/results/{number}"),
        built.client(built.officers[0]).get(f"/ratings/{number}"),
        built.app.test_client().get(f"/h/{home}"),
    )
    for page in pages:
        assert "和2025年比，高了36.7个百分点。" in page.get_data(as_text=True)


@sqlite_only
def test_the_public_page_leaves_out_years_that_are_not_published(build):
    built = build(RIVER).rate()
    year_before(built, figures={**FAR_LOWER, "state": "final"})
    with built.writing() as session:
        session.get_one(Result, built.result().id).state = "published"
    page = built.app.test_client().get(f"/h/{built.homes[0].id}").get_data(as_text=True)
    assert "2025年" not in page


def test_changes_of_an_area_count_comparable_homes_only(build):
    built = build(RIVER, RIVER, EXAMPLE, TEN, RIVER).rate()
    year_before(built, home=0, figures=FAR_LOWER)
    year_before(built, home=1, figures=TOUCHING)
    year_before(built, home=2, figures=FAR_LOWER, questionnaire_fingerprint="0" * 64)
    year_before(built, home=3, figures=HIDDEN)
    officer = built.actor(built.officers[0])
    with reading(read_session(built.databases.roster)) as session:
        found = area_changes(session, scope(officer), 2026)
        assert area_changes(session, scope(built.actor(built.stranger)), 2026).compared == 0
    assert (found.compared, found.up, found.down, found.same) == (2, 1, 0, 1)
