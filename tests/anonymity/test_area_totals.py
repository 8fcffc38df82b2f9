"""A solver that knows every page of every home and every total of every superior learns nothing hidden.

Number 19 of anonymity.md section 9, on the figures as the application computes them: random trees in which
every home has two superiors, each of whom sees the totals of his own scope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import linprog
from sqlalchemy import select

from scoring import Audience, Percent, ShownQuestion, ShownRating
from survey_app.core.actor import Role
from survey_app.core.db import read_session, reading
from survey_app.results.listing import area_figures
from survey_app.results.models import Result
from survey_app.results.peers import field_of, funnel_points
from survey_app.results.queries import shown
from survey_app.units.closure import rebuild_closure
from survey_app.units.models import Unit, UnitKind
from survey_app.units.queries import scope
from tests.support.cast import actor_for, make_account, make_unit
from tests.support.counted_home import CountedRound, CountedSpec, build_counted

HOMES = 18
FIGURES = ("opinions", "satisfied", "favourable")
NARROWEST = 5
Totals = dict[str, int]


@dataclass
class Home:
    """A home as its page shows it, and the truth beside it."""

    id: int
    view: ShownRating
    truth: Totals

    @property
    def in_full(self) -> bool:
        return self.view.in_full


@dataclass
class Node:
    """What one superior is shown: how many homes are summed, and the sums; and whose homes they are."""

    home_ids: set[int]
    homes_in_full: int
    totals: Totals


def drawn(chance: np.random.Generator) -> CountedSpec:
    """A home of any size and mood: closed, small, nearly unanimous or large."""
    ballots = int(chance.choice([6, 11, 14, 18, 24, 27, 45, 80]))
    good = int(chance.binomial(ballots, chance.choice([0.55, 0.8, 0.97])))
    top = int(chance.binomial(good, 0.6))
    if ballots < 10:
        return CountedSpec.of(ballots + 12, (0, 0, 0, 0), unopened=ballots)
    return CountedSpec.of(ballots + 6, (top, good - top, ballots - good, 0))


def grow_tree(counted: CountedRound, chance: np.random.Generator) -> list:
    """Districts and streets in one line, industries in the other; an officer in every node."""
    with counted.writing() as session:
        top = session.get_one(Unit, counted.top.id)
        districts = [make_unit(session, parent=top) for _ in range(3)]
        streets = [
            make_unit(session, kind=UnitKind.TOWNSHIP_UNION, parent=one) for one in districts for _ in "ab"
        ]
        industries = [make_unit(session, kind=UnitKind.INDUSTRIAL_UNION, parent=top) for _ in range(3)]
        for one in counted.homes:
            home = session.get_one(Unit, one.id)
            by_trade = chance.random() < 0.4
            home.parent_id = chance.choice(industries if by_trade else [*streets, *districts]).id
            home.territory_id = chance.choice(streets if by_trade else industries).id
        session.flush()
        rebuild_closure(session)
        nodes = [*districts, *streets, *industries]
        return [*counted.officers[:1], *(make_account(session, Role.OFFICER, one)[1] for one in nodes)]


def page_of(session, row: Result) -> Home:
    """What everybody and the superior may read of a home."""
    view = shown(session, row, Audience.SUPERIOR)
    truth = dict.fromkeys(FIGURES, 0)
    question = view.overall
    if view.in_full and isinstance(question, ShownQuestion):
        assert isinstance(question.combined, Percent)
        assert isinstance(question.strict, Percent)
        truth = {
            "opinions": question.combined.base,
            "satisfied": question.strict.count,
            "favourable": question.combined.count,
        }
    return Home(row.home_id, view, truth)


def published(counted: CountedRound, posts: list) -> tuple[list[Home], list[Node]]:
    """Every page of every home, and what every superior is shown of his area."""
    with reading(read_session(counted.databases.roster)) as session:
        rows = session.scalars(select(Result).where(Result.round_id == counted.id)).all()
        homes, nodes = [page_of(session, row) for row in rows], []
        for post in posts:
            actor = actor_for(session, post)
            figures = area_figures(session, actor, 2026)
            inside = {unit.id for unit in counted.homes} & _scope(session, actor)
            totals = {name: int(getattr(figures, name)) for name in FIGURES}
            nodes.append(Node(inside, figures.homes_in_full, totals))
            refuse_hidden_in_funnel(session, actor, homes)
    return homes, nodes


def _scope(session, actor) -> set[int]:
    return set(session.scalars(scope(actor)))


def refuse_hidden_in_funnel(session, actor, homes: list[Home]) -> None:
    """The funnel and its centre stand on homes alone that are shown in full."""
    points = funnel_points(session, actor, 2026)
    assert {point.home_id for point in points} <= {home.id for home in homes if home.in_full}
    field = field_of(points)
    assert field is None or field.homes == len(points)


def narrowest(homes: list[Home], nodes: list[Node], sizes: dict[int, int], summed) -> float:
    """Width of the tightest interval that a linear programme finds for a hidden figure of a home."""
    place = {home.id: at for at, home in enumerate(homes)}
    widths = []
    for figure in FIGURES:
        limits = [(home.truth[figure],) * 2 if home.in_full else (0, sizes[home.id]) for home in homes]
        rows = np.zeros((len(nodes), len(homes)))
        for at, node in enumerate(nodes):
            rows[at, [place[one] for one in summed(node, homes)]] = 1
        sums = [node.totals[figure] for node in nodes]
        for hidden in (home for home in homes if not home.in_full):
            ends = []
            for sign in (1, -1):
                found = linprog(
                    sign * np.eye(len(homes))[place[hidden.id]], A_eq=rows, b_eq=sums, bounds=limits
                )
                assert found.status == 0, "the totals fit the pages"
                ends.append(sign * found.fun)
            widths.append(ends[1] - ends[0])
    return min(widths)


def shown_below(node: Node, homes: list[Home]) -> list[int]:
    """The homes that a total holds: those whose pages show the same figures in full."""
    return [home.id for home in homes if home.in_full and home.id in node.home_ids]


def all_below(node: Node, homes: list[Home]) -> list[int]:
    return [home.id for home in homes if home.id in node.home_ids]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 9))])
def test_no_total_of_two_superiors_narrows_a_hidden_figure(settings, databases, seed):
    chance = np.random.default_rng(seed)
    specs = [drawn(chance) for _ in range(HOMES)]
    counted = build_counted(settings, databases, *specs)
    posts = grow_tree(counted, chance)
    counted.rate()
    homes, nodes = published(counted, posts)
    sizes = {
        unit.id: spec.unopened or spec.classes[0].valid
        for unit, spec in zip(counted.homes, specs, strict=True)
    }
    assert 0 < sum(home.in_full for home in homes) < HOMES, "the control: some are hidden, some are not"
    for node in nodes:
        assert node.homes_in_full == len(shown_below(node, homes)), "a total says of how many homes it is"
    assert narrowest(homes, nodes, sizes, shown_below) >= NARROWEST
    # The control: the same solver on totals that hold every home below.
    true = {unit.id: true_totals(spec) for unit, spec in zip(counted.homes, specs, strict=True)}
    naive = [
        Node(
            node.home_ids,
            len(node.home_ids),
            {name: sum(true[one][name] for one in node.home_ids) for name in FIGURES},
        )
        for node in nodes
    ]
    assert narrowest(homes, naive, sizes, all_below) < NARROWEST


def true_totals(spec: CountedSpec) -> Totals:
    top, basic, bad, _ = spec.classes[0].overall
    return {"opinions": top + basic + bad, "satisfied": top, "favourable": top + basic}
