"""The steps between states: jobs, the watch over the close, destruction, and what the probe reports."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text

from survey_app.app import create_app
from survey_app.box.models import BoxClass, BoxState, Intake
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid, Refused
from survey_app.core.files import FileStore
from survey_app.counting.probes import problems
from survey_app.invitations.models import Invitation
from survey_app.outbox.models import Job
from survey_app.rounds.models import CustodianStep, Round, RoundHome, RoundState
from survey_app.rounds.operations import cancel_round, return_to_draft
from survey_app.web.books import Installation
from survey_app.worker import work
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import AFTER, CLOSES_AT, DURING, HomeSpec


def run_worker(built) -> None:
    """Do every job that is due on the test's clock."""
    work(built.databases, built.settings, built.clock, once=True)


def box_states(built) -> set[str]:
    with reading(read_session(built.databases.box)) as box:
        return set(box.scalars(select(BoxClass.state)))


def test_the_worker_takes_a_round_from_draft_to_closed(build):
    built = build(HomeSpec.of(11))
    built.request("prepare")
    run_worker(built)
    assert (built.state, box_states(built)) == (RoundState.READY, {BoxState.PREPARED})
    built.request("open")
    run_worker(built)
    assert (built.state, box_states(built)) == (RoundState.VOTING, {BoxState.CASTING})
    built.clock.at = DURING
    with pytest.raises(Refused, match="round_close_not_reached"):
        built.request("close")
    run_worker(built)
    assert built.state is RoundState.VOTING
    built.clock.at = CLOSES_AT + timedelta(minutes=1)
    run_worker(built)
    assert (built.state, box_states(built)) == (RoundState.CLOSING, {BoxState.CASTING})
    built.clock.at = AFTER
    run_worker(built)
    assert (built.state, box_states(built)) == (RoundState.CLOSED, {BoxState.SHUT})


def test_an_incomplete_draft_is_refused_with_everything_it_misses(build):
    built = build(HomeSpec.of(11))
    # Features bring their requirements when the application is made.
    create_app(built.settings, built.databases, clock=built.clock)
    with committing(write_session(built.databases.roster)) as session:
        session.execute(delete(CustodianStep))
        session.get_one(Round, built.id).notice = ""
    with pytest.raises(Invalid) as refused:
        built.request("prepare")
    assert {"notice_missing", "rehearsal_missing"} <= {fault.code for fault in refused.value.faults}


def test_a_round_back_in_draft_gets_new_keys_and_forgets_the_old_classes(build):
    built = build(HomeSpec.of(11))
    create_app(built.settings, built.databases, clock=built.clock)
    built.request("prepare")
    run_worker(built)
    with reading(read_session(built.databases.box)) as box:
        old = set(box.scalars(select(BoxClass.id)))
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        return_to_draft(session, built.actor(built.officer_post), round_, reason="改名册", at=built.clock())
        assert session.scalar(select(func.count()).select_from(Invitation)) == 0
    built.remake_key()
    built.request("prepare")
    run_worker(built)
    assert built.state is RoundState.READY
    with reading(read_session(built.databases.box)) as box:
        new = set(box.scalars(select(BoxClass.id)))
    assert new
    assert new.isdisjoint(old)


def test_a_cancelled_round_destroys_its_sealed_ballots_unread(build):
    built = build(HomeSpec.of(12)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(built.home_ids[0]):
        MemberClient(send, code).vote(answers_of(built.questionnaire))
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        cancel_round(session, built.actor(built.officer_post), round_, reason="口令条丢了", at=built.clock())
    run_worker(built)
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 0
        assert box.scalar(select(func.count()).select_from(BoxClass)) == 0


def probe(built) -> list[str]:
    files = FileStore(built.settings.data_folder)
    return problems(Installation(built.settings, built.databases, built.clock, files))


def test_the_probe_names_stuck_rounds_and_differing_class_lists(build):
    built = build(HomeSpec.of(11), HomeSpec.of(12))
    assert probe(built) == []
    built.request("prepare")
    assert probe(built) == [], "a step that waits for the worker is not stuck yet"
    built.clock.at += timedelta(hours=3)
    assert probe(built) == [f"round {built.id} is stuck in preparing"]
    run_worker(built)
    assert probe(built) == []
    with committing(write_session(built.databases.box)) as box:
        box.delete(box.scalars(select(BoxClass)).first())
    assert probe(built) == [f"round {built.id}: the class lists of roster and box differ"]


def test_a_failed_job_is_a_stuck_round(build):
    built = build(HomeSpec.of(11))
    built.request("prepare")
    with built.databases.roster.begin() as connection:
        connection.execute(text("UPDATE job SET state = 'failed'"))
    assert probe(built) == [f"round {built.id} is stuck in preparing"]
    with reading(read_session(built.databases.roster)) as session:
        assert session.scalars(select(Job)).all()
        assert session.scalars(select(RoundHome)).one().sheet is None
