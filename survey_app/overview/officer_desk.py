"""The desk of a superior: five figures, what waits for him, homes beside each other, due orders, the tree."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.core.clock import beijing_day
from survey_app.holidays.queries import calendar_of
from survey_app.journal.kept_figures import kept
from survey_app.overview import order_sums
from survey_app.overview.area_figures import AreaFigures, Branch, branches, last_year_turnout
from survey_app.overview.home_rows import HomeRow, home_rows
from survey_app.overview.order_sums import DueOrder, OrderSums, due_orders
from survey_app.overview.todo import Todo, below_count, todos
from survey_app.rectification.bulk_list import waiting_counts
from survey_app.results.charts import Drawing
from survey_app.results.peers import Point, allows_for_spread, funnel_picture, funnel_points
from survey_app.rounds.models import Round, RoundKind, RoundState
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import below, visible_path, visible_unit
from survey_app.web.i18n import page_language

# A drawing of more homes than this is a cloud nobody can read, and heavier than a page may be.
MOST_DRAWN = 400
SOON_DAYS = 7
SEVERAL = 2
BEFORE_VOTING = frozenset({RoundState.PREPARING, RoundState.READY, RoundState.OPENING})


@dataclass(frozen=True)
class TreeRow:
    """A line of the tree table."""

    branch: Branch
    orders: OrderSums


@dataclass(frozen=True)
class OfficerDesk:
    """Everything on the desk; `todos` is empty while another unit of the scope is looked at."""

    unit: Unit
    path: list[Unit]
    year: int
    years: list[int]
    own: bool
    line: Line
    two_lines: bool
    by_territory: int
    total: AreaFigures
    orders: OrderSums
    issued: int
    last_turnout: float | None
    todos: list[Todo]
    todos_below: int
    together: dict[str, int]
    next_limit: date | None
    funnel: Drawing | None
    funnel_spread: bool
    funnel_marks: dict[str, int]  # how many dots of each kind: the key says it
    funnel_hidden: int  # rated homes without a dot, for not all of their figures are public
    due: list[tuple[DueOrder, int]]
    rows: list[TreeRow]
    homes: list[HomeRow]


def officer_desk(
    session: Session, actor: Actor, at_unit: int | None, line: Line, at: datetime, year: int | None = None
) -> OfficerDesk:
    """The desk at the actor's unit or another of his scope (NotFound outside it), of the year asked for."""
    unit = visible_unit(session, actor, at_unit or actor.unit_id)
    today = beijing_day(at)
    alive, years = years_of(session, unit.id, today)
    year = year if year in years else alive
    here = replace(actor, unit_id=unit.id, unit_name=unit.name)
    own = unit.id == actor.unit_id
    found = kept(session, ("desk", unit.id, year, line), at, lambda: branches(session, unit.id, year, line))
    children = [branch.id for branch in found if branch.id is not None]
    sums = kept(
        session,
        ("orders", unit.id, line, today),
        at,
        lambda: order_sums.order_sums(session, unit.id, children, line, today),
    )
    total = sum((branch.figures for branch in found), AreaFigures())
    calendar = calendar_of(session)
    soon = today + timedelta(days=SOON_DAYS)
    due = kept(session, ("due", unit.id, page_language(), soon), at, lambda: due_orders(session, here, soon))
    # Sentences are kept in the language they were written in.
    mine = ("todos", actor.post_id, page_language(), today)
    waiting = kept(session, mine, at, lambda: todos(session, actor, calendar, at)) if own else []
    points = _funnel_points(session, here, year, total.rated, at)
    return OfficerDesk(
        unit=unit,
        path=visible_path(session, actor, unit.id),
        year=year,
        years=years,
        own=own,
        line=line,
        two_lines=_two_lines(session, unit.id),
        by_territory=kept(session, ("territory", unit.id), at, lambda: _by_territory_only(session, unit.id)),
        total=total,
        orders=sum(sums.values(), OrderSums()),
        issued=kept(session, ("issued", unit.id, year), at, lambda: order_sums.issued(session, here, year)),
        last_turnout=kept(
            session, ("last year", unit.id, year), at, lambda: last_year_turnout(session, unit.id, year)
        ),
        todos=waiting,
        todos_below=below_count(session, actor, at) if own else 0,
        together=_together(session, actor, at) if own else {},
        next_limit=_next_limit(session, here, today) if own and not waiting else None,
        funnel=funnel_picture(points),
        funnel_spread=allows_for_spread(points),
        funnel_marks=Counter(str(point.mark) for point in points),
        funnel_hidden=max(total.rated - len(points), 0),
        due=[(order, calendar.days_left(today, order.due_on)) for order in due],
        rows=[TreeRow(branch, sums.get(branch.id, OrderSums())) for branch in found] if children else [],
        homes=[] if children else home_rows(session, unit.id, year, at),
    )


def _together(session: Session, actor: Actor, at: datetime) -> dict[str, int]:
    """The kinds of decision on orders of which several wait, so that one list decides them at once."""
    if not actor.may("order.review"):
        return {}
    counts = kept(session, ("together", actor.post_id), at, lambda: waiting_counts(session, actor))
    return {kind: count for kind, count in counts.items() if count >= SEVERAL}


def years_of(session: Session, unit_id: int, today: date) -> tuple[int, list[int]]:
    """The year whose work is alive, and every year of the evaluations that touch the unit, newest first.

    Touching: organised above it, by it, or below it. A round that is only prepared does not yet take the
    place of the year before, whose results and orders are still in hand: that it does when voting opens.
    """
    above = select(UnitAncestor.ancestor_id).where(UnitAncestor.unit_id == unit_id)
    below = select(UnitAncestor.unit_id).where(UnitAncestor.ancestor_id == unit_id)
    rows = session.execute(
        select(Round.year, Round.state)
        .where(
            or_(Round.organiser_id.in_(above), Round.organiser_id.in_(below)),
            Round.state.not_in((RoundState.DRAFT, RoundState.CANCELLED)),
            Round.kind != RoundKind.PRACTICE,
        )
        .distinct()
    ).all()
    years = sorted({row.year for row in rows}, reverse=True)
    opened = [row.year for row in rows if row.state not in BEFORE_VOTING]
    return max(opened or years or [today.year]), years


def _two_lines(session: Session, unit_id: int) -> bool:
    statement = select(UnitAncestor.unit_id).where(
        UnitAncestor.ancestor_id == unit_id, UnitAncestor.line == Line.TERRITORY
    )
    return session.scalars(statement.limit(1)).first() is not None


def _funnel_points(session: Session, here: Actor, year: int, rated: int, at: datetime) -> list[Point]:
    if not 0 < rated <= MOST_DRAWN:
        return []
    return kept(session, ("funnel", here.unit_id, year), at, lambda: funnel_points(session, here, year))


def _by_territory_only(session: Session, unit_id: int) -> int:
    """Homes in the area that belong to a superior elsewhere: a count by affiliation leaves them out."""
    homes = select(func.count()).where(Unit.is_home, Unit.closed_on.is_(None), Unit.id.in_(below(unit_id)))
    return session.scalar(homes.where(Unit.id.not_in(below(unit_id, Line.AFFILIATION)))) or 0


def _next_limit(session: Session, here: Actor, today: date) -> date | None:
    """The day of the next limit of any order, for the sentence of an empty desk."""
    coming = due_orders(session, here, today + timedelta(days=370))
    return next((order.due_on for order in coming if order.due_on >= today), None)
