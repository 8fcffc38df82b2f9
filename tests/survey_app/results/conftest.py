"""A factory of counted rounds on the database under test, and the two homes the tests talk about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from tests.support.counted_home import CountedClassSpec, CountedRound, CountedSpec, build_counted

BuildCounted = Callable[..., CountedRound]

# The example of the seed: 141 issued, 137 returned, 127 satisfied, 10 basically satisfied, none dissatisfied.
EXAMPLE = CountedSpec.of(141, (127, 10, 0, 0), name="长河邮电工会")
# The home of mocks 05 and 10.
RIVER = CountedSpec(
    (
        CountedClassSpec("一线合同制职工", 96, (28, 18, 12, 2)),
        CountedClassSpec("劳务派遣职工", 48, (4, 8, 8, 2)),
        CountedClassSpec("管理与技术人员", 42, (19, 12, 4, 1)),
    ),
    name="长河机械厂工会",
    comments=(("t1", "意见提了，过几个月也没人说行还是不行。"), ("t2", "暑期托管班帮了双职工大忙。")),
)


@pytest.fixture
def build(settings: Settings, databases: Databases) -> BuildCounted:
    """Build a counted round: `build(EXAMPLE, RIVER)`."""

    def make(*specs: CountedSpec, **options: Any) -> CountedRound:
        return build_counted(settings, databases, *(specs or (EXAMPLE,)), **options)

    return make
