"""What the fault tests share: a round that votes at the hour of the real clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.round_builder import BuiltRound, HomeSpec, build_round

Build = Callable[..., BuiltRound]


@pytest.fixture
def voting_now(settings, databases) -> Build:
    """A factory of rounds that vote at the hour of the real clock, for servers in processes of their own."""

    def make(*homes: HomeSpec) -> BuiltRound:
        now = datetime.now(UTC)
        hours = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(hours=1), "at": now}
        built = build_round(settings, databases, homes, **hours).prepare().open()
        built.clock.at = now
        return built

    return make
