"""Deciding in one go: each order by its own verdict and reason, refusals told apart, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.rectification import proposing
from survey_app.rectification.background import every_day
from survey_app.rectification.bulk import VERDICTS, Wanted, decide_all, open_verdicts
from survey_app.rectification.bulk_list import chosen_list, waiting_counts, waiting_list
from survey_app.rectification.models import Escalation, Event, Order, OrderState
from tests.support.cast import StandingClock, make_app, make_home, make_unit, signed_in_client
from tests.support.orders import (
    ISSUED_AT,
    REMINDED,
    at_day,
    make_draft,
    make_order,
    make_rated_round,
    make_result,
    make_stage,
)

S = OrderState
HOMES = 50


@pytest.fixture
def open_session(databases):
    return lambda: write_session(databases.roster)


def make_drafts(session, stage, number):
    """So many drafts of homes of one superior."""
    homes = [make_home(session, stage.lead, f"第{n}公司工会") for n in range(number)]
    round_ = make_rated_round(session, stage.lead, homes)
    made = [
        proposing.propose(session, stage.issuer, make_result(session, round_, home), at=ISSUED_AT)
        for home in homes
    ]
    return [order for order in made if order is not None]


def make_strangers(session):
    """Another superior with its home, out of sight of the first."""
    lead = make_unit(session, "外地总工会")
    return make_stage(session, lead, make_home(session, lead))


def wanted_for(order, verdict, reason=""):
    return Wanted(order.id, order.version, verdict, reason)


def serials(databases):
    with reading(read_session(databases.roster)) as session:
        numbers = session.scalars(select(Order.number).where(Order.number != ""))
        return sorted(int(number.rsplit("〕", 1)[1].removesuffix("号")) for number in numbers)


def test_fifty_at_once_with_mixed_refusals_tell_each_apart(databases, open_session):
    with committing(open_session()) as session:
        stage = make_stage(session)
        drafts = make_drafts(session, stage, HOMES)
        for order in drafts[:5]:
            proposing.submit(session, stage.issuer, order, at=ISSUED_AT)
        stranger = make_draft(session, make_strangers(session))
    wanted = [wanted_for(order, "issue") for order in drafts]
    wanted[10] = wanted_for(drafts[10], "refuse", "  ")
    wanted[11] = wanted_for(drafts[11], "refuse", "已经停产，人都走了。")
    wanted[12] = replace(wanted[12], version=wanted[12].version - 1)
    wanted[13] = wanted_for(drafts[13], "approve_plan")
    wanted[14] = wanted_for(drafts[14], "sell")
    wanted.append(wanted_for(stranger, "issue"))
    found = decide_all(open_session, stage.issuer, wanted, at=ISSUED_AT)
    assert [one.wanted for one in found] == wanted
    errors = {number: one.error for number, one in enumerate(found) if one.error is not None}
    assert set(errors) == {0, 1, 2, 3, 4, 10, 12, 13, 14, HOMES}
    # Four eyes hold for each order by itself.
    assert {errors[number].code for number in range(5)} == {"another_officer_signs"}
    assert isinstance(errors[10], Invalid)
    assert [fault.code for fault in errors[10].faults] == ["reason_missing"]
    assert isinstance(errors[12], Conflict)
    assert isinstance(errors[13], NotFound)
    assert isinstance(errors[14], Refused)
    assert isinstance(errors[HOMES], NotFound)
    assert serials(databases) == list(range(1, 41))
    with reading(read_session(databases.roster)) as session:
        states = list(session.scalars(select(Order.state).order_by(Order.id)))
        assert states[:5] == [S.AWAITING_SIGNATURE] * 5
        assert states.count(S.SERVED) == 40
        refused = session.scalars(select(Order).where(Order.state == S.REFUSED)).one()
        assert refused.reason == "已经停产，人都走了。"
        assert states[-1] == S.DRAFT


def test_a_second_officer_signs_what_the_first_may_not(session, stage):
    order = make_draft(session, stage)
    proposing.submit(session, stage.issuer, order, at=ISSUED_AT)
    assert "issue" not in open_verdicts(stage.issuer, order)
    assert "issue" in open_verdicts(stage.inspector, order)


def test_two_officers_confirming_fifty_at_the_same_time_give_fifty_consecutive_numbers(
    databases, open_session
):
    with committing(open_session()) as session:
        stage = make_stage(session)
        drafts = make_drafts(session, stage, HOMES)
    wanted = [wanted_for(order, "issue") for order in drafts]
    people = (stage.issuer, stage.inspector)
    with ThreadPoolExecutor(2) as pool:
        # The middle ten are on both lists: each is signed by one, and the other is told so.
        runs = [
            pool.submit(decide_all, open_session, person, part, at=ISSUED_AT)
            for person, part in zip(people, (wanted[:30], wanted[20:]), strict=True)
        ]
        found = [one for run in runs for one in run.result()]
    assert serials(databases) == list(range(1, HOMES + 1))
    late = [one.error for one in found if one.error is not None]
    assert len(late) == 10
    assert {error.code for error in late} == {"order_changed_meanwhile"}


@pytest.mark.parametrize(
    ("state", "overall", "verdict", "goal"),
    [
        (S.DRAFT, None, "submit", S.AWAITING_SIGNATURE),
        (S.AWAITING_SIGNATURE, None, "hand_back", S.DRAFT),
        (S.PLAN_UNDER_REVIEW, None, "approve_plan", S.RECTIFYING),
        (S.PLAN_UNDER_REVIEW, None, "return_plan", S.PLAN_RETURNED),
        (S.NOTED, REMINDED, "close_reminder", S.CLOSED),
        (S.NOTED, REMINDED, "return_note", S.RECTIFYING),
    ],
)
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_verdict_leads_where_its_single_act_leads(open_session, state, overall, verdict, goal):
    with committing(open_session()) as session:
        stage = make_stage(session)
        values = {} if overall is None else {"overall": overall}
        order = make_order(session, stage, state, at=at_day(2026, 9, 11), **values)
    assert verdict in open_verdicts(stage.issuer, order)
    (found,) = decide_all(
        open_session, stage.issuer, [wanted_for(order, verdict, "写明了")], at=at_day(2026, 11, 20)
    )
    assert found.error is None
    assert found.order.state == goal


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_steps_of_the_ladder_are_sent_or_left_each_with_its_reason(open_session):
    with committing(open_session()) as session:
        stage = make_stage(session)
        order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
        every_day(session, at=at_day(2026, 10, 22))
        counts = waiting_counts(session, stage.issuer)
        (row,) = waiting_list(session, stage.issuer, "step", 1).rows
        order = row.order
    assert counts == {"step": 1}
    assert row.verdicts == ("send_step", "decline_step")
    at = at_day(2026, 10, 22)
    (refused,) = decide_all(open_session, stage.issuer, [wanted_for(order, "decline_step")], at=at)
    assert [fault.code for fault in refused.error.faults] == ["reason_missing"]
    (done,) = decide_all(
        open_session, stage.issuer, [wanted_for(order, "decline_step", "已经约了日子")], at=at
    )
    assert done.error is None
    with committing(open_session()) as session:
        decided = session.scalars(select(Escalation).where(Escalation.sent.is_(False)))
        assert "已经约了日子" in {one.reason for one in decided}
        assert session.scalars(select(Event).where(Event.kind == "escalation_declined")).all()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_an_extension_needs_words_either_way(open_session):
    from survey_app.rectification import extending
    from survey_app.rectification.orders import problems_of

    with committing(open_session()) as session:
        stage = make_stage(session)
        order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 11, 2))
        extending.request_extension(
            session,
            stage.chair,
            order,
            problems_of(session, order)[2:],
            days=10,
            reason="等批复",
            progress="在办",
            interim_measures="先用别处",
            at=at_day(2026, 11, 19),
        )
        (row,) = waiting_list(session, stage.issuer, "extension", 1).rows
    assert row.about == ("请示延期10天：等批复",)
    assert row.verdicts == ("grant_extension", "refuse_extension")
    at = at_day(2026, 11, 20)
    (refused,) = decide_all(open_session, stage.issuer, [wanted_for(row.order, "grant_extension")], at=at)
    assert [fault.code for fault in refused.error.faults] == ["reason_missing"]
    (done,) = decide_all(
        open_session, stage.issuer, [wanted_for(row.order, "grant_extension", "同意")], at=at
    )
    assert done.error is None
    assert not done.order.extension_pending


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_list_holds_what_the_union_leads_and_no_more(open_session):
    with committing(open_session()) as session:
        stage = make_stage(session)
        mine = make_draft(session, stage)
        other = make_strangers(session)
        foreign = make_draft(session, other)
        assert waiting_counts(session, stage.issuer) == {"sign": 1}
        shown = chosen_list(session, stage.issuer, [mine.id, foreign.id])
        assert [row.order.id for row in shown.rows] == [mine.id]
        assert [row.order.id for row in waiting_list(session, other.issuer, "sign", 1).rows] == [foreign.id]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_page_gives_back_what_was_typed_beside_each_refusal(databases, settings, open_session):
    with committing(open_session()) as session:
        stage = make_stage(session)
        drafts = make_drafts(session, stage, 4)
        proposing.submit(session, stage.issuer, drafts[1], at=ISSUED_AT)
    app = make_app(settings, databases, StandingClock(ISSUED_AT))
    browser = signed_in_client(app, databases, stage.posts["issuer"])
    page = browser.get("/orders/bulk?kind=sign").get_data(as_text=True)
    assert page.count('name="order"') == 4
    sent = {
        "order": [one.id for one in drafts],
        "tick": [one.id for one in drafts[:3]],
        **{f"version_{one.id}": one.version for one in drafts},
        f"verdict_{drafts[0].id}": "issue",
        f"verdict_{drafts[1].id}": "issue",
        f"reason_{drafts[1].id}": "写在这里的话",
        f"verdict_{drafts[2].id}": "refuse",
        f"reason_{drafts[3].id}": "还没有勾的话",
    }
    answer = browser.send("/orders/bulk?kind=sign", sent).get_data(as_text=True)
    assert "办好了1份" in answer
    assert "有2份没有办成" in answer
    assert "送签的人不能自己签发" in answer
    assert "请写明理由。" in answer
    assert "写在这里的话" in answer
    assert "还没有勾的话" in answer
    assert f'value="{drafts[2].id}" checked' in answer
    assert f'value="{drafts[3].id}" checked' not in answer
    with reading(read_session(databases.roster)) as session:
        states = [session.get_one(Order, one.id).state for one in drafts]
    assert states == [S.SERVED, S.AWAITING_SIGNATURE, S.DRAFT, S.DRAFT]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_password_that_grew_old_while_typing_loses_nothing(databases, settings, open_session):
    with committing(open_session()) as session:
        stage = make_stage(session)
        (draft,) = make_drafts(session, stage, 1)
    clock = StandingClock(ISSUED_AT)
    app = make_app(settings, databases, clock)
    browser = signed_in_client(app, databases, stage.posts["issuer"])
    clock.instant = ISSUED_AT + timedelta(minutes=20)
    sent = {
        "order": draft.id,
        "tick": draft.id,
        f"version_{draft.id}": draft.version,
        f"verdict_{draft.id}": "issue",
        f"reason_{draft.id}": "想了半天的话",
    }
    answer = browser.send("/orders/bulk?kind=sign", sent)
    assert answer.status_code == 200
    assert "想了半天的话" in answer.get_data(as_text=True)
    assert "请先在新窗口确认密码" in answer.get_data(as_text=True)
    with reading(read_session(databases.roster)) as session:
        assert session.get_one(Order, draft.id).state == S.DRAFT


def test_every_verdict_names_an_action_of_the_tables():
    from survey_app.rectification.states import ORDER, REMINDER

    actions = {action for table in (ORDER, REMINDER) for _state, action in table.moves}
    assert {action for action, _decision in VERDICTS.values()} <= actions
