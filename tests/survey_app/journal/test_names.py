"""The journal's page says what a line is about: the thing's name, and its number where the name is gone."""

from __future__ import annotations

import pytest

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.journal.operations import record
from survey_app.journal.queries import journal_page
from survey_app.journal.subjects import names_of
from tests.support.cast import StandingClock, actor_for, make_app, signed_in_client
from tests.support.district import NOW, build_district


@pytest.fixture
def district(databases):
    return build_district(databases)


def test_lines_carry_the_names_of_what_they_are_about(settings, databases, district):
    result = next(iter(district.results.values()))
    home = next(one for one in district.homes if one.id == result.home_id)
    app = make_app(settings, databases, StandingClock(NOW))
    with committing(write_session(databases.roster)) as session:
        officer = actor_for(session, district.officer)
        place = f"{district.round.id}/{home.id}"
        for verb, kind, subject in (
            ("result.confirmed", "result", result.id),
            ("round.edited", "round", district.round.id),
            ("comment.released", "round_home", place),
            ("unit.edit", "unit", home.id),
            ("unit.edit", "unit", 999_999),
        ):
            record(session, officer, verb, kind, subject, at=NOW)
    with app.test_request_context(), reading(read_session(databases.roster)) as session:
        names = names_of(session, journal_page(session, None)[0])
    assert names["result", str(result.id)] == f"{home.name}2026年"
    assert names["round", district.round.id] == district.round.title
    assert names["round_home", place] == f"{district.round.title}，{home.name}"
    assert names["unit", str(home.id)] == home.name
    assert ("unit", "999999") not in names
    page = signed_in_client(app, databases, district.officer).get("/journal").get_data(as_text=True)
    assert f"{district.round.title}，{home.name}" in page
    assert "单位 999999" in page
    assert "round_home" not in page
