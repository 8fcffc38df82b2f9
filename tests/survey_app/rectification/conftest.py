"""Fixtures of rectification: one session on a fresh installation, and a superior with a home below it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from survey_app.core.db import Databases, write_session
from tests.support.orders import Stage, make_stage


@pytest.fixture
def session(databases: Databases) -> Iterator[Session]:
    """A session that is rolled back at the end."""
    with write_session(databases.roster) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def stage(session: Session) -> Stage:
    """A superior with two officers, a home with its chair."""
    return make_stage(session)
