"""The decision: integer gates, one rate, two bounds, and the class that follows from them.

This room may use the sheet, the scheme, the weights and the bounds, and nothing else (a test holds it to
that): no other home, no model and no report figure can change a rating.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from scoring.scheme import TOLERANCE, Basis, Scheme
from scoring.sheet import ElectorateKind, Floats, Group, Sheet
from scoring.strata import divided, least_rate
from scoring.uncertainty import Interval, Proportion, bounds, p_value, proportion
from scoring.weighting import Weights, weigh


class RatingClass(StrEnum):
    DISSATISFIED = "DISSATISFIED"  # 不满意: an order is proposed
    ELIGIBLE = "ELIGIBLE"  # 可申报模范职工之家
    QUALIFIED = "QUALIFIED"  # 合格
    INSUFFICIENT = "INSUFFICIENT"  # 证据不足: never harms
    HELD = "HELD"  # 暂停


class ReasonCode(StrEnum):
    D1 = "D1"  # the upper bound is below the line
    D2 = "D2"  # below the line even if everybody silent were favourable
    B1 = "B1"  # the lower bound reaches the line
    B2 = "B2"  # the favourable ballots cast are already enough of the roster
    A1 = "A1"  # the lower bound reaches the award line, with turnout
    I0 = "I0"  # too few members to be rated alone
    I1 = "I1"  # too few valid ballots or opinions
    I2 = "I2"  # turnout too low
    I3 = "I3"  # too much 不了解 and blank
    I4 = "I4"  # a roster group hardly took part
    I5 = "I5"  # the interval straddles the line
    H1 = "H1"  # ballots do not fit what was given out


OVERRIDABLE = (ReasonCode.I2, ReasonCode.I3, ReasonCode.I4)
BY_BOUNDS = (ReasonCode.D1, ReasonCode.A1, ReasonCode.B1, ReasonCode.I5)  # no gate failed: the bounds decided


@dataclass(frozen=True)
class Turnout:
    """The whole numbers behind every gate."""

    members: int  # N
    ballots: int  # n
    opinions: int
    satisfied: int  # best option of the overall question
    favourable: int  # F
    unknown: int  # 不了解
    blank: int
    present: int | None  # delegates present, where an assembly answered

    @property
    def silent(self) -> int:
        """Members who expressed no opinion: no ballot, 不了解 or blank."""
        return self.members - self.opinions


@dataclass(frozen=True)
class Gate:
    """One condition that must hold before the numbers are looked at, with its integers."""

    code: ReasonCode
    passed: bool
    value: float | None
    limit: float
    numerator: int | None = None
    denominator: int | None = None
    group: str | None = None


@dataclass(frozen=True)
class WorstCase:
    """What the rate would be if all the silent were unfavourable, or all favourable (Manski 2003)."""

    low: float
    high: float
    tipping_point: float | None  # share of the silent that would have to be favourable to reach the line


@dataclass(frozen=True)
class Decision:
    """A class with its reason and every number it rests on."""

    rating_class: RatingClass
    reason: ReasonCode
    overridden: ReasonCode | None  # the gate that D2 or B2 overrode
    reminder: bool  # 提醒
    gates: tuple[Gate, ...]
    turnout: Turnout
    weights: Weights | None
    combined: Proportion | None
    strict: Proportion | None
    divided: Interval | None  # the rate over every division of merged classes' answers; None: nothing merged
    bounds: Interval | None
    award_low: float | None  # compared with the award line: the lower bound, or less where classes are merged
    p_value: float | None  # for "the true rate reaches the lower line"
    full_count: bool
    rate_with_unknown: float | None
    unknown_share: float | None  # weighted, blanks included
    worst_case: WorstCase | None


def decide(sheet: Sheet, scheme: Scheme, *, guard: bool = True) -> Decision:
    """Rate one home: the class is what the members' own ballots and their number allow to be said.

    Method: docs/method.md, "The decision"; thresholds are policy, bounds after Korn & Graubard (1998).
    `guard`: an award also asks each of the classes counted together.
    """
    turnout = count_turnout(sheet)
    gates = list(integer_gates(sheet, scheme, turnout))
    if not gates[0].passed:
        return _held(tuple(gates), turnout)
    weights = weigh(sheet, scheme)
    table = sheet.answers(sheet.overall).astype(np.float64)
    scale = sheet.overall.scale
    opinions = table[:, : len(scale.options)].sum(axis=1)
    favourable = table[:, : scale.favourable].sum(axis=1)
    combined = proportion(favourable, opinions, weights)
    strict = proportion(table[:, 0], opinions, weights)
    unknown_share = _share(table[:, len(scale.options) :].sum(axis=1), weights)
    gates.append(_unknown_gate(unknown_share, scheme, turnout))
    full = turnout.members == turnout.ballots > 0 and turnout.blank == 0
    reach = None if full else _reach(sheet, scheme, weights, favourable, opinions)
    limits = None
    if combined is not None:
        limits = Interval(combined.p, combined.p) if full else bounds(combined, scheme.alpha)
        limits = _widened(limits, combined.p, reach)
    award_low = limits.low if limits is not None else None
    if award_low is not None and reach is not None and guard:
        least = least_rate(sheet.cells, weights.w, favourable, opinions, scheme.alpha)
        award_low = award_low if least is None else min(award_low, least)
    with_unknown = _with_unknown(table, scale.favourable, weights)
    found = _Findings(turnout, combined, strict, limits, award_low, with_unknown)
    failed = next((gate.code for gate in gates if not gate.passed), None)
    reason = _reason(failed, found, scheme)
    return Decision(
        rating_class=CLASS_OF.get(reason, RatingClass.INSUFFICIENT),
        reason=reason,
        overridden=failed if failed is not None and failed != reason else None,
        reminder=CLASS_OF.get(reason) is RatingClass.QUALIFIED and _needs_reminder(found, scheme),
        gates=tuple(gates),
        turnout=turnout,
        weights=weights,
        combined=combined,
        strict=strict,
        divided=reach,
        bounds=limits,
        award_low=award_low,
        p_value=_p_value(combined, scheme.t_bad, full, reach),
        full_count=full,
        rate_with_unknown=found.with_unknown,
        unknown_share=unknown_share,
        worst_case=worst_case(turnout, scheme.t_bad),
    )


CLASS_OF = {
    ReasonCode.D1: RatingClass.DISSATISFIED,
    ReasonCode.D2: RatingClass.DISSATISFIED,
    ReasonCode.B1: RatingClass.QUALIFIED,
    ReasonCode.B2: RatingClass.QUALIFIED,
    ReasonCode.A1: RatingClass.ELIGIBLE,
    ReasonCode.H1: RatingClass.HELD,
}


def count_turnout(sheet: Sheet) -> Turnout:
    """How many were called, answered, and had an opinion on the overall question."""
    scale = sheet.overall.scale
    totals = [int(count) for count in sheet.answers(sheet.overall).sum(axis=0)]
    return Turnout(
        members=sheet.members,
        ballots=sheet.ballots,
        opinions=sum(totals[: len(scale.options)]),
        satisfied=totals[0],
        favourable=sum(totals[: scale.favourable]),
        unknown=totals[-2],
        blank=totals[-1],
        present=sheet.electorate.present,
    )


def integer_gates(sheet: Sheet, scheme: Scheme, turnout: Turnout) -> Iterator[Gate]:
    """The gates that compare whole numbers, in the order in which they are asked."""
    yield Gate(ReasonCode.H1, not (sheet.held or sheet.has_exceeded_class()), None, 0)
    members, ballots = turnout.members, turnout.ballots
    yield Gate(ReasonCode.I0, members >= scheme.min_members, float(members), scheme.min_members, members)
    yield Gate(ReasonCode.I1, ballots >= scheme.min_ballots, float(ballots), scheme.min_ballots, ballots)
    opinions = turnout.opinions
    yield Gate(ReasonCode.I1, opinions >= scheme.min_opinions, float(opinions), scheme.min_opinions, opinions)
    delegates = sheet.electorate.kind is ElectorateKind.DELEGATES
    came = (turnout.present or 0) if delegates else ballots
    limit = scheme.delegate_quorum if delegates else scheme.min_turnout
    rate = came / members if members else None
    yield Gate(ReasonCode.I2, reaches(came, members, limit), rate, float(limit), came, members)
    yield _group_gate(sheet, scheme)


def reaches(part: int, whole: int, limit: Fraction) -> bool:
    """Whether part/whole >= limit, compared as whole numbers."""
    return part * limit.denominator >= whole * limit.numerator


def _group_gate(sheet: Sheet, scheme: Scheme) -> Gate:
    """I4 on the group with the lowest rate of redemption among those large enough to matter."""
    groups, redeemed = sheet.groups or tuple(_cell_groups(sheet)), _redeemed(sheet)
    overall = Fraction(redeemed, sheet.members) if sheet.members else Fraction(0)
    large = [
        group
        for group in groups
        if group.members >= scheme.group_members and reaches(group.members, sheet.members, scheme.group_share)
    ]
    limit = scheme.group_ratio * overall
    if not large:
        return Gate(ReasonCode.I4, True, None, float(limit))
    lowest = min(large, key=lambda group: (Fraction(group.redeemed, group.members), group.label))
    rate = Fraction(lowest.redeemed, lowest.members)
    return Gate(
        ReasonCode.I4, rate >= limit, float(rate), float(limit), lowest.redeemed, lowest.members, lowest.label
    )


def _redeemed(sheet: Sheet) -> int:
    if sheet.redeemed is not None:
        return sheet.redeemed
    if sheet.groups and sum(group.members for group in sheet.groups) == sheet.members:
        return sum(group.redeemed for group in sheet.groups)
    return sheet.ballots


def _cell_groups(sheet: Sheet) -> Iterator[Group]:
    """Levels of every variable as the cells give them, where no redeemed groups were handed in."""
    for name in sheet.variables:
        members: dict[str, int] = dict(sheet.margins.get(name, {}))
        ballots: dict[str, int] = {}
        for cell in sheet.cells:
            level = cell.levels[name]
            ballots[level] = ballots.get(level, 0) + cell.ballots
            if name not in sheet.margins:
                members[level] = members.get(level, 0) + (cell.roster or 0)
        for level, size in members.items():
            yield Group(level, size, ballots.get(level, 0))


def _share(part: Floats, weights: Weights) -> float | None:
    whole = float((weights.w * weights.ballots).sum())
    return float((weights.w * part).sum()) / whole if whole > 0 else None


def _unknown_gate(share: float | None, scheme: Scheme, turnout: Turnout) -> Gate:
    limit = float(scheme.max_unknown)
    passed = share is None or share <= limit + TOLERANCE
    return Gate(ReasonCode.I3, passed, share, limit, turnout.unknown + turnout.blank, turnout.ballots)


def _with_unknown(table: Floats, favourable: int, weights: Weights) -> float | None:
    """The combined rate with 不了解 kept in the base: the extra condition of an award."""
    base = float((weights.w * table[:, :-1].sum(axis=1)).sum())
    return float((weights.w * table[:, :favourable].sum(axis=1)).sum()) / base if base > 0 else None


@dataclass(frozen=True)
class _Findings:
    turnout: Turnout
    combined: Proportion | None
    strict: Proportion | None
    bounds: Interval | None
    award_low: float | None
    with_unknown: float | None


def _reason(failed: ReasonCode | None, found: _Findings, scheme: Scheme) -> ReasonCode:
    if failed is not None:
        return (_override(found.turnout, scheme) or failed) if failed in OVERRIDABLE else failed
    if found.bounds is None:  # a scheme that asks for no opinions at all
        return ReasonCode.I1
    if found.bounds.high < scheme.t_bad - TOLERANCE:
        return ReasonCode.D1
    if _deserves_award(found, scheme):
        return ReasonCode.A1
    return ReasonCode.B1 if found.bounds.low >= scheme.t_bad - TOLERANCE else ReasonCode.I5


def _override(turnout: Turnout, scheme: Scheme) -> ReasonCode | None:
    """What can be said whatever the silent think: worst case against, best evidence for the home."""
    worst = worst_case(turnout, scheme.t_bad)
    if worst is not None and worst.high < scheme.t_bad - TOLERANCE:
        return ReasonCode.D2
    if worst is not None and worst.low >= scheme.t_bad - TOLERANCE:
        return ReasonCode.B2
    return None


def worst_case(turnout: Turnout, threshold: float) -> WorstCase | None:
    """Limits of the rate without any assumption about those who said nothing (Manski 1989, 2003)."""
    members, sure, silent = turnout.members, turnout.favourable, turnout.silent
    if members <= 0:
        return None
    tipping = (threshold * members - sure) / silent if silent > 0 else None
    return WorstCase(sure / members, (sure + silent) / members, tipping)


def _deserves_award(found: _Findings, scheme: Scheme) -> bool:
    turnout = found.turnout
    return (
        found.award_low is not None
        and found.award_low >= scheme.t_good - TOLERANCE
        and reaches(turnout.ballots, turnout.members, scheme.award_turnout)
        and turnout.ballots >= scheme.award_min_ballots
        and found.with_unknown is not None
        and found.with_unknown >= scheme.t_good - TOLERANCE
    )


def _needs_reminder(found: _Findings, scheme: Scheme) -> bool:
    low = found.combined is not None and found.combined.p < scheme.t_remind - TOLERANCE
    lukewarm = found.strict is not None and found.strict.p < scheme.t_remind_strict - TOLERANCE
    return low or lukewarm


def _reach(
    sheet: Sheet, scheme: Scheme, weights: Weights, favourable: Floats, opinions: Floats
) -> Interval | None:
    """How low and how high the rate could be, depending on which merged class gave which answers."""
    if scheme.basis is Basis.RAW or not any(cell.strata for cell in sheet.cells):
        return None
    found = divided(sheet.cells, weights.w, favourable, opinions)
    return None if found is None else Interval(*found)


def _widened(limits: Interval, p: float, reach: Interval | None) -> Interval:
    """The bounds moved outward by what the worst division of merged classes could move the rate."""
    if reach is None:
        return limits
    low, high = limits.low - max(0.0, p - reach.low), limits.high + max(0.0, reach.high - p)
    return Interval(max(0.0, low), min(1.0, high))


def _p_value(
    combined: Proportion | None, threshold: float, full: bool, reach: Interval | None
) -> float | None:
    if combined is None:
        return None
    if full:
        return 1.0 if threshold <= combined.p + TOLERANCE else 0.0
    moved = max(0.0, reach.high - combined.p) if reach is not None else 0.0
    return p_value(combined, threshold - moved)


def _held(gates: tuple[Gate, ...], turnout: Turnout) -> Decision:
    return Decision(
        rating_class=RatingClass.HELD,
        reason=ReasonCode.H1,
        overridden=None,
        reminder=False,
        gates=gates,
        turnout=turnout,
        weights=None,
        combined=None,
        strict=None,
        divided=None,
        bounds=None,
        award_low=None,
        p_value=None,
        full_count=False,
        rate_with_unknown=None,
        unknown_share=None,
        worst_case=None,
    )
