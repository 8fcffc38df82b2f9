"""A rating as one audience may see it, and totals over homes that give nothing hidden away.

Readers of a rating print from this view and never from the rating itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from scoring.decision import RatingClass, ReasonCode
from scoring.disclosure import (
    COUNTS_FROM,
    FLOOR,
    MASKED_UNDER,
    Figure,
    Masked,
    Percent,
    Score,
    ShownQuestion,
    Suppressed,
    Why,
    masked_side,
    precision,
    show_question,
    show_score,
    show_share,
)
from scoring.estimates import DimensionResult
from scoring.rating import CellWeight, Rating
from scoring.sheet import QuestionKind


class Audience(StrEnum):
    PUBLIC = "public"  # members and everybody else
    CHAIR = "chair"
    SUPERIOR = "superior"


@dataclass(frozen=True)
class ShownBounds:
    """Rate and error range in percent, rounded as far as they may be printed."""

    p: float
    low: float
    high: float
    digits: int
    n_effective: float
    full_count: bool
    below: float  # of the error range: what counting merged classes together may hide
    above: float


@dataclass(frozen=True)
class ShownWorstCase:
    low: float
    high: float
    tipping_point: float | None


@dataclass(frozen=True)
class ClassRow:
    """One line of the class table; a line merged for secrecy has several labels and no weight of its own."""

    labels: tuple[str, ...]
    roster: int | None
    ballots: int
    weight: float | None
    opinions: int
    favourable: int
    weighted_opinions: float
    weighted_favourable: float


@dataclass(frozen=True)
class ShownDimension:
    name: str
    score: Score
    strict: Figure
    combined: Figure


@dataclass(frozen=True)
class ShownRating:
    """Everything of a rating that one audience may see; what it may not is a `Suppressed`."""

    home: str
    audience: Audience
    rating_class: RatingClass
    reason: ReasonCode
    reminder: bool | Suppressed
    two_sides: bool | Suppressed
    members: int
    ballots: int | Suppressed
    turnout_percent: float | Suppressed
    return_percent: float | Suppressed
    overall: ShownQuestion | Suppressed
    bounds: ShownBounds | Suppressed
    worst_case: ShownWorstCase | Suppressed
    delta_to_line: float | Suppressed
    questions: tuple[ShownQuestion, ...]  # chair and items, in the order of the questionnaire
    dimensions: tuple[ShownDimension, ...]
    index: Score
    classes: tuple[ClassRow, ...] | Suppressed
    in_full: bool  # may be summed into totals over homes
    free_text: bool  # comments may be read after review


def disclose(rating: Rating, audience: Audience) -> ShownRating:
    """The view of a rating for one audience: floors, masks, precision, class table."""
    why = _why_nothing(rating)
    turnout = rating.turnout
    ballots = turnout.ballots
    shown = tuple(show_question(item, ballots) for item in rating.items) if why is None else ()
    overall = next((q for q in shown if q.kind is QuestionKind.OVERALL), None)
    full = why is None and overall is not None and isinstance(overall.combined, Percent)
    hidden = Suppressed(why or _why_not_in_full(overall))
    held = rating.rating_class is RatingClass.HELD
    return ShownRating(
        home=rating.home,
        audience=audience,
        rating_class=rating.rating_class,
        reason=rating.reason,
        reminder=rating.reminder if why is None else hidden,
        two_sides=rating.two_sides if why is None else hidden,
        members=turnout.members,
        ballots=hidden if held else ballots,
        turnout_percent=hidden
        if held or rating.turnout_rate is None
        else round(100 * rating.turnout_rate, 2),
        return_percent=hidden if held or rating.return_rate is None else round(100 * rating.return_rate, 2),
        overall=overall if overall is not None else hidden,
        bounds=_bounds(rating) if full else hidden,
        worst_case=_worst_case(rating) if full else hidden,
        delta_to_line=rating.delta_to_line if full and rating.delta_to_line is not None else hidden,
        questions=tuple(q for q in shown if q.kind is not QuestionKind.OVERALL),
        dimensions=tuple(_dimension(d, ballots) for d in rating.dimensions) if why is None else (),
        index=show_score(rating.index, ballots) if why is None else hidden,
        classes=_classes(rating, audience) if full else hidden,
        in_full=full and ballots >= COUNTS_FROM and isinstance(_strict_of(overall), Percent),
        free_text=why is None and ballots >= COUNTS_FROM,
    )


def _why_nothing(rating: Rating) -> Why | None:
    if rating.rating_class is RatingClass.HELD:
        return Why.HELD
    return Why.FEW_BALLOTS if rating.turnout.ballots < FLOOR else None


def _why_not_in_full(overall: ShownQuestion | None) -> Why:
    """Why the rate of a home that is rated may not be shown as a figure."""
    combined = overall.combined if overall is not None else None
    return combined.reason if isinstance(combined, Suppressed) else Why.MASKED


def _strict_of(question: ShownQuestion | None) -> Figure:
    return question.strict if question is not None else Suppressed(Why.NOT_KNOWN)


def _digits(ballots: int) -> int:
    return precision(QuestionKind.OVERALL, ballots).digits or 0


def _bounds(rating: Rating) -> ShownBounds | Suppressed:
    if rating.bounds is None:
        return Suppressed(Why.FEW_OPINIONS)
    digits, bounds = _digits(rating.turnout.ballots), rating.bounds
    p, low, high = (round(100 * value, digits) for value in (bounds.p, bounds.low, bounds.high))
    below, above = (round(100 * value, digits) for value in (bounds.below, bounds.above))
    return ShownBounds(
        p, low, high, digits, round(bounds.n_effective, 1), bounds.full_count, below=below, above=above
    )


def _worst_case(rating: Rating) -> ShownWorstCase | Suppressed:
    worst = rating.worst_case
    if worst is None:
        return Suppressed(Why.NOT_KNOWN)
    digits = _digits(rating.turnout.ballots)
    return ShownWorstCase(
        round(100 * worst.low, digits), round(100 * worst.high, digits), worst.tipping_point
    )


def _dimension(dimension: DimensionResult, ballots: int) -> ShownDimension:
    exact = precision(QuestionKind.ITEM, ballots)
    strict, combined = (
        show_share(share, ballots, exact) if share is not None else Suppressed(Why.NOT_KNOWN)
        for share in (dimension.strict, dimension.combined)
    )
    masked = isinstance(strict, Masked) or isinstance(combined, Masked)
    score = Suppressed(Why.MASKED) if masked else show_score(dimension.score, ballots)
    return ShownDimension(dimension.name, score, strict, combined)


def _classes(rating: Rating, audience: Audience) -> tuple[ClassRow, ...] | Suppressed:
    """The class table of chair and superior; in small homes a near-unanimous class joins another."""
    if audience is Audience.PUBLIC:
        return Suppressed(Why.NOT_PUBLIC)
    if rating.weighting is None:
        return Suppressed(Why.NOT_KNOWN)
    if any(0 < cell.ballots < FLOOR for cell in rating.weighting.cells):
        return Suppressed(Why.FEW_BALLOTS)
    rows = [_row(cell) for cell in rating.weighting.cells]
    if rating.turnout.ballots < MASKED_UNDER:
        while (
            len(rows) > 1 and (tell := next((row for row in rows if _tells_too_much(row)), None)) is not None
        ):
            rows.remove(tell)
            host = min(rows, key=lambda row: (row.ballots, row.labels))
            rows[rows.index(host)] = _joined(host, tell)
    return tuple(rows)


def _row(cell: CellWeight) -> ClassRow:
    return ClassRow(
        labels=("·".join(level for _, level in cell.levels),),
        roster=cell.roster,
        ballots=cell.ballots,
        weight=cell.weight,
        opinions=cell.opinions,
        favourable=cell.favourable,
        weighted_opinions=cell.weighted_opinions,
        weighted_favourable=cell.weighted_favourable,
    )


def _tells_too_much(row: ClassRow) -> bool:
    return row.opinions < FLOOR or masked_side(row.ballots, row.favourable / row.opinions) is not None


def _joined(one: ClassRow, other: ClassRow) -> ClassRow:
    return ClassRow(
        labels=tuple(sorted(one.labels + other.labels)),
        roster=None if one.roster is None or other.roster is None else one.roster + other.roster,
        ballots=one.ballots + other.ballots,
        weight=None,
        opinions=one.opinions + other.opinions,
        favourable=one.favourable + other.favourable,
        weighted_opinions=one.weighted_opinions + other.weighted_opinions,
        weighted_favourable=one.weighted_favourable + other.weighted_favourable,
    )


@dataclass(frozen=True)
class AreaTotal:
    """Sums over the homes that are shown in full, and how many those are: 已公布的 k 家合计."""

    homes: int
    members: int
    ballots: int
    opinions: int
    satisfied: int
    favourable: int


def total(shown: Iterable[ShownRating]) -> AreaTotal:
    """Add up what is itself shown in full, so that nothing hidden can be had by subtraction."""
    homes = members = ballots = opinions = satisfied = favourable = 0
    for home in shown:
        if not home.in_full or not isinstance(home.overall, ShownQuestion):
            continue
        strict, combined = home.overall.strict, home.overall.combined
        if isinstance(strict, Percent) and isinstance(combined, Percent) and isinstance(home.ballots, int):
            homes, members, ballots = homes + 1, members + home.members, ballots + home.ballots
            opinions, satisfied = opinions + combined.base, satisfied + strict.count
            favourable += combined.count
    return AreaTotal(homes, members, ballots, opinions, satisfied, favourable)
