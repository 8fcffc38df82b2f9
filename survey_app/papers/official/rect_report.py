"""整改报告: the home reports what was done for each problem, with evidence and what is left."""

from dataclasses import dataclass

from survey_app.papers.official.letterhead import Letterhead, Reference, under_letterhead
from survey_app.papers.official.paper import (
    Attachment,
    Block,
    Heading,
    Layout,
    OfficialPaper,
    Paragraph,
    Table,
)


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence: name, its own date in words, and the checksum it is found by."""

    name: str
    dated: str
    checksum: str


@dataclass(frozen=True)
class CompletedMeasure:
    """What became of one problem."""

    duty: str
    done: str
    member_feedback: str
    left_over: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class RectReport:
    letterhead: Letterhead
    order: Reference
    measures: tuple[CompletedMeasure, ...]
    summary: str = ""


def rect_report(report: RectReport) -> OfficialPaper:
    """Word the report; it asks for nothing, because a 报告 may not carry a request."""
    blocks: tuple[Block, ...] = (
        Paragraph(f"按照{report.order}的要求，我会完成了整改。现将有关情况报告如下。"),
        *((Heading(1, "总体情况"), Paragraph(report.summary)) if report.summary else ()),
        Heading(1, "各项问题整改情况"),
        *(block for measure in report.measures for block in _measure_blocks(measure)),
        Paragraph("特此报告。"),
    )
    rows = _evidence_rows(report.measures)
    table = Table(("序号", "整改项目", "佐证材料", "材料日期", "校验值"), rows, (12, 34, 40, 38, 34))
    attached = (Attachment("佐证材料目录", (table,)),) if rows else ()
    title = f"{report.letterhead.issuer}关于整改情况的报告"
    return under_letterhead(report.letterhead, title, blocks, attachments=attached, layout=Layout.UPWARD)


def _measure_blocks(measure: CompletedMeasure) -> tuple[Block, ...]:
    return (
        Heading(2, measure.duty),
        Paragraph(f"完成情况：{measure.done}"),
        Paragraph(f"会员反馈：{measure.member_feedback or '未收到。'}"),
        Paragraph(f"遗留问题：{measure.left_over or '无。'}"),
    )


def _evidence_rows(measures: tuple[CompletedMeasure, ...]) -> tuple[tuple[str, ...], ...]:
    found = [(measure.duty, piece) for measure in measures for piece in measure.evidence]
    return tuple(
        (str(n), duty, piece.name, piece.dated, piece.checksum[:12])
        for n, (duty, piece) in enumerate(found, start=1)
    )
