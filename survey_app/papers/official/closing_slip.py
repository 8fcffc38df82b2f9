"""销号单: a problem is closed, by whom and on what ground."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Reference
from survey_app.papers.official.paper import Form, FormRow, Layout, OfficialPaper
from survey_app.papers.wording import long_date


@dataclass(frozen=True)
class ClosingSlip:
    """One closed problem; `re_evaluation` says in words what the members said the second time."""

    issuer: str
    number: str
    home: str
    order: Reference
    duty: str
    problem: str
    result: str
    inspected_on: date
    re_evaluation: str
    closed_on: date
    approver: str
    ground: str = "复查通过，会员再评合格"
    long_term: bool = False


def closing_slip(slip: ClosingSlip) -> OfficialPaper:
    """Set the slip as a sheet."""
    ending = "转为长期坚持事项，定期报告" if slip.long_term else "予以销号"
    form = Form(
        (
            FormRow((("单位", slip.home),)),
            FormRow((("整改依据", str(slip.order)),)),
            FormRow((("整改项目", slip.duty),)),
            FormRow((("存在问题", slip.problem),), lines=2),
            FormRow((("整改结果", slip.result),), lines=3),
            FormRow((("复查日期", long_date(slip.inspected_on)), ("销号日期", long_date(slip.closed_on)))),
            FormRow((("会员再评", slip.re_evaluation),), lines=2),
            FormRow((("销号意见", f"{slip.ground}，{ending}。"),), lines=2),
            FormRow((("批准人", slip.approver), ("签字", ""))),
            FormRow((("单位盖章", ""),), lines=4),
        )
    )
    return OfficialPaper(
        layout=Layout.SHEET,
        issuer=slip.issuer,
        doc_number=slip.number,
        title="整改问题销号单",
        addressees=(),
        blocks=(form,),
        doc_date=slip.closed_on,
    )
