"""The pages of rosters: a file from the chair to the superior, and strangers kept out."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from survey_app.accounts.models import Account
from survey_app.core.actor import SYSTEM, Role
from survey_app.core.db import committing, read_session, write_session
from survey_app.core.errors import Invalid, Refused
from survey_app.rosters import operations
from survey_app.rosters.entries import MemberEntry
from survey_app.rosters.models import Roster, RosterMember
from survey_app.rosters.operations import confirm, freeze, import_roster, submit
from survey_app.rosters.queries import latest_roster
from survey_app.units.models import Unit
from tests.support.cast import make_account, make_home, signed_in_client
from tests.survey_app.rosters.conftest import ELIGIBLE, HEAD, NOON, member_lines, xlsx


@pytest.fixture
def database_kind():
    """One database is enough for the pages; the operations run on both."""
    return "sqlite"


@pytest.fixture
def browser(app, databases, people):
    return lambda who: signed_in_client(app, databases, people[who])


def send_in(client, content, name="花名册.xlsx", year="2026", eligible_on="2026-06-01"):
    data = {"year": year, "eligible_on": eligible_on, "file": (io.BytesIO(content), name)}
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
    assert "2027年：1份等您确认" in page
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


def test_the_number_of_homes_without_a_roster_leads_to_their_names_and_chairs(
    databases, people, keys, browser
):
    with committing(write_session(databases.roster)) as session:
        district = session.merge(people["district"])
        make_home(session, district, "云桥印务公司工会", chair_name="何静", chair_phone="0100-555")
        make_home(session, district, "早先并走的工会", closed_on=date(2026, 2, 1))
    stored(databases, people, keys)
    officer = browser("officer")
    page = officer.get("/rosters").text
    link = re.search(r'href="(/rosters\?[^"]*state=missing[^"]*)#list">(\d+)<', page)
    assert link, "the number is a link"
    assert link[2] == "2"
    listed = officer.get(link[1].replace("&amp;", "&")).text
    names = re.findall(r'rowheader"><a href="/roster\?home=\d+&amp;year=2026">([^<]+)</a>', listed)
    assert sorted(names) == ["云桥印务公司工会", "青禾纺织公司工会"]
    row = text_of(officer.get("/rosters?state=missing&text=云桥"))
    assert "青禾" not in row
    for word in ("何静", "0100-555", "还没有，登录不了", "给没有账号的主席发首次密码"):
        assert word in row, word
    neighbour = text_of(officer.get("/rosters?state=missing&text=青禾"))
    with read_session(databases.roster) as session:
        chair = session.get_one(Account, people["neighbour_chair"].account_id).name
    assert chair in neighbour
    assert "登录不了" not in neighbour
    for who in ("stranger", "street_officer"):
        assert "云桥" not in browser(who).get("/rosters?state=missing").text, who


def test_what_waits_for_somebody_else_is_never_counted_as_mine(app, databases, people, keys, browser):
    with committing(write_session(databases.roster)) as session:
        city = session.get_one(Unit, people["district"].parent_id)
        above = make_account(session, Role.OFFICER, city)[1]
        own = make_account(session, Role.OFFICER, session.merge(people["home"]))[1]
    roster_id = stored(databases, people, keys, state="submitted")
    mine, others = "2026年：1份等您确认", "2026年：1份等别人确认"
    asked = browser("officer").get("/rosters").text
    assert mine in asked
    assert others not in asked
    of_city = signed_in_client(app, databases, above)
    # An officer of the home itself neither decides nor stands between the home and its superior.
    of_home = signed_in_client(app, databases, own)
    for reading in (of_city, of_home, browser("street_officer")):
        page = reading.get("/rosters").text
        assert others in page
        assert mine not in page
        assert "由柳堤区总工会确认" in page
        assert f"/rosters/{roster_id}" not in reading.get("/rosters?state=mine").text
    assert f"/rosters/{roster_id}" in browser("officer").get("/rosters?state=mine").text
    auditor = browser("auditor").get("/rosters").text
    assert "2026年：1份等确认" in auditor
    assert "等您确认" not in auditor


def test_a_day_of_membership_years_away_and_a_year_that_is_none_are_refused(databases, people, keys, browser):
    chair = browser("chair")
    sheet = xlsx([HEAD, *member_lines(3)])
    for day in ("2019-06-01", "2028-01-01"):
        answer = send_in(chair, sheet, eligible_on=day)
        assert answer.status_code == 422
        assert "2026年度的花名册，要以2025年1月1日到2027年12月31日之间的一天为准。" in answer.text
    for day in ("2025-01-01", "2027-12-31"):
        assert send_in(chair, sheet, eligible_on=day).status_code == 303
    for year in ("1999", "99999", "0"):
        answer = send_in(chair, sheet, year=year)
        assert answer.status_code == 422
        assert "“评议年度”要写2020到2100之间的四位数。" in answer.text
        assert f"{year}年花名册" not in answer.text
    with pytest.raises(Invalid), committing(write_session(databases.roster)) as session:
        import_roster(
            session, SYSTEM, people["home"], [], keys=keys, year=2030, eligible_on=ELIGIBLE, at=NOON
        )


@pytest.mark.parametrize("year", ["1999", "99999", "abc", "-1", "2026.5"])
def test_a_year_in_the_address_that_is_none_gets_one_clear_sentence(browser, year):
    for who, path in (
        ("chair", "/roster"),
        ("chair", "/desk"),
        ("officer", "/rosters"),
        ("officer", "/desk"),
    ):
        answer = browser(who).get(f"{path}?year={year}")
        assert answer.status_code == 400, path
        assert f"年度要写2020到2100之间的四位数，网址里写的是“{year}”。" in answer.text
    assert browser("chair").get("/roster?year=").status_code == 200


def test_the_page_of_this_year_tells_of_next_years_list_and_who_confirms_it(databases, people, keys, browser):
    stored(databases, people, keys, state="frozen")
    stored(databases, people, keys, year=2027)
    chair = browser("chair")
    page = chair.get("/roster").text
    assert "2027年的花名册已导入，还没有报给上级。" in page
    assert "换一个文件" not in page
    with committing(write_session(databases.roster)) as session:
        submit(session, SYSTEM, latest_roster(session, people["home"].id, 2027), at=NOON)
    assert "2027年的花名册已报上去，等上级确认。" in chair.get("/roster").text
    assert "等柳堤区总工会确认" in chair.get("/roster?year=2027").text
    asked = browser("officer").get(f"/roster?home={people['home'].id}&year=2027").text
    assert "请确认，或者退回去改" in asked


def test_a_frozen_list_in_use_asks_for_next_years_file_by_its_year(
    databases, people, keys, browser, monkeypatch
):
    def keep(_session, _home, year):
        if year == 2026:
            raise Refused("roster_in_use", year=year)

    monkeypatch.setattr(operations, "_keepers", [keep])
    stored(databases, people, keys, state="frozen")
    page = browser("chair").get("/roster").text
    assert "导入2027年的花名册" in page
    assert "换一个文件" not in page
    stored(databases, people, keys, year=2027)
    assert 'id="file-title"' not in browser("chair").get("/roster").text, "that one has its own page"
