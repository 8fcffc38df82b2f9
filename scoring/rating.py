"""The rating of one home: the decision and everything that explains it, frozen together with its inputs.

`rate(sheet, scheme)` composes the rooms below; the same inputs give the same bytes. A rating of an earlier
version of the method comes out again by `rate(sheet, scheme, method)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scoring.decision import Decision, Gate, RatingClass, ReasonCode, Turnout, WorstCase, decide
from scoring.estimates import (
    DimensionResult,
    ItemResult,
    Mean,
    dimension_result,
    item_result,
    score_mean,
)
from scoring.exchange import digest_of_scheme, digest_of_sheet, plain
from scoring.methods import METHOD_VERSION, WRITTEN_SINCE, as_known, guards_awards, knows
from scoring.scheme import TOLERANCE, Scheme
from scoring.sheet import INDEX, Forms, Sheet
from scoring.weighting import Merge, Weights


@dataclass(frozen=True)
class Rate:
    """A rate of the overall question: weighted beside raw, with the base named in whole numbers."""

    weighted: float
    raw: float
    count: int
    base: int  # opinions on valid ballots
    weighted_count: float
    weighted_base: float


@dataclass(frozen=True)
class Bounds:
    """The rating's error range 误差范围 and the effective ballots behind it."""

    p: float
    low: float
    high: float
    n_effective: float
    phi: float
    n_kish: float
    n_linear: float | None  # None: infinite, the classes are not divided in themselves
    p_value: float
    full_count: bool
    below: float  # how far merged classes could lower the rate; the lower bound carries it
    above: float  # and how far raise it; zero where nothing was merged
    award_low: float  # what an award is compared with: `low`, or what one of the merged classes alone allows


@dataclass(frozen=True)
class CellWeight:
    """One row of the class table that adds up by hand."""

    levels: tuple[tuple[str, str], ...]
    roster: int | None
    ballots: int
    weight: float
    g: float
    opinions: int
    satisfied: int
    favourable: int
    weighted_opinions: float
    weighted_satisfied: float
    weighted_favourable: float


@dataclass(frozen=True)
class Weighting:
    """How the ballots were weighted: variables used, merged levels, variables given up."""

    variables: tuple[str, ...]
    merges: tuple[Merge, ...]
    dropped: tuple[str, ...]
    cells: tuple[CellWeight, ...]
    design_effect: float | None  # Kish; above 2 is worth a look


@dataclass(frozen=True)
class Rating:
    """The result of one home in one round."""

    home: str
    rating_class: RatingClass
    reason: ReasonCode
    overridden: ReasonCode | None
    reminder: bool  # 提醒
    two_sides: bool  # V1 两数不在一边: raw and weighted on different sides of a line
    gates: tuple[Gate, ...]
    turnout: Turnout
    turnout_rate: float | None  # 参评率: valid ballots / roster
    forms: Forms | None
    return_rate: float | None  # 回收率: returned / issued
    combined: Rate | None  # 综合满意率
    strict: Rate | None  # 满意率
    rate_with_unknown: float | None
    bounds: Bounds | None
    worst_case: WorstCase | None
    delta_to_line: (
        float | None
    )  # how much more readily the dissatisfied would have to answer for the verdict to turn
    awareness: float | None  # 知晓率
    unknown_share: float | None  # weighted 不了解 and blank on the overall question
    weighting: Weighting | None
    items: tuple[ItemResult, ...]
    dimensions: tuple[DimensionResult, ...]
    index: Mean | None
    parameters: Scheme
    method_version: str
    input_digest: str
    parameters_digest: str


def rate(sheet: Sheet, scheme: Scheme | None = None, method: str = METHOD_VERSION) -> Rating:
    """From the counts of one home to its rating: what the members said, how sure that is, and what follows.

    Method: docs/method.md; decision path after Korn & Graubard (1998) and Deville & Sarndal (1992).
    """
    sheet, scheme = as_known(sheet, method), scheme or Scheme()
    decision = decide(sheet, scheme, guard=guards_awards(method))
    turnout, weights = decision.turnout, decision.weights
    items = () if weights is None else tuple(item_result(sheet, q, weights, scheme) for q in sheet.questions)
    names = sheet.dimensions if weights is not None else ()
    return Rating(
        home=sheet.home,
        rating_class=decision.rating_class,
        reason=decision.reason,
        overridden=decision.overridden,
        reminder=decision.reminder,
        two_sides=_on_two_sides(decision, scheme),
        gates=decision.gates,
        turnout=turnout,
        turnout_rate=turnout.ballots / turnout.members if turnout.members else None,
        forms=sheet.forms,
        return_rate=sheet.forms.returned / sheet.forms.issued if sheet.forms and sheet.forms.issued else None,
        combined=_rate(decision, strict=False),
        strict=_rate(decision, strict=True),
        rate_with_unknown=decision.rate_with_unknown,
        bounds=_bounds(decision),
        worst_case=decision.worst_case,
        delta_to_line=delta_to_line(decision.combined.p, scheme.t_bad) if decision.combined else None,
        awareness=_awareness(items),
        unknown_share=decision.unknown_share,
        weighting=None if weights is None else _weighting(sheet, weights),
        items=items,
        dimensions=tuple(dimension_result(sheet, name, items, weights, scheme) for name in names if weights),
        index=None if weights is None else score_mean(sheet, INDEX, weights, scheme),
        parameters=scheme,
        method_version=method,
        input_digest=digest_of_sheet(sheet),
        parameters_digest=digest_of_scheme(scheme),
    )


def written(rating: Rating) -> dict[str, Any]:
    """A rating as JSON data, with exactly the keys that its version of the method wrote."""
    data: dict[str, Any] = plain(rating)
    for name, since in WRITTEN_SINCE.items():
        if data["bounds"] is not None and not knows(rating.method_version, since):
            del data["bounds"][name]
    return data


def delta_to_line(p: float, line: float) -> float | None:
    """At which readiness ratio of dissatisfied to satisfied members the true rate would lie on the line.

    With ratio delta the true rate is p / (p + (1 - p) / delta); no weighting can detect it (docs/method.md).
    """
    return (1 - p) * line / ((1 - line) * p) if p > 0 else None


def _on_two_sides(decision: Decision, scheme: Scheme) -> bool:
    if decision.combined is None:
        return False
    raw, weighted = decision.turnout.favourable / decision.turnout.opinions, decision.combined.p
    lines = (scheme.t_bad, scheme.t_remind, scheme.t_good)
    return any((raw >= line - TOLERANCE) != (weighted >= line - TOLERANCE) for line in lines)


def _rate(decision: Decision, *, strict: bool) -> Rate | None:
    share = decision.strict if strict else decision.combined
    if share is None:
        return None
    turnout = decision.turnout
    count = turnout.satisfied if strict else turnout.favourable
    return Rate(share.p, count / turnout.opinions, count, turnout.opinions, share.favourable, share.base)


def _bounds(decision: Decision) -> Bounds | None:
    share, limits = decision.combined, decision.bounds
    if share is None or limits is None or decision.p_value is None or decision.award_low is None:
        return None
    return Bounds(
        p=share.p,
        low=limits.low,
        high=limits.high,
        n_effective=share.n_effective,
        phi=share.phi,
        n_kish=share.n_kish,
        n_linear=share.n_linear if share.n_linear != float("inf") else None,
        p_value=decision.p_value,
        full_count=decision.full_count,
        below=max(0.0, share.p - decision.divided.low) if decision.divided else 0.0,
        above=max(0.0, decision.divided.high - share.p) if decision.divided else 0.0,
        award_low=decision.award_low,
    )


def _awareness(items: tuple[ItemResult, ...]) -> float | None:
    shares = [item.unknown_weighted for item in items if item.kind == "overall"]
    return 1 - shares[0] if shares and shares[0] is not None else None


def _weighting(sheet: Sheet, weights: Weights) -> Weighting:
    scale, table = sheet.overall.scale, sheet.answers(sheet.overall)
    rows = []
    for cell, counts, w, g in zip(sheet.cells, table, weights.w, weights.g, strict=True):
        opinions = int(counts[: len(scale.options)].sum())
        satisfied, favourable = int(counts[0]), int(counts[: scale.favourable].sum())
        row = CellWeight(
            levels=cell.key,
            roster=cell.roster,
            ballots=cell.ballots,
            weight=float(w),
            g=float(g),
            opinions=opinions,
            satisfied=satisfied,
            favourable=favourable,
            weighted_opinions=float(w) * opinions,
            weighted_satisfied=float(w) * satisfied,
            weighted_favourable=float(w) * favourable,
        )
        rows.append(row)
    return Weighting(
        variables=tuple(margin.variable for margin in weights.margins),
        merges=weights.merges,
        dropped=weights.dropped,
        cells=tuple(rows),
        design_effect=kish_design_effect(weights),
    )


def kish_design_effect(weights: Weights) -> float | None:
    """How many times the variance grew because the weights are unequal (Kish 1992)."""
    total = float((weights.w * weights.ballots).sum())
    squares = float((weights.w2 * weights.ballots).sum())
    return weights.n * squares / total**2 if total > 0 else None
