"""提醒函: a letter to a home that passed but has items it should look at; not an order."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.findings import EvaluationFigures, ItemResult, due_words, item_table
from survey_app.papers.official.letterhead import Letterhead, under_letterhead
from survey_app.papers.official.paper import (
    Attachment,
    Block,
    Heading,
    Layout,
    NumberedList,
    OfficialPaper,
    Paragraph,
)


@dataclass(frozen=True)
class ReminderLetter:
    """What the home should look at; `unknown_items` are duties that a third or more do not know."""

    letterhead: Letterhead
    home: str
    year: int
    figures: EvaluationFigures
    weak_items: tuple[str, ...]
    unknown_items: tuple[str, ...] = ()
    items: tuple[ItemResult, ...] = ()
    plan_due: date | None = None
    plan_within: str = ""


def reminder_letter(letter: ReminderLetter) -> OfficialPaper:
    """Word the letter in the letter layout."""
    blocks: tuple[Block, ...] = (
        Paragraph(f"{letter.year}年度会员评议职工之家已经结束。现将你会情况和需要关注的问题函告如下。"),
        Heading(1, "评议结果"),
        Paragraph(letter.figures.sentences()),
        *_points("会员希望改进的项目", letter.weak_items),
        *_points("会员不了解的项目", letter.unknown_items),
        Paragraph(_request(letter)),
        Paragraph("特此函告。"),
    )
    attachments = (
        (Attachment(f"{letter.year}年度评议项目结果", (item_table(letter.items),)),) if letter.items else ()
    )
    title = f"{letter.letterhead.issuer}关于{letter.home}会员评议情况的提醒函"
    return under_letterhead(letter.letterhead, title, blocks, attachments=attachments, layout=Layout.LETTER)


def _request(letter: ReminderLetter) -> str:
    """What is asked: a plan by a day where the policy sets one, otherwise nothing with a day."""
    asked = "请你会对照上述项目研究改进，做了工作的要让会员知道。"
    if letter.plan_due is None:
        return asked + "本函不设期限，有关情况列入下一年度评议。"
    due = due_words(letter.plan_due, letter.plan_within)
    return f"{asked}请于{due}报来改进打算，改进以后报一次情况。有关情况列入下一年度评议。"


def _points(heading: str, points: tuple[str, ...]) -> tuple[Block, ...]:
    return (Heading(1, heading), NumberedList(points)) if points else ()
