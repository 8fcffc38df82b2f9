"""签收回执: the home says that the order has arrived, and may say that it disagrees."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.letterhead import Reference
from survey_app.papers.official.paper import Form, FormRow, Layout, OfficialPaper
from survey_app.papers.wording import long_date

DISAGREE_WORDS = "（签收不等于同意，有意见请写明）"


@dataclass(frozen=True)
class Receipt:
    """A receipt as given; `deemed` if the term ran out without a signature."""

    home: str
    reference: Reference
    served_on: date | None
    acknowledged_on: date | None
    acknowledged_by: str
    opinion: str = ""
    deemed: bool = False
    number: str = ""


def receipt(given: Receipt) -> OfficialPaper:
    """The receipt as a sheet of its own."""
    return OfficialPaper(
        layout=Layout.SHEET,
        issuer=given.home,
        doc_number=given.number,
        title="签收回执",
        addressees=(),
        blocks=(receipt_form(given.reference, given.home, given),),
        doc_date=given.acknowledged_on,
    )


def receipt_form(reference: Reference, home: str, given: Receipt | None = None) -> Form:
    """The form, filled in where a receipt was given and empty on the attachment of an order."""
    served = long_date(given.served_on) if given and given.served_on else ""
    signed = long_date(given.acknowledged_on) if given and given.acknowledged_on else ""
    if given and given.deemed:
        signed = f"{signed}（到期未签收，视为送达）"
    opinion = given.opinion if given and given.opinion else ("无" if given else DISAGREE_WORDS)
    return Form(
        (
            FormRow((("文件名称", reference.title),)),
            FormRow((("发文字号", reference.doc_number),)),
            FormRow((("收文单位", home),)),
            FormRow((("送达日期", served), ("签收日期", signed))),
            FormRow((("签收人", given.acknowledged_by if given else ""), ("职务", ""))),
            FormRow((("意见", opinion),), lines=4),
            FormRow((("单位盖章", ""),), lines=4),
        )
    )
