"""The protocol sheet 开箱记录单: every figure of the opening, the digests, and who signed for it.

The sheet is the only witness outside the machines. Swapped answers with swapped digests are found by
nothing else.
"""

from dataclasses import dataclass
from datetime import date, datetime

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import count, grouped, long_date, long_time, one_line

DESTROYED = "口令条已撕毁：{names}于{day}确认。此后任何备份都打不开。"
NOT_DESTROYED = "口令条尚未确认撕毁。"
SAME_OPERATOR = "本轮保管人与运维为同一单位。"
RULE_WORDS = (
    "核对规则（每一类都要成立）：网上有效票≤已领；已领−补发＋已换≤应参评；"
    "票卡收到≤票卡发出≤已换票卡；纸质票≤已换纸质。"
)


@dataclass(frozen=True)
class ProtocolFigures:
    """The numbers of one home, or of one ballot class of it.

    `issued` signatures given (已领), `replaced` granted after an issue (补发), `exchanged_card` and
    `exchanged_paper` entitlements exchanged at the desk (已换), `cards_handed_out`, then what the box
    held by channel; None is a figure that nothing tells any more, and prints as a dash.
    """

    members: int
    issued: int
    replaced: int
    exchanged_card: int
    exchanged_paper: int
    cards_handed_out: int
    link_ballots: int
    card_ballots: int
    paper_ballots: int | None
    valid: int | None
    void: int | None

    @property
    def received(self) -> int:
        return self.link_ballots + self.card_ballots + (self.paper_ballots or 0)


@dataclass(frozen=True)
class ClassProtocol:
    """One ballot class under the count rule; `violations` names each broken line in words."""

    label: str
    figures: ProtocolFigures
    violations: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProtocolSheet:
    """What the custodians sign for one home."""

    round_title: str
    home: str
    organiser: str
    check_code: str
    electorate: str
    opened_at: datetime
    figures: ProtocolFigures
    classes: tuple[ClassProtocol, ...]
    digests: tuple[tuple[str, str], ...]
    custodians: tuple[str, ...]
    destroyed_on: date | None
    omitted_persons: tuple[str, ...] = ()
    same_operator: bool = False
    not_opened: str = ""
    remarks: tuple[str, ...] = ()


def protocol_sheet_pdf(sheet: ProtocolSheet, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the sheet on A4, to be signed by hand."""
    opened = not sheet.not_opened
    data = {
        "heading": "开箱记录单" if opened else "开箱记录单（没有开箱）",
        "verdict": one_line(sheet.not_opened),
        "facts": [
            ["评议轮次", one_line(sheet.round_title)],
            ["职工之家", one_line(sheet.home)],
            ["组织单位", one_line(sheet.organiser)],
            ["参评人员", one_line(sheet.electorate)],
            ["开箱时间" if opened else "本轮开箱", long_time(sheet.opened_at)],
            ["核对码", grouped(sheet.check_code)],
        ],
        "figures": _named_figures(sheet.figures, opened=opened),
        "classes": [_class_row(row) for row in sheet.classes],
        "rule": RULE_WORDS if opened else "",
        # Of a box that stayed shut there is no list, no ballot and no tally that a digest could stand for.
        "digests": [[one_line(name), value] for name, value in sheet.digests] if opened else [],
        "statements": _statements(sheet),
        "omitted": [one_line(person) for person in sheet.omitted_persons],
        "custodians": [one_line(name) for name in sheet.custodians],
    }
    return typesetter.pdf("protocol_sheet", data, title=f"{one_line(sheet.home)} 开箱记录单", marks=marks)


def _named_figures(figures: ProtocolFigures, *, opened: bool) -> list[list[str]]:
    named: tuple[tuple[str, int | None], ...] = (
        ("应参评", figures.members),
        ("已领", figures.issued),
        ("补发", figures.replaced),
        ("已换（票卡＋纸质）", figures.exchanged_card + figures.exchanged_paper),
        ("票卡发出", figures.cards_handed_out),
        ("收到", figures.received),
    )
    if opened:
        named += (("有效", figures.valid), ("无效", figures.void))
    rows = [[name, _figure(value)] for name, value in named]
    return rows if opened else [*rows, ["参评率（已领和已换）", _participation(figures)]]


def _figure(value: int | None) -> str:
    return "—" if value is None else count(value)


def _participation(figures: ProtocolFigures) -> str:
    used = figures.issued - figures.replaced + figures.exchanged_card + figures.exchanged_paper
    return f"{100 * used / figures.members:.0f}%" if figures.members else "—"


def _class_row(row: ClassProtocol) -> list[str]:
    figures = row.figures
    numbers = (
        figures.members,
        figures.issued,
        figures.replaced,
        figures.exchanged_card,
        figures.exchanged_paper,
        figures.cards_handed_out,
        figures.link_ballots,
        figures.card_ballots,
        figures.paper_ballots,
    )
    verdict = "；".join(one_line(words) for words in row.violations) or "成立"
    return [one_line(row.label), *map(_figure, numbers), verdict]


def _statements(sheet: ProtocolSheet) -> list[str]:
    """The sentences below the figures, in the order in which they matter."""
    return [
        *map(one_line, sheet.remarks),
        _destruction(sheet),
        *([SAME_OPERATOR] if sheet.same_operator else []),
    ]


def _destruction(sheet: ProtocolSheet) -> str:
    if sheet.destroyed_on is None:
        return NOT_DESTROYED
    names = "、".join(map(one_line, sheet.custodians))
    return DESTROYED.format(names=names, day=long_date(sheet.destroyed_on))
