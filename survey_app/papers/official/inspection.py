"""复查验收意见: what at least two inspectors found for each problem."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Reference
from survey_app.papers.official.paper import Form, FormRow, Layout, OfficialPaper, Table
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class InspectedProblem:
    duty: str
    evidence_seen: str
    passed: bool
    reason: str = ""
    new_due: date | None = None


@dataclass(frozen=True)
class Inspection:
    issuer: str
    number: str
    home: str
    order: Reference
    inspected_on: date
    way: str
    problems: tuple[InspectedProblem, ...]
    inspectors: tuple[str, ...]
    conclusion: str = ""


def inspection(opinion: Inspection) -> OfficialPaper:
    """Set the opinion as a sheet: facts, problem by problem, conclusion, lines to sign on."""
    facts = Form(
        (
            FormRow((("单位", opinion.home),)),
            FormRow((("整改依据", str(opinion.order)),)),
            FormRow((("复查日期", long_date(opinion.inspected_on)), ("复查方式", opinion.way))),
        )
    )
    table = Table(
        ("序号", "整改项目", "查看的佐证", "结论", "说明"),
        tuple(_row(n, problem) for n, problem in enumerate(opinion.problems, start=1)),
        (12, 36, 46, 20, 42),
    )
    signed = Form(
        (
            FormRow((("复查意见", opinion.conclusion or _conclusion(opinion.problems)),), lines=3),
            *(
                FormRow(((f"复查人{n}", name), ("签字", "")))
                for n, name in enumerate(opinion.inspectors, start=1)
            ),
            FormRow((("单位盖章", ""),), lines=4),
        )
    )
    return OfficialPaper(
        layout=Layout.SHEET,
        issuer=opinion.issuer,
        doc_number=opinion.number,
        title="复查验收意见",
        addressees=(),
        blocks=(facts, table, signed),
        doc_date=opinion.inspected_on,
    )


def _row(number: int, problem: InspectedProblem) -> tuple[str, ...]:
    again = f"新期限{long_date(problem.new_due)}。" if problem.new_due else ""
    return (
        str(number),
        problem.duty,
        problem.evidence_seen,
        "通过" if problem.passed else "不通过",
        f"{problem.reason}{again}" or "—",
    )


def _conclusion(problems: tuple[InspectedProblem, ...]) -> str:
    failed = [problem.duty for problem in problems if not problem.passed]
    if not failed:
        return f"共复查{len(problems)}项，全部通过。"
    passed = len(problems) - len(failed)
    return f"共复查{len(problems)}项，通过{passed}项；不通过{len(failed)}项：{'、'.join(failed)}。退回整改。"
