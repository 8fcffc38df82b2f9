"""The cast of the tests is real: its people are actors with the permissions and scope of their posts."""

from __future__ import annotations

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from tests.support.cast import actor_for, make_account, make_home, make_unit


def test_a_person_in_two_posts_acts_in_each_with_its_own_permissions(databases):
    with committing(write_session(databases.roster)) as session:
        city = make_unit(session, "市总工会")
        home = make_home(session, city, "机械厂工会")
        account, officer = make_account(session, Role.OFFICER, city, name="张敏")
        _same, custodian = make_account(session, Role.CUSTODIAN, home, "a" * 32, account=account)
        acting, keeping = actor_for(session, officer), actor_for(session, custodian)
    assert (acting.name, acting.unit_name, acting.may("order.issue")) == ("张敏", "市总工会", True)
    assert (keeping.round_id, keeping.may("order.issue"), keeping.may("box.custody")) == (
        "a" * 32,
        False,
        True,
    )
    assert acting.account_id == keeping.account_id
