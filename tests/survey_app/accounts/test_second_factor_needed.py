"""The second factor that a post asks for: before anything else, not to be turned off, and who is excused."""

from __future__ import annotations

import re
from dataclasses import replace

import pyotp
import pytest

from survey_app.accounts.models import Account, RecoveryCode
from survey_app.accounts.operations import reset_password
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import SettingsError
from survey_app.core.settings import Settings
from survey_app.demo import routes as demo_routes
from survey_app.demo.keepsake import Keepsake, write_keepsake
from tests.support.cast import actor_for, make_account, make_app, signed_in_client
from tests.support.installation import environment_for
from tests.support.round_builder import HomeSpec, build_round
from tests.survey_app.accounts.conftest import NOON, PASSWORD
from tests.survey_app.accounts.test_sign_in import try_to_enter

PAGES = ("/desk", "/units", "/orders", "/journal", "/accounts")


@pytest.fixture
def settings(settings):
    """An installation with the usual demand."""
    environment = environment_for(settings.database_url, settings.box_database_url, settings.data_folder)
    return Settings.from_environment({**environment, "PINGJIA_SECOND_FACTOR": ""})


def enrol(client):
    page = client.get("/second-factor").get_data(as_text=True)
    secret = re.search(r'<span class="num">([A-Z2-7]{32})</span>', page).group(1)
    fields = dict(re.findall(r'name="(csrf_token|secret)"[^>]* value="([^"]+)"', page))
    return client.post("/second-factor", data={**fields, "digits": pyotp.TOTP(secret).at(NOON)})


def test_an_officer_reaches_nothing_before_he_has_a_second_factor(app, people):
    client = app.test_client()
    assert try_to_enter(client, "ld-zgh-07", PASSWORD).status_code == 303
    for path in PAGES:
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/second-factor"), path
    assert client.post("/units/new", data={}).status_code in {303, 400}
    page = client.get("/second-factor").get_data(as_text=True)
    assert "先开通验证器" in page
    codes = re.findall(r'<li class="nw">([^<]+)</li>', enrol(client).get_data(as_text=True))
    assert len(codes) == 10
    assert client.get("/desk").status_code == 200


def test_the_factor_of_an_officer_cannot_be_turned_off(app, databases, people):
    client = signed_in_client(app, databases, people["officer"][1], at=NOON)
    enrol(client)
    assert "关掉验证器" not in client.get("/second-factor").get_data(as_text=True)
    assert client.send("/second-factor/off").status_code == 403
    with reading(read_session(databases.roster)) as session:
        assert session.get_one(Account, people["officer"][0].id).totp_secret is not None


def test_an_administrator_resets_it_and_the_next_sign_in_asks_anew(app, databases, people):
    enrol(signed_in_client(app, databases, people["officer"][1], at=NOON))
    with committing(write_session(databases.roster)) as session:
        account = session.get_one(Account, people["officer"][0].id)
        reset_password(session, actor_for(session, people["admin"][1]), account, at=NOON)
        session.flush()
        assert account.totp_secret is None
        assert session.query(RecoveryCode).filter_by(account_id=account.id).count() == 0
        account.must_change_password = False
    client = signed_in_client(app, databases, people["officer"][1], at=NOON)
    assert client.get("/desk").headers["Location"] == "/second-factor"


def test_any_post_of_a_person_is_enough_whichever_he_acts_in(app, databases, people):
    with committing(write_session(databases.roster)) as session:
        account = session.get_one(Account, people["chair"][0].id)
        make_account(session, Role.OFFICER, people["district"], account=account)
    client = signed_in_client(app, databases, people["chair"][1], at=NOON)
    assert client.get("/desk").headers["Location"] == "/second-factor"


def test_a_chair_is_asked_only_where_the_installation_says_so(settings, databases, clock, people):
    asked = replace(settings, second_factor_roles=frozenset({Role.CHAIR}))
    for chosen, status in ((settings, 200), (asked, 303)):
        client = signed_in_client(make_app(chosen, databases, clock), databases, people["chair"][1], at=NOON)
        assert client.get("/desk").status_code == status


def test_the_demo_is_excused_only_where_it_was_built(settings, databases, clock, people):
    flagged = replace(settings, demo=True)
    app = make_app(flagged, databases, clock)
    demo_routes.register(app)
    client = signed_in_client(app, databases, people["officer"][1], at=NOON)
    assert client.get("/units").status_code == 303, "the flag alone excuses nobody"
    write_keepsake(settings.data_folder, Keepsake("", [], [], [], "0" * 32))
    assert client.get("/units").status_code == 303, "nor does the slip of another installation"
    built = build_round(settings, databases, [HomeSpec.of(10)])
    write_keepsake(settings.data_folder, Keepsake("", [], [], [], built.id))
    assert client.get("/units").status_code == 200


def test_the_setting_names_roles_and_an_unknown_one_is_a_fault(tmp_path):
    environment = environment_for("sqlite:///a", "sqlite:///b", tmp_path)
    assert Settings.from_environment(environment).second_factor_roles == frozenset()
    several = {**environment, "PINGJIA_SECOND_FACTOR": "chair, teller"}
    assert Settings.from_environment(several).second_factor_roles == {Role.CHAIR, Role.TELLER}
    with pytest.raises(SettingsError) as refused:
        Settings.from_environment({**environment, "PINGJIA_SECOND_FACTOR": "officer,boss"})
    assert [(one.code, one.details["role"]) for one in refused.value.faults] == [
        ("setting_unknown_role", "boss")
    ]
