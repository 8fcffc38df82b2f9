"""Half a million members are read, checked and stored within two minutes."""

from __future__ import annotations

import time

import pytest

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, write_session
from survey_app.rosters.dry_run import dry_run, entries, headings_of
from survey_app.rosters.operations import import_roster
from tests.support.cast import make_home, make_unit
from tests.survey_app.rosters.conftest import ELIGIBLE, HEAD, NOON, csv_bytes, member_lines

MEMBERS = 500_000
ALLOWED_SECONDS = 120


@pytest.mark.slow
def test_half_a_million_members_come_in_within_two_minutes(databases, keys):
    content = csv_bytes([HEAD, *member_lines(MEMBERS)], "gb18030")
    began = time.monotonic()
    assert dry_run(content, ELIGIBLE).is_sound
    with committing(write_session(databases.roster)) as session:
        home = make_home(session, make_unit(session))
        rows = (entry for _row, entry, _faults in entries(content, headings_of(content), ELIGIBLE))
        made = import_roster(session, SYSTEM, home, rows, keys=keys, year=2026, eligible_on=ELIGIBLE, at=NOON)
        assert made.members == MEMBERS
    assert time.monotonic() - began < ALLOWED_SECONDS
