"""The summary of an area, its list of first visits, and a whole round recomputed on both databases."""

from __future__ import annotations

import pytest

from survey_app.core.db import read_session, reading
from survey_app.results import area_summary as summary_room
from survey_app.results.area_summary import Branch, FirstVisits, area_summary, first_visits
from survey_app.results.models import Result
from survey_app.units.closure import rebuild_closure
from survey_app.units.models import Unit
from tests.support.cast import make_unit
from tests.support.counted_home import CountedRound, CountedSpec
from tests.support.server import run_pingjia
from tests.survey_app.results.conftest import EXAMPLE, RIVER
from tests.survey_app.results.test_flags import CORNER, with_traits
from tests.survey_app.results.test_pages import AGREED, FEW, HELD, TEN, sqlite_only
from tests.survey_app.results.years import year_before

LOW = CountedSpec.of(150, (20, 15, 80, 3))
MARGINAL = CountedSpec.of(140, (35, 20, 45, 0))
FINE = CountedSpec.of(150, (80, 35, 5, 3))
EDGE = CountedSpec.of(150, (40, 17, 58, 3))


def with_districts(built: CountedRound, **homes: tuple[int, ...]) -> None:
    """Districts below the organiser with some of its homes."""
    with built.writing() as session:
        for name, numbers in homes.items():
            district = make_unit(session, name, parent=session.get_one(Unit, built.top.id))
            for number in numbers:
                session.get_one(Unit, built.homes[number].id).parent_id = district.id
        session.flush()
        rebuild_closure(session)


def test_an_area_is_summed_up_with_signs_changes_and_areas_without_an_order(build):
    specs = [CORNER, *[FINE] * 11, *[LOW] * 10, *[FINE] * 4]
    built = with_traits(build(*specs), *specs).rate()
    with_districts(built, 东湖区=tuple(range(12)), 西岭区=tuple(range(12, 22)))
    year_before(built, home=1)
    with (
        built.app.test_request_context(),
        reading(read_session(built.databases.roster)) as session,
    ):
        found = area_summary(session, built.actor(built.officers[0]), 2026)
        elsewhere = area_summary(session, built.actor(built.stranger), 2026)
    assert (found.figures.rated, found.visits.ordered) == (26, 10)
    assert {one.sign.value: one.homes for one in found.signs}["CORNER"] == 1
    assert (found.large, found.corner) == (26, 1)
    assert (found.changes.compared, found.changes.same) == (1, 1)
    east, west = found.branches
    assert (east.name, east.homes, east.ordered, west.ordered) == ("东湖区", 12, 0, 10)
    assert east.chance is None, "fourteen homes elsewhere are too few to say what is likely"
    assert west.chance is None
    assert (elsewhere.figures.rated, elsewhere.branches, elsewhere.signs) == (0, [], [])


def test_the_chance_of_no_order_is_told_where_enough_homes_lie_elsewhere(build):
    built = build(*[FINE] * 6, *[LOW] * 10, *[FINE] * 12).rate()
    with_districts(built, 东湖区=tuple(range(6)), 西岭区=tuple(range(6, 16)))
    with (
        built.app.test_request_context(),
        reading(read_session(built.databases.roster)) as session,
    ):
        east, west = area_summary(session, built.actor(built.officers[0]), 2026).branches
    assert east.chance == pytest.approx((1 - 10.5 / 23) ** 6)
    assert (east.is_unlikely, east.chance_words) == (True, "3%")
    assert (west.chance, west.is_unlikely, west.chance_words) == (None, False, "")


@sqlite_only
def test_a_year_without_an_order_is_told_how_likely_that_is_by_the_year_before(build, monkeypatch):
    built = build(*[FINE] * 4).rate()
    for home in range(4):
        year_before(built, home=home, figures={"rating_class": "DISSATISFIED"} if home < 2 else {})
    page = built.client(built.officers[0]).get("/ratings/summary?year=2026").get_data(as_text=True)
    assert "也评不出来的可能是" not in page, "four homes say nothing about what is likely"
    monkeypatch.setattr(summary_room, "FEWEST_OTHERS", 4)
    officer = built.actor(built.officers[0])
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        found = area_summary(session, officer, 2026).alone
        assert area_summary(session, officer, 2025).alone is None, "that year had orders"
    assert found is not None
    assert found.chance == pytest.approx((1 - 2.5 / 5) ** 4)
    page = built.client(built.officers[0]).get("/ratings/summary?year=2026").get_data(as_text=True)
    assert "4家里一家“不满意”也评不出来的可能是6%。" in page


@sqlite_only
def test_orders_that_may_be_chance_carry_the_mark_and_only_tested_homes_count(build):
    few_came = CountedSpec.of(150, (5, 5, 40, 0))
    built = build(MARGINAL, LOW, *[few_came] * 4, FINE).rate()
    codes = [built.result(home).code for home in range(7)]
    assert codes == ["D1", "D1", *["I2"] * 4, "A1"]
    assert [built.result(home).marks for home in range(7)] == [["V2"], *[[]] * 6]
    assert 0.025 < built.result(0).p_value < 0.05
    with built.writing() as session:
        # Alone among what was tested it may be chance; with the untested beside it it would not seem so.
        for home, p in enumerate((0.02, 0.3, *[1e-9] * 4)):
            session.get_one(Result, built.result(home).id).p_value = p
        session.get_one(Result, built.result(1).id).code = "I5"
    assert built.rate().result(0).marks == ["V2"]
    with built.writing() as session:
        confirmed = session.get_one(Result, built.result(0).id)
        confirmed.p_value, confirmed.state = 1e-9, "final"
    assert built.rate().result(0).marks == ["V2"], "what was confirmed keeps the mark it was confirmed with"


def test_a_chance_below_one_percent_is_not_printed_as_zero(build):
    with build(TEN).app.test_request_context():
        assert Branch("东湖区", 40, 0, 0.0004).chance_words == "不到1%"


@sqlite_only
def test_first_visits_are_named_with_their_share_on_list_and_summary(build):
    built = build(*[LOW] * 2, *[FINE] * 3).rate()
    with built.writing() as session:
        session.get_one(Result, built.result(0).id).marks = ["V2"]
    with reading(read_session(built.databases.roster)) as session:
        found = first_visits(session, built.actor(built.officers[0]), 2026)
    assert [name for _id, name in found.visits] == [built.homes[0].name]
    client = built.client(built.officers[0])
    words = "拟评“不满意”的2家里，1家（50%）"
    listed = client.get("/ratings?view=all&year=2026").get_data(as_text=True)
    assert words in listed
    filtered = client.get("/ratings?view=all&check=V2").get_data(as_text=True)
    assert (built.homes[0].name in filtered, built.homes[1].name in filtered) == (True, False)
    page = client.get("/ratings/summary?year=2026").get_data(as_text=True)
    assert words in page
    assert built.homes[0].name in page
    assert "超过了二十分之一" in page


@pytest.mark.parametrize(("visits", "too_many"), [(0, False), (5, False), (6, True)])
def test_more_than_one_in_twenty_asks_for_a_lower_alpha(visits, too_many):
    assert FirstVisits(100, [(number, "") for number in range(visits)]).too_many is too_many


@sqlite_only
def test_the_summary_says_what_is_missing_and_is_for_superiors_only(build):
    built = build(RIVER)
    officer = built.client(built.officers[0])
    assert "这一年还没有评出结果" in officer.get("/ratings/summary?year=2031").get_data(as_text=True)
    assert built.client(built.auditor).get("/ratings/summary").status_code == 200
    assert built.client(built.chairs[0]).get("/ratings/summary").status_code == 404


def test_a_whole_round_is_recomputed_to_the_last_digit_on_either_database(build):
    specs = (EXAMPLE, RIVER, TEN, FEW, AGREED, HELD, LOW, EDGE, CORNER)
    built = with_traits(build(*specs), *specs).rate()
    fine = run_pingjia(built.settings, "round", "recompute", built.id)
    assert (fine.returncode, "重算9份，不同0份" in fine.stdout) == (0, True), fine.stderr
