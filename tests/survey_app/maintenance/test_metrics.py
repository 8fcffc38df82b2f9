"""`/metrics`: only for the token, one count over all processes, and nothing of a member in it."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from survey_app.app import create_app
from survey_app.core.db import committing, write_session
from survey_app.core.errors import SettingsError
from survey_app.core.settings import Settings
from survey_app.maintenance import metrics
from survey_app.maintenance.counters import Counters
from survey_app.outbox.jobs import enqueue
from tests.support.installation import environment_for
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import OPENS_AT, HomeSpec, build_round

TOKEN = "a token of the tests"
SERIES = re.compile(r"^(\w+)(?:\{([^}]*)\})? (\S+)$")


def scrape(app, token: str = TOKEN) -> dict[str, float]:
    """Every series with its value."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    found = [SERIES.match(line) for line in lines]
    assert all(found), lines
    return {f"{one[1]}{{{one[2]}}}" if one[2] else one[1]: float(one[3]) for one in found if one}


@pytest.fixture
def counters() -> Counters:
    return Counters()


@pytest.fixture
def app(settings, databases, counters):
    """The application as the server makes it, with a token."""
    made = create_app(replace(settings, metrics_token=TOKEN), databases, clock=lambda: OPENS_AT)
    metrics.register(made, counters)
    return made


def test_without_the_token_there_is_no_such_page(app, settings, databases, counters):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        assert app.test_client().get("/metrics", headers=headers).status_code == 404
    unset = create_app(settings, databases)
    metrics.register(unset, counters)
    assert unset.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_short_token_is_refused_at_the_start(tmp_path):
    environment = environment_for("sqlite:///a", "sqlite:///b", tmp_path)
    with pytest.raises(SettingsError, match="PINGJIA_METRICS_TOKEN"):
        Settings.from_environment({**environment, "PINGJIA_METRICS_TOKEN": "short"})
    assert Settings.from_environment({**environment, "PINGJIA_METRICS_TOKEN": TOKEN}).metrics_token == TOKEN


def test_jobs_rounds_and_desks_are_counted(app, settings, databases):
    build_round(settings, databases, [HomeSpec.of(10)])
    with committing(write_session(databases.roster)) as session:
        for _ in range(3):
            enqueue(session, "test.nothing", at=OPENS_AT.replace(minute=0, day=7))
    for path in ("/desk", "/desk", "/nowhere", "/static/pingjia.css"):
        app.test_client().get(path).close()
    found = scrape(app)
    assert found['pingjia_jobs{state="waiting"}'] == 3
    assert found["pingjia_oldest_due_job_seconds"] == 24 * 3600
    assert found['pingjia_rounds{state="draft"}'] == 1
    assert found['pingjia_requests_total{area="desk",status="3xx"}'] == 2
    assert found['pingjia_requests_total{area="unknown",status="4xx"}'] == 1
    assert found['pingjia_requests_total{area="static",status="2xx"}'] == 1
    assert found['pingjia_request_seconds_bucket{area="desk",le="+Inf"}'] == 2


def test_nothing_of_a_member_can_be_read_from_it(app, settings, databases):
    built = build_round(settings, databases, [HomeSpec.of(24)]).prepare().open()
    app.extensions["pingjia"] = replace(app.extensions["pingjia"], clock=built.clock)
    before = scrape(app)
    codes = built.codes(built.home_ids[0])
    for code in codes[:24]:
        MemberClient(over_flask(app), code).vote(answers_of(built.questionnaire))
    after = scrape(app)
    changed = {name for name in after if after[name] != before.get(name)} - {"pingjia_disk_free_bytes"}
    assert {name for name in changed if 'area="public"' not in name} == set(), "96 calls are no hundred"
    for code in codes[:2]:
        MemberClient(over_flask(app), code).look_up()
        MemberClient(over_flask(app), code).look_up()
    assert scrape(app)['pingjia_requests_total{area="member",status="2xx"}'] == 100
    text = str(sorted(after))
    assert built.id not in text
    assert 'area="member",le' not in text, "members have no latencies"


def test_processes_count_in_one_place_and_a_killed_one_takes_nothing_with_it(counters):
    for slot in (1, 2, 1 + 64):
        child = os.fork()
        if child == 0:
            counters.use_slot(slot)
            for _ in range(500):
                counters.add("desk", 200, 0.03)
            os.kill(os.getpid(), 9)
        os.waitpid(child, 0)
    found = counters.read("desk")
    assert found.by_status["2xx"] == found.requests == 1500
    assert found.by_bound[2] == 1500
    assert found.microseconds == 1500 * 30_000


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_real_server_hides_the_page_without_a_token(live_server):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{live_server.base_url}/metrics", timeout=5)
