"""A roster file is read whatever it is called and however it is encoded; every fault is named by its row."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from survey_app.core.errors import Invalid
from survey_app.rosters.dry_run import dry_run, entries, headings_of
from survey_app.rosters.entries import OVER_50, TO_50, UNDER_36, tidy_age, tidy_contact
from tests.survey_app.rosters.conftest import ELIGIBLE, HEAD, csv_bytes, member_lines, xlsx


def faults_of(content):
    return [(one.row, one.fault.code, one.fault.where) for one in dry_run(content, ELIGIBLE).faults]


def code_of(content):
    with pytest.raises(Invalid) as caught:
        dry_run(content, ELIGIBLE)
    return [fault.code for fault in caught.value.faults]


FILES = {
    "xlsx": xlsx([HEAD, *member_lines(12)]),
    "xlsx under a title": xlsx([HEAD, *member_lines(12)], title="长河机械厂工会会员花名册"),
    "xlsx behind a hidden sheet": xlsx([HEAD, *member_lines(12)], hidden_first=True),
    "utf-8": csv_bytes([HEAD, *member_lines(12)]),
    "utf-8 with mark": csv_bytes([HEAD, *member_lines(12)], "utf-8-sig"),
    "gb18030": csv_bytes([HEAD, *member_lines(12)], "gb18030"),
    "utf-16": csv_bytes([HEAD, *member_lines(12)], "utf-16"),
    "tabs": csv_bytes([HEAD, *member_lines(12)]).replace(b",", b"\t"),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_the_same_list_in_every_dress_reads_the_same(content):
    report = dry_run(content, ELIGIBLE)
    assert (report.rows, report.sound, report.faults, report.is_sound) == (12, 12, [], True)
    assert report.samples[0].number == "H00001"
    assert (report.samples[0].contact, report.samples[0].employment) == ("13800000001", "劳务派遣")
    assert report.levels["employment"] == {"合同制": 8, "劳务派遣": 4}
    assert report.levels["gender"] == {"男": 6, "女": 6}


def test_an_old_workbook_is_known_by_its_content(tmp_path):
    # A minimal BIFF file cannot be written here, so what counts is that its mark leads to the reader.
    assert code_of(b"\xd0\xcf\x11\xe0" + bytes(600)) == ["file_broken"]


def test_headings_are_guessed_and_may_be_chosen_otherwise():
    content = xlsx([["序号", "职工姓名", "工 号", "联系电话（必填）"], [1, "张三", "A1", 13800000001]])
    headings = headings_of(content)
    assert headings.places == {"number": 2, "name": 1, "contact": 3}
    chosen = dry_run(content, ELIGIBLE, {"number": 0, "name": 1})
    assert [entry.number for entry in chosen.samples] == ["1"]


def test_every_fault_of_every_row_is_told_at_once():
    rows = [
        ["H1", "张一", "13800000001", "合同制", 30, "男", ""],
        ["", "张二", "13800000002", "合同制", 30, "男", ""],
        ["H3", "", "123", "合同制", 300, "雄", ""],
        ["H1", "张四", "a@b", "合同制", 30, "女", ""],
        ["110105199003071234", "张五", "", "", "", "", ""],
        [110105199003071234.0, "张六", "", "", "", "", ""],
    ]
    assert faults_of(xlsx([HEAD, *rows])) == [
        (3, "number_missing", "number"),
        (4, "name_missing_row", "name"),
        (4, "phone_wrong", "contact"),
        (4, "age_wrong", "age_band"),
        (4, "gender_wrong", "gender"),
        (5, "mail_wrong", "contact"),
        (5, "number_twice", "number"),
        (6, "number_is_id_card", "number"),
        (7, "digits_lost", "number"),
    ]


def test_digits_lost_in_a_text_file_are_refused_too():
    assert faults_of(csv_bytes([["会员号", "姓名"], ["1.10105E+17", "张三"]])) == [
        (2, "digits_lost", "number")
    ]


def test_text_that_looks_like_a_formula_or_a_script_stays_text():
    content = xlsx([["会员号", "姓名"], ["-5", "=1+1"], ["@x", "<script>alert(1)</script>"]])
    assert [(entry.number, entry.name) for _row, entry, _faults in read(content)] == [
        ("-5", "=1+1"),
        ("@x", "<script>alert(1)</script>"),
    ]


def read(content):
    return entries(content, headings_of(content), ELIGIBLE)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"   \n ", "file_empty"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "file_is_html"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(64), "file_kind_unknown"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n" + b"\x00\x81\xff" * 40, "file_kind_unknown"),
        (b"PK\x03\x04" + bytes(100), "file_broken"),
        ("苹果,梨\n1,2\n".encode(), "file_without_headings"),
        (xlsx([]), "file_empty"),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(content, code):
    assert code_of(content) == [code]


def test_two_far_cells_of_a_small_file_do_no_harm():
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    assert code_of(raw_workbook(rows)) == ["file_too_large_inside"]


def test_a_file_that_unpacks_to_a_mountain_is_refused_before_it_is_unpacked():
    padding = b"<!--" + b" " * 50_000_000 + b"-->"
    content = raw_workbook(padding)
    assert len(content) < 200_000
    assert code_of(content) == ["file_too_large_inside"]


def raw_workbook(sheet_rows: bytes) -> bytes:
    """The smallest .xlsx with these rows in its only sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
        '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship '
        f'Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        sheet = f'<worksheet xmlns="{main}"><sheetData>'.encode() + sheet_rows
        archive.writestr("xl/worksheets/sheet1.xml", sheet + b"</sheetData></worksheet>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("35", UNDER_36),
        ("36", TO_50),
        ("50岁", TO_50),
        ("51", OVER_50),
        ("35岁以下", UNDER_36),
        ("≤35", UNDER_36),
        ("36-50", TO_50),
        ("36岁至50岁", TO_50),
        ("50岁以上", OVER_50),
        ("1991-06-01", UNDER_36),
        ("1990年6月1日", TO_50),
        ("1990.06", TO_50),
        ("", ""),
        ("三十", None),
        ("7", None),
        ("1850-01-01", None),
    ],
)
def test_an_age_a_birthday_or_a_band_becomes_one_of_three_bands(text, band):
    assert tidy_age(text, date(2026, 6, 1)) == band


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("138 0000 0001", "13800000001"),
        ("+86 138-0000-0001", "13800000001"),
        ("１３８０００００００１", "13800000001"),
        ("010-62345678", "01062345678"),
        ("Zhang@Example.COM", "zhang@example.com"),
        ("", ""),
    ],
)
def test_a_contact_is_kept_in_one_form(text, kept):
    assert tidy_contact(text) == (kept, None)
