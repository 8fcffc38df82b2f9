"""Homes beside their peers: the area's rate, limits that allow for the spread between homes, the funnel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.results import charts
from survey_app.results.charts import Drawing, FunnelChart, FunnelLimit, FunnelPoint, Mark
from survey_app.results.models import Result
from survey_app.results.states import COUNTED
from survey_app.rounds.models import Round, RoundKind
from survey_app.units.models import Unit
from survey_app.units.queries import scope
from survey_app.web.i18n import gettext, page_language

INNER, OUTER = 1.959964, 3.090232  # 95 % and 99.8 %
FEWEST_PEERS = 5
WIDEST = 0.4  # limits farther apart than this at the largest home hold nearly every rate there is
SIZE_BANDS = (0, 25, 100, 500, 2_000)
STEPS = 48
MOST_KEPT = 64
MOST_MARKS = 200  # more dots tell nothing more, and a page of 30,000 of them would not load


@dataclass(frozen=True)
class Point:
    """A home as far as it is shown in full: rate in percent, ballots behind it, effective ballots."""

    home_id: int
    name: str
    ballots: int
    n_effective: float
    rate: float
    opinions: int
    favourable: int
    mark: Mark


@dataclass(frozen=True)
class Field:
    """The peers together: pooled rate and the variance between homes, both as shares."""

    homes: int
    centre: float
    between: float

    def limits(self, n: float, z: float) -> tuple[float, float]:
        """Where a home of so many effective ballots is expected, if it is like the others."""
        spread = z * math.sqrt(self.centre * (1 - self.centre) / n + self.between)
        return max(0.0, self.centre - spread), min(1.0, self.centre + spread)


def field_of(points: Sequence[Point]) -> Field | None:
    """Pooled rate, and the between-home variance by the moments of DerSimonian & Laird (1986)."""
    opinions = sum(point.opinions for point in points)
    if len(points) < FEWEST_PEERS or opinions == 0:
        return None
    centre = sum(point.favourable for point in points) / opinions
    inside = max(centre * (1 - centre), 1e-6)
    weights = [point.n_effective / inside for point in points]
    total = sum(weights)
    mean = sum(w * point.rate / 100 for w, point in zip(weights, points, strict=True)) / total
    q = sum(w * (point.rate / 100 - mean) ** 2 for w, point in zip(weights, points, strict=True))
    scale = total - sum(w * w for w in weights) / total
    between = max(0.0, (q - (len(points) - 1)) / scale) if scale > 0 else 0.0
    return Field(len(points), centre, between)


def points_of(session: Session, *conditions: ColumnElement[bool]) -> list[Point]:
    """The homes that meet these conditions and are shown in full, by id."""
    rows = session.execute(
        select(
            Result.home_id,
            Unit.short_name,
            Result.ballots,
            Result.n_effective,
            Result.combined,
            Result.opinions,
            Result.favourable,
            Result.rating_class,
            Result.reminder,
        )
        .join(Unit, Unit.id == Result.home_id)
        .join(Round, Round.id == Result.round_id)
        .where(
            Result.favourable.is_not(None),
            Result.n_effective.is_not(None),
            Round.kind.in_((RoundKind.ORDINARY, RoundKind.REPEAT)),
            *conditions,
        )
        .order_by(Result.home_id)
    ).all()
    return [
        Point(
            home_id,
            name,
            ballots or 0,
            max(n or 1.0, 1.0),
            rate or 0.0,
            opinions or 0,
            count or 0,
            _mark(rating_class, reminder),
        )
        for home_id, name, ballots, n, rate, opinions, count, rating_class, reminder in rows
    ]


def _mark(rating_class: str, reminder: bool) -> Mark:
    if rating_class == "DISSATISFIED":
        return Mark.DISSATISFIED
    if rating_class == "INSUFFICIENT":
        return Mark.INSUFFICIENT
    return Mark.REMINDED if reminder else Mark.QUALIFIED


def funnel_points(session: Session, actor: Actor, year: int) -> list[Point]:
    """The homes of the actor's scope that are shown in full, for the funnel of his desk."""
    return points_of(
        session, Result.home_id.in_(scope(actor)), Result.year == year, Result.state.in_(COUNTED)
    )


_funnels: dict[tuple[object, ...], Drawing | None] = {}


def area_funnel(session: Session, actor: Actor, year: int) -> Drawing | None:
    """The funnel of the actor's scope; drawn again only when a result in it has changed."""
    stamp = session.execute(
        select(func.count(), func.sum(Result.version), func.max(Result.id)).where(
            Result.home_id.in_(scope(actor)), Result.year == year, Result.state.in_(COUNTED)
        )
    ).one()
    key = (str(session.get_bind().engine.url), actor.unit_id, year, page_language(), *stamp)
    if key not in _funnels:
        if len(_funnels) >= MOST_KEPT:
            _funnels.clear()
        _funnels[key] = funnel_picture(funnel_points(session, actor, year))
    return _funnels[key]


def drawn_field(points: Sequence[Point]) -> Field | None:
    """The field whose limits a funnel can show, from five homes on.

    Where homes differ so much that limits allowing for it hold nearly every rate there is, no home can lie
    outside and the drawing says nothing: then the limits are those of the ballots alone.
    """
    field = field_of(points)
    if field is None:
        return None
    low, high = field.limits(max(point.n_effective for point in points), INNER)
    return replace(field, between=0.0) if high - low > WIDEST else field


def allows_for_spread(points: Sequence[Point]) -> bool:
    """Whether the limits drawn allow for the spread between homes; the caption tells which."""
    return drawn_field(points) == field_of(points)


def funnel_picture(points: Sequence[Point], own: Point | None = None) -> Drawing | None:
    """The funnel of an area, from five homes on; one home may be set against it, named and ringed."""
    field = drawn_field(points)
    if field is None:
        return None
    homes = [*points, own] if own is not None else list(points)
    most = max(point.ballots for point in homes)
    sizes = sorted({max(10, round(most * 1.03 * step / STEPS)) for step in range(1, STEPS + 1)})
    centre = f"{100 * field.centre:.1f}"
    marks = _chosen_marks([_funnel_point(point, field, own=point is own) for point in homes])
    far = [mark.name for mark in sorted(marks, key=lambda mark: -mark.beyond) if mark.beyond > 0][:4]
    description = gettext(
        "横轴是有效票数，纵轴是综合满意率，%(n)s家合计%(centre)s%%。", n=len(points), centre=centre
    )
    if far:
        description += gettext("离得最远的是%(names)s。", names=gettext("、").join(far))
    if len(marks) < len(homes):
        description += gettext("图上只画%(n)s家，离得远的都在里面。", n=len(marks))
    return charts.funnel(
        FunnelChart(
            title=gettext("各家综合满意率与票数"),
            description=description,
            points=marks,
            centre=100 * field.centre,
            centre_name=gettext("合计%(rate)s", rate=centre),
            limits=tuple(_limit(field, size) for size in sizes),
            across=gettext("有效票数"),
        )
    )


def _chosen_marks(marks: list[FunnelPoint]) -> tuple[FunnelPoint, ...]:
    """All marks of a small area; of a large one the farthest outside, and evenly by size the rest."""
    if len(marks) <= MOST_MARKS:
        return tuple(marks)
    far = [mark for mark in marks if mark.own or mark.beyond > 0]
    far = sorted(far, key=lambda mark: (not mark.own, -mark.beyond, mark.name))[: MOST_MARKS // 2]
    kept = set(far)
    inside = sorted(
        (m for m in marks if m not in kept), key=lambda mark: (mark.ballots, mark.rate, mark.name)
    )
    wanted = MOST_MARKS - len(far)
    return (*far, *(inside[step * len(inside) // wanted] for step in range(wanted)))


def _limit(field: Field, size: int) -> FunnelLimit:
    (low, high), (outer_low, outer_high) = field.limits(size, INNER), field.limits(size, OUTER)
    return FunnelLimit(size, 100 * low, 100 * high, 100 * outer_low, 100 * outer_high)


def _funnel_point(point: Point, field: Field, *, own: bool) -> FunnelPoint:
    low, high = field.limits(point.n_effective, OUTER)
    rate = point.rate / 100
    beyond = max(0.0, low - rate, rate - high)
    return FunnelPoint(point.name, point.ballots, point.rate, point.mark, beyond, own)
