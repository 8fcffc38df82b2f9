"""The ladder with a frozen clock over Spring Festival 2027: what is proposed when, and who decides."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.core.errors import Conflict, Invalid
from survey_app.holidays import operations as calendar_operations
from survey_app.holidays.notice_text import read_notice
from survey_app.holidays.queries import calendar_of
from survey_app.outbox.models import Message
from survey_app.rectification import escalating, rectifying
from survey_app.rectification.background import every_day
from survey_app.rectification.ledger import Filter, ledger_page
from survey_app.rectification.limits import open_limits
from survey_app.rectification.models import Escalation, Event, LimitKind, NumberedPaper, OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.recomputing import recompute
from survey_app.rectification.todo import todo_rows
from tests.support.calendar_2027 import NOTICE_2027, SOURCE_2027
from tests.support.cast import (
    StandingClock,
    actor_for,
    make_account,
    make_app,
    make_home,
    signed_in_client,
)
from tests.support.orders import at_day, make_order, make_stage

S = OrderState


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def order(session, stage):
    """Served 8 December 2026; its first problem (class A, 30 days) is due on 7 January 2027."""
    clerk = actor_for(session, make_account(session, Role.ADMINISTRATOR, stage.lead)[1])
    notice = read_notice(2027, SOURCE_2027, NOTICE_2027)
    calendar_operations.import_notice(session, clerk, notice, at=at_day(2026, 11, 30))
    made = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 12, 7))
    first = session.scalars(open_limits(made, LimitKind.COMPLETION)).first()
    assert first.due_on == date(2027, 1, 7)
    return made


def live(session, first, last):
    """Every morning from a day to a day; what was proposed on each."""
    proposed = []
    day = first
    while day <= last:
        known = set(session.scalars(select(Escalation.id)))
        every_day(session, at=at_day(day.year, day.month, day.day))
        rows = session.scalars(select(Escalation).where(Escalation.id.not_in(known))).all()
        proposed += [(day, row.step, row.limit_id) for row in rows]
        day += timedelta(days=1)
    return proposed


def test_each_rung_comes_on_its_working_day_and_none_on_a_rest_day(session, stage, order):
    first = session.scalars(open_limits(order, LimitKind.COMPLETION)).first()
    proposed = live(session, date(2026, 12, 8), date(2027, 3, 5))
    calendar = calendar_of(session)
    assert all(calendar.is_workday(day) for day, _, _ in proposed)
    assert [(step, day) for day, step, limit_id in proposed if limit_id == first.id] == [
        ("first_reminder", date(2026, 12, 23)),
        ("last_reminder", date(2027, 1, 4)),
        ("reminder", date(2027, 1, 8)),
        ("supervision", date(2027, 1, 14)),
        ("formal_talk", date(2027, 1, 28)),
        ("circular", date(2027, 2, 24)),
    ], "31 January is worked, 5 to 11 February are off"


def test_a_second_run_on_the_same_day_proposes_nothing(session, stage, order):
    assert live(session, date(2027, 1, 8), date(2027, 1, 8))
    assert live(session, date(2027, 1, 8), date(2027, 1, 8)) == []


def test_a_worker_that_slept_proposes_the_highest_rung_only(session, stage, order):
    proposed = live(session, date(2027, 1, 20), date(2027, 1, 20))
    assert [step for _, step, _ in proposed] == ["supervision"]


def test_a_higher_rung_takes_the_place_of_one_nobody_decided(session, stage, order):
    live(session, date(2027, 1, 8), date(2027, 1, 14))
    waiting = escalating.waiting(session, order)
    assert [row.step for row in waiting] == ["supervision"]
    earlier = session.scalars(select(Escalation).where(Escalation.step == "reminder")).one()
    assert (earlier.sent, earlier.reason) == (False, "superseded")


def test_a_step_that_waits_comes_again_by_the_day_a_new_calendar_gives(session, stage, order):
    """The limit of 7 January moves behind a rest day: what was proposed on the 8th was a day too early."""
    live(session, date(2027, 1, 8), date(2027, 1, 8))
    first = session.scalars(open_limits(order, LimitKind.COMPLETION)).first()
    assert [row.limit_id for row in escalating.waiting(session, order)] == [first.id]
    clerk = actor_for(session, make_account(session, Role.ADMINISTRATOR, stage.lead)[1])
    calendar_operations.change_day(
        session, clerk, first.due_on, working=False, source="临时停工", at=at_day(2027, 1, 8)
    )
    recompute(session, reason="临时停工", at=at_day(2027, 1, 8))
    assert first.due_on == date(2027, 1, 8)
    assert escalating.waiting(session, order) == []
    assert not order.escalation_pending
    proposed = live(session, date(2027, 1, 11), date(2027, 1, 11))
    assert [step for _, step, limit_id in proposed if limit_id == first.id] == ["reminder"]


def test_a_person_sends_it_with_a_number_and_the_home_is_told(session, stage, order):
    live(session, date(2027, 1, 8), date(2027, 1, 8))
    row = escalating.waiting(session, order)[0]
    assert order.escalation_pending
    escalating.decide(session, stage.issuer, order, row, send=True, at=at_day(2027, 1, 8))
    assert not order.escalation_pending
    assert (row.sent, row.decided_by) == (True, stage.issuer.name)
    paper = session.scalars(select(NumberedPaper).where(NumberedPaper.paper == "urging")).one()
    assert paper.text == row.terms["number"] == "柳总工催〔2027〕1号"
    event = session.scalars(select(Event).where(Event.kind == "escalated_reminder")).one()
    message = session.get_one(Message, event.told[0])
    assert message.post_id == stage.posts["chair"].id
    assert event.values["days"] == 1
    answer = session.scalars(open_limits(order, LimitKind.SUPERVISED_ANSWER)).one()
    assert answer.due_on == date(2027, 1, 15)
    rectifying.send_message(session, stage.chair, order, text="下周办好。", at=at_day(2027, 1, 11))
    assert answer.met_on == date(2027, 1, 11)


def test_leaving_it_needs_a_reason(session, stage, order):
    live(session, date(2027, 1, 8), date(2027, 1, 8))
    row = escalating.waiting(session, order)[0]
    with pytest.raises(Invalid):
        escalating.decide(session, stage.issuer, order, row, send=False, at=at_day(2027, 1, 8))
    escalating.decide(
        session,
        stage.issuer,
        order,
        row,
        send=False,
        reason="已经看过，只差一块牌子。",
        at=at_day(2027, 1, 8),
    )
    with pytest.raises(Conflict):
        escalating.decide(session, stage.issuer, order, row, send=True, at=at_day(2027, 1, 8))
    assert session.scalars(select(NumberedPaper).where(NumberedPaper.paper == "urging")).all() == []


def test_supervision_marks_the_order_and_a_talk_needs_hour_and_place(session, stage, order):
    live(session, date(2027, 1, 14), date(2027, 1, 14))
    escalating.decide(
        session, stage.issuer, order, escalating.waiting(session, order)[0], send=True, at=at_day(2027, 1, 14)
    )
    assert order.supervised
    live(session, date(2027, 1, 28), date(2027, 1, 28))
    row = escalating.waiting(session, order)[0]
    assert row.step == "formal_talk"
    with pytest.raises(Invalid):
        escalating.decide(session, stage.issuer, order, row, send=True, at=at_day(2027, 1, 28))
    terms = {"talk_at": "2027-02-02T09:00:00+08:00", "place": "三楼会议室"}
    escalating.decide(session, stage.issuer, order, row, send=True, terms=terms, at=at_day(2027, 1, 28))


def test_what_has_been_done_asks_for_no_decision(session, stage, order):
    live(session, date(2027, 1, 8), date(2027, 1, 8))
    row = escalating.waiting(session, order)[0]
    rectifying.report_problem(
        session, stage.chair, order, problems_of(session, order)[0], done="做好了", at=at_day(2027, 1, 8)
    )
    assert escalating.waiting(session, order) == []
    assert not order.escalation_pending
    with pytest.raises(Conflict):
        escalating.decide(session, stage.issuer, order, row, send=True, at=at_day(2027, 1, 8))


def test_each_officer_gets_one_digest_a_day_whatever_the_number(session, stage, order):
    for _ in range(3):
        other = make_stage(session, stage.lead, make_home(session, stage.lead))
        make_order(session, other, S.RECTIFYING, at=at_day(2026, 12, 7))
    live(session, date(2027, 1, 8), date(2027, 1, 8))
    digests = session.scalars(
        select(Message).where(
            Message.kind == "order.decisions_wait", Message.post_id == stage.posts["issuer"].id
        )
    ).all()
    (row,) = digests
    assert row.values["n"] == 4
    # The first three are named, so that two mornings do not read alike.
    assert row.values["homes"].startswith("青禾纺织、")
    assert row.values["homes"].count("、") == 2
    assert row.values["homes"].endswith("等")


def test_one_paper_speaks_for_everything_that_is_late_on_its_rung(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    limits = list(session.scalars(open_limits(order, LimitKind.COMPLETION)))
    first = min(limits, key=lambda limit: limit.due_on)
    for limit in limits:
        limit.days, limit.due_on = first.days, first.due_on
    session.flush()
    at = at_day(2026, 11, 20)
    every_day(session, at=at)
    waiting = escalating.waiting(session, order)
    assert [row.step for row in waiting] == ["formal_talk"] * len(limits)
    terms = {"talk_at": "2026-11-24T09:00:00+08:00", "place": "三楼会议室"}
    escalating.decide(session, stage.issuer, order, waiting[0], send=True, terms=terms, at=at)
    assert escalating.waiting(session, order) == []
    assert not order.escalation_pending
    talks = session.scalars(select(NumberedPaper).where(NumberedPaper.paper == "formal_talk")).all()
    assert len(talks) == 1, "one talk for one order"
    assert {waiting[0].limit_id, *waiting[0].terms["also"]} == {limit.id for limit in limits}
    matters = paper_matters(session, stage, order, waiting[0])
    assert [one.matter for one in matters] == [f"{one.duty}的整改" for one in problems_of(session, order)]


def paper_matters(session, stage, order, row):
    """What the paper of a step names as late."""
    from survey_app.rectification.paper_desk import PaperDesk
    from survey_app.rectification.papers import _matters

    return _matters(PaperDesk(session, order, "", date(2026, 11, 20)), row)


def test_what_is_asked_before_a_limit_does_not_say_that_it_came(session, stage, order):
    """T-10: the row asks about the step and has the day of its limit; the ledger says who is waited for."""
    today = date(2026, 12, 23)
    live(session, today, today)
    row = next(one for one in todo_rows(session, stage.issuer, today) if one.kind == "escalate")
    assert (row.due_on, row.days, row.days.late) == (date(2027, 1, 7), 10, False)
    assert row.sentence == "请您决定：要不要提醒一声"
    held = ledger_page(session, stage.issuer, Filter(), today).rows[0]
    assert held.holder_name == "柳堤区总工会：决定下一步"


def test_what_is_not_late_yet_keeps_its_own_reminder(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    first, _middle, last = sorted(
        session.scalars(open_limits(order, LimitKind.COMPLETION)), key=lambda limit: limit.due_on
    )
    last.days, last.due_on = 70, date(2026, 11, 23)
    session.flush()
    at = at_day(2026, 11, 20)
    every_day(session, at=at)
    waiting = {row.limit_id: row for row in escalating.waiting(session, order)}
    terms = {"talk_at": "2026-11-24T09:00:00+08:00", "place": "三楼会议室"}
    escalating.decide(session, stage.issuer, order, waiting[first.id], send=True, terms=terms, at=at)
    left = {row.limit_id: row.step for row in escalating.waiting(session, order)}
    assert left == {last.id: "last_reminder"}


@pytest.fixture
def talked(databases, settings):
    """An order whose chair was asked to a talk: the application, the stage, the order, the step's row."""
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
        every_day(session, at=at_day(2026, 11, 20))
        row = escalating.waiting(session, order)[0]
    app = make_app(settings, databases, StandingClock(at_day(2026, 11, 20)))
    return app, stage, order, row


def test_a_talk_is_asked_for_with_hour_and_place_and_the_chair_reads_both(databases, talked):
    app, stage, order, row = talked
    officer = signed_in_client(app, databases, stage.posts["issuer"])
    path = f"/orders/{order.id}/escalations/{row.id}/send"
    form = officer.get(path).get_data(as_text=True)
    assert "发出约谈通知" in form
    assert form.count("可以不填") == 1, "only the words beside it"
    refused = officer.send(path, {"version": order.version, "place": "区总三楼"}).get_data(as_text=True)
    assert "请填“约谈时间”。" in refused
    assert "区总三楼" in refused
    sent = {"version": order.version, "talk_at": "2026-11-24T09:30", "place": "区总三楼"}
    assert officer.send(path, sent).status_code == 303
    chair = signed_in_client(app, databases, stage.posts["chair"])
    page = chair.get(f"/orders/{order.id}").get_data(as_text=True)
    assert "上级约您谈话" in page
    assert page.count("约谈：11月24日9:30，区总三楼。") == 2, "in the notice and in the story"


def test_leaving_a_step_says_that_a_reason_is_needed(databases, talked):
    app, stage, order, row = talked
    officer = signed_in_client(app, databases, stage.posts["issuer"])
    path = f"/orders/{order.id}/escalations/{row.id}/decline"
    assert "可以不填" not in officer.get(path).get_data(as_text=True)
    answer = officer.send(path, {"version": order.version, "reason": ""})
    assert answer.status_code == 200
    assert "请填“理由”。" in answer.get_data(as_text=True)


def test_the_title_counts_problems_and_the_notice_names_every_late_matter(databases, talked):
    app, stage, order, _row = talked
    page = signed_in_client(app, databases, stage.posts["chair"]).get(f"/orders/{order.id}")
    text = page.get_data(as_text=True)
    assert "2项逾期" in text
    assert "第1项、第2项已逾期，最久的27个工作日。3项还没有报完成，下一个期限12月14日。" in text


def test_a_plan_that_does_not_come_climbs_the_ladder_too(session, stage):
    late = make_order(session, stage, S.PLAN_DUE, at=at_day(2026, 9, 11))
    due = session.scalars(open_limits(late, LimitKind.PLAN)).one().due_on
    calendar = calendar_of(session)
    proposed = live(session, date(2026, 9, 15), calendar.shift(due, 5))
    assert [(step, day) for day, step, _ in proposed] == [
        ("last_reminder", calendar.shift(due, -3)),
        ("reminder", calendar.shift(due, 1)),
        ("supervision", calendar.shift(due, 5)),
    ], "a limit of five days has no reminder ten days ahead"
