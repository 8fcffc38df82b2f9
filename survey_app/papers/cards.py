"""The vote card: like the slip, with its class in words, drawn from an envelope at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.qr import draw_qr
from survey_app.papers.slips import SlipSheet, slip_sheet_data
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import grouped, one_line

DRAW_ONE = "抽一张就是您的票，谁也不知道您抽的哪张。"


@dataclass(frozen=True)
class Card:
    """One card of a ballot class; `class_label` says the class in words, such as 在编 · 35岁以下."""

    link: str
    code: str
    class_label: str


def cards_pdf(
    sheet: SlipSheet, cards: Sequence[Card], typesetter: Typesetter, *, marks: Marks = NO_MARKS
) -> bytes:
    """Set up to a thousand cards, class by class as they came, so that each class fills its own envelope."""
    data = {
        **slip_sheet_data(sheet, "票卡"),
        "promise": DRAW_ONE,
        "slips": [
            {
                "code": grouped(card.code),
                "label": one_line(card.class_label),
                "qr": draw_qr(card.link).as_data(),
            }
            for card in cards
        ],
    }
    return typesetter.pdf("slips", data, title=f"{sheet.year}年度会员评议职工之家 票卡", marks=marks)
