"""The second factor: digits once each, recovery codes once each, wrong ones towards the same lock."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest

from survey_app.accounts import second_factor
from survey_app.accounts.models import Account
from survey_app.core.db import committing, write_session
from survey_app.core.errors import Refused
from tests.support.cast import actor_for
from tests.survey_app.accounts.conftest import NOON, PASSWORD
from tests.survey_app.accounts.test_sign_in import message, try_to_enter

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def codes(databases, settings, people):
    """The officer with a second factor; returns the recovery codes."""
    with committing(write_session(databases.roster)) as session:
        account = session.get_one(Account, people["officer"][0].id)
        person = actor_for(session, people["officer"][1])
        with pytest.raises(Refused):
            second_factor.enrol(session, person, account, SECRET, "000000", settings.wrapping_key, at=NOON)
        earlier = NOON - timedelta(minutes=5)
        made = second_factor.enrol(
            session, person, account, SECRET, digits(earlier), settings.wrapping_key, at=earlier
        )
        assert SECRET.encode() not in account.totp_secret
    return made


def digits(at):
    return pyotp.TOTP(SECRET).at(at)


def second(client, entered):
    page = try_to_enter(client, "ld-zgh-07", PASSWORD).get_data(as_text=True)
    return answer_with(client, page, entered)


def answer_with(client, page, entered):
    fields = dict(re.findall(r'name="(csrf_token|pending)"[^>]* value="([^"]+)"', page))
    return client.post("/sign-in/second", data={**fields, "digits": entered})


def test_digits_let_in_once(app, codes):
    assert second(app.test_client(), digits(NOON)).status_code == 303
    again = second(app.test_client(), digits(NOON))
    assert again.status_code == 422
    assert "验证码不对" in message(again)


def test_a_recovery_code_lets_in_once(app, codes):
    assert second(app.test_client(), codes[0].upper()).status_code == 303
    assert second(app.test_client(), codes[0]).status_code == 422
    assert second(app.test_client(), codes[1]).status_code == 303


def test_the_password_alone_opens_nothing(app, codes):
    client = app.test_client()
    try_to_enter(client, "ld-zgh-07", PASSWORD)
    assert client.get("/password").status_code == 302


def test_wrong_digits_lock_the_login(app, codes):
    client = app.test_client()
    page = try_to_enter(client, "ld-zgh-07", PASSWORD).get_data(as_text=True)
    last = [answer_with(client, page, "123456") for _ in range(5)][-1]
    assert "已锁定15分钟" in message(last)
    assert answer_with(client, page, digits(NOON)).status_code == 422


def test_a_forged_or_stale_slip_of_the_first_step_leads_back(app, clock, codes):
    client = app.test_client()
    page = try_to_enter(client, "ld-zgh-07", PASSWORD).get_data(as_text=True)
    forged = re.sub(r'(name="pending"[^>]* value=")[^"]+', r"\1x.y.z", page)
    assert answer_with(client, forged, digits(NOON)).location == "/sign-in"
