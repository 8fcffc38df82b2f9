"""What an evaluation found: the figures of a home and its problems, worded once for all papers."""

from dataclasses import dataclass
from datetime import date

from survey_app.papers.official.paper import Table
from survey_app.papers.wording import count, long_date, rate


@dataclass(frozen=True)
class EvaluationFigures:
    """The figures of one final rating; shares between 0 and 1, the interval on the combined rate in percent.

    A rate or interval that the disclosure rules withhold is none and is left out of the sentence.
    """

    members: int
    valid: int
    turnout_rate: float
    satisfied: int | str
    basic: int | str
    dissatisfied: int | str
    unknown: int | str
    satisfied_rate: float | None
    combined_rate: float | None
    interval: tuple[float, float] | None
    grade: str

    def sentences(self) -> str:
        """The result in the words of an official paper."""
        counts = "，".join(
            f"{word}{count(value) if isinstance(value, int) else value}票"
            for word, value in (
                ("满意", self.satisfied),
                ("基本满意", self.basic),
                ("不满意", self.dissatisfied),
                ("不了解", self.unknown),
            )
        )
        parts = [
            f"你会共有会员{count(self.members)}人，收回有效票{count(self.valid)}张，参评率{rate(self.turnout_rate)}。",
            f"总体评价：{counts}{self._rates()}。",
        ]
        if self.interval is not None:
            low, high = self.interval
            parts.append(f"经统计推断，综合满意率在{low:.2f}到{high:.2f}之间。")
        parts.append(f"评定结果：{self.grade}。")
        return "".join(parts)

    def _rates(self) -> str:
        named = (("满意率", self.satisfied_rate), ("综合满意率", self.combined_rate))
        shown = "，".join(f"{word}{rate(value)}" for word, value in named if value is not None)
        return f"；{shown}（按实际票数）" if shown else ""


@dataclass(frozen=True)
class Problem:
    """One problem of the list: the duty, what was found, what is asked, its class and its day."""

    duty: str
    finding: str
    requirement: str
    limit_class: str
    due: date
    # How the day is counted; then `due` is the latest it can be.
    within: str = ""


@dataclass(frozen=True)
class ItemResult:
    """One line of the table of items, with words where figures are withheld."""

    item: str
    satisfied: str
    basic: str
    dissatisfied: str
    unknown: str
    combined_rate: str


def item_table(items: tuple[ItemResult, ...]) -> Table:
    """The items of the evaluation with their counts."""
    return Table(
        ("序号", "评议项目", "满意", "基本满意", "不满意", "不了解", "综合满意率"),
        tuple(
            (str(n), row.item, row.satisfied, row.basic, row.dissatisfied, row.unknown, row.combined_rate)
            for n, row in enumerate(items, start=1)
        ),
        (12, 50, 14, 22, 18, 18, 28),
    )


def due_words(due: date, within: str = "") -> str:
    """Until when; where the days run from service, how they run and the latest day that can come out."""
    return f"{within}，最迟{long_date(due)}前" if within else f"{long_date(due)}前"
