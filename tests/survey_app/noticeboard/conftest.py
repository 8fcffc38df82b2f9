"""A counted round whose homes are published one by one, and the people around it."""

from __future__ import annotations

import pytest

from survey_app.core.db import committing, write_session
from survey_app.results.models import Result, ResultState
from tests.support.counted_home import COUNTED_AT, CountedClassSpec, CountedSpec, build_counted

LARGE = CountedSpec(
    (
        CountedClassSpec("合同制", 100, (30, 20, 12, 3)),
        CountedClassSpec("劳务派遣", 60, (20, 14, 5, 1)),
    ),
    name="长河机械厂工会",
)
FEW = CountedSpec.of(14, (5, 1, 1, 0), name="新竹电子工会")
ALIKE = CountedSpec.of(25, (23, 1, 0, 0), name="晨光食品工会")


@pytest.fixture
def counted(settings, databases):
    return build_counted(settings, databases, LARGE, FEW, ALIKE).rate()


@pytest.fixture
def publish(databases):
    """Publish the result of a home, as confirmation and publication would leave it."""

    def act(home):
        with committing(write_session(databases.roster)) as session:
            result = session.query(Result).filter_by(home_id=home.id).one()
            result.state, result.published_at = ResultState.PUBLISHED, COUNTED_AT
            return result.round_id

    return act


@pytest.fixture
def public(counted):
    """A browser that never signed in."""
    return counted.app.test_client()
