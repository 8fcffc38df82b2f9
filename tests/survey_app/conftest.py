"""A factory of rounds on the database under test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from tests.support.round_builder import BuiltRound, HomeSpec, build_round

BuildRound = Callable[..., BuiltRound]


@pytest.fixture
def build(settings: Settings, databases: Databases) -> BuildRound:
    """Build a draft round: `build(HomeSpec.of(12), HomeSpec.of(30))`."""

    def make(*homes: HomeSpec, **options: Any) -> BuiltRound:
        return build_round(settings, databases, homes or (HomeSpec(),), **options)

    return make
