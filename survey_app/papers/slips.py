"""The member's slip: eight on an A4 sheet, each with a ballot code and nothing that names anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.qr import draw_qr
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import grouped, long_time, one_line

PROMISE = "这是您的票，一人一张，别给别人。"
HOW_TO = "扫码或打开网址输入票码。"


@dataclass(frozen=True)
class SlipSheet:
    """What all slips of one home say alike.

    `entry_address` is the address a member can type, `check_code` the first 16 characters of the round
    sheet's fingerprint (核对码): it must equal the one on the poster.
    """

    home: str
    year: int
    closes_at: datetime
    entry_address: str
    check_code: str


@dataclass(frozen=True)
class Slip:
    """One code: `link` goes into the QR, `code` is typed by hand."""

    link: str
    code: str


def slips_pdf(
    sheet: SlipSheet, slips: Sequence[Slip], typesetter: Typesetter, *, marks: Marks = NO_MARKS
) -> bytes:
    """Set up to a thousand slips; more belong into `slip_stream`, where memory stays low."""
    data = {
        **slip_sheet_data(sheet, "票条"),
        "promise": PROMISE,
        "slips": [
            {"code": grouped(slip.code), "label": "", "qr": draw_qr(slip.link).as_data()} for slip in slips
        ],
    }
    title = f"{sheet.year}年度会员评议职工之家 票条"
    return typesetter.pdf("slips", data, title=title, marks=marks)


def slip_sheet_data(sheet: SlipSheet, name: str) -> dict[str, str]:
    """The lines that slips and cards share, under the name by which pages speak of either."""
    return {
        "home": one_line(sheet.home),
        "heading": f"{sheet.year}年度会员评议职工之家　{name}",
        "closes": f"{long_time(sheet.closes_at)}截止",
        "address": one_line(sheet.entry_address),
        "check_code": grouped(sheet.check_code),
        "how_to": HOW_TO,
    }
