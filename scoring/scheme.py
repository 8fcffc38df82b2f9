"""The scheme 方案 as the engine reads it: thresholds, gates and adjustment variables, as data.

Ratios that are compared between whole numbers are kept as fractions, because two thirds is not a float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from scoring.sheet import DIMENSION_UNIT, INDEX_UNIT, Fault, FaultyInput

TOLERANCE = 1e-9  # every comparison with a threshold, in the home's favour


class Basis(StrEnum):
    WEIGHTED = "weighted"
    RAW = "raw"  # rate on the raw count: no adjustment variables


@dataclass(frozen=True)
class Variable:
    """An adjustment variable; several names together mean their joint code (full post-stratification)."""

    names: tuple[str, ...]
    ordered: bool = False  # thin levels merge into a neighbour (age) instead of the thinnest level
    levels: tuple[str, ...] = ()  # fixed order of the levels; alphabetical where not given

    @property
    def label(self) -> str:
        return "*".join(self.names)


@dataclass(frozen=True)
class Scheme:
    """Parameters of a rating with their defaults (docs/method.md tells why each has its value)."""

    basis: Basis = Basis.WEIGHTED
    variables: tuple[Variable, ...] = ()  # empty: every variable the ballots carry, by name
    t_bad: float = 0.60
    t_remind: float = 0.80
    t_remind_strict: float = 0.50
    t_good: float = 0.90
    alpha: float = 0.05
    min_members: int = 10
    min_ballots: int = 10
    min_opinions: int = 10
    min_turnout: Fraction = Fraction(1, 2)
    delegate_quorum: Fraction = Fraction(2, 3)
    award_turnout: Fraction = Fraction(2, 3)
    award_min_ballots: int = 10
    max_unknown: Fraction = Fraction(1, 3)
    group_share: Fraction = Fraction(1, 10)
    group_members: int = 10
    group_ratio: Fraction = Fraction(1, 5)
    min_level_ballots: int = 5
    min_level_roster: int = 10
    g_upper: float = 5.0
    problem_share: Fraction = Fraction(1, 3)
    problem_opinions: int = 10
    report_confidence: float = 0.95
    dimension_weights: tuple[tuple[str, int], ...] = ()  # whole percent; empty: equal

    def __post_init__(self) -> None:
        if faults := tuple(sorted(_faults(self))):
            raise FaultyInput(faults)


_RANGES: tuple[tuple[tuple[str, ...], Callable[[Any], bool]], ...] = (
    (("alpha",), lambda value: 0 < value < 0.5),
    (
        ("t_remind_strict", "min_turnout", "delegate_quorum", "award_turnout", "max_unknown"),
        lambda value: 0 <= value <= 1,
    ),
    (("group_share", "group_ratio", "problem_share", "report_confidence"), lambda value: 0 < value < 1),
    (
        ("min_members", "min_ballots", "min_opinions", "min_level_ballots", "min_level_roster"),
        lambda value: value >= 1,
    ),
    (("g_upper",), lambda value: value > 1),
)


def _faults(scheme: Scheme) -> Iterator[Fault]:
    lines = (scheme.t_bad, scheme.t_remind, scheme.t_good)
    if not 0 < lines[0] <= lines[1] <= lines[2] < 1:
        yield Fault("scheme.t_bad", "LINES_OUT_OF_ORDER", ", ".join(map(str, lines)))
    for names, fits in _RANGES:
        for name in names:
            if not fits(getattr(scheme, name)):
                yield Fault(f"scheme.{name}", "OUT_OF_RANGE", str(getattr(scheme, name)))
    for variable in scheme.variables:
        if not variable.names:
            yield Fault("scheme.variables", "EMPTY")
    percents = [percent for _, percent in scheme.dimension_weights]
    if percents and (min(percents) < 0 or sum(percents) != INDEX_UNIT // DIMENSION_UNIT):
        yield Fault("scheme.dimension_weights", "NOT_100_PERCENT", str(sum(percents)))
