"""The ledger (整改台账): one indexed query for its rows, another for its figures, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.core.actor import Actor, Role
from survey_app.rectification.models import Order, OrderState, Problem
from survey_app.rectification.queries import visible_orders
from survey_app.rectification.states import ENDED, UNDER_WAY
from survey_app.rectification.statistics import Tally, whole_tally
from survey_app.rectification.wording import AWAITED, HOLDERS
from survey_app.units.models import Line, Unit
from survey_app.units.queries import below, scope
from survey_app.web.i18n import gettext

S = OrderState
PER_PAGE = 50
CARDS = 30
MOST_UNITS = 300
DRAFTED = (S.DRAFT, S.AWAITING_SIGNATURE)
OF_SUPERIOR = (S.PLAN_UNDER_REVIEW, S.PASSED, S.VOTE_SHORT, S.NOTED)
OF_HOME = (S.SERVED, S.PLAN_DUE, S.PLAN_RETURNED, S.RECTIFYING, S.INSPECTION_FAILED)
SAVED = ("mine", "overdue", "week")


@dataclass(frozen=True)
class Filter:
    """What the ledger is asked for; empty means everything under way and closed this year."""

    unit_id: int | None = None
    state: str = ""
    holder: str = ""
    item: str = ""
    grade: str = ""
    text: str = ""
    saved: str = ""
    sort: str = "due"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class LedgerRow:
    """A line of the ledger."""

    order: Order
    home: Unit
    lead_name: str
    holder: str

    @property
    def holder_name(self) -> str:
        """Who is waited for, by name, and for what."""
        if not self.holder:
            return ""
        names = {"home": self.home.short_name, "issuer": self.lead_name}
        who = names.get(self.holder, str(HOLDERS[self.holder]))
        return gettext("%(who)s：%(what)s", who=who, what=AWAITED[awaited(self.order)])


@dataclass(frozen=True)
class Page:
    """One page of rows and how many there are in all."""

    rows: list[LedgerRow]
    count: int
    number: int
    last: int


@dataclass(frozen=True)
class Figures(Tally):
    """The strip above the ledger: how much is open and late now, beside the tally of the year."""

    open: int = 0
    overdue: int = 0
    by_state: dict[str, int] = field(default_factory=dict)


def holder_of(order: Order) -> str:
    """Who has the ball: home, issuer, inspectors, members, or nobody."""
    if order.state in ENDED:
        return ""
    if order.extension_pending or order.escalation_pending or order.resources_pending:
        return "issuer"
    if order.state in OF_HOME:
        return "home"
    return {S.AWAITING_INSPECTION: "inspectors", S.REEVALUATION: "members"}.get(S(order.state), "issuer")


def _waits_for_decision() -> ColumnElement[bool]:
    return or_(Order.extension_pending, Order.escalation_pending, Order.resources_pending)


def awaited(order: Order) -> str:
    """What the holder has to do: a code of `wording.AWAITED`."""
    if order.state in UNDER_WAY:
        for waits, what in (
            (order.escalation_pending, "step"),
            (order.extension_pending, "extension"),
            (order.resources_pending, "resources"),
        ):
            if waits:
                return what
    return str(order.state)


def held_by(holder: str) -> ColumnElement[bool]:
    """The same as a condition."""
    if holder == "issuer":
        decided = and_(_waits_for_decision(), Order.state.in_(UNDER_WAY))
        return or_(decided, Order.state.in_((*OF_SUPERIOR, *DRAFTED)))
    states = {
        "home": OF_HOME,
        "inspectors": (S.AWAITING_INSPECTION,),
        "members": (S.REEVALUATION,),
    }.get(holder, ())
    return and_(Order.state.in_(states), ~_waits_for_decision())


def filtered(actor: Actor, wanted: Filter, today: date) -> Select[Order]:
    """Orders in the scope that fit the filter."""
    statement = visible_orders(actor)
    if wanted.unit_id is not None:
        statement = statement.where(Order.home_id.in_(below(wanted.unit_id)))
    statement = statement.where(_state(wanted.state, today))
    if wanted.holder:
        statement = statement.where(held_by(wanted.holder))
    if wanted.item or wanted.grade:
        about = select(Problem.order_id)
        about = about.where(Problem.item_id == wanted.item) if wanted.item else about
        about = about.where(Problem.grade == wanted.grade) if wanted.grade else about
        statement = statement.where(Order.id.in_(about))
    if wanted.text:
        named = select(Unit.id).where(Unit.name.contains(wanted.text, autoescape=True))
        statement = statement.where(
            or_(Order.number.contains(wanted.text, autoescape=True), Order.home_id.in_(named))
        )
    return _saved(statement, actor, wanted.saved, today)


def _state(state: str, today: date) -> ColumnElement[bool]:
    if state == "overdue":
        return and_(Order.state.in_(UNDER_WAY), Order.next_due_on < today)
    if state == "all":
        return Order.id.is_not(None)
    if state:
        return Order.state == state
    closed = and_(Order.state == S.CLOSED, Order.closed_on >= date(today.year, 1, 1))
    return or_(Order.state.in_(UNDER_WAY), closed)


def _saved(statement: Select[Order], actor: Actor, saved: str, today: date) -> Select[Order]:
    if saved == "mine":
        if actor.role is Role.CHAIR:
            return statement.where(held_by("home"))
        led = Order.lead_id.in_(below(actor.unit_id, Line.AFFILIATION))
        return statement.where(led, or_(held_by("issuer"), held_by("inspectors")))
    if saved == "overdue":
        return statement.where(Order.state.in_(UNDER_WAY), Order.next_due_on < today)
    if saved == "week":
        sunday = today + timedelta(days=7 - today.isoweekday())
        return statement.where(Order.state.in_(UNDER_WAY), Order.next_due_on.between(today, sunday))
    return statement


def ledger_page(session: Session, actor: Actor, wanted: Filter, today: date) -> Page:
    """One page of the ledger."""
    return _paged(session, filtered(actor, wanted, today), wanted)


def drafts_page(session: Session, actor: Actor, number: int) -> Page:
    """One page of the drafts that wait to be signed or refused, the nearest day first."""
    return _paged(session, visible_orders(actor).where(Order.state.in_(DRAFTED)), Filter(page=number))


def _paged(session: Session, chosen: Select[Order], wanted: Filter) -> Page:
    count = session.scalar(chosen.with_only_columns(func.count(Order.id))) or 0
    last = max(1, -(-count // PER_PAGE))
    number = min(max(1, wanted.page), last)
    # Sorted by the ids alone: carrying whole orders through the sort is what made far pages slow.
    places = _sorted(chosen.with_only_columns(Order.id), wanted)
    ids = session.scalars(places.offset((number - 1) * PER_PAGE).limit(PER_PAGE)).all()
    return Page(_rows(session, _sorted(select(Order).where(Order.id.in_(ids)), wanted)), count, number, last)


def every_row(session: Session, actor: Actor, wanted: Filter, today: date) -> list[LedgerRow]:
    """All rows of the filter, for the workbook."""
    return _rows(session, _sorted(filtered(actor, wanted, today), wanted))


Column = tuple[str, int, list[LedgerRow]]


def board(session: Session, actor: Actor, wanted: Filter, today: date) -> list[Column]:
    """Every state that holds something: how much, and the cards whose limits are nearest."""
    nearest = (Order.next_due_on.is_(None), Order.next_due_on, Order.id)
    ranked = (
        filtered(actor, wanted, today)
        .with_only_columns(
            Order.id,
            Order.state,
            func.row_number().over(partition_by=Order.state, order_by=nearest).label("place"),
            func.count().over(partition_by=Order.state).label("whole"),
        )
        .subquery()
    )
    nearest_of_each = session.execute(
        select(ranked.c.id, ranked.c.state, ranked.c.whole).where(ranked.c.place <= CARDS)
    ).all()
    counts = {state: whole for _id, state, whole in nearest_of_each}
    shown = select(Order).where(Order.id.in_([row.id for row in nearest_of_each]))
    rows = _rows(session, _sorted(shown, wanted))
    return [
        (state, counts[state], [row for row in rows if row.order.state == state])
        for state in (*UNDER_WAY, S.CLOSED)
        if state in counts
    ]


def units_in_scope(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Id and name of the units below, superiors first, as many as a list can hold."""
    rows = session.execute(
        select(Unit.id, Unit.short_name)
        .where(Unit.id.in_(scope(actor)), Unit.id != actor.unit_id)
        .order_by(Unit.is_home, Unit.name)
        .limit(MOST_UNITS)
    )
    return [(row[0], row[1]) for row in rows]


def units_below(session: Session, actor: Actor) -> int:
    """How many units stand below the actor's own."""
    return (session.scalar(select(func.count()).select_from(scope(actor).subquery())) or 1) - 1


def _sorted(statement: Select[Order], wanted: Filter) -> Select[Order]:
    column = {
        "unit": Unit.name,
        "no": Order.number,
        "n": Order.problems,
        "state": Order.state,
    }.get(wanted.sort, Order.next_due_on)
    direction = column.desc() if wanted.descending else column.asc()
    # Orders without a limit stand last either way, and equal ones always in the same order.
    return statement.join(Unit, Unit.id == Order.home_id).order_by(column.is_(None), direction, Order.id)


def _rows(session: Session, statement: Select[Order]) -> list[LedgerRow]:
    lead = aliased(Unit)
    rows = session.execute(statement.join(lead, lead.id == Order.lead_id).add_columns(Unit, lead.short_name))
    return [LedgerRow(order, home, lead_name, holder_of(order)) for order, home, lead_name in rows]


def ledger_counts(session: Session, actor: Actor, today: date) -> Figures:
    """The figures over the scope: each order counts once, however many superiors it has."""
    late = case((and_(Order.state.in_(UNDER_WAY), Order.next_due_on < today), 1), else_=0)
    counted = session.execute(
        visible_orders(actor)
        .with_only_columns(Order.state, func.count(), func.sum(late))
        .group_by(Order.state)
    ).all()
    by_state = {row[0]: row[1] for row in counted}
    return Figures(
        **asdict(whole_tally(session, actor, today)),
        open=sum(by_state.get(state, 0) for state in UNDER_WAY),
        overdue=sum(row[2] for row in counted),
        by_state=by_state,
    )


def items_in_ledger(session: Session, actor: Actor) -> Sequence[tuple[str, str]]:
    """The duties that orders in the scope are about, for the filter."""
    rows = session.execute(
        select(Problem.item_id, func.max(Problem.duty))
        .where(Problem.order_id.in_(visible_orders(actor).with_only_columns(Order.id)))
        .group_by(Problem.item_id)
        .order_by(Problem.item_id)
    )
    return [(item, duty) for item, duty in rows]
