"""A class of too few ballots is counted with another: its turnout reaches the rating, its answers do not."""

from __future__ import annotations

import json

from sqlalchemy import select

import scoring
from survey_app.app import create_app
from survey_app.box.models import CountingClass
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.counting.queries import cells
from survey_app.results.rating import inputs_of
from survey_app.rounds.models import Round
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

MIXED = HomeSpec((("合同制", 30), ("劳务派遣", 20)), name="长河机械厂工会")


def test_a_thin_class_leaves_its_turnout_and_nothing_else(build):
    built = build(MIXED)
    (home,) = built.home_ids
    built.prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    codes = built.codes(home)
    for number, code in enumerate([*codes[:24], *codes[30:34]]):
        answer = "SATISFIED" if number % 3 else "DISSATISFIED"
        MemberClient(send, code).vote(answers_of(built.questionnaire, answer))
    built.close().count().finish()
    (one,) = cells(built.databases, built.id, home).classes
    assert sorted(one.strata) == [(20, 4), (30, 24)]
    assert (one.members, one.valid) == (50, 28)
    with reading(read_session(built.databases.box)) as box:
        (row,) = box.scalars(select(CountingClass)).all()
        assert sorted(json.loads(row.ballot_classes).values()) == [4, 24]
    with reading(read_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        sheet, scheme, _ = inputs_of(session, built.workshop, round_, home)
    bounds = scoring.rate(sheet, scheme).bounds
    assert bounds is not None
    # All four of the smaller class against: 18 of 24 of the larger one; all four in favour: 14 of 24.
    assert abs((bounds.p - bounds.below) - 30 / 50 * 18 / 24) < 1e-9
    assert abs((bounds.p + bounds.above) - (30 / 50 * 14 / 24 + 20 / 50)) < 1e-9
    assert audit(built.databases).passed
    with committing(write_session(built.databases.box)) as box:
        (row,) = box.scalars(select(CountingClass)).all()
        turned = json.loads(row.ballot_classes)
        row.ballot_classes = json.dumps({name: 28 - n for name, n in turned.items()})
    said = " ".join(map(str, audit(built.databases).findings))
    assert "cast by class" in said
