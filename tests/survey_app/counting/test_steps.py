"""The steps between states: jobs, the watch over the close, destruction, and what the probe reports."""

from __future__ import annotations

import base64
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text

from survey_app.app import create_app
from survey_app.box.casting import Cast, cast
from survey_app.box.models import Ballot, BoxClass, BoxState, Intake, Opening
from survey_app.core.db import BoxBase, committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Invalid, NotFound, PingjiaError, Refused
from survey_app.core.files import FileStore
from survey_app.counting import opening, run
from survey_app.counting.audit import audit
from survey_app.counting.ceremony import finish
from survey_app.counting.models import CountingRun, HomeCount
from survey_app.counting.probes import problems
from survey_app.counting.voting import destroy
from survey_app.invitations.models import Invitation
from survey_app.outbox.models import Job
from survey_app.rounds.models import IN_PROGRESS, CustodianStep, Round, RoundHome, RoundState
from survey_app.rounds.operations import cancel_round, return_to_draft
from survey_app.web.books import Installation
from survey_app.worker import work
from tests.support.cast import signed_in_client
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
    app = create_app(built.settings, built.databases, clock=built.clock)
    with committing(write_session(built.databases.roster)) as session:
        session.execute(delete(CustodianStep))
        round_ = session.get_one(Round, built.id)
        round_.notice = round_.privacy_handler = round_.privacy_contact = ""
        round_.opening_planned_on, round_.deputies = None, []
    with pytest.raises(Invalid) as refused:
        built.request("prepare")
    assert {"notice_missing", "rehearsal_missing"} <= {fault.code for fault in refused.value.faults}
    browser = signed_in_client(app, built.databases, built.officer_post)
    assert f'href="/rounds/{built.id}/edit#notice"' in browser.get(f"/rounds/{built.id}").text
    form = browser.get(f"/rounds/{built.id}/edit").text
    for name in (
        "notice",
        "privacy_handler",
        "privacy_contact",
        "opening_planned_on",
        "deputy_1",
        "deputy_2",
    ):
        label = form.split(f'<label for="{name}">')[1].split("</label>")[0]
        assert "开始评议前要填" in label
        assert "可以不填" not in label
    assert "可以不填" in form.split('<label for="privacy_text">')[1].split("</label>")[0]


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


def test_a_ballot_on_its_way_while_the_round_is_cancelled_leaves_nothing_behind(build):
    built = build(HomeSpec.of(12)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    client = MemberClient(send, built.codes(built.home_ids[0])[0]).start()
    client.issue()
    client.seal(answers_of(built.questionnaire))
    call = client.cast_call()
    parts = {name: base64.b64decode(call[name]) for name in "msx"}
    ballot = Cast(call["class"], parts["m"], parts["s"], parts["x"])
    cancel(built, "口令条丢了")
    with write_session(built.databases.box) as on_its_way:
        assert cast(on_its_way, ballot)
        destroying = threading.Thread(target=destroy, args=(built.workshop, built.id))
        destroying.start()
        destroying.join(0.7)
        assert destroying.is_alive(), "the destruction waits for the ballot that is half in"
        on_its_way.commit()
        destroying.join(30)
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 0
    with pytest.raises(NotFound), committing(write_session(built.databases.box)) as late:
        cast(late, ballot)


def cancel(built, reason: str) -> None:
    with committing(write_session(built.databases.roster)) as session:
        round_ = session.get_one(Round, built.id)
        cancel_round(session, built.actor(built.officer_post), round_, reason=reason, at=built.clock())


def rows_left(built) -> dict[str, int]:
    """What the box holds, by table; leaves and openings are never deleted and tell no answer."""
    with reading(read_session(built.databases.box)) as box:
        tables = BoxBase.metadata.tables.values()
        found = {table.name: box.scalar(select(func.count()).select_from(table)) for table in tables}
        assert box.scalars(select(Opening).where(Opening.traits.is_not(None))).all() == []
    return {name: count for name, count in found.items() if count}


PROOF = {"leaf": 24, "opening": 2}


@pytest.fixture
def voted(build):
    """Two homes of twelve, all voted, closed; with the application, so that features know each other."""
    built = build(HomeSpec.of(12), HomeSpec.of(12)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for home in built.home_ids:
        for code in built.codes(home):
            MemberClient(send, code).vote(answers_of(built.questionnaire, comment="写的话"))
    return built.close()


def test_a_round_that_stands_still_in_counting_can_be_cancelled_and_nothing_of_it_stays(voted, monkeypatch):
    def power_cut(*_given) -> None:
        raise RuntimeError("the power is gone")

    monkeypatch.setattr(opening, "vacuum_box", power_cut)
    with pytest.raises(RuntimeError):
        voted.count()
    assert voted.state is RoundState.COUNTING
    with reading(read_session(voted.databases.box)) as box:
        assert len(box.scalars(select(Ballot.id)).all()) == 24
    cancel(voted, "口令条丢了，接不下去")
    run_worker(voted)
    assert voted.state is RoundState.CANCELLED
    assert rows_left(voted) == PROOF
    assert audit(voted.databases).passed
    with pytest.raises(Refused, match="opening_key_erased"):
        voted.count()


def test_a_round_whose_custodian_never_confirms_can_be_cancelled(voted):
    voted.count()
    voted.confirm(voted.custodian_posts[0])
    with reading(read_session(voted.databases.roster)) as session:
        assert len(session.scalars(select(HomeCount)).all()) == 2
    cancel(voted, "开箱人调走了，口令条没有下落")
    run_worker(voted)
    assert rows_left(voted) == PROOF
    with reading(read_session(voted.databases.roster)) as session:
        assert session.scalars(select(HomeCount)).all() == []
    finish(voted.workshop, voted.id)
    assert voted.state is RoundState.CANCELLED, "a late last step brings nothing back"
    with pytest.raises(Refused, match="wrong_state"):
        voted.confirm(voted.custodian_posts[1])


def test_nothing_is_cancelled_under_a_count_that_runs(voted):
    def try_to_cancel() -> None:
        with pytest.raises(Conflict, match="counting_runs_cancel_later"):
            cancel(voted, "太早")

    voted.count(started=try_to_cancel).finish()
    with pytest.raises(Refused, match="wrong_state"):
        cancel(voted, "太晚")


def test_a_process_that_wakes_up_behind_the_cancellation_writes_nothing(voted, monkeypatch):
    """Its machine slept longer than anybody waited for its beat."""
    real = opening.open_home

    def sleepy(*given) -> None:
        if not slept:
            slept.append(True)
            voted.clock.at += timedelta(minutes=5)
            cancel(voted, "停了很久")
            run_worker(voted)
        real(*given)

    slept: list[bool] = []
    monkeypatch.setattr(opening, "open_home", sleepy)
    with pytest.raises(PingjiaError):
        voted.count()
    assert rows_left(voted) == {}
    assert voted.state is RoundState.CANCELLED


@pytest.mark.parametrize("workers", [1, 2])
def test_a_home_that_takes_longer_than_the_limit_still_shows_a_beat(voted, monkeypatch, workers):
    """The clock moves on beyond the limit inside one home; who looks then sees that the count lives."""
    monkeypatch.setattr(run, "BEAT_S", 0.05)
    monkeypatch.setattr(opening, "BEAT_S", 0.05)
    real = opening.open_home

    def slow(*given) -> None:
        time.sleep(1.2)
        real(*given)

    monkeypatch.setattr(opening, "open_home", slow)
    seen: list[str] = []

    def watch() -> None:
        for _ in range(4):
            voted.clock.at += run.STALE / 2
            time.sleep(0.25)
            with reading(read_session(voted.databases.roster)) as session:
                seen.append(run.opening_stands(session.get(CountingRun, voted.id), voted.clock()))

    watcher = threading.Thread(target=watch)
    voted.count(workers=workers, started=watcher.start)
    watcher.join()
    assert seen == ["running"] * 4


def test_the_probe_and_the_audit_look_at_every_step_between(build):
    """A class that is missing in the box is told in each of the four -ing states, and audit tells it too."""
    built = build(HomeSpec.of(12), HomeSpec.of(12), HomeSpec.of(12)).prepare()
    assert probe(built) == []
    for state in IN_PROGRESS:
        with committing(write_session(built.databases.roster)) as session:
            session.get_one(Round, built.id).state = state
        assert not any("differ" in line for line in probe(built)), state
        assert audit(built.databases).passed, state
    with committing(write_session(built.databases.box)) as box:
        rows = box.scalars(select(BoxClass)).all()
        box.delete(rows[0])
        box.delete(rows[1])
        rows[2].members = 99
    for state in IN_PROGRESS:
        with committing(write_session(built.databases.roster)) as session:
            session.get_one(Round, built.id).state = state
        assert any("class lists" in line for line in probe(built)), state
        found = [str(one) for one in audit(built.databases).findings]
        assert any("differs between the two sides" in line for line in found), state
        assert any("one side only" in line for line in found) == (state != RoundState.PREPARING), state


def test_what_a_cancelled_round_left_in_the_box_is_told(voted):
    cancel(voted, "不办了")
    assert [one.what for one in audit(voted.databases).findings] == [
        "cancelled, but the box still holds its box_class"
    ]
    with voted.databases.roster.begin() as connection:
        connection.execute(text("UPDATE job SET state = 'failed' WHERE kind = 'counting.destroy'"))
    assert f"round {voted.id} ended, but the box still holds it" in probe(voted)
