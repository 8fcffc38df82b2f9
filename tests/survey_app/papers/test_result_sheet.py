"""The official result sheet says the same in PDF and in .xlsx."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from survey_app.papers.marks import Marks
from survey_app.papers.result_sheet import ResultRow, ResultSheet, result_sheet_pdf
from survey_app.papers.result_workbook import result_sheet_xlsx

SHEET = ResultSheet(
    home="柳河机械厂工会",
    round_title="2026年度会员评议职工之家",
    issuer="柳河机械厂工会评议工作小组",
    members=1_248,
    entitled=1_200,
    present=1_100,
    issued=1_099,
    returned=1_090,
    valid=1_080,
    invalid=10,
    rows=(
        ResultRow("1", "场地和设施", 700, 200, 100, 60, 20, 0.7, 0.9),
        ResultRow("2", "主席接待日", "27–30", "0–3", "0–1", 0, 0, "85%以上", "85%以上"),
        ResultRow("3", "回访", hidden="有效票不足10张，不显示"),
    ),
    scrutineers=("王建国",),
    tellers=("李秀英", "赵强"),
    made_on=date(2026, 6, 29),
)


def cells(book: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()


def test_the_sheet_names_every_figure_and_both_rates(typesetter, text_of):
    text = text_of(result_sheet_pdf(SHEET, typesetter, marks=Marks(journal_head="9f2c" * 16)))
    named = ["会员数1,248", "应到1,200", "实到1,100", "发出1,099", "收回1,090", "有效1,080", "无效10"]
    for words in (*named, "700", "70.00%", "90.00%", "85%以上", "27–30", "有效票不足10张，不显示"):
        assert words in text
    for words in ("监票人王建国", "计票人李秀英", "计票人赵强", "盖章处", "9f2c" * 16, "2026年6月29日"):
        assert words in text


def test_without_an_assembly_present_is_a_dash_with_its_reason(typesetter, text_of):
    text = text_of(result_sheet_pdf(replace(SHEET, present=None), typesetter))
    assert "实到—" in text
    assert "本轮未开大会，实到不适用。" in text


def test_the_workbook_has_the_same_numbers_as_numbers():
    rows = cells(result_sheet_xlsx(SHEET))
    figures = next(at for at, row in enumerate(rows) if "会员数" in row)
    named = dict(zip(rows[figures], rows[figures + 1], strict=True))
    assert [named[key] for key in ("会员数", "应到", "实到", "发出", "收回", "有效", "无效")] == [
        1248, 1200, 1100, 1099, 1090, 1080, 10,
    ]  # fmt: skip
    first = next(row for row in rows if row[1] == "场地和设施")
    assert first[2:] == [700, 200, 100, 60, 20, pytest.approx(0.7), pytest.approx(0.9)]
    masked = next(row for row in rows if row[1] == "主席接待日")
    assert masked[2:5] == ["27–30", "0–3", "0–1"]
    assert masked[7] == "85%以上"
    hidden = next(row for row in rows if row[1] == "回访")
    assert hidden[2] == "有效票不足10张，不显示"


def test_both_forms_carry_the_marks(typesetter, text_of):
    marks = Marks(demo=True, practice=True, void=True)
    text = text_of(result_sheet_pdf(SHEET, typesetter, marks=marks))
    words = str(cells(result_sheet_xlsx(SHEET, marks=marks)))
    for mark in ("演示数据，不作依据", "演练，不算数", "作废"):
        assert mark in text
        assert mark in words
