"""The papers of the opening: four passphrase slips, and a protocol sheet that carries every figure."""

import io
from dataclasses import replace
from datetime import date, datetime

import pytest
from pypdf import PdfReader

from survey_app.papers.marks import Marks
from survey_app.papers.passphrase_slips import PassphraseSlips, passphrase_slips_pdf
from survey_app.papers.protocol_sheet import (
    ClassProtocol,
    ProtocolFigures,
    ProtocolSheet,
    protocol_sheet_pdf,
)

SLIPS = PassphraseSlips(
    round_title="2026年度柳河区会员评议职工之家",
    organiser="柳河区总工会",
    halves=("ABCDEFGHJKMNP7", "QRSTUVWXYZ2345"),
    custodians=("王建国", "李秀英"),
    deputies=("赵强", "孙梅"),
)
FIGURES = ProtocolFigures(
    members=1_186,
    issued=120,
    replaced=1,
    exchanged_card=6,
    exchanged_paper=4,
    cards_handed_out=5,
    link_ballots=108,
    card_ballots=3,
    paper_ballots=2,
    valid=111,
    void=2,
)
SHEET = ProtocolSheet(
    round_title=SLIPS.round_title,
    home="柳河机械厂工会",
    organiser="柳河区总工会",
    check_code="A1B2C3D4E5F6G7H8",
    electorate="会员",
    opened_at=datetime(2026, 6, 29, 9, 5),
    figures=FIGURES,
    classes=(ClassProtocol("在编", FIGURES), ClassProtocol("劳务派遣", FIGURES, ("网上121票，多于已领120",))),
    digests=(("票根清单", "ab12" * 16), ("答卷", "cd34" * 16)),
    custodians=("王建国", "李秀英"),
    destroyed_on=date(2026, 6, 29),
)


def test_each_half_is_printed_exactly_twice_for_four_different_keepers(typesetter, text_of):
    pdf = passphrase_slips_pdf(SLIPS, typesetter)
    text = text_of(pdf)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    assert text.count("ABCDEFGHJKMNP7") == 2
    assert text.count("QRSTUVWXYZ2345") == 2
    assert text.count("前半口令") == text.count("后半口令") == 2
    for keeper in ("开箱人：王建国", "开箱人：李秀英", "备用保管人：赵强", "备用保管人：孙梅"):
        assert text.count(keeper) == 1


def test_the_halves_are_large_and_in_groups_of_four(typesetter, pieces_of):
    codes = [
        piece for piece in pieces_of(passphrase_slips_pdf(SLIPS, typesetter)) if "ABCD EFGH" in piece.text
    ]
    assert [piece.text.strip() for piece in codes] == ["ABCD EFGH JKMN P7"] * 2
    assert min(piece.size for piece in codes) >= 36


def test_the_protocol_carries_every_figure_by_its_name(typesetter, text_of):
    text = text_of(protocol_sheet_pdf(SHEET, typesetter, marks=Marks(journal_head="9f2c" * 16)))
    named = "应参评1,186 已领120 补发1 已换（票卡＋纸质）10 票卡发出5 收到113 有效111 无效2"
    for words in named.split():
        assert words in text
    for words in ("开箱记录单", "A1B2C3D4E5F6G7H8", "ab12" * 16, "cd34" * 16, "9f2c" * 16, "盖章处"):
        assert words in text
    assert "口令条已撕毁：王建国、李秀英于2026年6月29日确认。此后任何备份都打不开。" in text
    assert "成立" in text
    assert "网上121票，多于已领120" in text
    assert "同一单位" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"same_operator": True}, "本轮保管人与运维为同一单位。"),
        ({"destroyed_on": None}, "口令条尚未确认撕毁。"),
        ({"omitted_persons": ("张三", "李四")}, "漏列人员张三、李四"),
        ({"not_opened": "收到的票不足10张，没有开箱。"}, "收到的票不足10张，没有开箱。"),
        ({"figures": replace(FIGURES, valid=None, void=None)}, "有效—无效—"),
        ({"classes": (ClassProtocol("在编", replace(FIGURES, paper_ballots=None)),)}, "1083—成立"),
    ],
)
def test_the_protocol_says_what_is_special(change, words, typesetter, text_of):
    assert words in text_of(protocol_sheet_pdf(replace(SHEET, **change), typesetter))


def test_the_protocol_of_an_unopened_home_says_so_and_shows_who_took_part_but_no_result(typesetter, text_of):
    figures = replace(FIGURES, members=20, issued=7, replaced=1, exchanged_card=1, exchanged_paper=1)
    shut = replace(SHEET, not_opened="收到的票不足10张，没有开箱。", classes=(), figures=figures)
    text = text_of(protocol_sheet_pdf(shut, typesetter))
    assert "开箱记录单（没有开箱）" in text
    assert text.index("收到的票不足10张，没有开箱。") < text.index("应参评"), "said before any figure"
    assert "参评率（已领和已换）40%" in text
    for result in ("有效", "无效", "按类核对", "核对规则", "ab12ab12", "cd34cd34", "开箱时间"):
        assert result not in text


def test_the_protocol_says_why_opened_ballots_gave_no_result(typesetter, text_of):
    shut = replace(SHEET, remarks=("有效票不足10张，没有计票。",))
    assert "有效票不足10张，没有计票。" in text_of(protocol_sheet_pdf(shut, typesetter))
