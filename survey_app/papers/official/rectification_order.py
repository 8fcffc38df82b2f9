"""限期整改通知: the order from the superior union to a home its members are not satisfied with."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.findings import (
    EvaluationFigures,
    ItemResult,
    Problem,
    due_words,
    item_table,
)
from survey_app.papers.official.letterhead import Letterhead, Reference, named_together, under_letterhead
from survey_app.papers.official.paper import (
    Attachment,
    Block,
    Heading,
    NumberedList,
    OfficialPaper,
    Paragraph,
)
from survey_app.papers.official.receipt import receipt_form

CONSEQUENCES = (
    "逾期未报送整改方案或者未完成整改的，将依次催办、督办、约谈、通报。",
    "问题全部销号前，不参加各级职工之家评选。",
    "整改情况在你会公开页向会员公布。",
)


@dataclass(frozen=True)
class RectificationOrder:
    """The order as issued; dates come from the policy and the calendar of working days."""

    letterhead: Letterhead
    home: str
    year: int
    basis: tuple[Reference, ...]
    figures: EvaluationFigures
    problems: tuple[Problem, ...]
    plan_due: date
    receipt_days: int
    report_days: int
    extension_ask_days: int
    extension_limit_days: int
    inspectors: int
    items: tuple[ItemResult, ...] = ()
    more_attachments: tuple[Attachment, ...] = ()
    plan_within: str = ""

    @property
    def title(self) -> str:
        return f"{self.letterhead.issuer}关于{self.home}限期整改的通知"


def rectification_order(order: RectificationOrder) -> OfficialPaper:
    """Word the order: result, problems with what is asked, steps with their days, consequences."""
    blocks: tuple[Block, ...] = (
        Paragraph(_opening(order)),
        Heading(1, "评议结果"),
        Paragraph(order.figures.sentences()),
        Heading(1, "存在问题和整改要求"),
        *_problem_blocks(order.problems),
        Heading(1, "办理步骤和期限"),
        NumberedList(_steps(order)),
        Heading(1, "有关要求"),
        NumberedList(CONSEQUENCES),
        Paragraph("对本通知有不同意见的，可在签收时写明。签收不等于同意。"),
    )
    return under_letterhead(order.letterhead, order.title, blocks, attachments=_attachments(order))


def _opening(order: RectificationOrder) -> str:
    named = named_together(order.basis)
    basis = f"根据{named}，" if named else ""
    return (
        f"{basis}你会开展了{order.year}年度会员评议职工之家。评议结果已经确认。"
        "针对会员不满意的问题，现通知你会限期整改。有关事项如下。"
    )


def _problem_blocks(problems: tuple[Problem, ...]) -> tuple[Block, ...]:
    if not problems:
        return (Paragraph("本次未列具体问题，请对照评议项目自查，并在整改方案中列明。"),)
    return tuple(
        block
        for problem in problems
        for block in (
            Heading(2, problem.duty),
            Paragraph(f"存在问题：{problem.finding}"),
            Paragraph(f"整改要求：{problem.requirement}"),
            Paragraph(f"完成期限：{due_words(problem.due, problem.within)}（{problem.limit_class}）。"),
        )
    )


def _steps(order: RectificationOrder) -> tuple[str, ...]:
    return (
        f"签收。收到本通知后填写签收回执并退回。自发出之日起{order.receipt_days}个工作日内未签收的，视为送达。",
        f"报送整改方案。{due_words(order.plan_due, order.plan_within)}，以报告形式报送整改方案，"
        "逐项写明原因、措施、责任领导、责任人、完成时间和预期效果。",
        f"报送整改报告。各项问题整改完成后{order.report_days}个工作日内，以报告形式报送，"
        "逐项写明完成情况、会员反馈和遗留问题，并附佐证材料。",
        f"申请延期。确有困难不能按期完成的，应当在期限届满{order.extension_ask_days}个工作日前另行请示。"
        f"延期限一次，最长不超过{order.extension_limit_days}日。报告中不得夹带延期请示。",
        f"复查和会员再评。收到整改报告后，由不少于{order.inspectors}人复查；复查通过后，请会员再评一次，再评合格的予以销号。",
    )


def _attachments(order: RectificationOrder) -> tuple[Attachment, ...]:
    items = (Attachment(f"{order.year}年度评议项目结果", (item_table(order.items),)),) if order.items else ()
    reference = Reference(order.title, order.letterhead.doc_number)
    return (*items, *order.more_attachments, Attachment("签收回执", (receipt_form(reference, order.home),)))
