"""催办通知: the first step of the ladder, one working day after a limit has passed."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Letterhead, Reference, under_letterhead
from survey_app.papers.official.overdue import OverdueMatter, overdue_table
from survey_app.papers.official.paper import OfficialPaper, Paragraph
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class Urging:
    letterhead: Letterhead
    order: Reference
    matters: tuple[OverdueMatter, ...]
    answer_by: date
    home: str


def urging(notice: Urging) -> OfficialPaper:
    """Word the notice: what is late, until when to answer."""
    blocks = (
        Paragraph(f"截至本通知发出之日，你会尚未按{notice.order}办结下列事项。"),
        overdue_table(notice.matters),
        Paragraph(
            f"请抓紧办理，并于{long_date(notice.answer_by)}前书面回复进展和办结时间。已经办结的，请报送有关材料。"
        ),
        Paragraph("特此通知。"),
    )
    title = f"{notice.letterhead.issuer}关于{notice.home}整改事项的催办通知"
    return under_letterhead(notice.letterhead, title, blocks)
