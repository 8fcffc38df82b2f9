"""The thirteen official papers: each says what its genre must contain, in PDF and in .docx alike."""

import io
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from pypdf import PdfReader

from survey_app.papers.marks import Marks
from survey_app.papers.official.circular import Circular, LateHome, circular
from survey_app.papers.official.closing_slip import ClosingSlip, closing_slip
from survey_app.papers.official.docx import official_docx
from survey_app.papers.official.extension_reply import ExtensionReply, extension_reply
from survey_app.papers.official.extension_request import ExtensionRequest, extension_request
from survey_app.papers.official.findings import EvaluationFigures, ItemResult, Problem
from survey_app.papers.official.formal_talk import FormalTalk, formal_talk
from survey_app.papers.official.inspection import InspectedProblem, Inspection, inspection
from survey_app.papers.official.letterhead import Letterhead, Reference
from survey_app.papers.official.overdue import OverdueMatter
from survey_app.papers.official.paper import Imprint, Layout
from survey_app.papers.official.pdf import official_pdf
from survey_app.papers.official.receipt import Receipt, receipt
from survey_app.papers.official.rect_plan import PlannedMeasure, RectPlan, rect_plan
from survey_app.papers.official.rect_report import CompletedMeasure, Evidence, RectReport, rect_report
from survey_app.papers.official.rectification_order import RectificationOrder, rectification_order
from survey_app.papers.official.reminder_letter import ReminderLetter, reminder_letter
from survey_app.papers.official.supervision import Supervision, supervision
from survey_app.papers.official.urging import Urging, urging

HOME = "柳河机械厂工会"
DOWN = Letterhead(
    issuer="柳河区总工会",
    doc_number="柳总工改〔2026〕12号",
    doc_date=date(2026, 9, 4),
    addressees=(HOME,),
    contact="李秀英",
    telephone="010-12345678",
    imprint=Imprint(("柳河区机械工业工会",), "柳河区总工会办公室", date(2026, 9, 4)),
)
UP = Letterhead(
    issuer=HOME,
    doc_number="柳机工〔2026〕3号",
    doc_date=date(2026, 9, 28),
    addressees=("柳河区总工会",),
    contact="赵强",
    telephone="010-87654321",
    signatory="王建国",
)
FIGURES = EvaluationFigures(
    members=186,
    valid=116,
    turnout_rate=0.62366,
    satisfied=42,
    basic=21,
    dissatisfied=45,
    unknown=8,
    satisfied_rate=0.38889,
    combined_rate=0.58333,
    interval=(49.12, 58.97),
    grade="不满意",
)
ORDER = Reference("柳河区总工会关于柳河机械厂工会限期整改的通知", "柳总工改〔2026〕12号")
ITEMS = (
    ItemResult("找工会办一件事要走哪几步，讲得清不清楚，您满意吗？", "30", "20", "50", "16", "50%"),
    ItemResult("主席接待日解决问题的情况，您满意吗？", "—", "—", "—", "—", "有效票不足10张，不显示"),
)
PROBLEMS = (
    Problem(
        "亮程序",
        "办事流程没有公开，会员不知道找谁办、要走几步。108名表态会员中50人不满意。",
        "把各服务项目的流程图上墙并在公开页公布，注明办理人、地点和时限。",
        "A类，立行立改",
        date(2026, 10, 12),
    ),
    Problem(
        "主席接待日",
        "接待日不固定，提出的问题没有答复。",
        "公布每月接待日，建立接待登记，逐条答复。",
        "B类，限期整改",
        date(2026, 11, 9),
    ),
)
LATE = (OverdueMatter("报送整改方案", date(2026, 9, 28), 5),)

CASES = {
    "rectification_order": (
        rectification_order,
        RectificationOrder(
            letterhead=DOWN,
            home=HOME,
            year=2026,
            basis=(Reference("会员评议职工之家办法"), Reference("柳河区评议方案", "柳总工发〔2026〕5号")),
            figures=FIGURES,
            problems=PROBLEMS,
            plan_due=date(2026, 9, 28),
            receipt_days=3,
            report_days=5,
            extension_ask_days=5,
            extension_limit_days=30,
            inspectors=2,
            items=ITEMS,
        ),
        "根据《会员评议职工之家办法》《柳河区评议方案》（柳总工发〔2026〕5号） 收回有效票116张 "
        "参评率62.37% "
        "综合满意率58.33% 49.12到58.97 评定结果：不满意 办事流程没有公开 整改要求：把各服务项目 "
        "2026年10月12日前（A类，立行立改） 2026年9月28日前，以报告形式报送整改方案 "
        "约谈、通报 签收不等于同意 "
        "联系人：李秀英，电话：010-12345678 "
        "附件：1.2026年度评议项目结果2.签收回执 抄送：柳河区机械工业工会。",
    ),
    "reminder_letter": (
        reminder_letter,
        ReminderLetter(DOWN, HOME, 2026, FIGURES, ("亮程序：50人不满意。",), ("回访：40%不了解。",), ITEMS),
        "关于柳河机械厂工会会员评议情况的提醒函 会员希望改进的项目 会员不了解的项目 特此函告。",
    ),
    "receipt": (
        receipt,
        Receipt(HOME, ORDER, date(2026, 9, 4), date(2026, 9, 7), "王建国", "第2项所列人数有出入。"),
        "签收回执 柳总工改〔2026〕12号 2026年9月7日 王建国 第2项所列人数有出入。 单位盖章",
    ),
    "rect_plan": (
        rect_plan,
        RectPlan(
            UP,
            ORDER,
            (
                PlannedMeasure(
                    "亮程序",
                    "流程没有公开。",
                    "没有专人管。",
                    "画流程图并上墙。",
                    "王建国",
                    "孙梅",
                    date(2026, 10, 12),
                    "会员知道找谁办。",
                ),
            ),
            "成立整改小组，主席任组长。",
        ),
        "签发人：王建国 原因：没有专人管。 措施：画流程图 "
        "预期效果：会员知道找谁办。 孙梅 2026年10月12日 特此报告。",
    ),
    "rect_report": (
        rect_report,
        RectReport(
            UP,
            ORDER,
            (
                CompletedMeasure(
                    "亮程序",
                    "流程图已经上墙。",
                    "座谈会12人认可。",
                    "",
                    (Evidence("上墙照片", "2026年10月8日", "9f2c" * 16),),
                ),
            ),
            "两项均已完成。",
        ),
        "完成情况：流程图已经上墙。 会员反馈：座谈会12人认可。 遗留问题：无。 "
        "上墙照片 9f2c9f2c9f2c 特此报告。",
    ),
    "extension_request": (
        extension_request,
        ExtensionRequest(
            UP,
            ORDER,
            ("主席接待日",),
            date(2026, 11, 9),
            date(2026, 12, 9),
            "场地装修。",
            "已完成登记。",
            "临时接待。",
        ),
        "关于延长整改期限的请示 2026年11月9日前 延长至2026年12月9日 "
        "延期理由 目前进展 延期期间的措施 妥否，请批示。",
    ),
    "extension_reply": (
        extension_reply,
        ExtensionReply(
            DOWN,
            HOME,
            Reference("柳河机械厂工会关于延长整改期限的请示", "柳机工〔2026〕4号"),
            date(2026, 11, 9),
            date(2026, 12, 9),
            "",
            ("每周报告一次进展。",),
        ),
        "延长整改期限的批复 （柳机工〔2026〕4号）收悉 "
        "同意你会延期。整改期限由2026年11月9日延长至2026年12月9日 此复。",
    ),
    "urging": (
        urging,
        Urging(DOWN, ORDER, LATE, date(2026, 10, 16), HOME),
        "催办通知 报送整改方案 2026年9月28日 2026年10月16日前书面回复",
    ),
    "supervision": (
        supervision,
        Supervision(
            DOWN,
            HOME,
            ORDER,
            Reference("催办通知", "柳总工改〔2026〕15号"),
            LATE,
            date(2026, 10, 23),
            "李秀英",
        ),
        "督办通知 经《催办通知》（柳总工改〔2026〕15号）催办 "
        "办结期限：2026年10月23日前。 回复形式 约谈你会主席",
    ),
    "formal_talk": (
        formal_talk,
        FormalTalk(
            DOWN, HOME, ORDER, LATE, datetime(2026, 11, 3, 9, 30), "区总工会203室", ("王建国", "孙梅")
        ),
        "关于约谈柳河机械厂工会的通知 2026年11月3日9:30（星期二） 区总工会203室 王建国、孙梅",
    ),
    "inspection": (
        inspection,
        Inspection(
            "柳河区总工会",
            "柳验〔2026〕8号",
            HOME,
            ORDER,
            date(2026, 11, 20),
            "现场查看",
            (
                InspectedProblem("亮程序", "现场流程图", True),
                InspectedProblem("主席接待日", "登记簿", False, "没有答复记录。", date(2026, 12, 22)),
            ),
            ("李秀英", "赵强"),
        ),
        "复查验收意见 通过 不通过 没有答复记录。新期限2026年12月22日。 复查人1李秀英 复查人2赵强 "
        "共复查2项，通过1项；不通过1项：主席接待日。退回整改。",
    ),
    "closing_slip": (
        closing_slip,
        ClosingSlip(
            "柳河区总工会",
            "柳销〔2026〕5号",
            HOME,
            ORDER,
            "亮程序",
            "流程没有公开",
            "流程图上墙",
            date(2026, 11, 20),
            "综合满意率由50%升到81%",
            date(2026, 12, 7),
            "周明",
        ),
        "整改问题销号单 亮程序 2026年12月7日 综合满意率由50%升到81% 予以销号 周明",
    ),
    "circular": (
        circular,
        Circular(
            replace(DOWN, addressees=("各基层工会",)),
            2026,
            "全区发出整改通知12份，已销号9份。",
            ("柳河纺织厂工会提前办结，会员再评综合满意率91%。",),
            (LateHome(HOME, "报送整改报告", "2026年11月10日", "已约谈"),),
            ("逾期单位尽快办结。",),
        ),
        "整改情况的通报 整改较好的单位 柳河纺织厂工会 逾期未办结的单位 2026年11月10日 已约谈 特此通报。",
    ),
}

HOSTILE = (
    '#import "x.typ" *粗* _斜_ $x^2$ <标签> @引用 // /* ]] </w:t><w:t> & < > " \' ]]>',
    "一行\n二行\r\n三行\u2028四行\x00\x07\u202e倒写\ufeff",
    "北京市朝阳区望京街道大恒𬱖喆䶮㛃" * 4,
    "",
)


def docx_text(book: bytes) -> str:
    """All text of a Word file without white space, body, tables, headers and footers."""
    archive = zipfile.ZipFile(io.BytesIO(book))
    parts = [name for name in archive.namelist() if name.startswith(("word/document", "word/header"))]
    roots = [etree.fromstring(archive.read(name)) for name in parts]
    return "".join("".join(text for root in roots for text in root.itertext()).split())


@pytest.mark.parametrize("name", CASES)
def test_the_paper_contains_what_its_genre_must(name, typesetter, text_of):
    compose, data, must = CASES[name]
    paper = compose(data)
    in_pdf, in_word = text_of(official_pdf(paper, typesetter)), docx_text(official_docx(paper))
    for words in (*must.split(), *paper.title.split()):
        assert words in in_pdf, f"{words} is missing from the PDF"
        assert words in in_word, f"{words} is missing from the Word file"


def poisoned(value, poison):
    """The same data with a hostile text in every string."""
    if isinstance(value, str):
        return poison
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: poisoned(getattr(value, f.name), poison) for f in fields(value)})
    if isinstance(value, tuple):
        return tuple(poisoned(item, poison) for item in value)
    return value


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_text_is_printed_as_it_stands(poison, name, typesetter, text_of):
    compose, data, _ = CASES[name]
    paper = compose(poisoned(data, poison))
    book = official_docx(paper)
    in_pdf, in_word = text_of(official_pdf(paper, typesetter)), docx_text(book)
    if "粗" in poison:
        wanted = "".join(poison.split())
        assert wanted in in_pdf
        assert wanted in in_word
    assert "\u202e" not in in_word
    docx.Document(io.BytesIO(book))


@pytest.mark.parametrize("name", CASES)
def test_empty_lists_and_very_long_problems_still_make_a_paper(name, typesetter):
    compose, data, _ = CASES[name]
    empty = replace(data, **{f.name: () for f in fields(data) if isinstance(getattr(data, f.name), tuple)})
    assert len(PdfReader(io.BytesIO(official_pdf(compose(empty), typesetter))).pages) >= 1
    long = compose(poisoned(data, "会员反映办事流程没有公开。" * 150))
    assert len(PdfReader(io.BytesIO(official_pdf(long, typesetter))).pages) >= 3
    official_docx(compose(empty))


def test_a_refused_extension_keeps_the_old_day_and_gives_its_reason(typesetter, text_of):
    _, data, _ = CASES["extension_reply"]
    text = text_of(
        official_pdf(extension_reply(replace(data, new_due=None, reason="理由不充分。")), typesetter)
    )
    assert "不同意延期。理由不充分。" in text
    assert "仍于2026年11月9日前完成整改" in text


def test_figures_that_may_not_be_shown_leave_no_trace():
    hidden = replace(FIGURES, satisfied="0–1", satisfied_rate=None, combined_rate=None, interval=None)
    words = hidden.sentences()
    assert "满意0–1票" in words
    assert "率" not in words.replace("参评率", "")
    assert "统计推断" not in words


def test_reports_carry_no_request_and_requests_are_upward():
    for name in ("rect_plan", "rect_report", "extension_request"):
        compose, data, _ = CASES[name]
        paper = compose(data)
        assert paper.layout is Layout.UPWARD
        assert paper.signatory == "王建国"
    compose, data, _ = CASES["rect_report"]
    assert "请批示" not in docx_text(official_docx(compose(data)))


def test_the_word_file_has_the_measures_grid_and_faces_of_the_standard():
    compose, data, _ = CASES["rectification_order"]
    document = docx.Document(io.BytesIO(official_docx(compose(data), marks=Marks(demo=True, void=True))))
    section = document.sections[0]
    assert [round(side.mm) for side in (section.top_margin, section.left_margin)] == [37, 28]
    assert [round(side.mm) for side in (section.right_margin, section.bottom_margin)] == [26, 35]
    assert section.page_width.mm == pytest.approx(210, abs=0.1)
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid.get(qn("w:type")) == "linesAndChars"
    assert 22 * int(grid.get(qn("w:linePitch"))) / 20 <= 225 / 25.4 * 72
    assert 28 * (16 + int(grid.get(qn("w:charSpace"))) / 4096) == pytest.approx(156 / 25.4 * 72, abs=0.1)
    assert document.styles["Normal"].font.size.pt == 16
    xml = document.element.xml
    for face in ("仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体"):
        assert f'w:eastAsia="{face}"' in xml
    assert document.settings.odd_and_even_pages_header_footer
    assert "演示数据，不作依据　作废" in section.header.paragraphs[0].text
    assert "PAGE" in section.footer._element.xml
    assert section.even_page_footer.paragraphs[0].alignment != section.footer.paragraphs[0].alignment
