"""The chair's editor and the papers: what is saved, refused, previewed, answered, and by whom."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from survey_app.core.actor import Role
from survey_app.core.clock import beijing
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Invalid, Refused
from survey_app.journal.models import JournalLine
from survey_app.noticeboard import operations
from survey_app.noticeboard.models import HomePage
from survey_app.noticeboard.procedures import read_procedures, write_procedures
from survey_app.results.models import CommentState, ReviewedComment
from survey_app.rounds.models import Round, RoundHome
from tests.support.cast import actor_for, make_account
from tests.support.counted_home import COUNTED_AT

VALUES = {
    "place": "厂区东门办公楼一层103室",
    "hours": "周一至周五8:30–17:30",
    "chair_name": "李主席",
    "chair_phone": "010-0000-0000",
    "chair_email": "gh@example.org",
    "reception": "每月第一个星期三下午",
    "rules": "人员分工\n帮扶办法",
    "services": "帮扶\n调解",
    "procedures": "困难帮扶\n本人填申请表\n小组核实\n发放",
}


def comment(session, home, state=CommentState.RELEASED, number=1, round_id=""):
    row = ReviewedComment(
        id=f"{number:032x}",
        round_id=round_id,
        home_id=home.id,
        question="t1",
        original="食堂太挤",
        released="食堂太挤",
        state=state,
    )
    session.add(row)
    session.flush()
    return row


def test_saving_publishes_and_the_journal_keeps_the_version(counted, public, databases):
    chair = counted.client(counted.chairs[0])
    answer = chair.send("/home-page", {**VALUES, "version": "0"})
    assert answer.status_code == 303
    page = public.get(f"/h/{counted.homes[0].id}").get_data(as_text=True)
    for text in ("厂区东门办公楼一层103室", "李主席", "帮扶、调解", "人员分工；帮扶办法"):
        assert text in page
    assert "<li>本人填申请表</li><li>小组核实</li><li>发放</li>" in page
    with reading(read_session(databases.roster)) as session:
        line = session.query(JournalLine).filter_by(verb="home_page.saved").one()
    assert line.details["changed"]["place"] == VALUES["place"]


def test_a_stale_form_writes_nothing(counted, databases):
    chair = counted.client(counted.chairs[0])
    chair.send("/home-page", {**VALUES, "version": "0"})
    stale = chair.send("/home-page", {**VALUES, "place": "别处", "version": "0"})
    assert "有人刚改过" in stale.get_data(as_text=True)
    with reading(read_session(databases.roster)) as session:
        assert session.get_one(HomePage, counted.homes[0].id).place == VALUES["place"]
        with pytest.raises(Conflict):
            operations.save_page(
                session,
                actor_for(session, counted.chairs[0]),
                counted.homes[0].id,
                values=VALUES,
                version=7,
                at=COUNTED_AT,
            )


def test_a_preview_shows_and_stores_nothing(counted, public, databases):
    chair = counted.client(counted.chairs[0])
    shown = chair.send("/home-page", {**VALUES, "version": "0", "preview": "1"}).get_data(as_text=True)
    assert "<li>本人填申请表</li>" in shown
    with reading(read_session(databases.roster)) as session:
        assert session.get(HomePage, counted.homes[0].id) is None
    assert "还没有填公开页" in public.get(f"/h/{counted.homes[0].id}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("procedures", "code"),
    [
        ("困难帮扶", "procedure_without_steps"),
        ("困难帮扶\n" + "\n".join(f"第{n}步" for n in range(11)), "procedure_too_long"),
        ("困难帮扶\n" + "长" * 61, "step_too_long"),
        ("\n\n".join(f"第{n}件\n一步" for n in range(13)), "procedures_too_many"),
    ],
)
def test_procedures_that_no_chart_can_show_are_refused(counted, databases, procedures, code):
    with reading(read_session(databases.roster)) as session:
        actor = actor_for(session, counted.chairs[0])
        with pytest.raises(Invalid) as refused:
            operations.save_page(
                session,
                actor,
                counted.homes[0].id,
                values={**VALUES, "procedures": procedures},
                version=0,
                at=COUNTED_AT,
            )
    assert {fault.code for fault in refused.value.faults} == {code}


def test_procedures_come_back_as_they_were_typed():
    typed = "困难帮扶\n填表\n核实\n\n争议调解\n说明"
    assert write_procedures(read_procedures("\r\n" + typed.replace("\n", "\r\n") + "\r\n\r\n")) == typed


def test_an_answer_needs_released_words_of_the_own_home(counted, databases):
    with committing(write_session(databases.roster)) as session:
        for number, (home, state) in enumerate(
            (
                (counted.homes[0], CommentState.RELEASED),
                (counted.homes[0], CommentState.WAITING),
                (counted.homes[1], CommentState.RELEASED),
            ),
            1,
        ):
            comment(session, home, state, number, counted.id)
    chair = counted.client(counted.chairs[0])
    ids = [f"{number:032x}" for number in (1, 2, 3)]
    answers = [chair.send(f"/home-page/answers/{one}", {"answer": "分三批吃饭。"}).status_code for one in ids]
    assert answers == [303, 403, 404]
    with reading(read_session(databases.roster)) as session:
        assert [session.get_one(ReviewedComment, one).answer for one in ids] == ["分三批吃饭。", "", ""]
        line = session.query(JournalLine).filter_by(verb="comment.answered").one()
        assert "分三批" not in str(line.details)


def test_only_a_chair_edits(counted, databases):
    for post in (counted.officers[0], counted.auditor, counted.stranger):
        assert counted.client(post).get("/home-page").status_code == 403
    with reading(read_session(databases.roster)) as session:
        officer = actor_for(session, counted.officers[0])
        with pytest.raises(Refused):
            operations.save_page(
                session, officer, counted.homes[0].id, values=VALUES, version=0, at=COUNTED_AT
            )


def test_the_poster_is_for_those_whose_home_it_is(counted, databases):
    home = counted.homes[0]
    address = f"/rounds/{counted.id}/homes/{home.id}/poster.pdf"
    chair = counted.client(counted.chairs[0])
    assert chair.get(address).status_code == 404, "before `ready` there is no check code"
    with committing(write_session(databases.roster)) as session:
        session.get_one(RoundHome, (counted.id, home.id)).sheet_fingerprint = bytes(range(32))
        group = make_account(session, Role.WORKING_GROUP, home, counted.id)[1]
    for post in (counted.chairs[0], counted.officers[0], group):
        answer = counted.client(post).get(address + "?size=a4")
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF")
        words = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().replace("\n", "")
        with reading(read_session(databases.roster)) as session:
            closes = beijing(session.get_one(Round, counted.id).closes_at)
        assert f"{closes.month}月{closes.day}日{closes.hour}:{closes.minute:02d}" in words.replace(" ", "")
    for post in (counted.chairs[1], counted.stranger):
        assert counted.client(post).get(address).status_code == 404
