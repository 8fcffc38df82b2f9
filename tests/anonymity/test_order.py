"""Nothing that is stored of a home's count depends on the order in which ballots were read.

Sums of rounded shares would: their last bits differ with the order, and would keep a little of what must not
be kept.
"""

from __future__ import annotations

import random

import numpy as np

from questionnaires import load, read_answers
from survey_app.counting.tallies import index_weights, tally
from survey_app.counting.traits import traits_row
from tests.anonymity.scene import telling_answers

BALLOTS = 240


def shuffled(ballots: list[tuple[int, ...]], seed: int) -> list[tuple[int, ...]]:
    return random.Random(seed).sample(ballots, len(ballots))


def varied_ballots() -> list[tuple[int, ...]]:
    form = load("national-core-1")
    return [read_answers(form, telling_answers(form, number)).codes for number in range(BALLOTS)]


def test_tallies_and_traits_are_the_same_in_every_order():
    form, ballots = load("national-core-1"), varied_ballots()
    weights = index_weights(form, {})
    kept = {repr((traits_row(form, one, 300), tally(form, one, weights).sums)) for one in orders(ballots)}
    assert len(kept) == 1


def test_a_sum_of_shares_would_tell_the_order():
    shares = [np.array([(np.array(one) == 1).mean() for one in order]) for order in orders(varied_ballots())]
    assert len({float(np.bincount(np.zeros(BALLOTS, int), one)[0]) for one in shares}) > 1


def orders(ballots: list[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    """The same ballots in twenty orders."""
    return [shuffled(ballots, seed) for seed in range(20)]
