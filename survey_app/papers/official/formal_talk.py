"""约谈通知: the chair is called to a talk about overdue matters."""

from dataclasses import dataclass
from datetime import datetime

from survey_app.papers.official.letterhead import Letterhead, Reference, under_letterhead
from survey_app.papers.official.overdue import OverdueMatter, overdue_table
from survey_app.papers.official.paper import Heading, NumberedList, OfficialPaper, Paragraph
from survey_app.papers.wording import WEEKDAYS, long_time


@dataclass(frozen=True)
class FormalTalk:
    letterhead: Letterhead
    home: str
    order: Reference
    matters: tuple[OverdueMatter, ...]
    talk_at: datetime
    place: str
    attendees: tuple[str, ...]
    bring: tuple[str, ...] = ("未按期办结的原因", "下一步措施和办结时间", "需要上级工会协调解决的问题")


def formal_talk(notice: FormalTalk) -> OfficialPaper:
    """Word the notice: why, when, where, who, and what to bring."""
    blocks = (
        Paragraph(f"{notice.order}所列下列事项已经督办，仍未办结。现就有关事项约谈你会。"),
        overdue_table(notice.matters),
        Heading(1, "约谈安排"),
        NumberedList(
            (
                f"时间：{long_time(notice.talk_at)}（星期{WEEKDAYS[notice.talk_at.weekday()]}）。",
                f"地点：{notice.place}。",
                f"参加人员：{'、'.join(notice.attendees)}。",
            )
        ),
        Heading(1, "请准备的书面材料"),
        NumberedList(tuple(f"{words}。" for words in notice.bring)),
        Paragraph("因故不能参加的，请提前书面说明。特此通知。"),
    )
    title = f"{notice.letterhead.issuer}关于约谈{notice.home}的通知"
    return under_letterhead(notice.letterhead, title, blocks)
