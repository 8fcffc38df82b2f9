"""Every date of an order: from which day, by which rule, in which words, and what a new calendar moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.clock import beijing_day
from survey_app.core.errors import Invalid, Refused
from survey_app.holidays import operations as calendar_operations
from survey_app.holidays.notice_text import read_notice
from survey_app.holidays.queries import calendar_of
from survey_app.rectification import extending, limits, planning, rectifying, serving
from survey_app.rectification.background import every_day
from survey_app.rectification.models import Event, Limit, LimitKind, LimitMove, OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.recomputing import recompute
from tests.support.calendar_2027 import NOTICE_2027, SOURCE_2027
from tests.support.cast import actor_for, make_account
from tests.support.orders import ISSUED_AT, REMINDED, at_day, inspect, make_draft, make_order, plan_for

S, K = OrderState, LimitKind


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def running(session, order):
    """Kind and day of everything that runs, problems by their class."""
    grades = {one.id: one.grade for one in problems_of(session, order)}
    return {
        (row.kind + grades.get(row.problem_id, "")): row.due_on
        for row in session.scalars(limits.open_limits(order))
    }


def import_2027(session, stage):
    clerk = actor_for(session, make_account(session, Role.ADMINISTRATOR, stage.lead)[1])
    notice = read_notice(2027, SOURCE_2027, NOTICE_2027)
    calendar_operations.import_notice(session, clerk, notice, at=at_day(2026, 11, 30))


def test_the_dates_of_the_design_come_out(session, stage):
    """Signed 11 September, acknowledged 14 September 2026 (mock 06)."""
    order = make_order(session, stage, S.SERVED, at=at_day(2026, 9, 11))
    assert running(session, order) == {K.ACKNOWLEDGE: date(2026, 9, 16)}
    serving.acknowledge(session, stage.chair, order, at=at_day(2026, 9, 14))
    assert running(session, order) == {
        K.PLAN: date(2026, 9, 20),
        "completionA": date(2026, 10, 14),
        "completionB": date(2026, 11, 13),
        "completionC": date(2026, 12, 14),
        K.REPORT: date(2026, 12, 21),
    }


def test_the_most_urgent_class_sets_the_plans_day(session, stage):
    order = make_draft(session, stage)
    for problem in problems_of(session, order):
        problem.grade = "C"
    session.flush()
    from survey_app.rectification import proposing

    proposing.issue(session, stage.issuer, order, at=at_day(2026, 9, 11))
    serving.acknowledge(session, stage.chair, order, at=at_day(2026, 9, 14))
    assert running(session, order)[K.PLAN] == date(2026, 10, 10)


def test_every_date_explains_itself(session, stage):
    order = make_order(session, stage, S.PLAN_DUE, at=at_day(2026, 9, 11))
    calendar = calendar_of(session)
    plan = session.scalars(limits.open_limits(order, K.PLAN)).one()
    assert limits.explanation(calendar, plan, "zh-CN", 2026) == (
        "9月14日送达，当天不算，从9月15日起数5个工作日；中间9月19日休息，9月20日（日）调休上班，"
        "数到9月20日（星期日）。"
    )
    last = session.scalars(limits.open_limits(order, K.COMPLETION)).all()[-1]
    assert "90天到12月13日（星期日），是周末，顺延到12月14日（星期一）" in limits.explanation(
        calendar, last, "zh-CN", 2026
    )
    for one in limits.all_limits(session, order.id):
        assert limits.explanation(calendar, one, "en", 2026).isascii() or "–" in limits.explanation(
            calendar, one, "en", 2026
        )


def test_an_order_nobody_signs_for_is_served_on_the_third_working_day(session, stage):
    order = make_order(session, stage, S.SERVED, at=at_day(2026, 9, 18))
    last = running(session, order)[K.ACKNOWLEDGE]
    assert last == date(2026, 9, 22), "the Sunday is worked"
    assert not serving.deem_served(session, order, at=at_day(2026, 9, 22))
    every_day(session, at=at_day(2026, 9, 23))
    assert (order.state, order.served_on, order.served_how) == (S.PLAN_DUE, last, "deemed")
    assert running(session, order)[K.PLAN] == calendar_of(session).add_workdays(last, 5).date


def test_service_on_paper_counts_from_the_day_it_arrived(session, stage):
    order = make_order(session, stage, S.SERVED, at=at_day(2026, 9, 11))
    for impossible in (date(2026, 9, 10), date(2026, 9, 16)):
        with pytest.raises(Invalid):
            serving.record_service(
                session, stage.issuer, order, served_on=impossible, proof="挂号信", at=at_day(2026, 9, 15)
            )
    serving.record_service(
        session, stage.issuer, order, served_on=date(2026, 9, 14), proof="当面交", at=at_day(2026, 9, 15)
    )
    assert (order.served_on, order.served_how) == (date(2026, 9, 14), "paper")


def test_spring_festival_2027_is_provisional_until_its_notice_is_imported(session, stage):
    """Acknowledged on 29 January 2027: the plan's five days run into the festival."""
    order = make_order(session, stage, S.SERVED, at=at_day(2027, 1, 18))
    serving.acknowledge(session, stage.chair, order, at=at_day(2027, 1, 29))
    before = running(session, order)
    assert all(row.provisional for row in session.scalars(limits.open_limits(order)))
    assert order.next_due_provisional
    assert before[K.PLAN] == date(2027, 2, 11), "5 to 8 February by statute, two of them made up"
    assert "暂定" in limits.explanation(
        calendar_of(session), session.scalars(limits.open_limits(order, K.PLAN)).one(), "zh-CN", 2027
    )
    import_2027(session, stage)
    moved = recompute(session, reason=SOURCE_2027, at=at_day(2027, 1, 30))
    after = running(session, order)
    assert after[K.PLAN] == date(2027, 2, 12), "what was printed has become a rest day"
    assert not any(row.provisional for row in session.scalars(limits.open_limits(order)))
    assert all(after[key] >= before[key] for key in before)
    assert moved == sum(after[key] != before[key] for key in before)
    record = session.scalars(select(LimitMove).where(LimitMove.old == before[K.PLAN])).one()
    assert (record.new, record.reason) == (after[K.PLAN], SOURCE_2027)
    event = session.scalars(select(Event).where(Event.kind == "limits_moved")).one()
    assert event.told, "the home was told"
    assert recompute(session, reason="again", at=at_day(2027, 1, 30)) == 0


def test_a_date_never_moves_before_the_one_printed(session, stage):
    order = make_order(session, stage, S.SERVED, at=at_day(2027, 1, 18))
    serving.acknowledge(session, stage.chair, order, at=at_day(2027, 1, 26))
    printed = running(session, order)[K.PLAN]
    assert printed == date(2027, 2, 2)
    import_2027(session, stage)
    recompute(session, reason=SOURCE_2027, at=at_day(2027, 1, 30))
    assert running(session, order)[K.PLAN] == printed, "31 January alone would have made it a day earlier"


def test_a_plan_answers_every_question_about_every_problem(session, stage):
    order = make_order(session, stage, S.PLAN_DUE, at=at_day(2026, 9, 11))
    whole = plan_for(session, order, date(2026, 9, 15))
    empty = planning.PlannedItem(whole[0].problem_id, " ", "", "", "", date(2027, 1, 5), "")
    with pytest.raises(Invalid) as refusal:
        planning.submit_plan(session, stage.chair, order, [empty, whole[1]], at=at_day(2026, 9, 15))
    found = [(fault.code, fault.details["n"]) for fault in refusal.value.faults]
    assert found == [
        ("plan_cause_missing", 1),
        ("plan_measure_missing", 1),
        ("plan_leader_missing", 1),
        ("plan_person_missing", 1),
        ("plan_expected_missing", 1),
        ("plan_date_too_late", 1),
        ("plan_problem_missing", 3),
    ]
    past = planning.PlannedItem(whole[0].problem_id, "因", "法", "甲", "乙", date(2026, 9, 1), "果")
    with pytest.raises(Invalid) as refusal:
        planning.submit_plan(session, stage.chair, order, [past, *whole[1:]], at=at_day(2026, 9, 15))
    assert [fault.code for fault in refusal.value.faults] == ["plan_date_past"]


def test_a_returned_plan_never_has_fewer_days_than_the_first_date_left(session, stage):
    order = make_order(session, stage, S.PLAN_UNDER_REVIEW, at=at_day(2026, 9, 11))
    first = date(2026, 9, 20)
    planning.return_plan(
        session, stage.issuer, order, reason="", reasons={2: "没有办法"}, at=at_day(2026, 9, 16)
    )
    assert running(session, order)[K.PLAN] >= first
    assert planning.plans_of(session, order.id)[0].reason == "第2项：没有办法"


def test_more_time_is_asked_once_in_time_and_moves_limit_and_report(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    second = problems_of(session, order)[1]
    due = date(2026, 11, 13)

    def ask(day, days=20, problems=None):
        return extending.request_extension(
            session,
            stage.chair,
            order,
            problems if problems is not None else [second],
            days=days,
            reason="等施工",
            progress="图纸已定",
            interim_measures="先用会议室",
            at=at_day(*day),
        )

    with pytest.raises(Invalid) as refusal:
        ask((2026, 11, 9))
    assert [fault.code for fault in refusal.value.faults] == ["extension_too_late"]
    with pytest.raises(Invalid) as refusal:
        ask((2026, 11, 2), days=31, problems=[])
    assert [fault.code for fault in refusal.value.faults] == ["extension_days", "extension_without_problem"]
    row = ask((2026, 11, 6))
    assert order.extension_pending
    assert running(session, order)[K.EXTENSION_ANSWER] == date(2026, 11, 13)
    with pytest.raises(Refused):
        ask((2026, 11, 6))
    extending.answer_extension(
        session, stage.issuer, order, row, granted=True, answer="同意", at=at_day(2026, 11, 10)
    )
    after = running(session, order)
    assert row.new_due_on == after["completionB"] == date(2026, 12, 3)
    assert after[K.REPORT] == date(2026, 12, 21), "the third problem is still the last"
    assert not order.extension_pending
    with pytest.raises(Refused) as again:
        ask((2026, 11, 11))
    assert again.value.code == "extended_before"
    old = session.scalars(select(Limit).where(Limit.due_on == due, Limit.dropped_at.is_not(None))).one()
    assert old.problem_id == second.id


def test_a_request_that_could_only_be_refused_is_told_so_before(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    problems = problems_of(session, order)

    def why(*day):
        found = extending.hindrance(session, order, problems, date(*day))
        return found.code if found else None

    assert why(2026, 9, 25) is None
    assert extending.in_time(session, order, problems, date(2026, 10, 13)) == problems[1:], "A ends next day"
    assert why(2026, 12, 10) == "extension_too_late"
    row = extending.request_extension(
        session,
        stage.chair,
        order,
        problems[1:2],
        days=10,
        reason="忙",
        progress="一半",
        interim_measures="先用别处",
        at=at_day(2026, 10, 20),
    )
    assert why(2026, 10, 20) == "extension_waits"
    extending.answer_extension(
        session, stage.issuer, order, row, granted=True, answer="同意", at=at_day(2026, 10, 21)
    )
    assert why(2026, 10, 22) == "extended_before"


def test_a_refused_request_leaves_the_old_day(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    before = running(session, order)
    row = extending.request_extension(
        session,
        stage.chair,
        order,
        problems_of(session, order)[1:2],
        days=10,
        reason="忙",
        progress="没动",
        interim_measures="无",
        at=at_day(2026, 10, 20),
    )
    with pytest.raises(Invalid):
        extending.answer_extension(
            session, stage.issuer, order, row, granted=False, answer=" ", at=at_day(2026, 10, 21)
        )
    extending.answer_extension(
        session, stage.issuer, order, row, granted=False, answer="理由不足", at=at_day(2026, 10, 21)
    )
    assert running(session, order) == before


def test_a_report_ends_a_request_that_nobody_answered(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    problems = problems_of(session, order)
    extending.request_extension(
        session,
        stage.chair,
        order,
        problems[2:],
        days=10,
        reason="忙",
        progress="一半",
        interim_measures="先用别处",
        at=at_day(2026, 10, 20),
    )
    for problem in problems:
        rectifying.report_problem(
            session, stage.chair, order, problem, done="做好了", at=at_day(2026, 10, 22)
        )
    rectifying.submit_report(session, stage.chair, order, at=at_day(2026, 10, 22))
    assert not order.extension_pending
    assert set(running(session, order)) == {K.INSPECTION}


def test_the_report_waits_for_every_problem(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    problem = problems_of(session, order)[0]
    rectifying.report_problem(session, stage.chair, order, problem, done="做好了", at=at_day(2026, 10, 10))
    with pytest.raises(Invalid) as refusal:
        rectifying.submit_report(session, stage.chair, order, at=at_day(2026, 10, 12))
    assert [fault.details["n"] for fault in refusal.value.faults] == [2, 3]


def test_a_failed_inspection_gives_a_new_day_that_is_worked(session, stage):
    order = make_order(session, stage, S.AWAITING_INSPECTION, at=at_day(2026, 9, 11))
    inspect(session, stage, order, "fail", at_day(2026, 9, 21))
    failed = problems_of(session, order)[2]
    assert failed.state == "inspection_failed"
    expected = calendar_of(session).shift(date(2026, 9, 21), 10)
    assert running(session, order)["completionC"] == expected
    assert (
        running(session, order)[K.REPORT]
        == calendar_of(session).add_workdays(max(expected, date(2026, 12, 14)), 5).date
    )
    rectifying.resume(session, stage.chair, order, at=at_day(2026, 9, 22))
    assert (order.state, failed.state) == (S.RECTIFYING, "rectifying")


def test_a_reminder_asks_for_a_plan_and_one_note(session, stage):
    order = make_order(session, stage, S.SERVED, overall=REMINDED, at=at_day(2026, 9, 11))
    serving.acknowledge(session, stage.chair, order, at=at_day(2026, 9, 14))
    assert set(running(session, order)) == {K.PLAN, K.NOTE}


def test_the_day_is_beijings(session, stage):
    order = make_draft(session, stage)
    from survey_app.rectification import proposing

    late = ISSUED_AT.replace(hour=17)
    assert beijing_day(late) == ISSUED_AT.date() + timedelta(days=1)
    proposing.issue(session, stage.issuer, order, at=late)
    row = session.scalars(limits.open_limits(order, K.ACKNOWLEDGE)).one()
    assert row.start_on == beijing_day(late)
