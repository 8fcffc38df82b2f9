"""The members' second vote: only what failed is asked, only who was asked and stayed, then closed by rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid
from survey_app.instruments.queries import questionnaire_of
from survey_app.rectification.models import OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.second_vote import Leaver, plan_second_vote
from survey_app.results.models import Result
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rosters.secrets import RosterKeys, open_contact
from survey_app.rounds.models import Round, RoundHome, RoundKind
from tests.support.cast import StandingClock, make_app, signed_in_client
from tests.support.orders import ISSUED_AT, make_order, make_stage

AT = ISSUED_AT + timedelta(days=30)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def keys(settings):
    return RosterKeys.of(settings)


def with_roster(session, order, keys, members=12):
    """Give the rated round the frozen roster it would have."""
    rated = session.get_one(Result, order.result_id)
    roster = Roster(
        home_id=order.home_id,
        year=2026,
        eligible_on=date(2026, 5, 1),
        state=RosterState.FROZEN,
        members=members,
        warnings=[],
    )
    session.add(roster)
    session.flush()
    for number in range(members):
        name = f"{number:04d}"
        session.add(
            RosterMember(
                roster_id=roster.id,
                number=name,
                name=f"会员{name}",
                employment="合同制",
                contact_wrapped=keys.seal(f"138{name}", roster.id, name),
            )
        )
    session.get_one(RoundHome, (rated.round_id, order.home_id)).roster_id = roster.id
    session.flush()
    return roster


def planned(session, stage, order, keys, leavers=()):
    return plan_second_vote(
        session,
        stage.issuer,
        order,
        keys,
        leavers,
        opens_at=AT + timedelta(days=3),
        closes_at=AT + timedelta(days=10),
        at=AT,
    )


def test_it_asks_the_failed_items_and_the_overall_question_in_the_same_words(session, stage, keys):
    order = make_order(session, stage, OrderState.PASSED)
    with_roster(session, order, keys)
    problems_of(session, order)[2].state = "long_term"
    round_ = planned(session, stage, order, keys)
    rated = session.get_one(Result, order.result_id)
    first = session.get_one(RoundHome, (rated.round_id, order.home_id))
    core = questionnaire_of(session, first.questionnaire_id)
    again = questionnaire_of(session, round_.questionnaire_id)
    asked = {item.id: item.question for item in again.closed_questions}
    assert set(asked) == {one.item_id for one in problems_of(session, order)} | {core.overall.id}
    assert all(item.question == asked[item.id] for item in core.closed_questions if item.id in asked)
    assert again.open_questions == ()
    assert (round_.kind, round_.follows_round_id) == (RoundKind.RE_EVALUATION, rated.round_id)
    assert (order.state, order.re_evaluation_round_id) == (OrderState.REEVALUATION, round_.id)


def test_the_roster_is_the_same_minus_those_who_left_and_nobody_joins(session, stage, keys):
    order = make_order(session, stage, OrderState.PASSED)
    frozen = with_roster(session, order, keys)
    round_ = planned(session, stage, order, keys, [Leaver("0003", date(2026, 9, 20))])
    home = session.get_one(RoundHome, (round_.id, order.home_id))
    members = session.scalars(
        select(RosterMember).where(RosterMember.roster_id == home.roster_id).order_by(RosterMember.number)
    ).all()
    assert [one.number for one in members] == [f"{n:04d}" for n in range(12) if n != 3]
    assert home.members == 11
    contact = members[0].contact_wrapped
    assert open_contact(keys.wrapping, contact, home.roster_id, "0000") == "1380000"
    listed = session.get_one(Roster, home.roster_id).warnings
    assert listed == [{"code": "left", "number": "0003", "on": "2026-09-20"}]
    assert frozen.state == RosterState.FROZEN, "the rated round's own roster is untouched"


def test_a_leaver_who_was_never_there_is_a_fault_and_nothing_is_planned(session, stage, keys):
    order = make_order(session, stage, OrderState.PASSED)
    with_roster(session, order, keys)
    with pytest.raises(Invalid) as refusal:
        planned(session, stage, order, keys, [Leaver("9999", date(2026, 9, 20))])
    assert [fault.code for fault in refusal.value.faults] == ["leaver_unknown"]
    assert order.state == OrderState.PASSED


def test_an_officer_plans_it_on_its_page(databases, settings, keys):
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order = make_order(session, stage, OrderState.PASSED)
        with_roster(session, order, keys)
    app = make_app(settings, databases, StandingClock(AT))
    browser = signed_in_client(app, databases, stage.posts["issuer"])
    url = f"/orders/{order.id}/re-evaluation"
    form = {"opens_on": "2026-10-14", "closes_on": "2026-10-23", "leavers": "0003 昨天"}
    page = browser.send(url, form)
    assert "“0003 昨天”读不懂" in page.get_data(as_text=True)
    assert browser.send(url, {**form, "leavers": "0003 2026-09-20\n"}).status_code == 303
    assert "会员再评" in browser.get(f"/orders/{order.id}").get_data(as_text=True)
    with reading(read_session(databases.roster)) as session:
        round_ = session.scalars(select(Round).where(Round.kind == RoundKind.RE_EVALUATION)).one()
        assert round_.organiser_id == stage.lead.id
