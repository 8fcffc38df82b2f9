"""Own filters of the ledger: saved under a name, opened as a link, thrown away, nobody else's business."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import NotFound, Refused
from survey_app.rectification.models import SavedFilter
from survey_app.rectification.own_filters import MOST, drop_filter, own_filters, save_filter
from tests.support.cast import StandingClock, make_app, signed_in_client
from tests.support.orders import at_day, make_stage

WANTED = {"state": "overdue", "grade": "A", "unit": "", "page": "3", "next": "http://elsewhere.test"}


@pytest.fixture
def stage(databases):
    with committing(write_session(databases.roster)) as session:
        return make_stage(session)


def test_a_filter_is_saved_opened_and_thrown_away_by_its_owner_alone(settings, databases, stage):
    app = make_app(settings, databases, StandingClock(at_day(2026, 11, 20)))
    officer, other = (signed_in_client(app, databases, stage.posts[who]) for who in ("issuer", "inspector"))
    assert "存下这个条件" in officer.get("/orders?state=overdue&grade=A").get_data(as_text=True)
    answer = officer.send("/orders/filters", {"name": "  A类  逾期 ", **WANTED})
    assert answer.location == "/orders?state=overdue&grade=A"
    page = officer.get("/orders").get_data(as_text=True)
    assert re.search(r'href="/orders\?state=overdue&amp;grade=A">A类 逾期</a>', page)
    opened = officer.get("/orders?grade=A&state=overdue&page=2").get_data(as_text=True)
    assert re.search(r'class="strong" aria-current="page">A类 逾期</a>', opened)
    drop = re.search(r'action="(/orders/filters/\d+/drop)"', opened)[1]
    assert "A类 逾期" not in other.get("/orders?grade=A&state=overdue").get_data(as_text=True)
    assert other.send(drop, {}).status_code == 404
    assert "A类 逾期" in officer.get("/orders").get_data(as_text=True)
    assert officer.send(drop, {}).status_code == 303
    with reading(read_session(databases.roster)) as session:
        assert session.scalars(select(SavedFilter)).all() == []
    assert "起个名字" in officer.get(
        officer.send("/orders/filters", {"name": " ", "state": "overdue"}).location
    ).get_data(as_text=True)


def test_the_same_name_is_replaced_and_the_number_of_filters_is_bounded(databases, stage):
    with committing(write_session(databases.roster)) as session:
        first = save_filter(session, stage.issuer, "逾期", {"state": "overdue"})
        again = save_filter(session, stage.issuer, "逾期", {"q": "机械", "month": "2026-11"})
        assert (again.id, again.address) == (first.id, {"q": "机械"})
        assert save_filter(session, stage.inspector, "逾期", {"own": "home"}).id != first.id
        for number in range(1, MOST):
            save_filter(session, stage.issuer, f"第{number}个", {"q": str(number)})
        for name, values, code in (
            ("再一个", {"q": "x"}, "too_many_filters"),
            ("空的", {"page": "2"}, "filter_is_empty"),
            ("", {"q": "x"}, "filter_without_name"),
        ):
            with pytest.raises(Refused) as refusal:
                save_filter(session, stage.issuer, name, values)
            assert refusal.value.code == code
        with pytest.raises(NotFound):
            drop_filter(session, stage.inspector, first.id)
        assert len(own_filters(session, stage.issuer)) == MOST
        assert [one.address for one in own_filters(session, stage.inspector)] == [{"own": "home"}]
