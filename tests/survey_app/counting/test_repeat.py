"""Repeat, practice, assembly: what follows a vote without evidence, what never counts, who must come."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from questionnaires import load
from survey_app.accounts.queries import actor_of_post
from survey_app.app import create_app
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid, Refused
from survey_app.counting.operations import request_close, request_open
from survey_app.counting.voting import close_votes, open_votes
from survey_app.invitations.models import Invitation
from survey_app.outbox.jobs import LeasedJob
from survey_app.results.models import Result, ResultState
from survey_app.results.rating import rate_round
from survey_app.results.repeating import homes_to_repeat, repeat
from survey_app.rounds.models import BallotClass, Electorate, Round, RoundHome, RoundKind
from survey_app.units.models import Unit
from tests.support.cast import make_account, signed_in_client
from tests.support.desk import count_at_desk, post_at
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import AFTER, BuiltRound, HomeSpec

FORM = load("national-core-1")
ONLY_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"])


def vote(built: BuiltRound, home: int, count: int, option: str = "SATISFIED") -> None:
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(home)[:count]:
        MemberClient(send, code).vote(answers_of(FORM, option))


def rate(built: BuiltRound) -> list[Result]:
    rate_round(built.workshop, LeasedJob(0, "results.rate", {"round_id": built.id}, 1, "x"))
    with reading(read_session(built.databases.roster)) as session:
        return list(
            session.scalars(select(Result).where(Result.round_id == built.id).order_by(Result.home_id))
        )


def change(built: BuiltRound, **values: object) -> None:
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        for name, value in values.items():
            setattr(round_, name, value)


@pytest.fixture
def unrated(build):
    """A counted round: the first home voted, of the second too few came; both results are final."""
    built = build(HomeSpec.of(20), HomeSpec.of(20)).prepare().open()
    vote(built, built.home_ids[0], 18)
    vote(built, built.home_ids[1], 5)
    built.close().count().finish()
    results = rate(built)
    with committing(write_session(built.databases.roster)) as session:
        for row in results:
            session.get_one(Result, row.id).state = ResultState.FINAL
    return built


def plan_repeat(built: BuiltRound) -> BuiltRound:
    """The officer's one act, then the ceremony of the new round."""
    opens = AFTER + timedelta(days=20)
    with committing(write_session(built.databases.roster)) as session:
        officer = actor_of_post(session, built.officer_post.id)
        made = repeat(
            session,
            officer,
            session.get_one(Round, built.id),
            title="补评",
            opens_at=opens,
            closes_at=opens + timedelta(days=5),
            at=built.clock(),
        )
        made.opening_planned_on = (opens + timedelta(days=8)).date()
        organiser = session.get_one(Unit, made.organiser_id)
        custodians = [make_account(session, Role.CUSTODIAN, organiser, made.id)[1] for _ in range(2)]
        round_id = made.id
    follower = dataclasses.replace(built, id=round_id, custodian_posts=custodians)
    follower.remake_key()
    return follower


def run(follower: BuiltRound, home: int, ballots: int) -> None:
    """From draft to counted at the repeat's own hours."""
    follower.prepare()
    with reading(read_session(follower.databases.roster)) as session:
        round_ = session.get_one(Round, follower.id)
        opens, closes = round_.opens_at, round_.closes_at
    for step, act, at in ((request_open, open_votes, opens), (request_close, close_votes, closes)):
        follower.clock.at = at
        with committing(write_session(follower.databases.roster)) as session:
            officer = actor_of_post(session, follower.officer_post.id)
            step(session, officer, session.get_one(Round, follower.id), at=at)
        if act is close_votes:
            follower.clock.at = at + timedelta(minutes=20)
        act(follower.workshop, follower.id)
        if act is open_votes:
            follower.clock.at = at + timedelta(days=1)
            vote(follower, home, ballots)
    follower.count().finish()


def test_the_repeat_takes_the_frozen_roster_and_its_result_counts_instead(unrated):
    weak = unrated.home_ids[1]
    with reading(read_session(unrated.databases.roster)) as session:
        due = homes_to_repeat(session, session.get_one(Round, unrated.id))
        assert [(result.code, unit.id) for result, unit in due] == [("I1", weak)]
        roster_id = session.get_one(RoundHome, (unrated.id, weak)).roster_id
        members = set(
            session.scalars(
                select(Invitation.member_id).where(
                    Invitation.round_id == unrated.id, Invitation.home_id == weak
                )
            )
        )
    follower = plan_repeat(unrated)
    with reading(read_session(unrated.databases.roster)) as session:
        assert homes_to_repeat(session, session.get_one(Round, unrated.id)) == [], "one repeat is enough"
        made = session.get_one(Round, follower.id)
        assert (made.kind, made.follows_round_id) == (RoundKind.REPEAT, unrated.id)
        assert session.get_one(RoundHome, (follower.id, weak)).roster_id == roster_id
    with pytest.raises(Refused, match="nothing_to_repeat"):
        plan_repeat(unrated)
    run(follower, weak, 15)
    (again,) = rate(follower)
    assert again.ballots == 15
    with reading(read_session(unrated.databases.roster)) as session:
        earlier = session.scalars(
            select(Result).where(Result.round_id == unrated.id, Result.home_id == weak)
        ).one()
        assert (earlier.state, earlier.superseded_by) == (ResultState.SUPERSEDED, again.id)
        voters = select(Invitation.member_id).where(Invitation.round_id == follower.id)
        assert set(session.scalars(voters)) == members, "the same members, no joiners"
        keys = session.scalars(select(BallotClass.issuing_public).where(BallotClass.home_id == weak)).all()
        assert len(set(keys)) == 2, "new keys"


@ONLY_SQLITE
def test_the_page_names_the_homes_and_makes_the_draft(unrated):
    app = create_app(unrated.settings, unrated.databases, clock=unrated.clock)
    browser = signed_in_client(app, unrated.databases, unrated.officer_post)
    address = f"/rounds/{unrated.id}/repeat"
    assert "有效票太少" in browser.get(address).text
    window = {
        "title": "补评",
        "opens_on": "2026-07-20",
        "opens_time": "08:00",
        "closes_on": "2026-07-25",
        "closes_time": "18:00",
    }
    done = browser.send(address, window)
    assert done.status_code == 303
    assert "补评已建好" in browser.get(done.headers["Location"]).text
    assert "没有要补评的单位" in browser.get(address).text


@ONLY_SQLITE
def test_a_practice_round_shows_it_and_never_reaches_a_rating(build):
    built = build(HomeSpec.of(12))
    change(built, kind=RoundKind.PRACTICE)
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(RoundHome, (built.id, built.home_ids[0])).ordinary_year = None
    built.prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    client = MemberClient(send, built.codes(built.home_ids[0])[0]).start()
    assert client.facts["kind"] == "practice"
    vote(built, built.home_ids[0], 12)
    built.close().count().finish()
    assert rate(built) == []
    with reading(read_session(built.databases.roster)) as session:
        assert homes_to_repeat(session, session.get_one(Round, built.id)) == []


@ONLY_SQLITE
@pytest.mark.parametrize(("present", "code"), [(13, "I2"), (14, None)])
def test_an_assembly_needs_two_thirds_of_its_delegates(build, present, code):
    """20 delegates, 11 ballots: the gate asks who came, not who voted."""
    built = build(HomeSpec((("合同制", 11), ("劳务派遣", 9))))
    change(built, electorate=Electorate.DELEGATES)
    built.prepare().open()
    with reading(read_session(built.databases.roster)) as session:
        assert len(session.scalars(select(BallotClass)).all()) == 1, "delegates are one class"
    vote(built, built.home_ids[0], 11)
    built.close()
    with pytest.raises(Invalid, match="round_not_complete"):
        built.count()
    group = post_at(built, built.home_ids[0], Role.WORKING_GROUP)
    count_at_desk(built, group, present=present)
    built.count().finish()
    (result,) = rate(built)
    assert (result.code == "I2") is (code == "I2")
