"""Comments: taken over once, masked before the home reads them, kept from everybody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from survey_app.box.models import BoxComment
from survey_app.core.db import read_session, reading
from survey_app.results.comments import comments_to_review, words_of
from survey_app.results.masking import Finding, masked, traces
from survey_app.results.models import ReviewedComment
from tests.support.counted_home import CountedSpec
from tests.survey_app.results.conftest import RIVER
from tests.survey_app.results.test_pages import sqlite_only


@pytest.mark.parametrize(
    ("text", "finding", "trace"),
    [
        ("打13812345678找我", Finding.PHONE, "13812345678"),
        ("打138 1234 5678", Finding.PHONE, "138 1234 5678"),
        ("座机0772-1234567", Finding.PHONE, "0772-1234567"),
        ("发到li.ming@example.com吧", Finding.EMAIL, "li.ming@example.com"),
        ("身份证45020219900101123X", Finding.IDENTITY, "45020219900101123X"),
        ("卡号6222021234567890123", Finding.ACCOUNT, "6222021234567890123"),
        ("我住3号楼502室", Finding.PLACE, "3号楼502室"),
        ("在1208房间", Finding.PLACE, "1208房间"),
        ("王经理不公道", Finding.NAME, "王经理"),
        ("欧阳小红说的", Finding.NAME, "欧阳小红"),
        ("问了张伟也说不清", Finding.NAME, "张伟"),
        ("有事找李建国就行", Finding.NAME, "李建国"),
        ("昨天陈思说不归他管", Finding.NAME, "陈思"),
        ("被刘大勇批评了一顿", Finding.NAME, "刘大勇"),
        ("多亏周敏，孩子有地方去", Finding.NAME, "周敏"),
        ("找司马光辉", Finding.NAME, "司马光辉"),
        ("陈师傅说了算", Finding.NAME, "陈师傅"),
    ],
)
def test_a_trace_is_found_and_masked(text, finding, trace):
    spans = traces(text, ["欧阳小红"])
    assert [(span.finding, text[span.start : span.end]) for span in spans] == [(finding, trace)]
    assert masked(text, spans) == text.replace(trace, "〔已隐去〕")


@pytest.mark.parametrize(
    "text",
    [
        "食堂的菜太贵了。",
        "暑期托管班帮了双职工大忙。",
        "2026年活动少，只有3次。",
        "希望多开几次会，别总是晚上8点。",
        "这张表说不清楚，工程师说要重填。",
        "找方法解决，别马上说不行，高温天给降温费。",
        "向领导说过，主任说再等等。",
        "问周末能不能开，和方便面放在一起。",
        "给钱就行，让万一有事的人有个着落。",
        "大家高兴地说，许多事办得周到。",
    ],
)
def test_plain_words_are_left_alone(text):
    assert traces(text, ["李小明"]) == []


@pytest.mark.parametrize("text", ["小明最清楚", "那个Z主任", "张伟，你记得吧"])
def test_names_in_other_places_are_left_to_the_reviewer(text):
    """The limit of the heuristic, kept in sight: it reads positions, it knows no people."""
    assert traces(text) == []


def test_words_move_out_of_the_box_once_and_stay_without_home_or_order(build):
    built = build(RIVER).rate().rate()
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(BoxComment)) == 0
    with reading(read_session(built.databases.roster)) as session:
        assert session.scalar(select(func.count()).select_from(ReviewedComment)) == 2
        assert words_of(session, built.id, built.homes[0].id).released == {}


@sqlite_only
def test_words_of_small_homes_are_erased_and_never_kept(build):
    built = build(CountedSpec.of(25, (10, 4, 3, 1), comments=(("t1", "一句话"),))).rate()
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(BoxComment)) == 0
    with reading(read_session(built.databases.roster)) as session:
        assert session.scalar(select(func.count()).select_from(ReviewedComment)) == 0


@sqlite_only
def test_the_home_reads_the_masked_words_and_nobody_but_the_reviewer_the_original(build):
    spec = replace(
        RIVER, comments=(("t1", "李小明打13812345678叫我别写"), ("t2", "托管班好")), names=("李小明",)
    )
    built = build(spec).rate()
    officer, chair = built.client(built.officers[0]), built.client(built.chairs[0])
    place = f"/comments/{built.id}/{built.homes[0].id}"
    review = officer.get(place).get_data(as_text=True)
    assert "李小明" in review
    assert "〔已隐去〕打〔已隐去〕叫我别写" in review
    with reading(read_session(built.databases.roster)) as session:
        rows = comments_to_review(session, built.actor(built.officers[0]), built.id, built.homes[0].id)
    by_question = {row.comment.question: row for row in rows}
    first, second = by_question["t1"], by_question["t2"]
    act = {"act": "release", "text": first.proposal}
    assert chair.send(f"/comments/{first.comment.id}", act).status_code == 403
    assert built.client(built.stranger).send(f"/comments/{first.comment.id}", act).status_code == 404
    assert "托管班" not in chair.get(f"/results/{built.result().id}").get_data(as_text=True)
    assert officer.send(f"/comments/{first.comment.id}", act).status_code == 303
    assert officer.send(f"/comments/{second.comment.id}", {"act": "withhold"}).status_code == 303
    page = chair.get(f"/results/{built.result().id}").get_data(as_text=True)
    assert "“〔已隐去〕打〔已隐去〕叫我别写”" in page
    assert "收到2条，上级审阅后送来1条。1条因为能认出人，没有送。" in page
    assert "13812345678" not in page
    assert "托管班" not in page
    assert chair.get(place).status_code == 403


@sqlite_only
def test_a_release_masks_and_adds_nothing(build):
    built = build(RIVER).rate()
    officer = built.client(built.officers[0])
    with reading(read_session(built.databases.roster)) as session:
        comment = session.scalars(select(ReviewedComment)).first()
    for text in ("", "x" * 900):
        answer = officer.send(f"/comments/{comment.id}", {"act": "release", "text": text})
        assert answer.status_code == 422
