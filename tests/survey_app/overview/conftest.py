"""The district of the officer's desk, its application and its signed-in people."""

from __future__ import annotations

import pytest

from tests.support.cast import StandingClock, make_app
from tests.support.district import NOW, build_district


@pytest.fixture
def district(databases):
    return build_district(databases)


@pytest.fixture
def app(settings, databases, district):
    return make_app(settings, databases, StandingClock(NOW))
