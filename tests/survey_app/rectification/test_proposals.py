"""What follows from a rating: an order, a reminder or nothing; never from a rating that is not final."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Refused
from survey_app.outbox.jobs import LeasedJob, Workshop
from survey_app.rectification import proposing
from survey_app.rectification.background import follow_results
from survey_app.rectification.models import Order, OrderKind, OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.queries import undrafted_results
from survey_app.results.models import CommentState, Result, ResultState, ReviewedComment
from survey_app.rounds.models import RoundKind
from tests.support.orders import (
    CONFIRMED_AT,
    HAPPY,
    ISSUED_AT,
    REMINDED,
    UNHAPPY,
    make_draft,
    make_rated_round,
    make_result,
    make_stage,
)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def rated(session, stage, overall=UNHAPPY, **values):
    round_ = make_rated_round(session, stage.lead, [stage.home], kind=values.pop("kind", RoundKind.ORDINARY))
    return make_result(session, round_, stage.home, overall, **values)


def test_an_unhappy_home_gets_an_order_with_its_failed_items_the_worst_first(session, stage):
    order = proposing.propose(session, stage.issuer, rated(session, stage), at=CONFIRMED_AT)
    assert (order.kind, order.state, order.number) == (OrderKind.RECTIFICATION, OrderState.DRAFT, "")
    assert [(one.item_id, one.result) for one in problems_of(session, order)] == [
        ("q6", "47/88"),
        ("q9", "35/79"),
        ("q5", "38/91"),
    ]
    assert problems_of(session, order)[0].finding == "有看法的88票中，47票不满意。"
    assert order.figures["combined"] == pytest.approx(48.39)
    assert order.figures["interval"] == pytest.approx([43.15, 53.67], abs=0.01)


def test_a_lukewarm_home_gets_a_reminder_and_a_happy_one_nothing(session, stage):
    reminder = proposing.propose(session, stage.issuer, rated(session, stage, REMINDED), at=CONFIRMED_AT)
    assert reminder.kind == OrderKind.REMINDER
    other = make_stage(session, stage.lead)
    assert proposing.propose(session, stage.issuer, rated(session, other, HAPPY), at=CONFIRMED_AT) is None


def test_where_no_item_fails_the_worst_three_stand_in_the_list(session, stage):
    weak = {"q1": (60, 20, 15), "q2": (60, 20, 12), "q3": (60, 20, 10), "q4": (60, 20, 9)}
    order = proposing.propose(session, stage.issuer, rated(session, stage, weak=weak), at=CONFIRMED_AT)
    assert [one.item_id for one in problems_of(session, order)] == ["q1", "q2", "q3"]


def test_a_small_home_is_shown_in_words(session, stage):
    weak = {"q5": (2, 3, 10)}
    result = rated(session, stage, (1, 1, 13, 0), weak=weak, members=16)
    order = proposing.propose(session, stage.issuer, result, at=CONFIRMED_AT)
    assert order is not None
    problem = problems_of(session, order)[0]
    assert problem.item_id == "q5"
    assert "/" not in problem.result
    assert "票" not in problem.finding
    assert order.figures["interval"] is None


@pytest.mark.parametrize(
    "state", [state for state in ResultState if state not in (ResultState.FINAL, ResultState.PUBLISHED)]
)
def test_only_a_final_rating_carries_an_order(session, stage, state):
    result = rated(session, stage, state=state)
    with pytest.raises(Refused) as refusal:
        proposing.propose(session, stage.issuer, result, at=CONFIRMED_AT)
    assert refusal.value.code == "order_needs_a_final_rating"
    assert undrafted_results(session) == []
    assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize("kind", [RoundKind.PRACTICE, RoundKind.RE_EVALUATION])
def test_a_practice_round_and_a_second_vote_carry_none(session, stage, kind):
    result = rated(session, stage, kind=kind)
    with pytest.raises(Refused):
        proposing.propose(session, stage.issuer, result, at=CONFIRMED_AT)
    assert undrafted_results(session) == []


def test_a_rating_is_proposed_once(session, stage):
    result = rated(session, stage)
    first = proposing.propose(session, stage.issuer, result, at=CONFIRMED_AT)
    assert proposing.propose(session, SYSTEM, result, at=CONFIRMED_AT) is first
    proposing.refuse(session, stage.issuer, first, reason="已经改好", at=CONFIRMED_AT)
    assert undrafted_results(session) == [], "a refusal is an answer"


def test_a_rating_that_was_superseded_since_cannot_be_signed(session, stage):
    order = make_draft(session, stage)
    session.get_one(Result, order.result_id).state = ResultState.SUPERSEDED
    with pytest.raises(Conflict) as refusal:
        proposing.issue(session, stage.issuer, order, at=ISSUED_AT)
    assert refusal.value.code == "rating_no_longer_final"
    assert order.state == OrderState.DRAFT


def test_only_released_words_of_members_stand_in_the_draft(session, stage):
    result = rated(session, stage)
    for number, (state, released) in enumerate(
        [
            (CommentState.RELEASED, "办事要跑三趟。"),
            (CommentState.WAITING, "张三没来。"),
            (CommentState.WITHHELD, "李四坏。"),
        ]
    ):
        session.add(
            ReviewedComment(
                id=f"{number:032x}",
                round_id=result.round_id,
                home_id=result.home_id,
                question="t1",
                original="原话",
                released=released,
                state=state,
            )
        )
    order = proposing.propose(session, stage.issuer, result, at=CONFIRMED_AT)
    assert order.figures["comments"] == ["办事要跑三趟。"]


def test_the_day_to_sign_is_ten_working_days_after_the_confirmation(session, stage):
    order = make_draft(session, stage)
    assert (order.next_due_on, order.next_due_kind) == (date(2026, 9, 18), "issue")


def test_the_worker_drafts_and_signs_nothing(databases, settings):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        rated(session, stage)
    job = LeasedJob(1, "rectification.follow_results", {}, 1, "lease")
    for _ in range(2):
        follow_results(Workshop(databases, settings, lambda: CONFIRMED_AT), job)
    with reading(read_session(databases.roster)) as session:
        order = session.scalars(select(Order)).one()
        assert (order.state, order.number) == (OrderState.DRAFT, "")
