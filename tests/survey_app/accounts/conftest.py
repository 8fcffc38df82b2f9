"""A small federation with people, and the application on a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from survey_app.accounts import passwords
from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from tests.support.cast import StandingClock, make_account, make_app, make_home, make_unit

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)
PASSWORD = "白塔下的柳树很老了7"


@pytest.fixture
def clock():
    return StandingClock(NOON)


@pytest.fixture
def app(settings, databases, clock):
    return make_app(settings, databases, clock)


@pytest.fixture
def people(databases):
    """A city with an administrator and two districts; in the first an officer and a chair."""
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "柳城市总工会")
        district = make_unit(session, "柳堤区总工会", parent=city)
        other = make_unit(session, "北塔区总工会", parent=city)
        home = make_home(session, district, "长河机械厂工会")
        hashed = passwords._quick.hash(PASSWORD)
        made = {
            "admin": make_account(session, Role.ADMINISTRATOR, city, name="管理员"),
            "officer": make_account(
                session, Role.OFFICER, district, name="张敏", login="ld-zgh-07", password_hash=hashed
            ),
            "chair": make_account(session, Role.CHAIR, home, name="李强"),
            "neighbour": make_account(session, Role.OFFICER, other, name="王芳"),
        }
    return made | {"city": city, "district": district, "other": other, "home": home}
