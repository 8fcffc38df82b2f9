"""通报: the superior tells all unions who did well and who is late, by name."""

from dataclasses import dataclass

from survey_app.papers.official.letterhead import Letterhead, under_letterhead
from survey_app.papers.official.paper import Block, Heading, NumberedList, OfficialPaper, Paragraph, Table


@dataclass(frozen=True)
class LateHome:
    """A home whose rectification is overdue: since when, and at which step."""

    home: str
    matter: str
    overdue_since: str
    step: str


@dataclass(frozen=True)
class Circular:
    letterhead: Letterhead
    year: int
    summary: str
    good: tuple[str, ...]
    late: tuple[LateHome, ...]
    demands: tuple[str, ...]


def circular(notice: Circular) -> OfficialPaper:
    """Word the circular: the state of things, good practice, who is late, what is asked."""
    blocks: tuple[Block, ...] = (
        Paragraph(f"现将{notice.year}年度会员评议职工之家整改情况通报如下。"),
        Heading(1, "总体情况"),
        Paragraph(notice.summary),
        *((Heading(1, "整改较好的单位"), NumberedList(notice.good)) if notice.good else ()),
        *((Heading(1, "逾期未办结的单位"), _late_table(notice.late)) if notice.late else ()),
        *((Heading(1, "工作要求"), NumberedList(notice.demands)) if notice.demands else ()),
        Paragraph("特此通报。"),
    )
    title = f"{notice.letterhead.issuer}关于{notice.year}年度会员评议职工之家整改情况的通报"
    return under_letterhead(notice.letterhead, title, blocks)


def _late_table(late: tuple[LateHome, ...]) -> Table:
    return Table(
        ("序号", "单位", "未办结事项", "逾期起始日", "已采取措施"),
        tuple(
            (str(n), row.home, row.matter, row.overdue_since, row.step) for n, row in enumerate(late, start=1)
        ),
        (12, 42, 38, 38, 30),
    )
