"""A home beside its peers: told only where the ranges allow it."""

from __future__ import annotations

from survey_app.core.db import read_session, reading
from survey_app.results import operations
from survey_app.results.peer_group import peer_funnel, peer_sentence
from survey_app.results.peers import area_funnel, funnel_points
from survey_app.results.queries import visible_result
from survey_app.units.models import Unit
from tests.support.counted_home import COUNTED_AT, CountedSpec
from tests.survey_app.results.test_pages import TEN


def unit_of(session, result):
    return session.get_one(Unit, result.home_id)


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
        assert peer_sentence(session, outlier, unit) == "和同一上级下面6家同类单位比，要低一些。"
        ordinary, unit, _round = visible_result(session, officer, built.result(1).id)
        assert peer_sentence(session, ordinary, unit) == "和同一上级下面6家同类单位比，看不出差别。"
        small, unit, _round = visible_result(session, officer, built.result(7).id)
        assert peer_sentence(session, small, unit) == ""
        names = {point.name for point in funnel_points(session, officer, 2026)}
        drawn = area_funnel(session, officer, 2026)
        assert area_funnel(session, officer, 2026) is drawn, "nothing changed, nothing is drawn again"
        assert area_funnel(session, built.actor(built.stranger), 2026) is None
        peers = peer_funnel(session, officer, outlier, unit_of(session, outlier))
        assert peer_funnel(session, officer, small, unit) is None, "a home that is not shown in full"
        elsewhere = built.actor(built.stranger)
        assert peer_funnel(session, elsewhere, outlier, unit_of(session, outlier)) is None
    assert peers is not None
    assert ">青禾纺织公司工会<" in str(peers.drawing.wide), "the home itself is named among its peers"
    assert "会员数相近（100到499人）、已经确认的6家" in peers.group
    page = built.client(built.officers[0]).get(f"/ratings/{outlier.id}").get_data(as_text=True)
    assert "圈出来的是这一家" in page
    chair = built.client(built.chairs[0]).get(f"/results/{outlier.id}").get_data(as_text=True)
    assert "要低一些" in chair
    assert "第2机械厂工会" not in chair, "the chair reads the sentence and no other home's name"
    assert len(names) == 7, "a home that is not shown in full stands in no funnel"
    assert TEN.name not in names
    assert built.clock() > COUNTED_AT
