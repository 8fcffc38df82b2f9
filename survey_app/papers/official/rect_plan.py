"""整改方案: the home reports how it will deal with each problem of the order."""

from dataclasses import dataclass
from datetime import date

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
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class PlannedMeasure:
    """The plan for one problem."""

    duty: str
    problem: str
    cause: str
    measure: str
    responsible_leader: str
    person_in_charge: str
    due: date
    expected_result: str


@dataclass(frozen=True)
class RectPlan:
    letterhead: Letterhead
    order: Reference
    measures: tuple[PlannedMeasure, ...]
    organisation: str = ""


def rect_plan(plan: RectPlan) -> OfficialPaper:
    """Word the plan as an upward report; the table of persons and days is attached."""
    opening = f"收到{plan.order}后，我会逐项查找原因，研究了整改措施。现将整改方案报告如下。"
    blocks: tuple[Block, ...] = (
        Paragraph(opening),
        *((Heading(1, "组织领导"), Paragraph(plan.organisation)) if plan.organisation else ()),
        Heading(1, "整改措施"),
        *(block for measure in plan.measures for block in _measure_blocks(measure)),
        Paragraph("特此报告。"),
    )
    attached = (Attachment("整改任务分工表", (_task_table(plan.measures),)),) if plan.measures else ()
    title = f"{plan.letterhead.issuer}关于报送整改方案的报告"
    return under_letterhead(plan.letterhead, title, blocks, attachments=attached, layout=Layout.UPWARD)


def _measure_blocks(measure: PlannedMeasure) -> tuple[Block, ...]:
    return (
        Heading(2, measure.duty),
        Paragraph(f"问题：{measure.problem}"),
        Paragraph(f"原因：{measure.cause}"),
        Paragraph(f"措施：{measure.measure}"),
        Paragraph(f"预期效果：{measure.expected_result}"),
    )


def _task_table(measures: tuple[PlannedMeasure, ...]) -> Table:
    return Table(
        ("序号", "整改项目", "责任领导", "责任人", "完成时间"),
        tuple(
            (str(n), row.duty, row.responsible_leader, row.person_in_charge, long_date(row.due))
            for n, row in enumerate(measures, start=1)
        ),
        (12, 60, 24, 24, 36),
    )
