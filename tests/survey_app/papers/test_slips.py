"""Slips and cards: every code can be read, nothing tells whose it is, thousands are set in little memory."""

import io
import resource
import time
import zipfile
from dataclasses import fields
from datetime import datetime

import pytest
import zxingcpp
from pypdf import PdfReader

from survey_app.papers.cards import Card, cards_pdf
from survey_app.papers.marks import Marks
from survey_app.papers.qr import draw_qr
from survey_app.papers.slip_stream import stream_cards, stream_slips, zipped
from survey_app.papers.slips import Slip, SlipSheet, slips_pdf
from tests.walks.papers import qr_codes

SHEET = SlipSheet(
    home="柳河机械厂工会",
    year=2026,
    closes_at=datetime(2026, 6, 28, 18, 0),
    entry_address="https://pj.example.org/e/code",
    check_code="A1B2C3D4E5F6G7H8",
)


def slips(how_many: int) -> list[Slip]:
    return [
        Slip(
            f"https://pj.example.org/e#ABCD1234EFGH{n:08d}.ABCDEFGHJKMNPQRSTVWXYZ0123", f"ABCD1234EFGH{n:08d}"
        )
        for n in range(how_many)
    ]


def test_every_code_of_a_sheet_decodes_to_its_link(pictures):
    pages = pictures(slips_pdf, SHEET, slips(20))
    decoded = [code.text for page in pages for code in zxingcpp.read_barcodes(page)]
    assert len(pages) == 3
    assert sorted(decoded) == [slip.link for slip in slips(20)]


def test_the_code_measures_thirty_millimetres_and_keeps_its_quiet_zone(pictures):
    page = pictures(slips_pdf, SHEET, slips(1))[0]
    corners = zxingcpp.read_barcodes(page)[0].position
    side = (corners.top_right.x - corners.top_left.x) / 130 * 25.4
    assert side == pytest.approx(30, abs=0.5)
    drawing = draw_qr(slips(1)[0].link)
    assert drawing.modules == 37
    around = page.crop(
        (
            corners.top_left.x - 14,
            corners.top_left.y - 14,
            corners.bottom_right.x + 14,
            corners.top_left.y - 2,
        )
    )
    assert around.getextrema() == (255, 255)


def test_a_slip_says_what_it_must_and_shows_its_code_in_five_groups(typesetter, text_of, pieces_of):
    pdf = slips_pdf(SHEET, slips(1), typesetter)
    text = text_of(pdf)
    for words in (
        "2026年度会员评议职工之家票条",
        "柳河机械厂工会",
        "2026年6月28日18:00截止",
        "这是您的票，一人一张，别给别人。",
        "扫码或打开网址输入票码。",
        "A1B2C3D4E5F6G7H8",
    ):
        assert words in text
    code = [piece for piece in pieces_of(pdf) if "ABCD 1234" in piece.text]
    assert [piece.text.strip() for piece in code] == ["ABCD 1234 EFGH 0000 0000"]
    assert code[0].size == pytest.approx(14)


def test_a_slip_has_no_field_for_a_name_or_number():
    assert {field.name for field in fields(Slip)} == {"link", "code"}


def test_the_card_adds_its_class(typesetter, text_of):
    text = text_of(cards_pdf(SHEET, [Card("https://x.example/e#1", "A" * 20, "在编 · 35岁以下")], typesetter))
    assert "抽一张就是您的票，谁也不知道您抽的哪张。" in text
    assert "在编·35岁以下" in text
    assert "2026年度会员评议职工之家票卡" in text
    assert "这是您的票" not in text


def test_eight_stand_on_a_page_whatever_the_name_of_the_home(typesetter):
    for home in ("厂", "北京市朝阳区" * 10, "#let x = [*]", "厂\n工会\n\n", "W" * 60):
        sheet = SlipSheet(
            home, 2026, SHEET.closes_at, "https://long.example.org/" + "e" * 40, "A1B2C3D4E5F6G7H8"
        )
        pdf = slips_pdf(sheet, slips(16), typesetter, marks=Marks(demo=True, practice=True))
        assert len(PdfReader(io.BytesIO(pdf)).pages) == 2


def test_each_slip_keeps_the_ribbon_when_the_sheet_is_cut(typesetter, text_of):
    text = text_of(slips_pdf(SHEET, slips(8), typesetter, marks=Marks(demo=True, practice=True)))
    assert text.count("演示数据，不作依据") == 8
    assert text.count("演练，不算数") == 8


def test_the_stream_sets_all_slips_in_an_order_that_tells_nothing(typesetter, text_of):
    parts = list(stream_slips(SHEET, slips(24), typesetter, workers=1))
    assert sorted(code for part in parts for code in qr_codes(part)) == [slip.link for slip in slips(24)]
    printed = "".join(map(text_of, parts))
    places = [printed.index(f"ABCD1234EFGH{n:08d}") for n in range(24)]
    assert len(set(places)) == 24
    assert places != sorted(places)


def test_cards_come_class_by_class(typesetter, text_of):
    cards = [
        Card(f"https://x.example/e#{n}", f"ABCD1234EFGH{n:08d}", "在编" if n % 2 else "派遣")
        for n in range(10)
    ]
    text = "".join(text_of(part) for part in stream_cards(SHEET, cards, typesetter, workers=1))
    labels = [text[at : at + 2] for at in range(len(text)) if text.startswith(("在编", "派遣"), at)]
    assert labels == sorted(labels)
    assert len(labels) == 10


def test_the_archive_is_a_valid_zip_made_in_pieces():
    pieces = list(zipped([b"%PDF-one", b"%PDF-two"], "票条"))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert archive.namelist() == ["票条-1.pdf", "票条-2.pdf"]
    assert archive.read("票条-2.pdf") == b"%PDF-two"
    assert all(pieces)


@pytest.mark.slow
def test_ten_thousand_slips_take_less_than_a_minute(typesetter):
    begun = time.monotonic()
    parts = list(stream_slips(SHEET, slips(10_000), typesetter))
    assert time.monotonic() - begun < 60
    # The largest child so far, in kilobytes: it keeps what it has set until it is replaced.
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 900_000
    assert sum(len(PdfReader(io.BytesIO(part)).pages) for part in parts) == 1_250
    # Every tenth of what was printed, page by page: each is one of the links, and none stands twice.
    decoded = [code for part in parts for code in qr_codes(part, every=10)]
    assert len(decoded) == len(set(decoded)) >= 1_000
    assert set(decoded) <= {slip.link for slip in slips(10_000)}


@pytest.mark.slow
def test_every_tenth_of_ten_thousand_codes_decodes(pictures):
    pages = pictures(slips_pdf, SHEET, slips(10_000)[::10])
    decoded = [code.text for page in pages for code in zxingcpp.read_barcodes(page)]
    assert sorted(decoded) == [slip.link for slip in slips(10_000)[::10]]
