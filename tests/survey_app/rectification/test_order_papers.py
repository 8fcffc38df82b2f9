"""The thirteen papers of an order say what its rows say: numbers, dates, names, reasons."""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest

from survey_app.core.actor import Role
from survey_app.core.errors import NotFound
from survey_app.papers.marks import Marks
from survey_app.papers.official.docx import official_docx
from survey_app.papers.official.paper import Layout
from survey_app.rectification import closing, escalating, extending
from survey_app.rectification.background import every_day
from survey_app.rectification.limits import open_limits
from survey_app.rectification.models import LimitKind, Order, OrderState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.paper_list import paper_in, papers_of
from survey_app.rectification.papers import paper_of
from survey_app.units.models import UnitKind
from tests.support.cast import actor_for, make_account, make_home, make_unit
from tests.support.orders import REMINDED, advance, at_day, make_draft, make_order, make_stage

S = OrderState
TODAY = date(2026, 11, 20)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


def texts(session, order: Order) -> dict[str, str]:
    """Kind of paper -> everything its .docx says."""
    said = {}
    for link in papers_of(session, order):
        paper = paper_of(session, order, link.paper, link.subject_id, link.number, TODAY)
        said[link.paper] = said.get(link.paper, "") + words(official_docx(paper, marks=Marks(void=link.void)))
    return said


def words(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    heads = [line.text for section in document.sections for line in section.header.paragraphs]
    return "\n".join([*heads, *(paragraph.text for paragraph in document.paragraphs), *cells])


@pytest.fixture
def whole(session, stage):
    """An order with a request, every step of the ladder, an inspection and its closure."""
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    row = extending.request_extension(
        session,
        stage.chair,
        order,
        problems_of(session, order)[2:],
        days=20,
        reason="施工单位要排期。",
        progress="图纸已定。",
        interim_measures="先用会议室。",
        at=at_day(2026, 9, 21),
    )
    extending.answer_extension(
        session, stage.issuer, order, row, granted=True, answer="抓紧施工。", at=at_day(2026, 9, 22)
    )
    for day in ((2026, 10, 15), (2026, 10, 21), (2026, 11, 4), (2026, 11, 25)):
        every_day(session, at=at_day(*day))
        terms = {"talk_at": "2026-11-06T09:00:00+08:00", "place": "三楼会议室"}
        while waiting := escalating.waiting(session, order):
            escalating.decide(
                session, stage.issuer, order, waiting[0], send=True, terms=terms, at=at_day(*day)
            )
    at = advance(session, stage, order, S.PASSED, at=at_day(2026, 11, 26))
    closing.close_by_decision(session, stage.issuer, order, reason="会员不足10人。", at=at)
    return order


def test_a_whole_life_leaves_every_paper_with_its_facts(session, stage, whole):
    said = texts(session, whole)
    assert set(said) == {
        "order",
        "receipt",
        "plan",
        "extension_request",
        "extension_reply",
        "report",
        "urging",
        "supervision",
        "formal_talk",
        "circular",
        "inspection",
        "closing",
    }
    expected = {
        "order": [
            "柳总工改〔2026〕1号",
            "88票中，47票不满意",
            "自送达之日起30日内，最迟2026年10月16日前（A类）",
        ],
        "receipt": ["2026年9月14日", stage.chair.name],
        "plan": ["没有人专门负责。", "主席", "组织委员", "柳总工改〔2026〕1号"],
        "extension_request": ["施工单位要排期。", "2026年12月14日", "妥否，请批示。"],
        "extension_reply": ["柳总工复〔2026〕1号", "2027年1月4日", "抓紧施工。"],
        "report": ["做好了。"],
        "urging": ["柳总工催〔2026〕1号", "2026年10月14日", "意见答复的整改"],
        "supervision": ["柳总工督〔2026〕1号", "柳总工催〔2026〕1号"],
        "formal_talk": ["柳总工约〔2026〕1号", "2026年11月6日9:00", "三楼会议室"],
        "circular": [
            "柳总工通〔2026〕1号",
            "青禾纺织公司工会",
            "共印发限期整改通知和提醒函1件",
            "经催办、督办、约谈仍无结果。",
            "2026年10月15日",
        ],
        "inspection": ["柳总工验〔2026〕1号", stage.inspector.name, "王兰", "全部通过"],
        "closing": ["柳总工销〔2026〕", "会员不足10人。", "未组织会员再评"],
    }
    for paper, facts in expected.items():
        for fact in facts:
            assert fact in said[paper], f"{paper} does not say {fact}"


def test_a_withdrawn_orders_paper_is_void(session, stage):
    order = make_order(session, stage, S.PLAN_DUE)
    closing.withdraw(session, stage.issuer, order, reason="评议作废", at=at_day(2026, 9, 16))
    assert paper_in(session, order, "order", order.id).void
    assert "作废" in texts(session, order)["order"]


def test_a_reminder_is_a_letter_with_the_day_of_its_plan_and_no_number(session, stage):
    order = make_order(session, stage, S.NOTED, overall=REMINDED, at=at_day(2026, 9, 11))
    said = texts(session, order)
    assert set(said) == {"reminder_letter", "receipt", "plan"}
    paper = paper_of(session, order, "reminder_letter", order.id, "", TODAY)
    assert (paper.layout, paper.doc_number) == (Layout.LETTER, "")
    assert "前报来改进打算" in said["reminder_letter"]
    assert "不设期限" not in said["reminder_letter"]


def test_the_date_printed_at_signing_is_the_latest_that_service_can_give(session, stage):
    order = make_draft(session, stage)
    from survey_app.rectification import proposing

    proposing.issue(session, stage.issuer, order, at=at_day(2026, 9, 11))
    printed = texts(session, order)["order"]
    assert "最迟2026年10月16日前（A类）" in printed, "16 September is the last day to acknowledge"
    advance(session, stage, order, S.RECTIFYING, at=at_day(2026, 9, 14))
    due = {one.due_on for one in session.scalars(open_limits(order, LimitKind.COMPLETION))}
    assert min(due) == date(2026, 10, 14), "30 days from the real service, not later than printed"
    assert texts(session, order)["order"] == printed, "what was signed reads the same afterwards"


def test_a_circular_names_only_steps_that_were_taken_and_orders_that_were_issued(session, stage):
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    other = make_stage(session, stage.lead, make_home(session, stage.lead, "晨光食品工会"))
    make_draft(session, other)
    for day, send in (((2026, 10, 15), True), ((2026, 10, 21), False), ((2026, 11, 25), True)):
        every_day(session, at=at_day(*day))
        while waiting := escalating.waiting(session, order):
            escalating.decide(
                session, stage.issuer, order, waiting[0], send=send, reason="看情况", at=at_day(*day)
            )
    said = texts(session, order)["circular"]
    assert "经催办仍无结果。" in said, "what was left or never asked is not claimed"
    assert "督办" not in said
    assert "约谈" not in said
    assert "共印发限期整改通知和提醒函1件" in said, "a draft was not issued"


def test_a_paper_keeps_the_union_that_wrote_it_after_the_lead_was_handed_over(session):
    city = make_unit(session, "江州市总工会")
    street = make_unit(
        session, "河湾街道总工会", UnitKind.TOWNSHIP_UNION, parent=city, document_prefix="河工"
    )
    lead = make_unit(session, "柳堤区总工会", parent=city, document_prefix="柳总工")
    stage = make_stage(session, lead, make_home(session, lead, territory=street))
    order = make_order(session, stage, S.RECTIFYING, at=at_day(2026, 9, 11))
    before = texts(session, order)
    closing.hand_over(session, stage.issuer, order, reason="分工调整", at=at_day(2026, 10, 9))
    assert texts(session, order) == before, "what was signed and handed in stays as it was"
    every_day(session, at=at_day(2026, 10, 15))
    beside = actor_for(session, make_account(session, Role.OFFICER, street)[1])
    escalating.decide(
        session, beside, order, escalating.waiting(session, order)[0], send=True, at=at_day(2026, 10, 15)
    )
    urging = texts(session, order)["urging"]
    assert "河工催〔2026〕1号" in urging
    assert "柳堤区总工会关于" in urging, "the order is named by the union that signed it"


def test_a_paper_that_is_not_there_yet_is_not_found(session, stage):
    order = make_order(session, stage, S.SERVED)
    for paper in ("plan", "report", "receipt", "inspection"):
        with pytest.raises(NotFound):
            paper_in(session, order, paper, order.id)
