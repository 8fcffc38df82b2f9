"""A solver that knows every published page and total learns nothing of a hidden home."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import linprog

from scoring import Audience, Percent, Rating, ShownQuestion, ShownRating, disclose, rate, total
from tests.scoring.sheets import one_class

Tree = list[list[int]]  # the homes of every node, in both lines of superiors


def draw_homes(chance: np.random.Generator, count: int) -> list[Rating]:
    homes = []
    for _ in range(count):
        ballots = int(chance.integers(6, 60))
        good = int(chance.binomial(ballots, chance.choice([0.5, 0.8, 0.97])))
        top = int(chance.binomial(good, 0.6))
        homes.append(rate(one_class(ballots + 9, top, good - top, ballots - good)))
    return homes


def draw_tree(chance: np.random.Generator, count: int) -> Tree:
    """Districts and streets in the area line, industries in the other."""
    district, street, industry = (chance.integers(0, size, count) for size in (3, 8, 4))
    lines = [np.zeros(count, dtype=int), district, street + 10 * district, industry]
    return [np.flatnonzero(line == value).tolist() for line in lines for value in np.unique(line)]


def careful(shown: list[ShownRating], homes: list[Rating]) -> tuple[int, list[int]]:
    """What the product publishes for a node: the sum and, by their pages, the homes that are in it."""
    return total(shown).favourable, [i for i, view in enumerate(shown) if view.in_full]


def naive(shown: list[ShownRating], homes: list[Rating]) -> tuple[int, list[int]]:
    """Control: the sum over every home, hidden ones too."""
    return sum(home.turnout.favourable for home in homes), list(range(len(homes)))


def narrowest(seed: int, publish: Callable[..., tuple[int, list[int]]]) -> float:
    """Width of the tightest interval that the solver finds for the favourable ballots of a hidden home."""
    chance = np.random.default_rng(seed)
    homes = draw_homes(chance, 24)
    shown = [disclose(home, Audience.PUBLIC) for home in homes]
    rows, sums, limits = [], [], []
    for home, view in zip(homes, shown, strict=True):
        exact = isinstance(view.overall, ShownQuestion) and isinstance(view.overall.combined, Percent)
        count = home.turnout.favourable
        limits.append((count, count) if exact else (0, home.turnout.ballots))
    for node in draw_tree(chance, len(homes)):
        value, members = publish([shown[i] for i in node], [homes[i] for i in node])
        row = np.zeros(len(homes))
        row[[node[i] for i in members]] = 1
        rows.append(row)
        sums.append(value)
    widths = []
    for hidden in (i for i, (low, high) in enumerate(limits) if high > low):
        ends = [
            linprog(sign * np.eye(len(homes))[hidden], A_eq=np.array(rows), b_eq=sums, bounds=limits).fun
            * sign
            for sign in (1, -1)
        ]
        widths.append(ends[1] - ends[0])
    return min(widths)


@pytest.mark.parametrize("seed", range(12))
def test_no_interval_of_a_hidden_figure_is_narrower_than_five(seed):
    assert narrowest(seed, careful) >= 5


def test_the_same_solver_breaks_a_naive_total():
    assert sum(narrowest(seed, naive) < 5 for seed in range(12)) >= 6
