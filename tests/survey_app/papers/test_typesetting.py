"""The chain of typefaces, the files a template may read, and clean text."""

from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont
from pypdf import PdfReader

from survey_app.papers.fonts import load_typefaces
from survey_app.papers.official.paper import Layout, OfficialPaper, Paragraph
from survey_app.papers.official.pdf import official_pdf
from survey_app.papers.typesetting import TEMPLATES, Typesetter
from survey_app.papers.wording import (
    chinese_number,
    cleaned,
    grouped,
    long_date,
    long_time,
    one_line,
    rate,
)


@pytest.fixture(scope="module")
def office_folder(tmp_path_factory) -> Path:
    """A folder as an office keeps it: a face named 仿宋_GB2312 and one named 黑体."""
    folder = tmp_path_factory.mktemp("fonts")
    source = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
    for family in ("仿宋_GB2312", "黑体"):
        font = TTFont(source)
        font["name"].names = [record for record in font["name"].names if record.platformID == 3]
        for record in font["name"].names:
            if record.nameID in (1, 4, 16):
                record.string = family
        font.save(folder / f"{family}.ttf")
    return folder


def embedded(pdf: bytes) -> str:
    fonts = PdfReader(BytesIO(pdf)).pages[0]["/Resources"]["/Font"]
    return " ".join(str(fonts[name].get_object()["/BaseFont"]) for name in fonts)


def test_the_offices_own_fonts_come_first_and_need_no_stroke(office_folder):
    own, shipped = load_typefaces(office_folder), load_typefaces(None)
    assert own.families["fangsong"][0] == "仿宋_GB2312"
    assert own.stroked["hei"] is False
    assert shipped.stroked == {"hei": True, "biaosong": True}
    for families in (own.families, shipped.families):
        assert families["fangsong"][-1] == "Noto Serif SC"
        assert families["hei"][-1] == "Noto Sans SC"


def test_a_paper_is_set_in_the_offices_font_where_it_has_the_letters(office_folder):
    paper = OfficialPaper(Layout.LETTER, "工会", "1号", "题", (), (Paragraph("Latin 国"),), date(2026, 7, 1))
    assert "DejaVuSerif" in embedded(official_pdf(paper, Typesetter(office_folder)))
    assert "DejaVuSerif" not in embedded(official_pdf(paper, Typesetter()))


def test_every_character_of_rare_names_has_a_glyph(typesetter, text_of):
    paper = OfficialPaper(Layout.SHEET, "工会", "", "𬱖㛃䶮喆镕堃", (), (Paragraph("𬱖㛃䶮喆镕堃"),), None)
    pdf = official_pdf(paper, typesetter)
    assert text_of(pdf).count("𬱖㛃䶮喆镕堃") == 2
    assert ".notdef" not in pdf.decode("latin-1")


def test_templates_import_no_packages_and_read_nothing():
    for template in TEMPLATES.glob("*.typ"):
        source = template.read_text(encoding="utf-8")
        assert "@preview" not in source, template.name
        assert "read(" not in source, template.name
        assert '#import "frame.typ": *' in source or template.name == "frame.typ"


def test_every_template_has_its_paper_and_is_used():
    modules = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.parent.rglob("*.py"))
    for template in TEMPLATES.glob("*.typ"):
        if template.name != "frame.typ":
            assert f'pdf("{template.stem}"' in modules or f'"{template.stem}", data' in modules, template.name


def test_dates_times_counts_and_rates_are_spelled_as_on_papers():
    assert long_date(date(2026, 7, 5)) == "2026年7月5日"
    assert long_time(datetime(2026, 6, 28, 8, 5)) == "2026年6月28日8:05"
    assert long_time(datetime(2026, 11, 28, 18, 0, tzinfo=UTC)) == "2026年11月29日2:00", (
        "the clock of Beijing"
    )
    assert rate(0.76694) == "76.69%"
    assert rate(None) == "—"
    assert [chinese_number(n) for n in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]
    assert grouped("abcd-1234 EFG") == "abcd 1234 EFG"
    with pytest.raises(ValueError, match="100"):
        chinese_number(100)


def test_clean_text_keeps_lines_and_drops_what_turns_words_round():
    assert cleaned("甲\r\n乙\u2029丙\t丁\x00\u202e\ufeff") == "甲\n乙\n丙 丁"
    assert one_line("  甲\n\n乙 ") == "甲 乙"
    assert cleaned("\ud800") == ""


def test_the_moment_of_a_paper_may_have_fractions_of_a_second():
    made_at = datetime(2026, 11, 24, 14, 2, 3, 456789, tzinfo=UTC)
    paper = OfficialPaper(Layout.LETTER, "工会", "1号", "题", (), (Paragraph("国"),), date(2026, 7, 1))
    assert official_pdf(paper, Typesetter(made_at=made_at)).startswith(b"%PDF")
