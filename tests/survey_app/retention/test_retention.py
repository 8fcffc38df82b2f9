"""What is kept ends on its day: not before, not later, and the count can still be audited."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from questionnaires import load
from survey_app.app import create_app
from survey_app.box.models import Ballot, Leaf, Tally
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting.audit import audit
from survey_app.outbox.jobs import LeasedJob
from survey_app.rectification.models import Order, OrderState
from survey_app.results.models import Result, ResultState, ReviewedComment
from survey_app.results.rating import rate_round
from survey_app.retention.models import Destruction, Kept
from survey_app.retention.operations import sweep
from survey_app.rosters.models import RosterMember
from survey_app.rounds.models import Round, RoundKind
from survey_app.units.models import Unit
from tests.support.cast import make_account, make_unit, signed_in_client
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

FORM = load("national-core-1")
DAY = timedelta(days=1)


def counted(build):
    """A counted and rated home of 20 members, each with a word."""
    built = build(HomeSpec.of(20)).prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(built.home_ids[0]):
        MemberClient(send, code).vote(answers_of(FORM, "SATISFIED", comment="一句话"))
    built.close().count().finish()
    rate_round(built.workshop, LeasedJob(0, "results.rate", {"round_id": built.id}, 1, "x"))
    return built


@pytest.fixture
def published(build):
    """The same, published now."""
    built = counted(build)
    with committing(write_session(built.databases.roster)) as session:
        result = session.scalars(select(Result)).one()
        result.state, result.published_at = ResultState.PUBLISHED, built.clock()
    return built


def kept(built) -> dict[str, int]:
    with reading(read_session(built.databases.box)) as box:
        ballots = box.scalar(select(func.count()).select_from(Ballot)) or 0
    with reading(read_session(built.databases.roster)) as session:
        return {
            "ballots": ballots,
            "comments": session.scalar(select(func.count()).select_from(ReviewedComment)) or 0,
            "names": session.scalar(
                select(func.count()).select_from(RosterMember).where(RosterMember.name != "")
            )
            or 0,
        }


def test_ballots_and_roster_end_after_90_days_comments_after_a_year(published):
    start = published.clock.at
    assert kept(published) == {"ballots": 20, "comments": 20, "names": 20}
    seen = []
    for days in (0, 89, 90, 364, 365):
        published.clock.at = start + days * DAY
        sweep(published.workshop)
        seen.append(kept(published))
    assert seen[:2] == [{"ballots": 20, "comments": 20, "names": 20}] * 2
    assert seen[2:4] == [{"ballots": 0, "comments": 20, "names": 0}] * 2
    assert seen[4] == {"ballots": 0, "comments": 0, "names": 0}
    with reading(read_session(published.databases.roster)) as session:
        rows = session.execute(select(Destruction.kind, Destruction.amount).order_by(Destruction.id)).all()
    assert [tuple(row) for row in rows] == [(Kept.BALLOTS, 20), (Kept.ROSTER, 20), (Kept.COMMENTS, 20)]
    assert sweep(published.workshop) == {Kept.BALLOTS: 0, Kept.COMMENTS: 0, Kept.ROSTER: 0}


def test_the_count_can_be_audited_when_names_and_ballots_are_gone(published):
    published.clock.at += 400 * DAY
    sweep(published.workshop)
    with reading(read_session(published.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Leaf)) == 20
        assert box.scalar(select(func.count()).select_from(Tally))
    report = audit(published.databases)
    assert not report.findings
    assert any("erased" in str(note) for note in report.notes)


def test_nothing_ends_before_publication(build):
    built = counted(build)
    built.clock.at += 1_000 * DAY
    sweep(built.workshop)
    assert kept(built) == {"ballots": 20, "comments": 20, "names": 20}


def test_the_roster_waits_for_the_last_order(published):
    with committing(write_session(published.databases.roster)) as session:
        result = session.scalars(select(Result)).one()
        round_ = session.get_one(Round, published.id)
        order = Order(
            result_id=result.id,
            home_id=result.home_id,
            lead_id=round_.organiser_id,
            year=2026,
            kind="rectification",
            state=OrderState.RECTIFYING,
            policy={},
            figures={},
            proposed_at=published.clock(),
        )
        session.add(order)
        session.flush()
        order_id = order.id
    published.clock.at += 100 * DAY
    sweep(published.workshop)
    assert kept(published) == {"ballots": 0, "comments": 20, "names": 20}
    with committing(write_session(published.databases.roster)) as session:
        session.get_one(Order, order_id).state = OrderState.CLOSED
    sweep(published.workshop)
    assert kept(published)["names"] == 0


def test_a_practice_ends_90_days_after_its_count(build):
    built = build(HomeSpec.of(12))
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(Round, built.id).kind = RoundKind.PRACTICE
    built.prepare().open()
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(built.home_ids[0]):
        MemberClient(send, code).vote(answers_of(FORM))
    built.close().count().finish()
    built.clock.at += 91 * DAY
    sweep(built.workshop)
    assert kept(built) == {"ballots": 0, "comments": 0, "names": 0}


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_report_is_read_by_officers_and_auditors_of_the_round(published):
    published.clock.at += 91 * DAY
    sweep(published.workshop)
    app = create_app(published.settings, published.databases, clock=published.clock)
    with committing(write_session(published.databases.roster)) as session:
        organiser = session.get_one(Unit, session.get_one(Round, published.id).organiser_id)
        auditor = make_account(session, Role.AUDITOR, organiser)[1]
        stranger = make_account(session, Role.OFFICER, make_unit(session, "别处总工会"))[1]
    for post in (published.officer_post, auditor):
        page = signed_in_client(app, published.databases, post).get("/retention").text
        assert "花名册里的个人信息" in page
        assert "第1机械厂工会" in page
        assert "会员1" not in page
    assert "第1机械厂工会" not in signed_in_client(app, published.databases, stranger).get("/retention").text
    chair = signed_in_client(app, published.databases, published.chair_posts[0])
    assert chair.get("/retention").status_code == 403
