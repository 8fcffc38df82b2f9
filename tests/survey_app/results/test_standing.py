"""Places as bands, never a bare rank: by hand on five homes, on the page, in the workbook, in scope only."""

from __future__ import annotations

import re

import pytest

from survey_app.core.db import read_session, reading
from survey_app.results.standing import order_of
from tests.support.counted_home import CountedSpec
from tests.survey_app.results.test_pages import AGREED, cells_of, sqlite_only

BEST = CountedSpec.of(150, (90, 28, 4, 3), name="甲厂工会")
GOOD = CountedSpec.of(150, (80, 35, 8, 3), name="乙厂工会")
MIDDLE = CountedSpec.of(150, (40, 35, 40, 3), name="丙厂工会")
SMALL = CountedSpec.of(60, (15, 8, 12, 1), name="丁厂工会")
WORST = CountedSpec.of(150, (15, 10, 90, 3), name="戊厂工会")


def by_hand(homes):
    """Places by the definition: who is surely better, who is surely worse."""
    return {
        one.name: (
            1 + sum(other.low > one.high for other in homes),
            len(homes) - sum(other.high < one.low for other in homes),
        )
        for one in homes
    }


@sqlite_only
def test_places_follow_from_the_ranges_and_overlapping_homes_are_not_separated(build):
    built = build(WORST, SMALL, BEST, MIDDLE, GOOD, AGREED).rate()
    with reading(read_session(built.databases.roster)) as session:
        officer, stranger = (built.actor(post) for post in (built.officers[0], built.stranger))
        found = order_of(session, officer, 2026, quota=1)
        large = order_of(session, officer, 2026, band=2)
        assert order_of(session, stranger, 2026).homes == []
    assert [one.name for one in found.homes][-1] == "戊厂工会"
    assert {one.name: (one.first, one.last) for one in found.homes} == by_hand(found.homes)
    places = {one.name: (one.first, one.last) for one in found.homes}
    assert places["甲厂工会"] == places["乙厂工会"] == (1, 2)
    assert places["丙厂工会"] == places["丁厂工会"] == (3, 4)
    assert places["戊厂工会"] == (5, 5)
    assert {one.name for one in found.undecided} == {"甲厂工会", "乙厂工会"}
    assert found.hidden == 1, "a home shown masked is counted and not placed"
    assert {one.name for one in large.homes} == {"甲厂工会", "乙厂工会", "丙厂工会", "戊厂工会"}


@sqlite_only
def test_page_and_workbook_say_from_and_to_and_the_chair_has_neither(build):
    built = build(BEST, GOOD, MIDDLE, WORST, AGREED).rate()
    officer = built.client(built.officers[0])
    page = officer.get("/ratings/places?quota=1").get_data(as_text=True)
    assert page.count("第1到第2") >= 2
    assert "2家不可区分" in page
    assert "另有1家的数字不全部显示" in page
    assert "style=" not in page
    assert not re.search(r"第1名|第一名", page)
    book = cells_of(officer.get("/ratings/places.xlsx").data)
    assert "最前可能排第" in book
    assert "甲厂工会" in book
    assert "/ratings/places" in officer.get("/ratings/summary?year=2026").get_data(as_text=True)
    for address in ("/ratings/places", "/ratings/places.xlsx"):
        assert built.client(built.chairs[0]).get(address).status_code == 404
        assert "甲厂工会" not in str(built.client(built.stranger).get(address).data.decode("utf8", "ignore"))


@sqlite_only
@pytest.mark.parametrize("query", ["?size=9", "?size=x&quota=-3", "?page=99", "?quota=99999999", "?year="])
def test_odd_addresses_give_a_page(build, query):
    built = build(BEST).rate()
    officer = built.client(built.officers[0])
    assert officer.get(f"/ratings/places{query}").status_code == 200
    refused = officer.get("/ratings/places?year=1999")
    assert refused.status_code == 400
    assert "年度要写2020到2100之间的四位数，网址里写的是“1999”。" in refused.text
