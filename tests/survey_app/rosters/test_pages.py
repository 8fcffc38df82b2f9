"""The pages of rosters: a file from the chair to the superior, and strangers kept out."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, read_session, write_session
from survey_app.rosters.entries import MemberEntry
from survey_app.rosters.models import Roster, RosterMember
from survey_app.rosters.operations import confirm, freeze, import_roster, submit
from tests.support.cast import signed_in_client
from tests.survey_app.rosters.conftest import ELIGIBLE, HEAD, NOON, member_lines, xlsx


@pytest.fixture
def database_kind():
    """One database is enough for the pages; the operations run on both."""
    return "sqlite"


@pytest.fixture
def browser(app, databases, people):
    return lambda who: signed_in_client(app, databases, people[who])


def send_in(client, content, name="花名册.xlsx"):
    data = {"year": "2026", "eligible_on": "2026-06-01", "file": (io.BytesIO(content), name)}
    return client.send("/roster/file", data, content_type="multipart/form-data")


def text_of(answer):
    return re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))


def hidden(page, name):
    return re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page)


def test_a_file_goes_from_the_chair_to_the_superior(app, databases, settings, browser):
    chair = browser("chair")
    looked = chair.get(send_in(chair, xlsx([HEAD, *member_lines(100)])).location)
    page = looked.get_data(as_text=True)
    assert "100人都没有问题，可以导入" in page
    assert "这是2026年的花名册，以2026年6月1日的会员为准" in text_of(looked)
    assert "原来的草稿" not in page, "there was none"
    assert "138****0001" in page
    assert "13800000001" not in page
    with read_session(databases.roster) as session:
        assert session.scalar(select(func.count()).select_from(RosterMember)) == 0
    kept = [path for path in (settings.data_folder / "uploads").rglob("*") if path.is_file()]
    assert len(kept) == 1
    assert b"13800000001" not in kept[0].read_bytes()
    columns = dict(re.findall(r'type="hidden" name="(column-\w+)" value="(\d+)"', page))
    taken = chair.send("/roster/take", {"ticket": hidden(page, "ticket")[0], **columns})
    assert "已导入100人" in text_of(chair.get(taken.location))
    assert not kept[0].exists(), "the copy goes once the list is in the database"
    with read_session(databases.roster) as session:
        roster_id = session.scalars(select(Roster.id)).one()
    chair.send(f"/rosters/{roster_id}/submit")
    officer = browser("officer")
    assert "长河机械厂工会" in text_of(officer.get("/rosters"))
    version = hidden(officer.get(f"/rosters/{roster_id}").get_data(as_text=True), "version")[0]
    answer = officer.send(f"/rosters/{roster_id}", {"decision": "confirm", "version": version})
    assert answer.status_code == 303
    assert "上级已确认" in text_of(chair.get("/roster"))


def test_a_faulty_file_is_listed_row_by_row_and_cannot_be_taken(databases, browser):
    chair = browser("chair")
    rows = [HEAD, *member_lines(5), ["", "张三", "13900000000", "", "", "", ""]]
    page = chair.get(send_in(chair, xlsx(rows)).location).get_data(as_text=True)
    assert "第7行等1处要改，还没有导入" in page
    assert "没有会员号，请补上。" in page
    assert "/roster/take" not in page
    ticket = hidden(page, "ticket")[0]
    assert chair.send("/roster/take", {"ticket": ticket}).status_code == 403
    with read_session(databases.roster) as session:
        assert session.scalar(select(func.count()).select_from(Roster)) == 0


def test_a_file_that_is_no_list_is_told_on_the_same_page(settings, browser):
    answer = send_in(browser("chair"), b"<html></html>", "花名册.xls")
    assert answer.status_code == 422
    assert "这个文件其实是网页" in text_of(answer)
    assert [path for path in (settings.data_folder / "uploads").rglob("*") if path.is_file()] == []


def test_a_ticket_is_worth_nothing_in_other_hands_or_changed(browser):
    location = send_in(browser("chair"), xlsx([HEAD, *member_lines(5)])).location
    for who in ("stranger", "neighbour_chair"):
        assert browser(who).get(location).status_code == 404
    assert browser("street_officer").get(location).status_code == 403
    assert browser("chair").get(location + "x").status_code == 403


def test_who_stands_outside_gets_404_and_who_may_only_read_403(databases, people, keys, browser):
    with committing(write_session(databases.roster)) as session:
        made = import_roster(
            session,
            SYSTEM,
            people["home"],
            [MemberEntry("H1", "张三", "13800000001")],
            keys=keys,
            year=2026,
            eligible_on=ELIGIBLE,
            at=NOON,
        )
    home, roster_id = people["home"].id, made.id
    expected = {
        "stranger": 404,
        "neighbour_chair": 404,
        "street_officer": 200,
        "auditor": 200,
        "officer": 200,
    }
    for who, status in expected.items():
        client = browser(who)
        assert client.get(f"/rosters/{roster_id}").status_code == status, who
        assert client.get(f"/roster?home={home}").status_code == status, who
        if status == 404:
            assert client.send(f"/rosters/{roster_id}/submit").status_code == 404, who
            assert client.send(f"/rosters/{roster_id}", {"decision": "return"}).status_code == 404, who
            assert "张三" not in text_of(client.get("/rosters")), who
    assert browser("auditor").send(f"/rosters/{roster_id}/submit").status_code == 403
    street = browser("street_officer")
    assert street.send(f"/rosters/{roster_id}/submit").status_code == 403
    answer = street.send(
        f"/rosters/{roster_id}", {"decision": "return", "reason": "不行不行", "version": "1"}
    )
    assert answer.status_code == 403


def stored(databases, people, keys, year=2026, members=1, state="draft", home="home"):
    entries = [MemberEntry(f"H{n}", f"会员{n}", f"1390000{n:04d}") for n in range(members)]
    with committing(write_session(databases.roster)) as session:
        made = import_roster(
            session, SYSTEM, people[home], entries, keys=keys, year=year, eligible_on=ELIGIBLE, at=NOON
        )
        if state != "draft":
            submit(session, SYSTEM, made, at=NOON)
        if state in {"confirmed", "frozen"}:
            confirm(session, SYSTEM, made, at=NOON, reason="核对过，没有问题")
        if state == "frozen":
            freeze(session, made, at=NOON)
    return made.id


def test_only_who_may_decide_is_asked_and_the_others_read_who_does(databases, people, keys, browser):
    roster_id = stored(databases, people, keys, state="submitted")
    asked = browser("officer").get(f"/rosters/{roster_id}").get_data(as_text=True)
    assert 'value="confirm"' in asked
    for who in ("street_officer", "auditor"):
        page = browser(who).get(f"/rosters/{roster_id}").get_data(as_text=True)
        assert 'value="confirm"' not in page, who
        assert "由柳堤区总工会确认" in page, who


def test_the_list_of_rosters_opens_in_the_year_in_which_one_waits(databases, people, keys, browser):
    stored(databases, people, keys, year=2027, state="submitted")
    page = text_of(browser("officer").get("/rosters"))
    assert "长河机械厂工会" in page
    assert "2027年：1份等确认" in page
    assert "长河机械厂工会" not in text_of(browser("officer").get("/rosters?year=2026"))


def test_a_frozen_list_stays_on_the_page_beside_a_new_draft_which_can_be_deleted(
    databases, people, keys, browser
):
    stored(databases, people, keys, members=3, state="frozen")
    draft = stored(databases, people, keys, members=2)
    chair = browser("chair")
    page = chair.get("/roster").get_data(as_text=True)
    assert "评议用的名册已冻结，3人" in page
    assert browser("neighbour_chair").send(f"/rosters/{draft}/delete", {"version": "1"}).status_code == 404
    assert browser("street_officer").send(f"/rosters/{draft}/delete", {"version": "1"}).status_code == 403
    assert chair.send(f"/rosters/{draft}/delete", {"version": "0"}).status_code == 409
    assert chair.send(f"/rosters/{draft}/delete", {"version": "1"}).status_code == 303
    assert "名册已冻结，不再加人" in chair.get("/roster").get_data(as_text=True)
    with read_session(databases.roster) as session:
        assert session.scalar(select(func.count()).select_from(RosterMember)) == 3


def test_the_years_of_a_home_are_one_tap_apart(databases, people, keys, browser):
    stored(databases, people, keys, state="frozen")
    stored(databases, people, keys, year=2027)
    page = browser("chair").get("/roster").get_data(as_text=True)
    assert "2027年：草稿" in page
    assert f'href="/roster?home={people["home"].id}&amp;year=2027"' in page
