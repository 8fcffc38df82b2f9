"""The count sheet of one home: who is on the roster, and how the valid ballots answered.

A sheet is all the engine ever sees. It holds counts by cell, question and option, never a ballot, and it
refuses to exist with a fault in it, so that no later room has to ask whether its numbers add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)

UNKNOWN = "UNKNOWN"  # 不了解: an answer, but not an opinion
INDEX = "INDEX"  # name of the overall 0-100 index among the scores
DIMENSION_UNIT = 60  # a ballot's dimension score is a whole number of 1/60 points (1 to 6 items answered)
INDEX_UNIT = 6000  # with whole percent weights the index is a whole number of 1/6000 points


@dataclass(frozen=True)
class Scale:
    """Answer options that express an opinion, best first, with the points each is worth."""

    options: tuple[str, ...]
    points: tuple[int, ...]
    favourable: int  # how many options, from the best, count in the combined rate 综合满意率
    dissatisfied: int  # how many options, from the worst, count as dissatisfied


THREE_POINT = Scale(("SATISFIED", "BASIC", "DISSATISFIED"), (100, 50, 0), favourable=2, dissatisfied=1)
FIVE_POINT = Scale(
    ("VERY_SATISFIED", "SATISFIED", "NEUTRAL", "DISSATISFIED", "VERY_DISSATISFIED"),
    (100, 75, 50, 25, 0),
    favourable=2,
    dissatisfied=2,
)


class QuestionKind(StrEnum):
    OVERALL = "overall"  # the only question that enters the rating
    CHAIR = "chair"  # reported, without any consequence
    ITEM = "item"


@dataclass(frozen=True)
class Question:
    """A closed question; an item without a dimension is a local one and never enters a score."""

    id: str
    kind: QuestionKind = QuestionKind.ITEM
    dimension: str | None = None
    scale: Scale = THREE_POINT


OVERALL_ONLY = (Question("overall", QuestionKind.OVERALL),)


@dataclass(frozen=True)
class ScoreSums:
    """Exact sums of one score over the ballots of a cell, in whole units of 1/60 (index: 1/6000) point."""

    count: int
    total: int
    squares: int


@dataclass(frozen=True, order=True)
class Stratum:
    """A ballot class inside a cell: what the roster knows of it, never an answer."""

    members: int
    cast: int  # ballots cast, void ones included: who came, not what was valid


@dataclass(frozen=True)
class Cell:
    """Members and ballots that share one level of every variable; in the product a counting class."""

    levels: Mapping[str, str]
    roster: int | None  # None where only the margins of the roster are known
    ballots: int
    counts: Mapping[str, Mapping[str, int]]  # question -> option -> ballots; blank is the rest
    scores: Mapping[str, ScoreSums] = field(default_factory=dict)
    strata: tuple[Stratum, ...] = ()  # the ballot classes merged into it, where there are several

    def __post_init__(self) -> None:
        # One class is the cell itself: one form of it only.
        strata = tuple(sorted(self.strata)) if len(self.strata) > 1 else ()
        object.__setattr__(self, "strata", strata)
        object.__setattr__(self, "levels", MappingProxyType(dict(self.levels)))
        # An answer nobody gave and an answer not mentioned are the same count: one form of it only.
        counts = {
            q: MappingProxyType({o: n for o, n in given.items() if n}) for q, given in self.counts.items()
        }
        object.__setattr__(self, "counts", MappingProxyType(counts))
        object.__setattr__(self, "scores", MappingProxyType(dict(self.scores)))

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.levels.items()))


@dataclass(frozen=True, order=True)
class Group:
    """A level of the roster before any merging, with how many of its members redeemed their entitlement.

    Groups may come from several variables, so labels may repeat.
    """

    label: str
    members: int
    redeemed: int


class ElectorateKind(StrEnum):
    MEMBERS = "members"
    DELEGATES = "delegates"


@dataclass(frozen=True)
class Electorate:
    """Who is called to answer: all members, or an assembly of delegates with so many present."""

    kind: ElectorateKind = ElectorateKind.MEMBERS
    present: int | None = None


@dataclass(frozen=True)
class Forms:
    """Forms issued and returned, for the return rate 回收率 of the official result sheet."""

    issued: int
    returned: int


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with a sheet or a scheme: where, what (a code), and the figures concerned."""

    where: str
    code: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.code}" + (f" ({self.detail})" if self.detail else "")


class FaultyInput(ValueError):
    """Raised with every fault of an input, not the first one only."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(map(str, faults)))


@dataclass(frozen=True)
class Sheet:
    """Counts of one home in one round; cells stand in a fixed order whatever order they came in."""

    home: str
    members: int  # N, the frozen roster
    cells: tuple[Cell, ...]
    questions: tuple[Question, ...] = OVERALL_ONLY
    groups: tuple[Group, ...] = ()
    redeemed: int | None = None  # entitlements redeemed in all, where the groups do not add up to the roster
    held: bool = False  # the count rule of the box was violated
    electorate: Electorate = Electorate()
    forms: Forms | None = None
    margins: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # variable -> level -> members

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", tuple(sorted(self.cells, key=lambda cell: cell.key)))
        object.__setattr__(self, "questions", tuple(self.questions))
        object.__setattr__(self, "groups", tuple(sorted(self.groups)))
        margins = {name: MappingProxyType(dict(levels)) for name, levels in self.margins.items()}
        object.__setattr__(self, "margins", MappingProxyType(margins))
        if faults := tuple(sorted(_faults(self))):
            raise FaultyInput(faults)

    @property
    def ballots(self) -> int:
        """n: valid ballots."""
        return sum(cell.ballots for cell in self.cells)

    @property
    def overall(self) -> Question:
        return next(q for q in self.questions if q.kind is QuestionKind.OVERALL)

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Dimensions in the order in which the questions first name them."""
        return tuple(dict.fromkeys(q.dimension for q in self.questions if q.dimension is not None))

    @property
    def variables(self) -> tuple[str, ...]:
        """Adjustment variables the ballots carry, in alphabetical order (never in the order of the rows)."""
        return tuple(sorted(self.cells[0].levels)) if self.cells else ()

    def ballots_by_cell(self) -> Ints:
        return readonly(np.array([cell.ballots for cell in self.cells], dtype=np.int64))

    def answers(self, question: Question) -> Ints:
        """Cells x (options of the scale, 不了解, blank): how many ballots gave each answer."""
        names = (*question.scale.options, UNKNOWN)
        given = [cell.counts.get(question.id, {}) for cell in self.cells]
        counts = [[answered.get(name, 0) for name in names] for answered in given]
        table = np.array(counts, dtype=np.int64)
        blank = self.ballots_by_cell() - table.sum(axis=1)
        return readonly(np.column_stack([table, blank]))

    def has_exceeded_class(self) -> bool:
        """More ballots than members somewhere: arithmetically impossible."""
        if self.ballots > self.members:
            return True
        return any(cell.roster is not None and cell.ballots > cell.roster for cell in self.cells) or any(
            self._ballots_at(name, level) > members
            for name, levels in self.margins.items()
            for level, members in levels.items()
        )

    def _ballots_at(self, name: str, level: str) -> int:
        return sum(cell.ballots for cell in self.cells if cell.levels.get(name) == level)

    def accepted(self) -> Sheet:
        """The sheet of a held home accepted with a written reason: N_c raised to n_c where exceeded."""
        cells = tuple(
            cell if cell.roster is None else replace(cell, roster=max(cell.roster, cell.ballots))
            for cell in self.cells
        )
        raised = sum((c.roster or 0) - (old.roster or 0) for c, old in zip(cells, self.cells, strict=True))
        members = max(self.members + raised, self.ballots)
        forms = self.forms
        if forms is not None:
            returned = max(forms.returned, self.ballots)
            forms = Forms(max(forms.issued, returned), returned)
        return replace(self, members=members, cells=cells, forms=forms, held=False)


def readonly(array: NDArray[Number]) -> NDArray[Number]:
    """The same array, closed against writing, so that a frozen result stays frozen."""
    array.setflags(write=False)
    return array


def _faults(sheet: Sheet) -> Iterator[Fault]:
    if sheet.members < 0:
        yield Fault("members", "NEGATIVE", str(sheet.members))
    if not sheet.cells:
        yield Fault("cells", "EMPTY")
    yield from _question_faults(sheet)
    yield from _cell_faults(sheet)
    yield from _roster_faults(sheet)
    yield from _people_faults(sheet)


def _question_faults(sheet: Sheet) -> Iterator[Fault]:
    ids = [question.id for question in sheet.questions]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Fault(f"questions.{name}", "DUPLICATE")
    for kind, least, most in ((QuestionKind.OVERALL, 1, 1), (QuestionKind.CHAIR, 0, 1)):
        found = sum(question.kind is kind for question in sheet.questions)
        if not least <= found <= most:
            yield Fault("questions", f"{kind.upper()}_COUNT", str(found))


def _cell_faults(sheet: Sheet) -> Iterator[Fault]:
    options = {question.id: {*question.scale.options, UNKNOWN} for question in sheet.questions}
    scores = {*sheet.dimensions, INDEX}
    seen: set[tuple[tuple[str, str], ...]] = set()
    for number, cell in enumerate(sheet.cells):
        where = "cells." + ("+".join(cell.levels.values()) or str(number))
        if cell.key in seen:
            yield Fault(where, "DUPLICATE")
        seen.add(cell.key)
        if set(cell.levels) != set(sheet.cells[0].levels):
            yield Fault(where, "VARIABLES_DIFFER", ", ".join(cell.levels))
        if cell.ballots < 0 or (cell.roster is not None and cell.roster < 0):
            yield Fault(where, "NEGATIVE")
        yield from _strata_faults(where, cell)
        yield from _count_faults(where, cell, options)
        yield from _score_faults(where, cell, scores)


def _strata_faults(where: str, cell: Cell) -> Iterator[Fault]:
    if any(stratum.members < 0 or stratum.cast < 0 for stratum in cell.strata):
        yield Fault(f"{where}.strata", "NEGATIVE")
    cast = sum(stratum.cast for stratum in cell.strata)
    if cell.strata and cast < cell.ballots:
        yield Fault(f"{where}.strata", "FEWER_CAST_THAN_BALLOTS", f"{cast} < {cell.ballots}")


def _count_faults(where: str, cell: Cell, options: Mapping[str, set[str]]) -> Iterator[Fault]:
    for name, given in cell.counts.items():
        here = f"{where}.counts.{name}"
        if name not in options:
            yield Fault(here, "UNKNOWN_QUESTION")
            continue
        for option in sorted(set(given) - options[name]):
            yield Fault(f"{here}.{option}", "UNKNOWN_OPTION")
        if any(count < 0 for count in given.values()):
            yield Fault(here, "NEGATIVE")
        if sum(given.values()) > cell.ballots:
            yield Fault(here, "MORE_ANSWERS_THAN_BALLOTS", f"{sum(given.values())} > {cell.ballots}")


def _score_faults(where: str, cell: Cell, known: set[str]) -> Iterator[Fault]:
    for name, sums in cell.scores.items():
        here = f"{where}.scores.{name}"
        unit = INDEX_UNIT if name == INDEX else DIMENSION_UNIT
        if name not in known:
            yield Fault(here, "UNKNOWN_DIMENSION")
        if not 0 <= sums.count <= cell.ballots:
            yield Fault(here, "MORE_SCORES_THAN_BALLOTS", f"{sums.count} > {cell.ballots}")
        elif not 0 <= sums.total <= 100 * unit * sums.count:
            yield Fault(here, "TOTAL_OUT_OF_RANGE", str(sums.total))
        elif sums.squares * sums.count < sums.total**2 or sums.squares > 100 * unit * sums.total:
            yield Fault(here, "SQUARES_OUT_OF_RANGE", str(sums.squares))


def _roster_faults(sheet: Sheet) -> Iterator[Fault]:
    known = [cell.roster for cell in sheet.cells if cell.roster is not None]
    complete = len(known) == len(sheet.cells) and known and not sheet.margins
    if sum(known) > sheet.members or (complete and sum(known) != sheet.members):
        yield Fault("cells", "ROSTER_DOES_NOT_ADD_UP", f"{sum(known)} != {sheet.members}")
    for name, levels in sheet.margins.items():
        if sum(levels.values()) != sheet.members:
            yield Fault(
                f"margins.{name}", "ROSTER_DOES_NOT_ADD_UP", f"{sum(levels.values())} != {sheet.members}"
            )
        for level in sorted({cell.levels[name] for cell in sheet.cells if name in cell.levels} - set(levels)):
            yield Fault(f"margins.{name}.{level}", "MISSING")
    if len(known) < len(sheet.cells):
        for name in sorted(set(sheet.variables) - set(sheet.margins)):
            yield Fault(f"margins.{name}", "MISSING")


def _people_faults(sheet: Sheet) -> Iterator[Fault]:
    for group in sheet.groups:
        if group.redeemed < 0 or group.members < 0:  # more redeemed than members: replaced entitlements
            yield Fault(f"groups.{group.label}", "NEGATIVE", f"{group.redeemed} of {group.members}")
    present = sheet.electorate.present
    if sheet.electorate.kind is ElectorateKind.DELEGATES and present is None:
        yield Fault("electorate.present", "MISSING")
    if present is not None and not 0 <= present <= sheet.members:
        yield Fault("electorate.present", "OUT_OF_RANGE", str(present))
    impossible = sheet.held or sheet.has_exceeded_class()  # that is what the gate H1 is there to say
    if sheet.forms is None or impossible:
        return
    if not sheet.ballots <= sheet.forms.returned <= sheet.forms.issued:
        yield Fault("forms", "OUT_OF_ORDER", f"{sheet.ballots}, {sheet.forms.returned}, {sheet.forms.issued}")
