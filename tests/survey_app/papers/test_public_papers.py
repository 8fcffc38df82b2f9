"""Poster, notice-board sheet, unit report, paper ballot and first passwords."""

import io
import re
from dataclasses import replace
from datetime import date, datetime

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from survey_app.papers.board_sheet import (
    BoardOrder,
    BoardPicture,
    BoardProblem,
    BoardSheet,
    board_sheet_pdf,
)
from survey_app.papers.first_passwords import FirstPassword, first_passwords_pdf
from survey_app.papers.marks import Marks
from survey_app.papers.paper_ballot import BallotSection, PaperBallot, paper_ballot_pdf
from survey_app.papers.poster import Poster, poster_pdf
from survey_app.papers.unit_report import ReportItem, UnitReport, unit_report_pdf

HOME = "柳河机械厂工会"
ADDRESS = "https://pj.example.org/h/hq-012"
POSTER = Poster(
    home=HOME,
    year=2026,
    opens_on=date(2026, 6, 8),
    closes_at=datetime(2026, 6, 28, 18, 0),
    page_address=ADDRESS,
    check_code="A1B2C3D4E5F6G7H8",
    superior="柳河区总工会",
    superior_telephone="010-12345678",
)


def photo() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (560, 420), (90, 140, 90)).save(target, "JPEG")
    return target.getvalue()


DONE = BoardProblem(
    "亮程序", ("打算：流程图上墙（2026年10月8日办成）", "做了：流程图已经上墙。"), ("已销号",)
)
BOARD = BoardSheet(
    home=HOME,
    year=2026,
    page_address=ADDRESS,
    sentence="100位会员里，大约有77位满意或基本满意。",
    grade="合格",
    figures=(("参评率", "62.37%"), ("有效票", "116")),
    orders=(
        BoardOrder(
            "柳河区总工会2026年9月11日发了限期整改通知，柳总工改〔2026〕1号。整改方案2026年9月20日通过。",
            (DONE,),
            (
                "会员再评：2026年11月2日到2026年11月9日。再评以前：不满意；再评以后：合格。",
                "2026年11月18日销号。",
            ),
        ),
    ),
    pictures=(BoardPicture(photo(), "亮程序", "2026年10月7日拍"),),
    overdue="第2项自2026年11月10日起逾期。",
    answers=(("活动太少", "每季度办一次。"),),
    shown=(("亮牌子", "办公楼一层东侧。"), ("亮身份", "主席王建国")),
    as_of=date(2026, 11, 20),
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 90"><rect x="426" width="61" height="20"/>'
    '<text x="100" y="40" font-family="Noto Sans SC">合格线在此</text></svg>'
)
REPORT = UnitReport(
    home=HOME,
    year=2026,
    superior="柳河区总工会",
    grade="合格，提醒",
    sentence=BOARD.sentence,
    interval_sentence="有68人没交票，真实的数大致在71到82之间。",
    reading="整段在60线以上，所以合格。",
    figures=(("会员", "186"), ("有效票", "116")),
    items=tuple(
        ReportItem(str(n), f"第{n}项的情况，您满意吗？", "84 · 21 · 8 · 3", "90%", (0.72, 0.18, 0.07, 0.03))
        for n in range(1, 23)
    ),
    made_on=date(2026, 7, 20),
    interval_svg=SVG,
)
BALLOT = PaperBallot(
    home=HOME,
    year=2026,
    issuer="柳河机械厂工会评议工作小组",
    options=("满意", "基本满意", "不满意", "不了解"),
    sections=tuple(
        BallotSection(heading, tuple((str(n), f"第{n}项，您满意吗？") for n in range(5 * at + 1, 5 * at + 6)))
        for at, heading in enumerate(("服务设施实体化", "服务职责明晰化", "管理制度规范化", "运行机制科学化"))
    ),
    open_questions=("您觉得最该先改的一件事是什么？", "您觉得做得最好的一件事是什么？"),
    class_letter="A",
)


def pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def test_the_poster_code_measures_150_mm_and_leads_to_the_homes_page(pictures):
    page = pictures(poster_pdf, POSTER)[0]
    code = zxingcpp.read_barcodes(page)[0]
    assert code.text == ADDRESS
    side = (code.position.top_right.x - code.position.top_left.x) / 130 * 25.4
    assert side == pytest.approx(150, abs=1.5)


def test_nothing_on_the_a3_poster_is_smaller_than_28_points(typesetter, pieces_of, text_of):
    pdf = poster_pdf(POSTER, typesetter, marks=Marks(demo=True))
    assert min(piece.size for piece in pieces_of(pdf)) >= 28
    text = text_of(pdf)
    for words in (
        "请您评一评咱们的职工之家",
        "2026年6月8日至2026年6月28日18:00",
        "不用登录，不用填姓名。",
        "开箱前，谁都看不到分数。",
        "没有人有权要您截图。",
        "没收到链接？扫码用会员号领。",
        "A1B2C3D4E5F6G7H8",
        "柳河区总工会010-12345678",
        "演示数据，不作依据",
    ):
        assert words in text


@pytest.mark.parametrize("size", ["a3", "a4"])
def test_the_poster_is_one_page_whatever_the_name(size, typesetter):
    long = replace(POSTER, home="北京市朝阳区望京街道大恒" * 5)
    pdf = poster_pdf(long, typesetter, size=size)
    box = PdfReader(io.BytesIO(pdf)).pages[0].mediabox
    assert pages(pdf) == 1
    assert round(float(box.width) / 72 * 25.4) == {"a3": 297, "a4": 210}[size]


def test_the_board_sheet_tells_result_progress_and_the_way_to_the_page(typesetter, text_of, pictures):
    made = board_sheet_pdf(BOARD, typesetter)
    text = text_of(made)
    assert len(PdfReader(io.BytesIO(made)).pages[0].images) == 1, "the released picture"
    for words in (
        "100位会员里",
        "合格",
        "62.37%",
        "柳总工改〔2026〕1号",
        "整改方案2026年9月20日通过",
        "打算：流程图上墙（2026年10月8日办成）",
        "流程图已经上墙。",
        "已销号",
        "2026年10月7日拍",
        "再评以前：不满意；再评以后：合格。",
        "2026年11月18日销号。",
        "起逾期",
        "您说：活动太少",
        "亮牌子",
    ):
        assert words in text
    assert "纸上放不下" not in text
    assert zxingcpp.read_barcodes(pictures(board_sheet_pdf, BOARD)[0])[0].text == ADDRESS


@pytest.mark.parametrize(
    "change",
    [
        {"answers": (("活动太少" * 30, "每季度办一次" * 30),) * 30},
        {"orders": (BoardOrder("通知", (replace(DONE, told=("做了" * 90,)),) * 20, ("销号。",)),) * 2},
        {"pictures": BOARD.pictures * 4, "shown": (("亮制度", "规矩" * 1_200),)},
        {"more": True},
        {"shown": (("亮制度", "规矩" * 4_000),)},
        {"sentence": "很长" * 3_000},
        {
            "home": "#" * 60,
            **dict.fromkeys(("figures", "orders", "pictures", "answers", "shown"), ()),
            "sentence": "",
        },
    ],
)
def test_the_board_sheet_never_needs_a_second_page_and_says_what_it_left_out(change, typesetter, text_of):
    pdf = board_sheet_pdf(replace(BOARD, **change), typesetter)
    assert pages(pdf) == 1
    if "figures" not in change:
        assert "纸上放不下的，请扫码看全文。" in text_of(pdf)


def test_the_unit_report_is_one_page_with_items_and_a_drawing_whose_text_stays_text(typesetter, text_of):
    pdf = unit_report_pdf(REPORT, typesetter)
    text = text_of(pdf)
    assert pages(pdf) == 1
    for words in (
        "合格，提醒",
        "大致在71到82之间",
        "整段在60线以上",
        "合格线在此",
        "第22项的情况",
        "84·21·8·3",
        "90%",
    ):
        assert words in text


@pytest.mark.parametrize(
    "change",
    [
        {"items": ()},
        {"items": (ReportItem("1", "一项", "有效票不足10张，不显示", "—"),), "interval_svg": ""},
        {"home": "北京市朝阳区望京街道大恒" * 5, "reading": "整段在60线以上。" * 12},
        {"items": tuple(replace(item, item="街道（乡镇）工会服务站的服务，" * 3) for item in REPORT.items)},
    ],
)
def test_the_unit_report_stays_on_one_page(change, typesetter):
    assert pages(unit_report_pdf(replace(REPORT, **change), typesetter)) == 1


def test_the_paper_ballot_asks_every_question_with_empty_columns(typesetter, text_of):
    pdf = paper_ballot_pdf(BALLOT, typesetter)
    text = text_of(pdf)
    assert pages(pdf) == 1
    for section in BALLOT.sections:
        assert section.heading in text
        for number, words in section.questions:
            assert f"{number}{words}" in text
    assert "满意基本满意不满意不了解" in text
    assert "无记名。在相应栏内打√，每项只选一栏，不选为弃权" in text
    assert all(question in text for question in BALLOT.open_questions)
    assert "类A" in text


def test_copies_are_alike_so_that_no_sheet_can_be_told_from_another(typesetter):
    reader = PdfReader(io.BytesIO(paper_ballot_pdf(replace(BALLOT, copies=3), typesetter)))
    texts = [re.sub(r"\s", "", page.extract_text()) for page in reader.pages]
    assert len(texts) == 3
    assert len(set(texts)) == 1


def test_a_long_ballot_begins_each_copy_on_a_front_page(typesetter, pieces_of):
    section = BallotSection("长", tuple((str(n), "问题很长，您满意吗？" * 6) for n in range(30)))
    pdf = paper_ballot_pdf(replace(BALLOT, sections=(section,), copies=2), typesetter)
    titles = [piece.page for piece in pieces_of(pdf) if "测评表" in piece.text]
    assert len(titles) == 2
    assert titles[1] % 2 == 0


def test_first_passwords_stand_six_on_a_page_exactly_as_typed(typesetter, text_of, pieces_of):
    accounts = [FirstPassword(HOME, "王建国", f"chair-{n}", f"Kq7m-Xw3p-{n:04d}") for n in range(8)]
    pdf = first_passwords_pdf(accounts, "https://pj.example.org/sign-in", date(2026, 6, 1), typesetter)
    text = text_of(pdf)
    assert pages(pdf) == 2
    assert all(text.count(row.password) == 1 for row in accounts)
    assert "2026年6月1日前有效" in text
    sizes = {round(piece.size) for piece in pieces_of(pdf) if "Kq7m" in piece.text}
    assert sizes == {18}


HOSTILE = '#import "x" *粗* $x$ <a> & @b \\ ]]\n\x00第二行\u202e'


def test_hostile_text_is_printed_as_it_stands_on_public_papers(typesetter, text_of):
    printed = [
        poster_pdf(replace(POSTER, home=HOSTILE), typesetter),
        board_sheet_pdf(
            replace(
                BOARD,
                sentence=HOSTILE,
                answers=((HOSTILE, HOSTILE),),
                orders=(BoardOrder(HOSTILE, (BoardProblem(HOSTILE, (HOSTILE,), (HOSTILE,)),), (HOSTILE,)),),
                pictures=(BoardPicture(photo(), HOSTILE, ""),),
            ),
            typesetter,
        ),
        unit_report_pdf(replace(REPORT, reading=HOSTILE), typesetter),
        paper_ballot_pdf(replace(BALLOT, open_questions=(HOSTILE,)), typesetter),
        first_passwords_pdf([FirstPassword(HOSTILE, "王", "a", "b")], ADDRESS, date(2026, 6, 1), typesetter),
    ]
    wanted = "".join(HOSTILE.replace("\x00", "").replace("\u202e", "").split())
    assert all(wanted in text_of(pdf) for pdf in printed)
