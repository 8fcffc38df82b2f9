"""Workbooks keep hostile text as text and numbers as numbers."""

import re
import zipfile
from datetime import date
from io import BytesIO

from python_calamine import CalamineWorkbook

from survey_app.papers.workbook import Column, DataSheet, workbook_bytes

STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", "'=")
ENDS = ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x.example","看")', "SUM(A1:A9)", "http://x.example")
HOSTILE = [start + end for start in STARTS for end in ENDS]


def made(rows, columns=None, name="表"):
    columns = columns or tuple(Column(f"列{n}") for n in range(len(rows[0])))
    return workbook_bytes([DataSheet(name, "标题", columns, rows)], title="试")


def read(book: bytes) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(BytesIO(book)).get_sheet_by_index(0).to_python()


def test_sixty_hostile_texts_stay_texts():
    assert len(HOSTILE) == 60
    book = made([[text] for text in HOSTILE])
    xml = zipfile.ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml.lower()
    body = [row[0] for row in read(book)[2:]]
    wanted = [text.replace("\t", " ").replace("\r", "\n") for text in HOSTILE]
    assert body == wanted


def test_minus_five_stays_minus_five():
    book = made(
        [[-5, -5.25, "-5", None, date(2026, 7, 5), 0.7669]],
        (*(Column("列"),) * 5, Column("率", percent=True)),
    )
    assert read(book)[2] == [-5, -5.25, "-5", "—", date(2026, 7, 5), 0.7669]
    xml = zipfile.ZipFile(BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r'<c r="A3"[^>]*><v>-5</v>', xml)


def test_long_identifiers_keep_every_digit_as_text():
    assert read(made([["110101199003071234"]]))[2] == ["110101199003071234"]


def test_tab_names_are_made_acceptable_and_unique():
    columns = (Column("列"),)
    names = ["a[b]:c*?/\\", "'", "", "表", "很长" * 40, "很长" * 40]
    book = workbook_bytes([DataSheet(name, "标题", columns, [["x"]]) for name in names], title="试")
    found = CalamineWorkbook.from_filelike(BytesIO(book)).sheet_names
    assert len(set(found)) == len(names)
    assert all(0 < len(name) <= 31 for name in found)


def test_an_empty_table_is_still_a_table():
    assert read(made([], (Column("列"),)))[1] == ["列"]
