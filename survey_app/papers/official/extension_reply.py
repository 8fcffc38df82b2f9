"""批复: the superior's answer to a request for more time."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Letterhead, Reference, under_letterhead
from survey_app.papers.official.paper import Block, NumberedList, OfficialPaper, Paragraph
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class ExtensionReply:
    """`new_due` is none where the request is refused; then `due` goes on being valid."""

    letterhead: Letterhead
    home: str
    request: Reference
    due: date
    new_due: date | None
    reason: str
    conditions: tuple[str, ...] = ()


def extension_reply(reply: ExtensionReply) -> OfficialPaper:
    """Word the answer: granted to a day, or refused with the reason."""
    blocks: tuple[Block, ...] = (
        Paragraph(f"你会{reply.request}收悉。经研究，批复如下。"),
        *((_granted(reply)) if reply.new_due else (_refused(reply))),
        Paragraph("此复。"),
    )
    title = f"{reply.letterhead.issuer}关于{reply.home}延长整改期限的批复"
    return under_letterhead(reply.letterhead, title, blocks)


def _granted(reply: ExtensionReply) -> tuple[Block, ...]:
    assert reply.new_due is not None
    days = f"整改期限由{long_date(reply.due)}延长至{long_date(reply.new_due)}。延期限一次，不再延长。"
    reason = (reply.reason,) if reply.reason else ()
    return (NumberedList((f"同意你会延期。{days}", *reason, *reply.conditions)),)


def _refused(reply: ExtensionReply) -> tuple[Block, ...]:
    return (
        NumberedList(
            (
                f"不同意延期。{reply.reason}",
                f"请你会仍于{long_date(reply.due)}前完成整改。",
                *reply.conditions,
            )
        ),
    )
