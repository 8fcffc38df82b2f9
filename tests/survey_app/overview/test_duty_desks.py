"""The desks of duties: what to do now, with one link that leads somewhere."""

from __future__ import annotations

import re

import pytest

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.rounds.models import Round, RoundState
from survey_app.units.models import Unit
from tests.support.cast import StandingClock, make_account, make_app, signed_in_client
from tests.support.round_builder import build_round


@pytest.fixture
def built(settings, databases):
    return build_round(settings, databases)


def posts(built):
    with committing(write_session(built.databases.roster)) as session:
        home = session.get_one(Unit, built.home_ids[0])
        return {
            role: make_account(session, role, home, built.id)[1] for role in (Role.WORKING_GROUP, Role.TELLER)
        } | {
            Role.CUSTODIAN: built.custodian_posts[0],
            Role.ADMINISTRATOR: make_account(session, Role.ADMINISTRATOR, home)[1],
        }


@pytest.mark.parametrize(
    ("role", "state", "sentence"),
    [
        (Role.CUSTODIAN, RoundState.DRAFT, "请做开箱钥匙"),
        (Role.CUSTODIAN, RoundState.CLOSED, "各输入一半口令开箱"),
        (Role.CUSTODIAN, RoundState.COUNTED, "协议页可以打印签字"),
        (Role.WORKING_GROUP, RoundState.DRAFT, "票条还没准备好"),
        (Role.WORKING_GROUP, RoundState.READY, "请打印票条"),
        (Role.WORKING_GROUP, RoundState.CLOSED, "不再发票条"),
        (Role.TELLER, RoundState.VOTING, "收票结束以后才录纸质票"),
        (Role.TELLER, RoundState.CLOSED, "各录一遍"),
        (Role.ADMINISTRATOR, RoundState.DRAFT, "首次密码"),
    ],
)
def test_the_duty_of_the_hour_stands_first(built, role, state, sentence):
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(Round, built.id).state = state
    app = make_app(built.settings, built.databases, StandingClock(built.clock()))
    client = signed_in_client(app, built.databases, posts(built)[role])
    page = client.get("/desk").get_data(as_text=True)
    assert sentence in page.split("<main")[1]
    for address in re.findall(r'class="btn[^"]*" href="([^"]+)"', page):
        assert client.get(address).status_code in (200, 302, 303), address
