"""What every paper of one order needs: names, heads, references, figures, the days as printed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.papers.official.findings import EvaluationFigures, ItemResult
from survey_app.papers.official.letterhead import Letterhead, Reference
from survey_app.papers.official.paper import Imprint, Layout
from survey_app.rectification import limits
from survey_app.rectification.merged_homes import home_at
from survey_app.rectification.models import (
    Event,
    LimitKind,
    NumberedPaper,
    Order,
    OrderKind,
    Problem,
)
from survey_app.rectification.orders import policy_of, problems_of
from survey_app.units.models import Unit

GRADE_WORDS = {"DISSATISFIED": "不满意", "QUALIFIED": "合格，提醒改进"}


def led_at(session: Session, order: Order, at: datetime | None) -> tuple[Unit, Unit | None]:
    """Lead and co-supervisor at an instant: each hand-over since then has changed them round."""
    pair = (order.lead_id, order.co_id)
    if at is not None and order.co_id is not None:
        later = session.scalar(
            select(func.count()).where(Event.order_id == order.id, Event.kind == "handed_over", Event.at > at)
        )
        pair = (order.co_id, order.lead_id) if (later or 0) % 2 else pair
    lead, beside = pair
    return session.get_one(Unit, lead), session.get(Unit, beside) if beside else None


class PaperDesk:
    """What every paper of one order needs; the lead is the union that led when it was written."""

    def __init__(
        self, session: Session, order: Order, number: str, today: date, written_at: datetime | None = None
    ) -> None:
        self.session, self.order, self.number, self.today = session, order, number, today
        self.lead, self.beside = led_at(session, order, written_at)
        self.home = home_at(session, order, written_at)
        self.problems = problems_of(session, order)
        self.policy = policy_of(order)

    @property
    def reference(self) -> Reference:
        """The order as other papers name it: by the union that signed it."""
        signer, _beside = led_at(self.session, self.order, self.order.issued_at)
        home = home_at(self.session, self.order, self.order.issued_at)
        if self.order.kind == OrderKind.REMINDER:
            return Reference(f"{signer.name}关于{home.name}会员评议情况的提醒函")
        return Reference(f"{signer.name}关于{home.name}限期整改的通知", self.order.number)

    def down(self, signed_on: date | None, **further: Any) -> Letterhead:
        """The head of a paper from the superior to the home."""
        copies = (self.beside.name,) if self.beside else ()
        return Letterhead(
            issuer=self.lead.name,
            doc_number=self.number,
            doc_date=signed_on,
            addressees=(self.home.name,),
            telephone=self.lead.chair_phone,
            imprint=Imprint(cc=copies, printing_office=f"{self.lead.name}办公室", printed_on=signed_on),
            **further,
        )

    def up(self, written_on: date) -> Letterhead:
        """The head of a paper from the home to its superior; its number is the home's own affair."""
        return Letterhead(
            issuer=self.home.name,
            doc_number="",
            doc_date=written_on,
            addressees=(self.lead.name,),
            signatory=self.home.chair_name,
            telephone=self.home.chair_phone,
            layout=Layout.UPWARD,
        )

    def signed_on(self, subject_id: int, paper: str) -> date:
        """The day on which a numbered paper was signed."""
        return self.session.scalars(
            select(NumberedPaper.signed_on).where(
                NumberedPaper.order_id == self.order.id,
                NumberedPaper.paper == paper,
                NumberedPaper.subject_id == subject_id,
            )
        ).one()

    def problem(self, problem_id: int | None) -> Problem | None:
        return next((one for one in self.problems if one.id == problem_id), None)

    def due_of(self, problem: Problem) -> date:
        """The latest completion day, as it was printed when the order was signed."""
        return self._printed(str(problem.id))

    def within(self, problem: Problem) -> str:
        """How the completion day is counted."""
        days = getattr(self.policy, f"completion_days_{problem.grade.lower()}")
        return f"自送达之日起{days}日内"

    def plan_due(self) -> date:
        """The plan's latest day, by the most urgent class, as it was printed."""
        return self._printed(LimitKind.PLAN)

    def plan_within(self) -> str:
        """How the plan's day is counted."""
        grade = min((one.grade for one in self.problems), default="B").lower()
        return f"自送达之日起{getattr(self.policy, f'plan_workdays_{grade}')}个工作日内"

    def _printed(self, what: str) -> date:
        """What was printed at signing; a draft, or an order from before that was kept, counts it anew."""
        days = self.order.figures.get("printed") or limits.printed_days(
            calendar_of(self.session),
            self.order,
            self.problems,
            beijing_day(self.order.issued_at) if self.order.issued_at else self.today,
        )
        return date.fromisoformat(days[what])


def figures_of(order: Order) -> EvaluationFigures:
    figures = order.figures
    counts = figures["counts"]
    interval = figures.get("interval")
    return EvaluationFigures(
        members=figures["members"],
        valid=figures["valid"],
        turnout_rate=(figures["turnout"] or 0) / 100,
        satisfied=counts["SATISFIED"],
        basic=counts["BASIC"],
        dissatisfied=counts["DISSATISFIED"],
        unknown=counts["UNKNOWN"],
        satisfied_rate=figures["strict"] / 100 if figures["strict"] is not None else None,
        combined_rate=figures["combined"] / 100 if figures["combined"] is not None else None,
        interval=(interval[0], interval[1]) if interval else None,
        grade=GRADE_WORDS[figures["class"]],
    )


def items_of(order: Order) -> tuple[ItemResult, ...]:
    return tuple(_item(one) for one in order.figures["items"])


def _item(one: dict[str, Any]) -> ItemResult:
    satisfied, basic, dissatisfied, unknown = one["counts"]
    return ItemResult(one["label"], satisfied, basic, dissatisfied, unknown, one["combined"])
