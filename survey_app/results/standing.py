"""Where homes may stand beside each other: for each the first and the last place its error range allows.

Never a bare rank: homes whose ranges overlap cannot be separated, and most homes of an area overlap with most
others (docs/method.md). For the superior only; a quota of awards reads here whom the votes cannot decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from scoring.comparison import inseparable, rank_intervals
from survey_app.core.actor import Actor
from survey_app.core.settings import Settings
from survey_app.journal.chain import head
from survey_app.papers.marks import Marks
from survey_app.papers.workbook import Column, DataSheet, workbook_bytes
from survey_app.results import charts
from survey_app.results.charts import BandChart, BandRow, Drawing
from survey_app.results.documents import GRADES
from survey_app.results.models import Result
from survey_app.results.peers import SIZE_BANDS
from survey_app.results.reading import class_tag
from survey_app.results.states import COUNTED
from survey_app.rounds.models import Round, RoundKind
from survey_app.units.models import Unit
from survey_app.units.queries import scope
from survey_app.web.i18n import gettext, in_chinese

PAGE = 25  # as many as one drawing can hold
COLUMNS = (
    Column("单位", 32),
    Column("等次", 20),
    Column("会员数", 10),
    Column("综合满意率（折算）", 18),
    Column("误差范围下限", 14),
    Column("误差范围上限", 14),
    Column("最前可能排第", 14),
    Column("最后可能排第", 14),
    Column("分不出先后的家数", 18),
)


@dataclass(frozen=True)
class Standing:
    """A home with the places that its error range allows."""

    result_id: int
    name: str
    tag: str
    members: int
    ballots: int
    rate: float
    low: float
    high: float
    first: int
    last: int
    undecided: bool = False  # its places cover the cut of the quota

    @property
    def equals(self) -> int:
        """How many other homes it cannot be separated from."""
        return self.last - self.first

    @property
    def places(self) -> str:
        """The places in words."""
        if self.first == self.last:
            return gettext("第%(n)s", n=self.first)
        return gettext("第%(first)s到第%(last)s", first=self.first, last=self.last)


@dataclass(frozen=True)
class Order:
    """All homes of a size that may be compared, and how many others are not shown in full."""

    homes: list[Standing]
    hidden: int
    quota: int

    @property
    def undecided(self) -> list[Standing]:
        """Homes whose places cover the cut: other criteria must decide."""
        return [home for home in self.homes if home.undecided]

    def page(self, number: int) -> list[Standing]:
        """The homes of one page."""
        return self.homes[(number - 1) * PAGE : number * PAGE]

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.homes) // PAGE))


def order_of(session: Session, actor: Actor, year: int, *, band: int | None = None, quota: int = 0) -> Order:
    """The homes of the scope by the lower end of their range; places from each home's own range."""
    conditions = []
    if band is not None:
        conditions.append(Result.members >= SIZE_BANDS[band])
        if band + 1 < len(SIZE_BANDS):
            conditions.append(Result.members < SIZE_BANDS[band + 1])
    rows = session.execute(
        select(Result, Unit.name)
        .join(Unit, Unit.id == Result.home_id)
        .join(Round, Round.id == Result.round_id)
        .where(
            Result.home_id.in_(scope(actor)),
            Result.year == year,
            Result.state.in_(COUNTED),
            Round.kind.in_((RoundKind.ORDINARY, RoundKind.REPEAT)),
            *conditions,
        )
    ).all()
    shown = [(result, name) for result, name in rows if result.low is not None]
    shown.sort(key=lambda pair: (-(pair[0].low or 0.0), -(pair[0].high or 0.0), pair[1], pair[0].id))
    low, high = (
        np.array([getattr(result, side) for result, _name in shown], dtype=np.float64)
        for side in ("low", "high")
    )
    ranks = rank_intervals(low, high)
    undecided = inseparable(ranks, quota) if quota else np.zeros(len(shown), dtype=np.bool_)
    homes = [
        Standing(
            result.id,
            name,
            class_tag(result.rating_class, result.reminder),
            result.members,
            result.ballots or 0,
            result.combined or 0.0,
            result.low or 0.0,
            result.high or 0.0,
            int(first),
            int(last),
            bool(open_),
        )
        for (result, name), first, last, open_ in zip(shown, ranks.first, ranks.last, undecided, strict=True)
    ]
    return Order(homes, len(rows) - len(shown), quota)


def picture(homes: Sequence[Standing]) -> Drawing | None:
    """The ranges below each other, each with its places."""
    if not homes:
        return None
    rows = tuple(BandRow(home.name, home.rate, home.low, home.high, f"{home.rate:.0f}", "") for home in homes)
    names = gettext("；").join(f"{home.name}：{home.places}" for home in homes)
    return charts.dimensions(
        BandChart(
            title=gettext("各家的误差范围"),
            description=gettext("每家一条，带子是误差范围，叠在一起的分不出先后。%(names)s", names=names),
            rows=rows,
            lines=(),
        )
    )


def standing_workbook(actor: Actor, found: Order, year: int, settings: Settings, session: Session) -> bytes:
    """All homes of the page as a table that sorts."""
    with in_chinese():
        rows: list[list[str | int | float | None]] = [
            [
                home.name,
                GRADES[home.tag],
                home.members,
                home.rate,
                home.low,
                home.high,
                home.first,
                home.last,
                home.equals,
            ]
            for home in found.homes
        ]
        note = (
            "名次段由每一家自己的误差范围得出：范围叠在一起的，分不出先后。"
            f"另有{found.hidden}家的数字不全部显示，不在表里。"
        )
        title = f"{actor.unit_name}{year}年度名次段"
        marks = Marks(demo=settings.demo, journal_head=head(session)[1][:16])
        return workbook_bytes([DataSheet("名次段", title, COLUMNS, rows, note)], title=title, marks=marks)
