"""Official papers measured in the finished PDF against GB/T 9704-2012."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise

import numpy
import pytest
from PIL import Image
from pypdf import PdfReader

from survey_app.papers.marks import Marks
from survey_app.papers.official.numbering import title_lines
from survey_app.papers.official.paper import (
    Attachment,
    Form,
    FormRow,
    Heading,
    Imprint,
    Layout,
    NumberedList,
    OfficialPaper,
    Paragraph,
    Table,
)
from survey_app.papers.official.pdf import official_pdf

MM = 72 / 25.4
LINE_PITCH = 28.99
ASCENT = 0.88 * 16
CELL = 156 * MM / 28

PAPER = OfficialPaper(
    layout=Layout.RED_HEAD,
    issuer="柳河区总工会",
    doc_number="柳总工改〔2026〕12号",
    title="柳河区总工会关于柳河机械厂工会会员评议职工之家限期整改的通知",
    addressees=("柳河机械厂工会",),
    blocks=(Paragraph("国" * 1_500),),
    doc_date=date(2026, 7, 15),
    note="联系人：李秀英，电话：010-12345678",
    attachments=(
        Attachment("评议项目明细", (Table(("项目", "满意"), (("场地", "80"),), (3, 1)),)),
        Attachment("签收回执", (Form((FormRow((("签收人", ""),)),)),)),
    ),
    imprint=Imprint(("柳河区机械工业工会",), "柳河区总工会办公室", date(2026, 7, 15)),
)


@pytest.fixture(scope="module")
def lines(typesetter, pieces_of):
    """The lines of the long paper: page -> baseline -> pieces from left to right."""
    pages: dict[int, dict[float, list]] = defaultdict(lambda: defaultdict(list))
    for piece in pieces_of(official_pdf(PAPER, typesetter)):
        pages[piece.page][round(piece.baseline, 2)].append(piece)
    return pages


def full_page(lines):
    """Baselines and texts of the body of page 2, which the long paragraph fills."""
    body = [(y, pieces) for y, pieces in sorted(lines[1].items()) if "国" in pieces[0].text]
    return [y for y, _ in body], ["".join(piece.text for piece in pieces).strip() for _, pieces in body], body


def test_a_full_page_has_22_lines_of_28_characters(lines):
    baselines, texts, _ = full_page(lines)
    assert len(baselines) == 22
    assert {len(text) for text in texts} == {28}


def test_the_line_pitch_is_that_of_22_lines_in_225_mm(lines):
    baselines, _, _ = full_page(lines)
    steps = [after - before for before, after in pairwise(baselines)]
    assert all(step == pytest.approx(LINE_PITCH, abs=0.05) for step in steps)


def test_the_type_area_has_the_margins_37_28_26_35(lines):
    baselines, _, body = full_page(lines)
    assert baselines[0] - ASCENT == pytest.approx(37 * MM, abs=1.0)
    assert body[0][1][0].x == pytest.approx(28 * MM, abs=0.3)
    assert body[0][1][0].x + 28 * CELL == pytest.approx((210 - 26) * MM, abs=0.5)
    # The last line ends on the lower edge of the type area, less the leading that follows a line.
    assert baselines[-1] + 0.12 * 16 + (LINE_PITCH - 16) == pytest.approx((297 - 35) * MM, abs=1.0)


def test_body_text_is_size_three_and_the_title_size_two(lines):
    _, _, body = full_page(lines)
    assert body[0][1][0].size == pytest.approx(16)
    titles = [piece for row in lines[0].values() for piece in row if piece.size == pytest.approx(22)]
    assert "".join(piece.text for piece in titles).replace("\n", "").strip() == PAPER.title


def test_page_numbers_stand_at_the_outer_edge_one_character_in(lines):
    for page in range(5):
        numbers = [row for row in lines[page].values() if row[0].text.strip().startswith("—")]
        assert len(numbers) == 1, page
        assert "".join(piece.text for piece in numbers[0]).split() == ["—", str(page + 1), "—"]
        assert numbers[0][0].size == pytest.approx(14)
        middle = numbers[0][0].x / MM
        assert (middle > 150) if page % 2 == 0 else middle == pytest.approx(28 + CELL / MM, abs=0.5)


def test_number_signature_and_date_stand_where_they_must(lines):
    signature = [row for page in lines.values() for row in page.values()]
    day = next(row for row in signature if _words(row) == "2026年7月15日")
    # Seven half characters and three whole ones wide; the end is four characters from the edge.
    assert day[0].x == pytest.approx((210 - 26) * MM - 4 * CELL - 7 * 9 - 3 * CELL, abs=12)
    name = next(row for row in signature if _words(row) == "柳河区总工会")
    assert name[0].x + 3 * CELL == pytest.approx(day[0].x + 3.5 * 9 + 1.5 * CELL, abs=10)


def _words(row):
    return "".join(piece.text for piece in row).strip()


def red_rows(page: Image.Image) -> list[tuple[int, int, int]]:
    """Runs of rows with red ink: first row, last row, widest extent in pixels."""
    pixels = numpy.asarray(page.convert("RGB")).astype(int)
    red = (pixels[..., 0] > 150) & (pixels[..., 1] < 120) & (pixels[..., 2] < 120)
    rows = numpy.flatnonzero(red.any(axis=1))
    groups = numpy.split(rows, numpy.flatnonzero(numpy.diff(rows) > 1) + 1)
    found = []
    for group in groups:
        columns = numpy.flatnonzero(red[group].any(axis=0))
        found.append((int(group[0]), int(group[-1]), int(columns[-1] - columns[0])))
    return found


@pytest.fixture(scope="module")
def coloured(typesetter):
    """The first page of a paper as a colour picture of 200 dots per inch."""

    def look(paper: OfficialPaper) -> Image.Image:
        class Spy(type(typesetter)):
            def compiled(self, template, content, **options):
                options = {"format": "png", "ppi": 200}
                pages = super().compiled(template, content, **options)
                return pages if isinstance(pages, bytes) else pages[0]

        return Image.open(BytesIO(official_pdf(paper, Spy())))

    return look


def millimetres(pixels: float) -> float:
    return pixels / 200 * 25.4


@pytest.mark.parametrize("issuer", ["柳河区总工会", "北京市柳河区机械冶金建材工业联合基层工会委员会"])
def test_the_red_head_begins_35_mm_below_the_type_area_and_keeps_to_one_line(issuer, coloured):
    head, rule = red_rows(coloured(replace(PAPER, issuer=issuer)))
    assert millimetres(head[0]) == pytest.approx(72, abs=0.6)
    assert millimetres(head[2]) <= 156
    assert millimetres(head[1] - head[0]) <= 17
    assert millimetres(rule[2]) == pytest.approx(156, abs=0.5)


def test_the_rule_lies_four_millimetres_below_the_number(coloured, typesetter, pieces_of):
    rule = red_rows(coloured(PAPER))[1]
    number = next(piece for piece in pieces_of(official_pdf(PAPER, typesetter)) if "12号" in piece.text)
    assert millimetres(rule[0]) - (number.baseline + 0.12 * 16) / MM == pytest.approx(4, abs=0.5)


def test_the_letter_has_its_double_rules_and_no_first_number(coloured, typesetter, pieces_of):
    letter = replace(PAPER, layout=Layout.LETTER)
    rows = red_rows(coloured(letter))
    rules = [row for row in rows if millimetres(row[2]) > 165]
    assert millimetres(rows[0][0]) == pytest.approx(30, abs=0.6)
    assert all(millimetres(rule[2]) == pytest.approx(170, abs=0.6) for rule in rules)
    assert millimetres(rules[-1][1]) == pytest.approx(277, abs=0.8)
    numbered = {piece.page for piece in pieces_of(official_pdf(letter, typesetter)) if "— " in piece.text}
    assert numbered == set(range(1, max(numbered) + 1))


def test_an_upward_paper_names_its_signatory(typesetter, text_of):
    text = text_of(official_pdf(replace(PAPER, layout=Layout.UPWARD, signatory="王建国"), typesetter))
    assert "签发人：王建国" in text


def test_headings_are_numbered_by_level_and_start_again(typesetter, text_of):
    blocks = (
        Heading(1, "结果"),
        Heading(2, "甲"),
        Heading(3, "子"),
        Heading(4, "丑"),
        Heading(4, "寅"),
        Heading(2, "乙"),
        Heading(3, "卯"),
        Heading(1, "要求"),
        Heading(2, "丙"),
        NumberedList(("一点", "两点")),
    )
    text = text_of(official_pdf(replace(PAPER, blocks=blocks, attachments=()), typesetter))
    wanted = "一、结果（一）甲1.子（1）丑（2）寅（二）乙1.卯二、要求（一）丙1.一点2.两点"
    assert wanted in text


@pytest.mark.parametrize("lines_before", range(0, 24))
def test_a_signature_never_stands_without_text(lines_before, typesetter):
    blocks = (*[Paragraph("正")] * lines_before, Paragraph("国" * 60))
    pdf = official_pdf(replace(PAPER, blocks=blocks, attachments=()), typesetter)
    pages = ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]
    signed = next(page for page in pages if "2026年7月15日（" in page)
    assert "国国" in signed


def test_attachments_are_listed_and_begin_on_pages_of_their_own(typesetter, text_of):
    pdf = official_pdf(replace(PAPER, layout=Layout.LETTER, blocks=(Paragraph("正文。"),)), typesetter)
    pages = ["".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]
    assert "附件：1.评议项目明细2.签收回执" in pages[0]
    assert pages[1].startswith("附件1评议项目明细")
    assert pages[2].startswith("附件2签收回执")
    assert "抄送：柳河区机械工业工会。" in pages[2]
    assert "柳河区总工会办公室2026年7月15日印发" in text_of(official_pdf(PAPER, typesetter))
    single = text_of(official_pdf(replace(PAPER, attachments=PAPER.attachments[:1]), typesetter))
    assert "附件：评议项目明细" in single


def test_title_lines_are_balanced_and_never_begin_with_a_particle():
    title = PAPER.title
    lines = title_lines(title)
    assert "".join(lines) == title
    assert max(map(len, lines)) - min(map(len, lines)) <= 4
    for length in range(1, 90):
        lines = title_lines(("关于柳河机械厂工会会员评议职工之家的通知" * 5)[:length])
        assert all(len(line) <= 20 for line in lines)
        assert not any(line.startswith(("的", "，", "》")) for line in lines[1:])


def test_marks_lie_on_every_page_and_metadata_is_set(typesetter):
    marks = Marks(demo=True, void=True, journal_head="9f2c" * 16)
    reader = PdfReader(BytesIO(official_pdf(PAPER, typesetter, marks=marks)))
    texts = ["".join(page.extract_text().split()) for page in reader.pages]
    assert all("演示数据，不作依据" in text and "作废" in text for text in texts)
    assert "9f2c" * 16 in texts[-1]
    assert reader.metadata is not None
    assert reader.metadata.title == PAPER.title
    assert str(reader.trailer["/Root"]["/Lang"]).lower().startswith("zh")
    assert b"pdfaid" in reader.trailer["/Root"]["/Metadata"].get_data()


def test_same_data_give_the_same_bytes(typesetter):
    assert official_pdf(PAPER, typesetter) == official_pdf(PAPER, typesetter)
