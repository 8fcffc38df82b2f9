"""The official result sheet 汇总表: the counted figures of one home, as the tellers sign them."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import count, long_date, one_line, rate

HEADINGS = ("序号", "评议项目", "满意", "基本满意", "不满意", "不了解", "弃权", "满意率", "综合满意率")
RATE_NOTE = "满意率、综合满意率均按实际票数计算，未加权。"


@dataclass(frozen=True)
class ResultRow:
    """One item: its counts and both rates on the raw count, or in words why they are not shown (`hidden`).

    A count may be a text where the disclosure rules ask for a range such as 0-1, a rate one such as
    85%以上.
    """

    number: str
    item: str
    satisfied: int | str = 0
    basic: int | str = 0
    dissatisfied: int | str = 0
    unknown: int | str = 0
    abstained: int | str = 0
    satisfied_rate: float | str | None = None
    combined_rate: float | str | None = None
    hidden: str = ""

    @property
    def counts(self) -> tuple[int | str, ...]:
        return (self.satisfied, self.basic, self.dissatisfied, self.unknown, self.abstained)

    @property
    def rates(self) -> tuple[float | str | None, float | str | None]:
        return (self.satisfied_rate, self.combined_rate)


@dataclass(frozen=True)
class ResultSheet:
    """The whole sheet. `present` is the number who came to the assembly, none where no assembly was held."""

    home: str
    round_title: str
    issuer: str
    members: int
    entitled: int
    present: int | None
    issued: int
    returned: int
    valid: int | None
    invalid: int | None
    rows: tuple[ResultRow, ...]
    scrutineers: tuple[str, ...]
    tellers: tuple[str, ...]
    made_on: date
    notes: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        return f"{one_line(self.round_title)}汇总表"

    @property
    def figures(self) -> tuple[tuple[str, int | None], ...]:
        return (
            ("会员数", self.members),
            ("应到", self.entitled),
            ("实到", self.present),
            ("发出", self.issued),
            ("收回", self.returned),
            ("有效", self.valid),
            ("无效", self.invalid),
        )

    @property
    def all_notes(self) -> tuple[str, ...]:
        assembly = () if self.present is not None else ("本轮未开大会，实到不适用。",)
        return (RATE_NOTE, *assembly, *self.notes)


def result_sheet_pdf(sheet: ResultSheet, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the sheet on A4 with lines for the signatures and a place for the seal."""
    data = {
        "heading": sheet.heading,
        "home": one_line(sheet.home),
        "issuer": one_line(sheet.issuer),
        "figures": [[name, "—" if value is None else count(value)] for name, value in sheet.figures],
        "headings": HEADINGS,
        "rows": [_row_data(row) for row in sheet.rows],
        "notes": sheet.all_notes,
        "scrutineers": [one_line(name) for name in sheet.scrutineers],
        "tellers": [one_line(name) for name in sheet.tellers],
        "made_on": long_date(sheet.made_on),
    }
    return typesetter.pdf("result_sheet", data, title=f"{one_line(sheet.home)} {sheet.heading}", marks=marks)


def _row_data(row: ResultRow) -> dict[str, object]:
    if row.hidden:
        return {"lead": [row.number, row.item], "figures": [], "hidden": row.hidden}
    counts = [count(value) if isinstance(value, int) else value for value in row.counts]
    rates = [value if isinstance(value, str) else rate(value) for value in row.rates]
    return {"lead": [row.number, row.item], "figures": counts + rates, "hidden": ""}
