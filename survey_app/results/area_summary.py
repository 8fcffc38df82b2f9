"""The summary of an area for its officers: classes, first visits, signs, changes, areas without an order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scoring import RatingClass
from scoring.comparison import chance_of_no_order
from scoring.forgery import LARGE, Sign
from scoring.sheet import Ints
from survey_app.core.actor import Actor
from survey_app.results.flag_words import SIGN_TITLES, flag_counts
from survey_app.results.listing import AreaFigures, area_figures
from survey_app.results.models import Result
from survey_app.results.peers import MOST_KEPT, SIZE_BANDS
from survey_app.results.rating import VISIT_FIRST
from survey_app.results.states import COUNTED
from survey_app.results.trends import Changes, area_changes
from survey_app.units.models import Line, Unit, UnitAncestor
from survey_app.units.queries import scope
from survey_app.web.i18n import gettext

Flags = NDArray[np.bool_]
MOST_NAMED = 20
FEWEST_OTHERS = 20  # fewer homes outside an area say nothing about how likely it is
TOO_MANY = 0.05


@dataclass(frozen=True)
class FirstVisits:
    """The release check: proposed orders, and those of them that deserve a visit first (mark V2)."""

    ordered: int
    visits: list[tuple[int, str]]

    @property
    def share(self) -> float:
        """Of the list of orders."""
        return len(self.visits) / self.ordered if self.ordered else 0.0

    @property
    def share_words(self) -> str:
        """The share as it is printed."""
        return f"{100 * self.share:.0f}%"

    @property
    def too_many(self) -> bool:
        """More than 5 %: alpha must be lowered for the next round, and that published."""
        return self.share > TOO_MANY

    @property
    def named(self) -> list[tuple[int, str]]:
        """As many as a page can name."""
        return self.visits[:MOST_NAMED]


@dataclass(frozen=True)
class Branch:
    """An area below: homes rated, orders proposed, and how likely it is that it has none."""

    name: str
    homes: int
    ordered: int
    chance: float | None

    @property
    def is_unlikely(self) -> bool:
        """Less likely than one in twenty: a reason to look, not a finding."""
        return self.chance is not None and self.chance < 0.05

    @property
    def chance_words(self) -> str:
        """The chance as it is printed."""
        if self.chance is None:
            return ""
        return gettext("不到%(n)s", n="1%") if self.chance < 0.01 else f"{100 * self.chance:.0f}%"


@dataclass(frozen=True)
class Signs:
    """How many homes carry a sign."""

    sign: Sign
    title: str
    homes: int


@dataclass(frozen=True)
class AreaSummary:
    """Everything the page of an area says."""

    year: int
    figures: AreaFigures
    visits: FirstVisits
    signs: list[Signs]
    large: int  # homes with sixty ballots and more
    corner: int  # of these, nearly everybody came and nearly everybody approved
    branches: list[Branch]
    alone: Branch | None  # the whole area, where it has no order: how likely that is by the year before
    changes: Changes


def area_summary(session: Session, actor: Actor, year: int) -> AreaSummary:
    """The summary of the actor's scope in a year."""
    signs = _signs(session, actor, year)
    return AreaSummary(
        year=year,
        figures=area_figures(session, actor, year),
        visits=first_visits(session, actor, year),
        signs=signs,
        large=_large(session, actor, year),
        corner=next((one.homes for one in signs if one.sign is Sign.CORNER), 0),
        branches=_branches(session, actor, year),
        alone=_whole_area(session, actor, year),
        changes=_changes_of(session, actor, year),
    )


def first_visits(session: Session, actor: Actor, year: int) -> FirstVisits:
    """Proposed orders of the actor's scope, and which of them carry the mark V2."""
    rows = session.execute(
        select(Result.id, Unit.name, Result.marks)
        .join(Unit, Unit.id == Result.home_id)
        .where(
            Result.home_id.in_(scope(actor)),
            Result.year == year,
            Result.state.in_(COUNTED),
            Result.rating_class == RatingClass.DISSATISFIED.value,
        )
        .order_by(Unit.name, Result.id)
    ).all()
    return FirstVisits(len(rows), [(number, name) for number, name, marks in rows if VISIT_FIRST in marks])


_changes: dict[tuple[object, ...], Changes] = {}


def _changes_of(session: Session, actor: Actor, year: int) -> Changes:
    """The changes of the scope; computed again only when a result of either year has changed."""
    stamp = session.execute(
        select(func.count(), func.sum(Result.version), func.max(Result.id)).where(
            Result.home_id.in_(scope(actor)),
            Result.year.in_((year - 1, year)),
            Result.state.in_(COUNTED),
        )
    ).one()
    key = (str(session.get_bind().engine.url), actor.unit_id, year, *stamp)
    if key not in _changes:
        if len(_changes) >= MOST_KEPT:
            _changes.clear()
        _changes[key] = area_changes(session, scope(actor), year)
    return _changes[key]


def _signs(session: Session, actor: Actor, year: int) -> list[Signs]:
    rated = select(Result.id).where(
        Result.home_id.in_(scope(actor)), Result.year == year, Result.state.in_(COUNTED)
    )
    counts = flag_counts(session, actor, rated)
    return [Signs(sign, str(title), counts[sign]) for sign, title in SIGN_TITLES.items() if sign in counts]


def _large(session: Session, actor: Actor, year: int) -> int:
    statement = (
        select(func.count())
        .select_from(Result)
        .where(
            Result.home_id.in_(scope(actor)),
            Result.year == year,
            Result.state.in_(COUNTED),
            Result.ballots >= LARGE,
        )
    )
    return session.scalar(statement) or 0


@dataclass(frozen=True)
class _Rated:
    """The rated homes of a scope: whether an order is proposed, and the size band."""

    homes: list[int]
    ordered: Flags
    band: Ints

    def branch(self, name: str, area: Flags) -> Branch:
        """An area against the homes outside it; without enough of them, or with an order, no chance."""
        told = (~area).sum() >= FEWEST_OTHERS and not self.ordered[area].any()
        chance = chance_of_no_order(self.ordered, self.band, area) if told else None
        return Branch(name, int(area.sum()), int(self.ordered[area].sum()), chance)


def _rated(session: Session, actor: Actor, *years: int) -> tuple[_Rated, Ints]:
    """The homes of the scope that were rated in these years, and the year of each."""
    rows = session.execute(
        select(Result.home_id, Result.members, Result.rating_class, Result.year)
        .where(Result.home_id.in_(scope(actor)), Result.year.in_(years), Result.state.in_(COUNTED))
        .order_by(Result.id)
    ).all()
    band = np.searchsorted(np.array(SIZE_BANDS), [row[1] for row in rows], side="right")
    ordered = np.array([row[2] == RatingClass.DISSATISFIED.value for row in rows], dtype=np.bool_)
    rated = _Rated([row[0] for row in rows], ordered, band.astype(np.int64))
    return rated, np.array([row[3] for row in rows], dtype=np.int64)


def _branches(session: Session, actor: Actor, year: int) -> list[Branch]:
    """The areas directly below, each against the homes of the scope that lie outside it."""
    rated, _year = _rated(session, actor, year)
    number_of = {home: number for number, home in enumerate(rated.homes)}
    branches = []
    for name, homes in _areas(session, actor):
        area = np.zeros(len(rated.homes), dtype=np.bool_)
        area[[number_of[home] for home in homes if home in number_of]] = True
        if area.any():
            branches.append(rated.branch(name, area))
    return branches


def _whole_area(session: Session, actor: Actor, year: int) -> Branch | None:
    """The whole scope against itself a year before; None where it has an order or that year says nothing."""
    rated, of = _rated(session, actor, year - 1, year)
    found = rated.branch(actor.unit_name, of == year)
    return found if found.homes and found.chance is not None else None


def _areas(session: Session, actor: Actor) -> Sequence[tuple[str, list[int]]]:
    """The units below the actor's that are no homes, with everything below them on the affiliation line."""
    rows = session.execute(
        select(Unit.name, UnitAncestor.unit_id)
        .join(UnitAncestor, UnitAncestor.ancestor_id == Unit.id)
        .where(Unit.parent_id == actor.unit_id, ~Unit.is_home, UnitAncestor.line == Line.AFFILIATION)
        .order_by(Unit.name, UnitAncestor.unit_id)
    )
    areas: dict[str, list[int]] = defaultdict(list)
    for name, unit_id in rows:
        areas[name].append(unit_id)
    return list(areas.items())
