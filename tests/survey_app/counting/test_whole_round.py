"""A whole round of several homes, driven by the Python member client, on both databases."""

from __future__ import annotations

import json
from collections import Counter

from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.box.models import Ballot, BoxComment, CountingClass, Intake, Leaf, Opening, Tally
from survey_app.core.db import read_session, reading
from survey_app.counting.models import HomeCount
from survey_app.counting.queries import cells, take_comments
from survey_app.outbox.models import Job
from survey_app.rounds.models import BallotClass, RoundSecret, RoundState
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

MIXED = HomeSpec((("合同制", 30), ("劳务派遣", 20)), name="长河机械厂工会")


def test_a_round_of_three_homes_goes_from_roster_to_tallies(build):
    built = build(MIXED, HomeSpec.of(12), HomeSpec.of(11))
    large, small, few = built.home_ids
    built.prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    send = over_flask(app)
    form = built.questionnaire
    for number, code in enumerate(built.codes(large)):
        option = "SATISFIED" if number % 2 else "DISSATISFIED"
        MemberClient(send, code).vote(answers_of(form, option, comment=f"第{number}句话"))
    receipts = [MemberClient(send, code).vote(answers_of(form)) for code in built.codes(small)[:10]]
    for code in built.codes(few)[:9]:
        MemberClient(send, code).vote(answers_of(form))
    built.close().count()
    assert built.state is RoundState.COUNTING
    built.finish()
    assert built.state is RoundState.COUNTED

    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 0
        openings = {row.home_id: row for row in box.scalars(select(Opening))}
        assert (openings[large].valid, openings[small].valid) == (50, 10)
        assert (openings[few].sealed, openings[few].valid, openings[few].unopened) == (9, 0, 1)
        ballots = Counter(box.scalars(select(Ballot.home_id)))
        assert ballots == {large: 50, small: 10}
        assert set(box.scalars(select(Leaf.home_id))) == {large, small}
        assert set(box.scalars(select(BoxComment.home_id))) == {large}, "no words are kept under 20 ballots"
        assert box.scalars(select(CountingClass.valid).where(CountingClass.home_id == large)).all()
        overall = form.overall.id
        chosen = box.execute(
            select(Tally.option, func.sum(Tally.n))
            .where(Tally.home_id == large, Tally.question == overall)
            .group_by(Tally.option)
        )
        assert sorted(map(tuple, chosen)) == [("DISSATISFIED", 25), ("SATISFIED", 25)]

    with reading(read_session(built.databases.roster)) as session:
        counted = {row.home_id: row for row in session.scalars(select(HomeCount))}
        assert (counted[large].issued, counted[large].members, counted[large].held) == (50, 50, [])
        assert counted[few].unopened
        assert {
            (g["label"], g["redeemed"]) for g in counted[large].groups if g["variable"] == "employment"
        } == {
            ("合同制", 30),
            ("劳务派遣", 20),
        }
        secret = session.get_one(RoundSecret, built.id)
        assert secret.code_key is None
        assert secret.opening_ciphertext is None
        assert set(session.scalars(select(BallotClass.issuing_private))) == {None}
        jobs = session.scalars(select(Job).where(Job.kind == "results.rate")).all()
        assert [job.slot for job in jobs] == [f"results.rate/{built.id}"]

    found = cells(built.databases, built.id, large)
    assert [(one.label, one.members, one.valid) for one in found.classes] == [
        ("劳务派遣", 20, 20),
        ("合同制", 30, 30),
    ]
    assert sum(n for (_, question, _), n in found.tallies.items() if question == overall) == 50
    with take_comments(built.databases, built.id, large) as comments:
        assert {one.text for one in comments} == {f"第{number}句话" for number in range(50)}
    with take_comments(built.databases, built.id, large) as comments:
        assert comments == []

    page = app.test_client().post("/r", data={"receipt": receipts[0].lower()})
    assert "查到了" in page.text
    listed = app.test_client().get(f"/published/{built.id}/{small}/leaves.txt").text.split()
    assert listed == sorted(listed)
    assert len(listed) == 10
    assert json.dumps(openings[small].held) == '"[]"'
