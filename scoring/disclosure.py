"""What may be shown of a question: floors, masks, bands and precision, as rules that return typed values.

A figure that may not be shown is a `Suppressed` and refuses to become text, so that no page can print it by
mistake. Rules: docs/anonymity.md, "Shown"; after the SDC Handbook (Hundepool et al. 2012) on thresholds,
homogeneity and complementary suppression.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NoReturn

from scoring.estimates import BLANK, ItemResult, Mean, Share
from scoring.sheet import UNKNOWN, QuestionKind

FLOOR = 10  # ballots of a home, opinions on a question, ballots of a class
COUNTS_FROM = 20  # from here on items have counts, the overall question has percentages, a home enters totals
MASKED_UNDER = 30  # ballots; below, a share near 0 or 1 would tell of almost everybody
FINE_FROM = 500  # ballots; from here on items have one decimal
HIGH, LOW = 0.85, 0.15


class Why(StrEnum):
    FEW_BALLOTS = "FEW_BALLOTS"  # fewer than ten valid ballots: nothing but turnout
    FEW_OPINIONS = "FEW_OPINIONS"  # fewer than ten opinions on this question
    MASKED = "MASKED"  # it would undo a mask beside it
    HELD = "HELD"
    NOT_PUBLIC = "NOT_PUBLIC"
    NOT_KNOWN = "NOT_KNOWN"  # the sheet does not carry it


class CannotBeShown(TypeError):
    """Raised when something tries to print a suppressed figure."""


@dataclass(frozen=True)
class Suppressed:
    """A figure that may not be shown, with the reason; turning it into text is an error."""

    reason: Why

    def _refuse(self, *_: object) -> NoReturn:
        raise CannotBeShown(f"a figure suppressed for {self.reason.value} was about to be shown")

    __str__ = __format__ = __html__ = __float__ = __int__ = __round__ = _refuse

    def __bool__(self) -> bool:
        return False


class Side(StrEnum):
    HIGH = "HIGH"  # 85%以上
    LOW = "LOW"  # 15%以下


@dataclass(frozen=True)
class Masked:
    """A share too near to everybody or nobody; a low one with the range in which its count lies."""

    side: Side
    counts: tuple[int, int] | None = None


class Band(StrEnum):
    """A share in words, for items of homes with 10 to 19 ballots."""

    VERY_FEW = "VERY_FEW"  # 很少, under 20 %
    FEW = "FEW"  # 较少
    HALF = "HALF"  # 一半左右
    MANY = "MANY"  # 较多
    VERY_MANY = "VERY_MANY"  # 很多, 80 % and more


@dataclass(frozen=True)
class Percent:
    """A share that may be shown, already rounded as far as it may be printed."""

    weighted: float | None  # None: counts alone
    raw: float | None
    digits: int | None
    count: int
    base: int
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Points:
    """A mean of points that may be shown, already rounded."""

    value: float
    digits: int
    interval: tuple[float, float]


Figure = Percent | Masked | Band | Suppressed
Score = Points | Masked | Suppressed


@dataclass(frozen=True)
class Precision:
    """How exactly a question may be printed."""

    counts: bool
    digits: int | None  # of a percentage; None: no percentage
    words: bool  # bands instead of figures


def precision(kind: QuestionKind, ballots: int) -> Precision:
    """Overall and chair: counts from 10, two decimals from 20; items: words, then whole, then one decimal."""
    if kind is not QuestionKind.ITEM:
        return Precision(True, 2 if ballots >= COUNTS_FROM else None, False)
    if ballots < COUNTS_FROM:
        return Precision(False, None, True)
    return Precision(True, 1 if ballots >= FINE_FROM else 0, False)


def band(share: float) -> Band:
    """The word for a share: five steps of twenty percent."""
    return list(Band)[min(4, math.floor(share * 5 + 1e-9))]


def masked_side(ballots: int, *shares: float) -> Side | None:
    """Whether one of these readings of a share (raw, weighted) lies too near to everybody or to nobody."""
    if ballots >= MASKED_UNDER:
        return None
    if max(shares) >= HIGH - 1e-9:
        return Side.HIGH
    return Side.LOW if min(shares) <= LOW + 1e-9 else None


def mask(side: Side, ballots: int) -> Masked:
    """The mask as shown; the range of a low count is taken from the ballots, so the base stays unknown."""
    return Masked(side, (0, math.floor(LOW * ballots + 1e-9)) if side is Side.LOW else None)


@dataclass(frozen=True)
class ShownQuestion:
    """One question as far as it may be shown."""

    id: str
    kind: QuestionKind
    dimension: str | None
    opinions: int | Suppressed
    counts: Mapping[str, int | Masked | Suppressed]
    strict: Figure
    combined: Figure
    dissatisfied: Figure
    unknown: Figure
    score: Score
    problem: bool | Suppressed


def show_question(item: ItemResult, ballots: int) -> ShownQuestion:
    """A question with everything taken out that would tell too much about single members."""
    if ballots < FLOOR:
        return _nothing(item, Why.FEW_BALLOTS)
    if item.opinions < FLOOR or item.combined is None or item.strict is None:
        return _nothing(item, Why.FEW_OPINIONS)
    exact = precision(item.kind, ballots)
    whole = masked_side(ballots, item.combined.raw, item.combined.weighted)
    hidden = _hidden_options(item, ballots, whole)
    best, covered = next(iter(hidden)), whole is not None or any(out is not None for out in hidden.values())
    bad = _dissatisfied(item, ballots, exact, hidden, whole is not None)
    several = len(hidden) - item.favourable_options > 1
    return ShownQuestion(
        id=item.id,
        kind=item.kind,
        dimension=item.dimension,
        opinions=item.opinions if exact.counts and whole is None else Suppressed(_why(exact)),
        counts=MappingProxyType(_counts(item, ballots, exact, hidden, whole is not None)),
        strict=_strict(item.strict, ballots, exact, hidden[best]),
        combined=show_share(item.combined, ballots, exact),
        dissatisfied=bad,
        unknown=_unknown(item, ballots, exact),
        score=Suppressed(Why.MASKED) if covered else show_score(item.score, ballots),
        # Beside a middle option "a third is dissatisfied" would bound what the suppressed count may be.
        problem=bad if several and isinstance(bad, Suppressed) else item.problem,
    )


def show_share(share: Share, ballots: int, exact: Precision) -> Figure:
    """One share: masked, in words, as a percentage with its base, or not at all."""
    side = masked_side(ballots, share.raw, share.weighted)
    if side is not None:
        return mask(side, ballots)
    if exact.words:
        return band(share.weighted)
    interval = share.interval
    return _percent(share.weighted, share.raw, share.count, share.base, exact, (interval.low, interval.high))


def show_score(mean: Mean | None, ballots: int) -> Score:
    """Mean points: whole, one decimal in large homes, masked near the ends in small ones."""
    if mean is None:
        return Suppressed(Why.NOT_KNOWN)
    if ballots < COUNTS_FROM:
        return Suppressed(Why.FEW_BALLOTS)
    if mean.count < FLOOR:
        return Suppressed(Why.FEW_OPINIONS)
    side = masked_side(ballots, mean.mean / 100)
    if side is not None:
        return Masked(side)
    digits = 1 if ballots >= FINE_FROM else 0
    low, high = (round(bound, digits) for bound in (mean.interval.low, mean.interval.high))
    return Points(round(mean.mean, digits), digits, (low, high))


def _percent(
    weighted: float, raw: float, count: int, base: int, exact: Precision, interval: tuple[float, float] | None
) -> Percent:
    if exact.digits is None:
        return Percent(None, None, None, count, base)
    digits = exact.digits
    ends = (round(100 * interval[0], digits), round(100 * interval[1], digits)) if interval else None
    return Percent(round(100 * weighted, digits), round(100 * raw, digits), digits, count, base, ends)


def _why(exact: Precision) -> Why:
    return Why.MASKED if exact.counts else Why.FEW_BALLOTS


def _opinions(item: ItemResult) -> list[str]:
    return [option for option in item.counts if option not in (UNKNOWN, BLANK)]


_Hidden = dict[str, Masked | Suppressed | None]


def _hidden_options(item: ItemResult, ballots: int, whole: Side | None) -> _Hidden:
    """For every option its mask, or a suppression where a mask beside it would be undone, or nothing."""
    names = _opinions(item)
    cut = item.favourable_options
    best = masked_side(ballots, item.strict.weighted) if item.strict is not None else None
    hidden: _Hidden = {}
    for options, weighted, implied in ((names[:cut], best, Side.LOW), (names[cut:], None, Side.HIGH)):
        counts = [item.counts[option] for option in options]
        if whole is None:
            outs = _hide_side(counts, item.opinions, ballots, weighted)
        else:
            favourable, says = implied is Side.LOW, whole is implied
            outs = _hide_beside_the_whole(counts, item.opinions, ballots, favourable=favourable, implied=says)
        hidden |= dict(zip(options, outs, strict=True))
    return hidden


def _hide_beside_the_whole(
    counts: list[int], base: int, ballots: int, *, favourable: bool, implied: bool
) -> list[Masked | Suppressed | None]:
    """Options beside a masked combined rate: only what that mask already says, or a high share.

    `favourable` options may be high on their own; on the other side a middle option would be what is left.
    """
    sides = [masked_side(ballots, count / base) for count in counts]
    high = favourable or len(counts) == 1
    return [
        mask(side, ballots) if side and (implied or (high and side is Side.HIGH)) else Suppressed(Why.MASKED)
        for side in sides
    ]


def _hide_side(
    counts: list[int], base: int, ballots: int, weighted: Side | None
) -> list[Masked | Suppressed | None]:
    """Masks of the options on one side of the combined rate, whose sum is shown.

    Where some pattern of masks with that sum would give a count away, no pattern of that sum is shown, so
    that the suppression itself tells nothing either.
    """
    beside = Suppressed(Why.MASKED)
    sides = [masked_side(ballots, count / base) for count in counts]
    if not any(sides):
        return [beside if weighted else None] * len(counts)
    if _some_pattern_tells(sum(counts), len(counts), base, ballots):
        return [beside] * len(counts)
    return [mask(side, ballots) if side else beside for side in sides]


def _some_pattern_tells(total: int, options: int, base: int, ballots: int) -> bool:
    """Whether some pattern of masks, together with the sum, leaves a masked option only one count."""
    seen: dict[tuple[Side | None, ...], list[set[int]]] = {}
    for split in _splits(total, options):
        pattern = tuple(masked_side(ballots, count / base) for count in split)
        values = seen.setdefault(pattern, [set() for _ in split])
        for value, count in zip(values, split, strict=True):
            value.add(count)
    return any(
        side is not None and len(value) < 2
        for pattern, values in seen.items()
        for side, value in zip(pattern, values, strict=True)
    )


def _splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to share out a total over so many options."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _splits(total - first, parts - 1):
            yield (first, *rest)


def _counts(
    item: ItemResult, ballots: int, exact: Precision, hidden: _Hidden, whole: bool
) -> dict[str, int | Masked | Suppressed]:
    shown: dict[str, int | Masked | Suppressed] = {}
    for name, out in hidden.items():
        shown[name] = out if out is not None else _if_counted(item.counts[name], exact, whole)
    for name in (UNKNOWN, BLANK):
        side = masked_side(ballots, item.counts[name] / ballots)
        shown[name] = mask(side, ballots) if side else _if_counted(item.counts[name], exact, whole)
    return shown


def _strict(share: Share, ballots: int, exact: Precision, hidden: Masked | Suppressed | None) -> Figure:
    figure = show_share(share, ballots, exact)
    return hidden if isinstance(hidden, Suppressed) else figure


def _if_counted(count: int, exact: Precision, whole: bool) -> int | Suppressed:
    return count if exact.counts and not whole else Suppressed(_why(exact))


def _dissatisfied(item: ItemResult, ballots: int, exact: Precision, hidden: _Hidden, whole: bool) -> Figure:
    """The worst options together; on a three-point scale the complement of the combined rate."""
    share = item.dissatisfied / item.opinions
    unfavourable = list(hidden.values())[item.favourable_options :]
    covered = whole or any(out is not None for out in unfavourable)
    if covered and len(unfavourable) > 1:  # a middle option beside it would be what is left
        return Suppressed(Why.MASKED)
    side = masked_side(ballots, share)
    if side is not None:
        return mask(side, ballots)
    if covered:
        return Suppressed(Why.MASKED)
    if exact.words:
        return band(share)
    return _percent(share, share, item.dissatisfied, item.opinions, exact, None)


def _unknown(item: ItemResult, ballots: int, exact: Precision) -> Figure:
    raw, weighted = item.unknown_raw or 0.0, item.unknown_weighted or 0.0
    side = masked_side(ballots, raw, weighted)
    if side is not None:
        return mask(side, ballots)
    if exact.words:
        return band(weighted)
    return _percent(weighted, raw, item.counts[UNKNOWN], ballots, exact, None)


def _nothing(item: ItemResult, why: Why) -> ShownQuestion:
    none = Suppressed(why)
    counts: dict[str, int | Masked | Suppressed] = dict.fromkeys(item.counts, none)
    return ShownQuestion(
        item.id, item.kind, item.dimension, none, MappingProxyType(counts), none, none, none, none, none, none
    )
