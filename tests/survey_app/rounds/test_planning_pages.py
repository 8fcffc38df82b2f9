"""The pages on which a round is planned: which year has a policy, what issuing means, what is still asked."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from survey_app.core.actor import SYSTEM, Role
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.settings import Settings
from survey_app.instruments.operations import store_bundled
from survey_app.rounds import operations
from survey_app.rounds.models import SchemeVersion
from survey_app.rounds.policy import Policy
from tests.support.cast import (
    DeskClient,
    StandingClock,
    actor_for,
    make_account,
    make_app,
    make_unit,
    signed_in_client,
)

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ASKED = "开始评议前要填"


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """One database is enough here: no page of planning asks it for more than the operations do."""
    kind: str = request.param
    return kind


@pytest.fixture
def officer(settings: Settings, databases: Databases) -> DeskClient:
    """The browser of an officer whose union has issued a policy for 2026, with its own numbers."""
    with committing(write_session(databases.roster)) as session:
        district = make_unit(session, "柳堤区总工会")
        post = make_account(session, Role.OFFICER, district)[1]
        operations.issue_scheme(
            session,
            actor_for(session, post),
            district,
            year=2026,
            title="去年的办法",
            policy=Policy(objection_workdays=7, basis="raw"),
            at=AT,
        )
        store_bundled(session, SYSTEM, at=AT)
    return signed_in_client(make_app(settings, databases, StandingClock(AT)), databases, post)


def schemes(databases: Databases) -> list[tuple[int, str, int]]:
    with reading(read_session(databases.roster)) as session:
        found = session.scalars(select(SchemeVersion).order_by(SchemeVersion.id))
        return [(one.year, one.policy["basis"], one.policy["objection_workdays"]) for one in found]


def fields(page: str) -> dict[str, str]:
    """What the first fields of a page hold."""
    ticked = re.findall(r'<input checked[^>]*name="(\w+)"[^>]*value="(\w+)"', page)
    inputs = [(re.search(r'name="(\w+)"', one), re.search(r'value="([^"]*)"', one)) for one in _inputs(page)]
    return {**{name[1]: value[1] for name, value in inputs if name and value}, **dict(ticked)}


def _inputs(page: str) -> list[str]:
    return [one for one in re.findall(r"<input[^>]*>", page) if 'type="radio"' not in one]


def test_a_year_without_a_policy_is_named_before_the_round_is_sent(officer: DeskClient) -> None:
    page = officer.get("/rounds/new").text
    assert "现在有办法的年度：2026。" in page
    assert "要评2027年度，先印发那一年的办法。" in page
    assert 'href="/schemes/new?year=2027"' in page
    assert "演练：从头到尾走一遍，投的票不算数" in page
    sent = {"title": "评议", "year": "2029", "kind": "ordinary", "electorate": "members"}
    assert 'href="/schemes/new?year=2029"' in officer.send("/rounds/new", sent).text


def test_a_policy_starts_from_the_last_one_and_is_issued_by_the_second_yes_only(
    officer: DeskClient, databases: Databases
) -> None:
    form = officer.get("/schemes/new?year=2027").text
    assert "已照《去年的办法》（2026年度）预先填好" in form
    filled = fields(form)
    assert (filled["year"], filled["basis"], filled["objection_workdays"]) == ("2027", "raw", "7")
    filled["objection_workdays"] = "9"
    ask = officer.send("/schemes/new", filled).text
    assert "印发以后不能改，也不能撤" in ask
    assert "本级和下级工会2027年度的评议" in ask
    assert schemes(databases) == [(2026, "raw", 7)], "asking writes nothing"
    back = re.search(r'href="(/schemes/new\?[^"]+)"', ask)
    assert back is not None
    assert fields(officer.get(back[1].replace("&amp;", "&")).text)["objection_workdays"] == "9"
    assert officer.send("/schemes/new", fields(ask)).status_code == 303
    assert schemes(databases) == [(2026, "raw", 7), (2027, "raw", 9)]
    assert "现在有办法的年度：2026、2027。" in officer.get("/rounds/new").text
    for year in ("1999", "99999", "abc"):
        odd = officer.send("/schemes/new", {**filled, "year": year}).text
        assert re.findall(r'<li><a href="#year">([^<]+)</a></li>', odd) == [
            "“年度”要写2020到2100之间的四位数。"
        ]
    # What cannot be issued is said before anybody is asked to confirm it.
    assert (
        "印发以后不能改，也不能撤。要改就再印发一版。</p>"
        not in officer.send("/schemes/new", {**filled, "award_min_ballots": "3"}).text
    )


def test_what_a_draft_still_asks_for_is_marked_until_it_is_filled(officer: DeskClient) -> None:
    window = {
        "opens_on": "2026-12-01",
        "opens_time": "08:00",
        "closes_on": "2026-12-10",
        "closes_time": "18:00",
    }
    page = officer.get("/rounds/new").text
    chosen = {
        name: re.search(rf'name="{name}".*?value="(\d+)"', page, re.S)
        for name in ("scheme_id", "questionnaire_id")
    }
    first = {name: found[1] for name, found in chosen.items() if found}
    sent = {"title": "评议", "year": "2026", "kind": "ordinary", "electorate": "members", **first, **window}
    edit = officer.send("/rounds/new", sent).headers["Location"].replace("/homes", "/edit")
    assert officer.get(edit).text.count(ASKED) == 6
    version = fields(officer.get(edit).text)["version"]
    texts = {
        "title": "评议",
        "notice": "请评一评。",
        "privacy_contact": " ",
        "deputy_1": "何静",
        "version": version,
    }
    assert officer.send(edit, {**texts, **window}).status_code == 303
    # A list of gaps makes sense by itself: each names its field, and each once.
    gaps = officer.send(edit, {"version": fields(officer.get(edit).text)["version"]}).text
    told = re.findall(r'<li><a href="#\w+">([^<]+)</a></li>', gaps)
    assert told == [f"请填“{name}”。" for name in ("名称", "开始日期", "开始时间", "截止日期", "截止时间")]
    page = officer.get(edit).text
    marked = set(re.findall(r'data-until-filled="(\w+)"', page))
    assert marked == {"privacy_handler", "privacy_contact", "opening_planned_on", "deputy_2"}
    assert page.count(ASKED) == len(marked)
