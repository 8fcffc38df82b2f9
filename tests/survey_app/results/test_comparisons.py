"""A home beside its peers: told only where the ranges allow it."""

from __future__ import annotations

from survey_app.core.db import read_session, reading
from survey_app.results import operations
from survey_app.results.peers import area_funnel, funnel_points, peer_sentence
from survey_app.results.queries import visible_result
from tests.support.counted_home import COUNTED_AT, CountedSpec
from tests.survey_app.results.test_pages import TEN

PEER = CountedSpec.of(150, (60, 35, 20, 3))


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
