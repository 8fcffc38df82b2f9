"""Homes beside their peers: the area's rate, limits that allow for the spread between homes, the funnel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from survey_app.core.actor import Actor
from survey_app.results import charts
from survey_app.results.charts import Drawing, FunnelChart, FunnelLimit, FunnelPoint, Mark
from survey_app.results.models import Result, ResultState
from survey_app.rounds.models import Round, RoundKind
from survey_app.units.models import Unit
from survey_app.units.queries import below, scope
from survey_app.web.i18n import gettext

INNER, OUTER = 1.959964, 3.090232  # 95 % and 99.8 %
FEWEST_PEERS = 5
SIZE_BANDS = (0, 25, 100, 500, 2_000)
COUNTED = (ResultState.PROVISIONAL, ResultState.OBJECTED, ResultState.FINAL, ResultState.PUBLISHED)
FINAL = (ResultState.FINAL, ResultState.PUBLISHED)
STEPS = 48


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


def _points(session: Session, *conditions: ColumnElement[bool]) -> list[Point]:
    rows = session.execute(
        select(Result, Unit.short_name)
        .join(Unit, Unit.id == Result.home_id)
        .join(Round, Round.id == Result.round_id)
        .where(
            Result.favourable.is_not(None),
            Result.n_effective.is_not(None),
            Round.kind.in_((RoundKind.ORDINARY, RoundKind.REPEAT)),
            *conditions,
        )
        .order_by(Result.home_id)
    )
    return [_point(result, name) for result, name in rows]


def _point(result: Result, name: str) -> Point:
    return Point(
        home_id=result.home_id,
        name=name,
        ballots=result.ballots or 0,
        n_effective=max(result.n_effective or 1.0, 1.0),
        rate=result.combined or 0.0,
        opinions=result.opinions or 0,
        favourable=result.favourable or 0,
        mark=_mark(result),
    )


def _mark(result: Result) -> Mark:
    if result.rating_class == "DISSATISFIED":
        return Mark.DISSATISFIED
    if result.rating_class == "INSUFFICIENT":
        return Mark.INSUFFICIENT
    return Mark.REMINDED if result.reminder else Mark.QUALIFIED


def funnel_points(session: Session, actor: Actor, year: int) -> list[Point]:
    """The homes of the actor's scope that are shown in full, for the funnel of his desk."""
    return _points(session, Result.home_id.in_(scope(actor)), Result.year == year, Result.state.in_(COUNTED))


def peers_of(session: Session, result: Result, unit: Unit) -> list[Point]:
    """Final results of the other homes below the same superior that are of the same nature and size."""
    if unit.parent_id is None:
        return []
    low = max(size for size in SIZE_BANDS if size <= result.members)
    high = next((size for size in SIZE_BANDS if size > result.members), None)
    conditions = [
        Result.home_id.in_(below(unit.parent_id)),
        Result.home_id != unit.id,
        Result.year == result.year,
        Result.state.in_(FINAL),
        Result.members >= low,
        Unit.nature == unit.nature,
    ]
    if high is not None:
        conditions.append(Result.members < high)
    return _points(session, *conditions)


def peer_sentence(session: Session, result: Result, unit: Unit) -> str:
    """How the home stands among its peers; overlapping bands are never called higher or lower."""
    if result.low is None or result.high is None or result.n_effective is None:
        return ""
    peers = peers_of(session, result, unit)
    field = field_of(peers)
    if field is None:
        return ""
    low, high = field.limits(max(result.n_effective, 1.0), INNER)
    if result.low > 100 * high:
        return gettext("和本区%(n)s家同类单位比，要高一些。", n=len(peers))
    if result.high < 100 * low:
        return gettext("和本区%(n)s家同类单位比，要低一些。", n=len(peers))
    return gettext("和本区%(n)s家同类单位比，看不出差别。", n=len(peers))


def funnel_picture(points: Sequence[Point]) -> Drawing | None:
    """The funnel of an area, from five homes on."""
    field = field_of(points)
    if field is None:
        return None
    most = max(point.ballots for point in points)
    sizes = sorted({max(10, round(most * 1.03 * step / STEPS)) for step in range(1, STEPS + 1)})
    centre = f"{100 * field.centre:.1f}"
    marks = tuple(_funnel_point(point, field) for point in points)
    far = [mark.name for mark in sorted(marks, key=lambda mark: -mark.beyond) if mark.beyond > 0][:4]
    description = gettext(
        "横轴是有效票数，纵轴是综合满意率，%(n)s家合计%(centre)s%%。", n=len(points), centre=centre
    )
    if far:
        description += gettext("离得最远的是%(names)s。", names=gettext("、").join(far))
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


def _limit(field: Field, size: int) -> FunnelLimit:
    (low, high), (outer_low, outer_high) = field.limits(size, INNER), field.limits(size, OUTER)
    return FunnelLimit(size, 100 * low, 100 * high, 100 * outer_low, 100 * outer_high)


def _funnel_point(point: Point, field: Field) -> FunnelPoint:
    low, high = field.limits(point.n_effective, OUTER)
    rate = point.rate / 100
    return FunnelPoint(point.name, point.ballots, point.rate, point.mark, max(0.0, low - rate, rate - high))
