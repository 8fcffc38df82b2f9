"""督办通知: the matter is put under supervision, with its basis, limit and form of answer."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Letterhead, Reference, under_letterhead
from survey_app.papers.official.overdue import OverdueMatter, overdue_table
from survey_app.papers.official.paper import Heading, NumberedList, OfficialPaper, Paragraph
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class Supervision:
    letterhead: Letterhead
    home: str
    order: Reference
    urged: Reference | None
    matters: tuple[OverdueMatter, ...]
    finish_by: date
    supervisor: str
    answer_form: str = "书面报告，由主席签字并加盖工会印章"


def supervision(notice: Supervision) -> OfficialPaper:
    """Word the notice: matters, basis, limit, form of answer, what comes next."""
    urged = f"经{notice.urged}催办，" if notice.urged else ""
    blocks = (
        Paragraph(f"根据{notice.order}，你会下列事项已经逾期。{urged}至今仍未办结，现列为督办事项。"),
        Heading(1, "督办事项"),
        overdue_table(notice.matters),
        Heading(1, "办理要求"),
        NumberedList(
            (
                f"办结期限：{long_date(notice.finish_by)}前。",
                f"回复形式：{notice.answer_form}。",
                f"督办联系人：{notice.supervisor}。",
                "到期仍未办结的，将约谈你会主席。",
            )
        ),
        Paragraph("特此通知。"),
    )
    title = f"{notice.letterhead.issuer}关于{notice.home}整改事项的督办通知"
    return under_letterhead(notice.letterhead, title, blocks)
