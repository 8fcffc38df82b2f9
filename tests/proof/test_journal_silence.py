"""The journal says nothing of members: a vote leaves no line, and no line holds a code or an answer."""

from __future__ import annotations

from sqlalchemy import func, select

from survey_app.box.models import Intake
from survey_app.core.db import read_session, reading
from survey_app.journal.models import JournalLine
from tests.proof.conftest import NewPlace
from tests.proof.world import OWN
from tests.support.member_client import MemberClient, answers_of, over_flask


def test_a_whole_vote_leaves_no_line(new_place: NewPlace) -> None:
    place = new_place()
    built = place.world.voting[place.world.holdings[OWN].lead]
    codes = built.codes(int(place.world.holdings[OWN].ids["home_id"]))
    before = place.rows()["journal_line"]
    for code in codes:
        MemberClient(over_flask(place.app), code).vote(answers_of(built.questionnaire, comment="门老锁着"))
    assert place.rows()["journal_line"] == before
    with reading(read_session(place.databases.box)) as session:
        assert session.scalar(select(func.count()).select_from(Intake)) == len(codes)
    with reading(read_session(place.databases.roster)) as session:
        lines = [
            f"{line.actor}{line.subject_id}{line.details}" for line in session.scalars(select(JournalLine))
        ]
    assert lines
    assert not any(code in line or "门老锁着" in line for code in codes for line in lines)
