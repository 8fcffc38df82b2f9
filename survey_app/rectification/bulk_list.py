"""What an officer can decide in one go: the orders his union leads, by kind of decision, with their facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.rectification.bulk import open_verdicts
from survey_app.rectification.models import Escalation, Event, Extension, Limit, Order, OrderState, Problem
from survey_app.rectification.notices import limit_name
from survey_app.rectification.queries import visible_orders
from survey_app.rectification.spoken import duty_words
from survey_app.rectification.states import UNDER_WAY
from survey_app.rectification.wording import STEPS
from survey_app.units.models import Line, Unit
from survey_app.units.queries import below
from survey_app.web.i18n import gettext
from survey_app.workdays import Step

S = OrderState
PER_PAGE = 50
NEAREST = (Order.next_due_on.is_(None), Order.next_due_on, Order.id)
KINDS: dict[str, ColumnElement[bool]] = {
    "sign": Order.state.in_((S.DRAFT, S.AWAITING_SIGNATURE)),
    "plan": Order.state == S.PLAN_UNDER_REVIEW,
    "note": Order.state == S.NOTED,
    "extension": and_(Order.extension_pending, Order.state == S.RECTIFYING),
    "step": and_(Order.escalation_pending, Order.state.in_(UNDER_WAY), Order.state != S.NOTED),
}


@dataclass(frozen=True)
class BulkRow:
    """An order to decide, what the decision is about, and the verdicts that are open."""

    order: Order
    home: Unit
    about: tuple[str, ...]
    verdicts: tuple[str, ...]


@dataclass(frozen=True)
class BulkList:
    """One page of rows, and how many there are in all."""

    rows: list[BulkRow]
    count: int
    page: int
    pages: int


def _led(actor: Actor) -> Select[Order]:
    return visible_orders(actor).where(Order.lead_id.in_(below(actor.unit_id, Line.AFFILIATION)))


def waiting_counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many orders wait for each kind of decision; kinds for which none waits are left out."""
    sums = [func.sum(case((condition, 1), else_=0)) for condition in KINDS.values()]
    values = session.execute(_led(actor).with_only_columns(*sums)).one()
    return {kind: int(value) for kind, value in zip(KINDS, values, strict=True) if value}


def waiting_list(session: Session, actor: Actor, kind: str, page: int) -> BulkList:
    """One page of what waits for a kind of decision, the nearest day first."""
    statement = _led(actor).where(KINDS[kind])
    count = session.scalar(statement.with_only_columns(func.count(Order.id))) or 0
    pages = max(1, -(-count // PER_PAGE))
    number = min(max(1, page), pages)
    nearest = statement.with_only_columns(Order.id).order_by(*NEAREST)
    ids = session.scalars(nearest.offset((number - 1) * PER_PAGE).limit(PER_PAGE)).all()
    return BulkList(_rows(session, actor, _these(ids)), count, number, pages)


def chosen_list(session: Session, actor: Actor, ids: Sequence[int]) -> BulkList:
    """The orders that were ticked elsewhere, as far as they are within the scope."""
    seen = session.scalars(
        visible_orders(actor).where(Order.id.in_(ids[:PER_PAGE])).with_only_columns(Order.id)
    ).all()
    rows = _rows(session, actor, _these(seen))
    return BulkList(rows, len(rows), 1, 1)


def _these(ids: Sequence[int]) -> Select[Order]:
    return select(Order).where(Order.id.in_(ids)).order_by(*NEAREST)


def _rows(session: Session, actor: Actor, statement: Select[Order]) -> list[BulkRow]:
    pairs = session.execute(
        statement.join(Unit, Unit.id == Order.home_id)
        .add_columns(Unit)
        .execution_options(populate_existing=True)
    ).all()
    ids = [order.id for order, _home in pairs]
    led = set(session.scalars(_led(actor).with_only_columns(Order.id).where(Order.id.in_(ids))))
    facts = _Facts(session, ids)
    return [
        BulkRow(
            order,
            home,
            tuple(facts.about(order)),
            tuple(facts.without_terms(order, open_verdicts(actor, order))) if order.id in led else (),
        )
        for order, home in pairs
    ]


class _Facts:
    """What decisions rest on, loaded for all rows at once."""

    def __init__(self, session: Session, ids: Sequence[int]) -> None:
        self.problems: dict[int, list[Problem]] = {}
        for problem in session.scalars(
            select(Problem).where(Problem.order_id.in_(ids)).order_by(Problem.ordinal)
        ):
            self.problems.setdefault(problem.order_id, []).append(problem)
        self.requests = {
            row.order_id: row
            for row in session.scalars(
                select(Extension).where(Extension.order_id.in_(ids), Extension.answered_at.is_(None))
            )
        }
        self.notes = {
            row.order_id: row.text
            for row in session.scalars(
                select(Event)
                .where(Event.order_id.in_(ids), Event.kind == "note_submitted")
                .order_by(Event.id)
            )
        }
        self.steps = self._highest_steps(session, ids)

    @staticmethod
    def _highest_steps(session: Session, ids: Sequence[int]) -> dict[int, tuple[Escalation, Limit]]:
        rank = {str(step): number for number, step in enumerate(Step)}
        rows = session.execute(
            select(Escalation, Limit)
            .join(Limit, Limit.id == Escalation.limit_id)
            .where(
                Escalation.order_id.in_(ids),
                Escalation.decided_at.is_(None),
                Limit.met_on.is_(None),
                Limit.dropped_at.is_(None),
            )
            .order_by(Escalation.id)
        ).all()
        highest: dict[int, tuple[Escalation, Limit]] = {}
        for step, limit in sorted(rows, key=lambda row: -rank[row[0].step]):
            highest.setdefault(step.order_id, (step, limit))
        return highest

    def without_terms(self, order: Order, verdicts: list[str]) -> list[str]:
        """A talk needs an hour and a place, so it cannot be sent from a list."""
        found = self.steps.get(order.id)
        talk = found is not None and found[0].step == Step.FORMAL_TALK
        return [name for name in verdicts if not (talk and name == "send_step")]

    def about(self, order: Order) -> list[str]:
        """What is to be decided, in sentences."""
        problems = self.problems.get(order.id, [])
        said = []
        if order.id in self.steps:
            step, limit = self.steps[order.id]
            said.append(
                gettext(
                    "%(step)s：%(what)s到期", step=str(STEPS[step.step]), what=limit_name(limit, problems)
                )
            )
        if order.id in self.requests and order.extension_pending:
            asked = self.requests[order.id]
            said.append(gettext("请示延期%(days)s天：%(reason)s", days=asked.days, reason=asked.reason))
        if order.state == S.NOTED and order.id in self.notes:
            said.append(self.notes[order.id])
        if not said:
            said.append(gettext("、").join(duty_words(problem.duty) for problem in problems))
        return said
