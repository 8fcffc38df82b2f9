"""The calendar of the installation: read a notice as published, refuse what cannot be right, change a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.core.errors import Conflict, Invalid, Refused
from survey_app.holidays import operations
from survey_app.holidays.notice_text import read_notice
from survey_app.holidays.queries import calendar_of
from survey_app.outbox.models import Job
from tests.support.calendar_2027 import NOTICE_2027, SOURCE_2027
from tests.support.cast import MADE_AT, actor_for, make_account, make_app, make_unit, signed_in_client


@pytest.fixture
def session(databases):
    with write_session(databases.roster) as opened:
        yield opened
        opened.rollback()


def administrator(session):
    return make_account(session, Role.ADMINISTRATOR, make_unit(session))[1]


def test_a_notice_is_read_as_it_is_published():
    notice = read_notice(2027, SOURCE_2027, NOTICE_2027)
    assert len(notice.off_days) == 27
    assert notice.off_days[date(2027, 2, 5)].zh == "春节"
    assert notice.off_days[date(2027, 10, 7)].zh == "国庆节"
    assert notice.makeup_days == {
        date(2027, 1, 31),
        date(2027, 5, 8),
        date(2027, 9, 26),
        date(2027, 10, 9),
    }


def test_a_span_may_run_over_the_year():
    text = "一、元旦：2026年12月31日（周四）至2027年1月2日（周六）放假。"
    assert sorted(read_notice(2027, "通知", text).off_days) == [
        date(2026, 12, 31),
        date(2027, 1, 1),
        date(2027, 1, 2),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("今年照常安排。", "notice_names_no_day"),
        ("二、春节：2月5日至30日放假。", "notice_day_does_not_exist"),
    ],
)
def test_what_cannot_be_read_is_said(text, code):
    with pytest.raises(Invalid) as refusal:
        read_notice(2027, "通知", text)
    assert [fault.code for fault in refusal.value.faults] == [code]


def test_a_forgotten_line_tips_the_scale(session):
    actor = actor_for(session, administrator(session))
    short = NOTICE_2027.replace("1月31日（周日）上班。", "")
    with pytest.raises(Invalid) as refusal:
        operations.import_notice(session, actor, read_notice(2027, SOURCE_2027, short), at=MADE_AT)
    assert [fault.code for fault in refusal.value.faults] == ["notice_unbalanced"]


def test_importing_makes_a_year_official_and_asks_for_the_limits_to_follow(session):
    actor = actor_for(session, administrator(session))
    before = calendar_of(session)
    assert before.is_provisional(date(2027, 3, 1))
    operations.import_notice(session, actor, read_notice(2027, SOURCE_2027, NOTICE_2027), at=MADE_AT)
    after = calendar_of(session)
    assert not after.is_provisional(date(2027, 3, 1))
    assert after.is_workday(date(2027, 1, 31))
    assert not after.is_workday(date(2027, 2, 11))
    job = session.scalars(select(Job).where(Job.kind == operations.RECOMPUTE)).one()
    assert job.payload == {"reason": SOURCE_2027}


def test_a_later_import_of_the_same_year_counts(session):
    actor = actor_for(session, administrator(session))
    operations.import_notice(session, actor, read_notice(2027, SOURCE_2027, NOTICE_2027), at=MADE_AT)
    moved = NOTICE_2027.replace("1月31日（周日）上班", "2月13日（周六）上班")
    operations.import_notice(session, actor, read_notice(2027, "更正", moved), at=MADE_AT)
    calendar = calendar_of(session)
    assert calendar.is_workday(date(2027, 2, 13))
    assert not calendar.is_workday(date(2027, 1, 31))


def test_a_single_day_stands_over_the_notice_until_it_is_taken_back(session):
    actor = actor_for(session, administrator(session))
    day = date(2026, 11, 26)
    row = operations.change_day(session, actor, day, working=False, source="台风停工通告", at=MADE_AT)
    assert not calendar_of(session).is_workday(day)
    operations.withdraw_change(session, actor, row, at=MADE_AT)
    assert calendar_of(session).is_workday(day)
    with pytest.raises(Conflict):
        operations.withdraw_change(session, actor, row, at=MADE_AT)


def test_only_the_administrator_edits_the_calendar(session):
    officer = actor_for(session, make_account(session, Role.OFFICER, make_unit(session))[1])
    with pytest.raises(Refused):
        operations.change_day(session, officer, date(2026, 11, 26), working=False, source="x", at=MADE_AT)


def test_the_page_imports_a_notice_and_lists_every_fault(databases, settings):
    with committing(write_session(databases.roster)) as session:
        post = administrator(session)
        officer = make_account(session, Role.OFFICER, make_unit(session))[1]
    app = make_app(settings, databases)
    browser = signed_in_client(app, databases, post)
    form = {"year": "2027", "source": SOURCE_2027, "text": NOTICE_2027}
    page = browser.send("/calendar-days/notice", {**form, "text": "二、春节：2月5日（周五）放假。"})
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "2027-10-01是法定假日" in text
    assert "二、春节：2月5日（周五）放假。" in text, "what was typed stays"
    assert browser.send("/calendar-days/notice", form).status_code == 303
    assert "国办发明电〔2026〕7号" in browser.get("/calendar-days").get_data(as_text=True)
    day = {"one-day": "2026-11-26", "one-working": "0", "one-source": "台风停工通告"}
    assert browser.send("/calendar-days/day", day).status_code == 303
    assert "台风停工通告" in browser.get("/calendar-days").get_data(as_text=True)
    assert browser.send("/calendar-days/day/1/withdraw").status_code == 303
    assert browser.send("/calendar-days/day/9/withdraw").status_code == 404
    assert signed_in_client(app, databases, officer).get("/calendar-days").status_code == 403
