"""Five-point questions: rates, points, and masks that hold with more options."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import pytest

from scoring import FIVE_POINT, Cell, Masked, Question, QuestionKind, Scheme, Sheet, Suppressed, Why, rate
from scoring.disclosure import masked_side, show_question
from scoring.estimates import item_result
from scoring.weighting import weigh

QUESTION = Question("q", QuestionKind.OVERALL, scale=FIVE_POINT)


def sheet(counts: tuple[int, ...], ballots: int, members: int = 60) -> Sheet:
    given = dict(zip(FIVE_POINT.options, counts, strict=True))
    return Sheet("家", members, (Cell({}, members, ballots, {"q": given}),), (QUESTION,))


def test_two_best_count_as_favourable_and_two_worst_as_dissatisfied():
    rating = rate(sheet((10, 12, 8, 6, 4), 40))
    item = rating.items[0]
    assert rating.combined is not None
    assert rating.strict is not None
    assert item.score is not None
    assert (rating.combined.count, rating.strict.count, item.dissatisfied) == (22, 10, 10)
    assert item.score.mean == pytest.approx((1000 + 900 + 400 + 150) / 40)


@pytest.mark.parametrize("ballots", [10, 13])
def test_no_mask_of_five_options_can_be_undone(ballots):
    scheme = Scheme()
    weights = weigh(sheet((ballots, 0, 0, 0, 0), ballots), scheme)
    possible: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    masked: dict[str, list[int]] = {}
    for cuts in combinations(range(ballots + 4), 4):
        counts = tuple(b - a - 1 for a, b in zip((-1, *cuts), (*cuts, ballots + 4), strict=True))
        view = show_question(item_result(sheet(counts, ballots), QUESTION, weights, scheme), ballots)
        possible[repr(view)].append(counts)
        masked[repr(view)] = [
            i
            for i, option in enumerate(FIVE_POINT.options)
            if isinstance(view.counts[option], Masked) or view.counts[option] == Suppressed(Why.MASKED)
        ]
    for text, fits in possible.items():
        for option in masked[text]:
            values = {counts[option] for counts in fits}
            near_the_end = any(masked_side(ballots, value / ballots) for value in values)
            assert len(values) >= 2 or not near_the_end, (text, fits)
