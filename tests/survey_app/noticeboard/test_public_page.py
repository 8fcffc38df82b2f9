"""The public page of a home: published results only, as far as they may be shown, and no cookie."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader

from survey_app.core.clock import beijing_day
from survey_app.core.db import committing, write_session
from survey_app.rectification.models import Limit, OrderState
from survey_app.results.models import CommentState, Result, ResultState, ReviewedComment
from survey_app.rounds.models import RoundHome
from tests.support.cast import StandingClock, make_app
from tests.support.district import add_count
from tests.support.orders import ISSUED_AT, make_order, make_stage

PUBLIC = ("/", "/?home=长河", "/about/anonymity", "/about/method", "/h/{home}", "/h/{home}/2026", "/r")


def text_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("state", sorted(set(ResultState) - {ResultState.PUBLISHED}))
def test_nothing_of_an_unpublished_result_is_public(counted, public, databases, state):
    home = counted.homes[0]
    with committing(write_session(databases.roster)) as session:
        session.query(Result).filter_by(home_id=home.id).one().state = state
    page = text_of(public, f"/h/{home.id}")
    assert "还没有公布的评议结果" in page
    assert not re.search(r"100位会员里|合格|满意率|参评（", page)
    assert public.get(f"/h/{home.id}/2026").status_code == 404
    assert public.get(f"/h/{home.id}/2026/items").status_code == 404


def test_a_published_result_shows_sentence_class_band_and_turnout(counted, public, publish):
    home = counted.homes[0]
    publish(home)
    page = text_of(public, f"/h/{home.id}")
    result = counted.result(0)
    assert "100位会员里，大约有" in page
    assert f"160人中{result.ballots}人参评（{100 * result.ballots / 160:.2f}%）" in page
    assert "<svg" in page
    items = text_of(public, f"/h/{home.id}/2026/items")
    assert "四个方面" in items
    assert items.count('scope="row"') > 20


def test_with_fewer_than_ten_ballots_nothing_but_turnout_is_public(counted, public, publish):
    home = counted.homes[1]
    publish(home)
    page = text_of(public, f"/h/{home.id}")
    assert "14人中7人参评（50.00%）" in page
    assert "不显示结果" in page
    assert not re.search(r"100位会员里|综合满意率[0-9]|大致在", page)
    assert "四个方面和每一题" not in page


def test_a_nearly_unanimous_small_home_shows_its_class_and_no_figure(counted, public, publish):
    home = counted.homes[2]
    publish(home)
    page = text_of(public, f"/h/{home.id}")
    assert "85%以上" in page
    items = text_of(public, f"/h/{home.id}/2026/items")
    for hidden in ("95.83", "100.00", ">23<", ">96%<"):
        assert hidden not in page + items


def test_class_tables_and_names_of_classes_never_reach_the_public(counted, public, publish):
    home = counted.homes[0]
    publish(home)
    for address in (f"/h/{home.id}", f"/h/{home.id}/2026/items"):
        assert "劳务派遣" not in text_of(public, address)


def test_public_pages_set_no_cookie_and_read_none(counted, public, publish):
    home = counted.homes[0]
    publish(home)
    for address in PUBLIC:
        answer = public.get(address.format(home=home.id))
        assert answer.status_code == 200, address
        assert "Set-Cookie" not in answer.headers, address
    public.set_cookie("big", "1")
    assert 'class="big"' not in text_of(public, f"/h/{home.id}")
    assert 'class="big"' in text_of(public, f"/h/{home.id}?big=1")


def test_only_homes_have_a_page_and_only_published_ones_are_found(counted, public, publish):
    assert public.get(f"/h/{counted.top.id}").status_code == 404
    assert public.get("/h/999999").status_code == 404
    assert "没有找到" in text_of(public, "/?home=长河")
    publish(counted.homes[0])
    found = text_of(public, "/?home=长河")
    assert f'href="/h/{counted.homes[0].id}"' in found
    assert "没有找到" in text_of(public, "/?home=新竹")
    assert "没有找到" in text_of(public, "/?home=%25")


def test_words_are_public_only_with_their_answer(counted, public, publish, databases):
    home = counted.homes[0]
    round_id = publish(home)
    cases = {
        "门老锁着": (CommentState.RELEASED, "每周二开到20:30。"),
        "没答复的话": (CommentState.RELEASED, ""),
        "退回的话": (CommentState.WITHHELD, "已答复"),
        "等审阅的话": (CommentState.WAITING, "已答复"),
    }
    with committing(write_session(databases.roster)) as session:
        for number, (words, (state, answer)) in enumerate(cases.items()):
            session.add(
                ReviewedComment(
                    id=f"{number:032x}",
                    round_id=round_id,
                    home_id=home.id,
                    question="t1",
                    original=words,
                    released=words,
                    answer=answer,
                    state=state,
                )
            )
    page = text_of(public, f"/h/{home.id}")
    assert [words for words in cases if words in page] == ["门老锁着"]
    assert "每周二开到20:30。" in page


@pytest.fixture
def ordered(settings, databases):
    """A home with an order in its hands, one problem of it past its limit."""
    with committing(write_session(databases.roster)) as session:
        stage = make_stage(session)
        order = make_order(session, stage, OrderState.RECTIFYING)
        result = session.get_one(Result, order.result_id)
        place = session.get_one(RoundHome, (result.round_id, stage.home.id))
        add_count(session, place.round_id, place.home_id, 140, 96)
        result.state, result.published_at = ResultState.PUBLISHED, ISSUED_AT
        limits = session.query(Limit).filter_by(order_id=order.id, met_on=None).order_by(Limit.due_on).all()
        first = next(limit.due_on for limit in limits if limit.problem_id is not None)
    late = StandingClock(
        ISSUED_AT.replace(year=first.year, month=first.month, day=first.day) + timedelta(days=3)
    )
    return stage, order, first, make_app(settings, databases, late).test_client()


def test_the_order_is_shown_with_what_is_late_since_when(ordered):
    stage, _order, first, client = ordered
    page = text_of(client, f"/h/{stage.home.id}")
    since = first + timedelta(days=1)
    assert "上级工会已要求限期整改" in page
    assert f"{since.month}月{since.day}日起逾期" in page
    assert "1项逾期" in page
    assert "会员说行，才算行" in page


def test_an_order_that_is_not_signed_is_nobodys_business(databases, ordered):
    stage, order, _first, client = ordered
    with committing(write_session(databases.roster)) as session:
        session.merge(order).state = OrderState.AWAITING_SIGNATURE
    page = text_of(client, f"/h/{stage.home.id}")
    assert "整改进展" not in page


def test_the_sheet_is_one_page_with_what_the_page_says(counted, public, publish):
    home = counted.homes[0]
    publish(home)
    answer = public.get(f"/h/{home.id}/sheet.pdf")
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    assert len(pages) == 1
    words = pages[0].extract_text().replace("\n", "")
    assert "长河机械厂工会" in words
    assert "100位会员里" in words
    assert "误差范围" in words
    today = beijing_day(counted.clock())
    assert f"截至{today.year}年{today.month}月{today.day}日" in words, "the day it was printed"
