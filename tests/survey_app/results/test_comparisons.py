"""A home beside its peers and beside its own years: told only where the ranges allow it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from survey_app.core.db import read_session, reading
from survey_app.counting.models import HomeCount
from survey_app.results import operations
from survey_app.results.models import RatingSnapshot, Result
from survey_app.results.page import trend_of
from survey_app.results.peers import area_funnel, funnel_points, peer_sentence
from survey_app.results.queries import visible_result
from survey_app.results.view import load_view
from survey_app.rounds.models import Round, RoundHome
from tests.support.counted_home import COUNTED_AT, CountedRound, CountedSpec
from tests.survey_app.results.conftest import RIVER
from tests.survey_app.results.test_pages import TEN, sqlite_only

PEER = CountedSpec.of(150, (60, 35, 20, 3))


def copied(row: Any, **changes: Any) -> Any:
    """A new row like an old one."""
    values = {column.key: getattr(row, column.key) for column in row.__mapper__.columns}
    return type(row)(**{**values, **changes})


def year_before(built: CountedRound, **snapshot_changes: Any) -> None:
    """The same result a year earlier."""
    with built.writing() as session:
        round_ = session.get_one(Round, built.id)
        home = built.homes[0].id
        session.add(copied(round_, id="f" * 32, year=2025))
        session.flush()
        session.add(
            copied(session.get_one(RoundHome, (built.id, home)), round_id="f" * 32, ordinary_year=2025)
        )
        session.add(copied(session.get_one(HomeCount, (built.id, home)), round_id="f" * 32))
        result = session.scalars(select(Result).where(Result.home_id == home)).one()
        snapshot = session.get_one(RatingSnapshot, result.snapshot_id)
        earlier = copied(result, id=None, round_id="f" * 32, year=2025, combined=70.0, low=63.0, high=76.0)
        session.add(earlier)
        session.flush()
        old = copied(snapshot, id=None, result_id=earlier.id, **snapshot_changes)
        session.add(old)
        session.flush()
        earlier.snapshot_id = old.id


@sqlite_only
@pytest.mark.parametrize(
    ("changes", "note"),
    [({}, ""), ({"questionnaire_fingerprint": "0" * 64}, "2025年以后题目或算法改了，前后不能直接比。")],
    ids=["same form", "another form"],
)
def test_years_stand_beside_each_other_and_a_break_is_said(build, changes, note):
    built = build(RIVER).rate()
    number = built.result().id
    with reading(read_session(built.databases.roster)) as session:
        view = load_view(session, built.actor(built.officers[0]), number)
        assert trend_of(session, view) == (None, "")
    year_before(built, **changes)
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        view = load_view(session, built.actor(built.officers[0]), number)
        picture, words = trend_of(session, view)
    assert words == note
    assert "2025年" in picture.wide
    assert "2026年" in picture.wide
    assert ">70.0<" in picture.wide


def test_a_home_among_like_peers_shows_no_difference_and_an_outlier_does(build):
    low = CountedSpec.of(160, (20, 30, 60, 5), name="青禾纺织公司工会")
    built = build(low, *[PEER] * 6, TEN).rate().after_window()
    with built.writing() as session:
        officer = built.actor(built.officers[0])
        for number in range(7):
            result, _unit, _round = visible_result(session, officer, built.result(number).id, lock=True)
            operations.confirm(
                session, officer, result, version=result.version, reason="看过", at=built.clock()
            )
    with built.app.test_request_context(), reading(read_session(built.databases.roster)) as session:
        outlier, unit, _round = visible_result(session, officer, built.result(0).id)
        assert peer_sentence(session, outlier, unit) == "和本区6家同类单位比，要低一些。"
        ordinary, unit, _round = visible_result(session, officer, built.result(1).id)
        assert peer_sentence(session, ordinary, unit) == "和本区6家同类单位比，看不出差别。"
        small, unit, _round = visible_result(session, officer, built.result(7).id)
        assert peer_sentence(session, small, unit) == ""
        names = {point.name for point in funnel_points(session, officer, 2026)}
        drawn = area_funnel(session, officer, 2026)
        assert area_funnel(session, officer, 2026) is drawn, "nothing changed, nothing is drawn again"
        assert area_funnel(session, built.actor(built.stranger), 2026) is None
    assert len(names) == 7, "a home that is not shown in full stands in no funnel"
    assert TEN.name not in names
    assert built.clock() > COUNTED_AT
