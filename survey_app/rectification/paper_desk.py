"""What every paper of one order needs: names, heads, references, figures, the days as printed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.papers.official.findings import EvaluationFigures, ItemResult
from survey_app.papers.official.letterhead import Letterhead, Reference
from survey_app.papers.official.paper import Imprint, Layout
from survey_app.rectification.models import (
    Limit,
    LimitKind,
    NumberedPaper,
    Order,
    OrderKind,
    Problem,
)
from survey_app.rectification.orders import policy_of, problems_of
from survey_app.units.models import Unit
from survey_app.workdays import Rule
from survey_app.workdays.days import Counting

GRADE_WORDS = {"DISSATISFIED": "不满意", "QUALIFIED": "合格，提醒改进"}


class PaperDesk:
    """What every paper of one order needs: names, heads, references."""

    def __init__(self, session: Session, order: Order, number: str, today: date) -> None:
        self.session, self.order, self.number, self.today = session, order, number, today
        self.lead = session.get_one(Unit, order.lead_id)
        self.home = session.get_one(Unit, order.home_id)
        self.problems = problems_of(session, order)
        self.policy = policy_of(order)

    @property
    def reference(self) -> Reference:
        """The order as other papers name it."""
        if self.order.kind == OrderKind.REMINDER:
            return Reference(f"{self.lead.name}关于{self.home.name}会员评议情况的提醒函")
        return Reference(f"{self.lead.name}关于{self.home.name}限期整改的通知", self.order.number)

    def down(self, signed_on: date | None, **further: Any) -> Letterhead:
        """The head of a paper from the superior to the home."""
        copies = (self.session.get_one(Unit, self.order.co_id).name,) if self.order.co_id else ()
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
        """The completion day as printed; on a draft the day it would have if it were served today."""
        found = self.session.scalars(
            select(Limit.due_on)
            .where(Limit.problem_id == problem.id, Limit.kind == LimitKind.COMPLETION)
            .order_by(Limit.id)
        ).first()
        return found or self._expected(
            Rule(Counting.CALENDAR_DAYS, getattr(self.policy, f"completion_days_{problem.grade.lower()}"))
        )

    def plan_due(self) -> date:
        """The plan's day, by the most urgent class."""
        found = self.session.scalars(
            select(Limit.due_on)
            .where(Limit.order_id == self.order.id, Limit.kind == LimitKind.PLAN)
            .order_by(Limit.id)
        ).first()
        grade = min((one.grade for one in self.problems), default="B").lower()
        return found or self._expected(
            Rule(Counting.WORKDAYS, getattr(self.policy, f"plan_workdays_{grade}"))
        )

    def _expected(self, rule: Rule) -> date:
        """Counted from the last day for signing: the date printed is the latest that service can give."""
        calendar = calendar_of(self.session)
        issued = beijing_day(self.order.issued_at) if self.order.issued_at else self.today
        served = calendar.add_workdays(issued, self.policy.acknowledge_workdays).date
        return calendar.deadline(served, rule).date


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
