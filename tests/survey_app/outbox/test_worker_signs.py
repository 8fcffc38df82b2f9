"""A page that waits for the worker says so when there is none, and stops saying it when one is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.core.db import committing, write_session
from survey_app.outbox.jobs import LEASE, lease_next
from survey_app.outbox.models import Job
from tests.support.cast import StandingClock, make_app, signed_in_client
from tests.support.round_builder import HomeSpec, build_round

MISSING = {"": "后台服务没有在运行，请管理员启动", "?lang=en": "The background service is not running"}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_step_nobody_takes_up_is_told_after_half_a_minute(settings, databases):
    built = build_round(settings, databases, (HomeSpec.of(11),))
    built.request("prepare")
    clock = StandingClock(built.clock())
    browser = signed_in_client(make_app(settings, databases, clock), databases, built.officer_post)

    def told() -> set[str]:
        return {query for query, words in MISSING.items() if words in browser.get(page + query).text}

    page = f"/rounds/{built.id}"
    assert "正在办，办好这一页会自己更新" in browser.get(page).text
    assert told() == set(), "the worker may take a moment"
    clock.instant += timedelta(seconds=31)
    assert told() == set(MISSING)
    with committing(write_session(databases.roster)) as session:
        lease_next(session, at=clock())
        assert session.scalars(select(Job.state)).all() == ["running"]
    assert told() == set(), "somebody has it in hand"
    clock.instant += LEASE + timedelta(seconds=31)
    assert told() == set(MISSING), "and died over it"
