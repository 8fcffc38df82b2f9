"""What members see of an order: order, plan, progress, pictures, what is late, the second vote, its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.core.clock import beijing_day
from survey_app.rectification import planning
from survey_app.rectification.evidence import DISPLAY, evidence_of
from survey_app.rectification.limits import HOME_KINDS
from survey_app.rectification.models import Event, Evidence, Limit, Order, OrderState, Problem, ProblemState
from survey_app.rectification.orders import problems_of
from survey_app.rectification.proposing import RATED
from survey_app.rectification.states import UNDER_WAY
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round
from survey_app.units.models import Unit

CHECKED = (ProblemState.VERIFIED, ProblemState.CLOSED, ProblemState.LONG_TERM)


@dataclass(frozen=True)
class PublicProblem:
    """One problem as the members see it: what, the plan, what was done, and since when it is late."""

    ordinal: int
    duty: str
    state: str
    measure: str
    planned_on: date | None
    progress: tuple[date, str] | None
    done: str
    due_on: date | None
    overdue_since: date | None
    pictures: tuple[Evidence, ...]


@dataclass(frozen=True)
class SecondVote:
    """The members' second vote: from when to when, and the class it gave once that may be shown."""

    opens_on: date
    closes_on: date
    rating_class: str


@dataclass(frozen=True)
class PublicOrder:
    """An order as the members see it: no names of people, no ranking, no word of the other side."""

    id: int
    kind: str
    year: int
    number: str
    state: str
    issued_on: date | None
    lead: str
    plan_handed_in_on: date | None
    plan_approved_on: date | None
    problems: tuple[PublicProblem, ...]
    displays: tuple[Evidence, ...]
    overdue_since: date | None
    before: str
    # What the home reported once about a reminder.
    note: tuple[date, str] | None
    second_vote: SecondVote | None
    closed_on: date | None
    closed_by_rule: bool
    close_ground: str

    @property
    def after(self) -> str:
        """The class after the second vote, or nothing."""
        return self.second_vote.rating_class if self.second_vote else ""

    @property
    def pictures(self) -> tuple[Evidence, ...]:
        """Every picture the page shows."""
        return (*self.displays, *(row for one in self.problems for row in one.pictures))


def public_story(session: Session, home_id: int, today: date) -> list[PublicOrder]:
    """The signed orders of a home, newest first, as far as its public page may show them."""
    orders = session.scalars(
        select(Order)
        .where(Order.home_id == home_id, Order.state.in_((*UNDER_WAY, OrderState.CLOSED)))
        .order_by(Order.issued_at.desc(), Order.id.desc())
    ).all()
    return [_public(session, order, today) for order in orders]


def _public(session: Session, order: Order, today: date) -> PublicOrder:
    running = session.scalars(
        select(Limit)
        .where(
            Limit.order_id == order.id,
            Limit.met_on.is_(None),
            Limit.dropped_at.is_(None),
            Limit.kind.in_(HOME_KINDS),
        )
        .order_by(Limit.due_on)
    ).all()
    pictures = [row for row in evidence_of(session, order.id) if _released(row)]
    plans = planning.plans_of(session, order.id)
    approved = next((plan for plan in reversed(plans) if plan.approved), None)
    items = {item["problem_id"]: item for item in approved.items} if approved else {}
    progress = _progress(session, order)
    return PublicOrder(
        id=order.id,
        kind=order.kind,
        year=order.year,
        number=order.number,
        state=order.state,
        issued_on=beijing_day(order.issued_at) if order.issued_at else None,
        lead=session.get_one(Unit, order.lead_id).name,
        plan_handed_in_on=beijing_day(plans[-1].submitted_at) if plans else None,
        plan_approved_on=beijing_day(approved.decided_at) if approved and approved.decided_at else None,
        problems=tuple(
            _problem(one, items.get(one.id, {}), progress.get(one.ordinal), running, pictures, today)
            for one in problems_of(session, order)
        ),
        displays=tuple(row for row in pictures if row.purpose == DISPLAY),
        overdue_since=_since(running, today),
        before=str(order.figures.get("class", "")),
        note=_note(session, order),
        second_vote=_second_vote(session, order),
        closed_on=order.closed_on,
        closed_by_rule=order.closed_by_rule,
        close_ground=order.close_ground,
    )


def _released(row: Evidence) -> bool:
    """A picture somebody released; a replaced one is gone with what was wrong with it."""
    return bool(row.reduced) and row.released_at is not None and row.replaced_by_id is None


def _progress(session: Session, order: Order) -> dict[int, tuple[date, str]]:
    """The newest word of progress on each problem, by its ordinal."""
    events = session.scalars(
        select(Event)
        .where(Event.order_id == order.id, Event.kind == "progress_added")
        .order_by(Event.at, Event.id)
    )
    return {event.values["n"]: (beijing_day(event.at), event.text) for event in events}


def _note(session: Session, order: Order) -> tuple[date, str] | None:
    """The newest note that the home handed in."""
    event = session.scalars(
        select(Event)
        .where(Event.order_id == order.id, Event.kind == "note_submitted")
        .order_by(Event.at.desc(), Event.id.desc())
    ).first()
    return (beijing_day(event.at), event.text) if event else None


def _second_vote(session: Session, order: Order) -> SecondVote | None:
    if order.re_evaluation_round_id is None:
        return None
    round_ = session.get_one(Round, order.re_evaluation_round_id)
    # What the rule closed, the members' answer closed: then it is told. Else it waits to be published.
    shown = RATED if order.state == OrderState.CLOSED else (ResultState.PUBLISHED,)
    found = session.scalars(
        select(Result.rating_class).where(
            Result.round_id == round_.id, Result.home_id == order.home_id, Result.state.in_(shown)
        )
    ).one_or_none()
    return SecondVote(beijing_day(round_.opens_at), beijing_day(round_.closes_at), found or "")


def _problem(
    problem: Problem,
    item: dict[str, Any],
    progress: tuple[date, str] | None,
    running: Sequence[Limit],
    pictures: Sequence[Evidence],
    today: date,
) -> PublicProblem:
    mine = [limit for limit in running if limit.problem_id == problem.id]
    return PublicProblem(
        ordinal=problem.ordinal,
        duty=problem.duty,
        state=problem.state,
        measure=item.get("measure", ""),
        planned_on=date.fromisoformat(item["due_on"]) if item else None,
        progress=progress,
        done=problem.done,
        due_on=mine[0].due_on if mine else None,
        overdue_since=_since(mine, today),
        # Before the inspection a picture proves nothing yet, whoever released it.
        pictures=tuple(row for row in pictures if problem.state in CHECKED and row.problem_id == problem.id),
    )


def _since(running: Sequence[Limit], today: date) -> date | None:
    """The first day on which something was late, if anything is: the day after its limit."""
    passed = [limit.due_on for limit in running if limit.due_on < today]
    return min(passed) + timedelta(days=1) if passed else None
