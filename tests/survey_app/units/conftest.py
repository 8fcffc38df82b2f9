"""A city with two lines, its people, and the application."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.units.models import UnitKind
from tests.support.cast import StandingClock, make_account, make_app, make_home, make_unit

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def app(settings, databases):
    return make_app(settings, databases, StandingClock(NOON))


@pytest.fixture
def city(databases):
    """Units and posts by name."""
    with committing(write_session(databases.roster)) as session:
        top = make_unit(session, "柳城市总工会")
        district = make_unit(session, "柳堤区总工会", parent=top)
        street = make_unit(session, "河湾街道总工会", UnitKind.TOWNSHIP_UNION, district)
        other = make_unit(session, "北塔区总工会", parent=top)
        industry = make_unit(session, "装备制造产业工会", UnitKind.INDUSTRIAL_UNION, top)
        home = make_home(session, street, "长河机械厂工会", stated_members=186)
        partner = make_home(session, industry, "红旗轴承公司工会", territory=street, stated_members=311)
        branch = make_unit(session, "一车间分工会", UnitKind.BRANCH_UNION, home)
        posts = {
            "officer": make_account(session, Role.OFFICER, district)[1],
            "stranger": make_account(session, Role.OFFICER, other)[1],
            "industry_officer": make_account(session, Role.OFFICER, industry)[1],
            "chair": make_account(session, Role.CHAIR, home)[1],
            "auditor": make_account(session, Role.AUDITOR, top)[1],
            "admin": make_account(session, Role.ADMINISTRATOR, top)[1],
        }
    return posts | {
        "top": top,
        "district": district,
        "street": street,
        "other": other,
        "industry": industry,
        "home": home,
        "partner": partner,
        "branch": branch,
    }
