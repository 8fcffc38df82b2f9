"""The pages of units: what a search finds, who may change what, and an import in two steps."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import func, select

from survey_app.core.db import committing, read_session, write_session
from survey_app.units.models import Unit
from tests.support.cast import make_home, signed_in_client
from tests.survey_app.units.test_importing import TREE, sheet


@pytest.fixture
def database_kind():
    """One database is enough for the pages; the operations run on both."""
    return "sqlite"


@pytest.fixture
def browser(app, databases, city):
    return lambda who: signed_in_client(app, databases, city[who])


def names_in(answer):
    return re.findall(r'<th scope="row"[^>]*><a[^>]*>([^<]+)</a>', answer.get_data(as_text=True))


def test_the_table_shows_the_level_below_and_a_search_the_whole_subtree(browser, city):
    officer = browser("officer")
    assert names_in(officer.get("/units")) == ["河湾街道总工会"]
    assert names_in(officer.get(f"/units?at={city['street'].id}")) == ["红旗轴承公司工会", "长河机械厂工会"]
    assert names_in(officer.get("/units?text=分工会")) == ["一车间分工会"]
    assert names_in(officer.get("/units?kind=grassroots_union&sort=-members")) == [
        "红旗轴承公司工会",
        "长河机械厂工会",
    ]
    assert names_in(officer.get("/units?text=北塔")) == []
    assert "职工之家2家　会员497人" in officer.get("/units").get_data(as_text=True)


def test_pages_of_fifty_and_a_page_too_far_is_the_last(databases, browser, city):
    with committing(write_session(databases.roster)) as session:
        for number in range(60):
            make_home(session, city["street"], f"第{number:02d}店工会")
    officer, at = browser("officer"), city["street"].id
    assert len(names_in(officer.get(f"/units?at={at}"))) == 50
    last = officer.get(f"/units?at={at}&page=99")
    assert len(names_in(last)) == 12
    assert "第2页，共2页" in last.get_data(as_text=True)


def test_outside_the_scope_is_404_on_every_page(browser, city):
    paths = [f"/units/{city['home'].id}{end}" for end in ("", "/edit", "/move", "/close")]
    paths += [f"/units?at={city['home'].id}", f"/units/new?at={city['home'].id}", "/units/999999"]
    paths += [f"/units/import?at={city['home'].id}"]
    stranger = browser("stranger")
    for path in paths:
        assert stranger.get(path).status_code == 404, path
        if not path.startswith("/units?") and not path.endswith(str(city["home"].id)) and "999" not in path:
            assert stranger.send(path).status_code == 404, path
    assert "长河" not in stranger.get("/units?text=长河").get_data(as_text=True).replace('value="长河"', "")


def test_the_territorial_superior_reads_and_does_not_write(browser, city):
    officer, partner = browser("officer"), city["partner"].id
    page = officer.get(f"/units/{partner}")
    assert page.status_code == 200
    assert "改资料" not in page.get_data(as_text=True)
    assert officer.get(f"/units/{partner}/edit").status_code == 403
    assert (
        officer.send(f"/units/{partner}/edit", {"name": "别的", "kind": "grassroots_union"}).status_code
        == 403
    )


def test_a_unit_is_added_changed_and_moved_through_its_forms(databases, browser, city):
    officer = browser("officer")
    new = {
        "name": "东风电机厂工会",
        "kind": "grassroots_union",
        "parent": "河湾街道总工会",
        "stated_members": "20",
    }
    answer = officer.send(f"/units/new?at={city['district'].id}", new)
    assert answer.status_code == 303
    unit_id = int(answer.location.rsplit("/", 1)[1])
    wrong = officer.send(
        f"/units/{unit_id}/edit", new | {"credit_code": "91350100M000100Y44", "version": "1"}
    )
    assert wrong.status_code == 422
    assert "最后一位是校验码" in wrong.get_data(as_text=True)
    answer = officer.send(f"/units/{unit_id}/edit", new | {"name": "东风集团工会", "version": "1"})
    assert answer.status_code == 303
    assert officer.send(f"/units/{unit_id}/edit", new | {"version": "1"}).status_code == 409
    move = {"parent": "柳堤区总工会", "territory": "河湾街道总工会", "effective_on": "2026-06-01"}
    assert officer.send(f"/units/{unit_id}/move", move).status_code == 303
    elsewhere = officer.send(f"/units/{unit_id}/move", move | {"parent": "北塔区总工会"})
    assert "没有找到“北塔区总工会”" in elsewhere.get_data(as_text=True)
    page = officer.get(f"/units/{unit_id}").get_data(as_text=True)
    assert "东风电机厂工会 → 东风集团工会" in page
    assert officer.send(f"/units/{unit_id}/close", {"effective_on": "2026-06-30"}).status_code == 303
    with read_session(databases.roster) as session:
        assert session.get_one(Unit, unit_id).closed_on is not None


def test_an_import_is_looked_at_before_it_is_taken(databases, browser, city):
    officer = browser("officer")
    data = {"file": (io.BytesIO(sheet(*TREE)), "单位.csv")}
    sent = officer.send("/units/import", data, content_type="multipart/form-data")
    page = officer.get(sent.location).get_data(as_text=True)
    assert "可以导入3个单位" in page
    with read_session(databases.roster) as session:
        before = session.scalar(select(func.count()).select_from(Unit))
    ticket = re.search(r'name="ticket" value="([^"]+)"', page).group(1)
    columns = dict(re.findall(r'type="hidden" name="(column-\w+)" value="(\d+)"', page))
    assert browser("stranger").send("/units/import/take", {"ticket": ticket, **columns}).status_code == 404
    assert officer.send("/units/import/take", {"ticket": ticket, **columns}).status_code == 303
    with read_session(databases.roster) as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == before + 3


def test_a_unit_named_like_a_script_stays_text(databases, browser, city):
    with committing(write_session(databases.roster)) as session:
        make_home(session, city["street"], "<script>alert(1)</script>工会", short_name="<b>x</b>")
    page = browser("officer").get(f"/units?at={city['street'].id}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
