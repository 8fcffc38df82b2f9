"""Item, dimension and index scores: against the same numbers computed ballot by ballot."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest

from scoring import INDEX, Cell, Question, QuestionKind, Scheme, ScoreSums, Sheet, rate

QUESTIONS = (
    Question("overall", QuestionKind.OVERALL),
    Question("chair", QuestionKind.CHAIR),
    *(Question(f"{d}{i}", dimension=d) for d in ("A", "B") for i in range(1, 4)),
    Question("local"),
)
POINTS = {"SATISFIED": 100, "BASIC": 50, "DISSATISFIED": 0}
ROSTER = {"x": 70, "y": 40}


def random_ballots(seed: int) -> list[tuple[str, dict[str, str]]]:
    chance = random.Random(seed)
    options = ["SATISFIED", "SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN", ""]
    levels = ["x"] * 40 + ["y"] * 30
    return [(level, {q.id: o for q in QUESTIONS if (o := chance.choice(options))}) for level in levels]


def dimension_score(ballot: dict[str, str], name: str) -> int | None:
    """The ballot's score in 1/60 point, from at least half of the dimension's items."""
    values = [POINTS[ballot[q.id]] for q in QUESTIONS if q.dimension == name and ballot.get(q.id) in POINTS]
    return 60 * sum(values) // len(values) if len(values) >= 2 else None


def sheet_of(ballots: list[tuple[str, dict[str, str]]]) -> Sheet:
    cells = []
    for level, members in ROSTER.items():
        own = [ballot for where, ballot in ballots if where == level]
        counts = {q.id: dict(Counter(b[q.id] for b in own if q.id in b)) for q in QUESTIONS}
        scores = {}
        for name in ("A", "B"):
            known = [s for b in own if (s := dimension_score(b, name)) is not None]
            scores[name] = ScoreSums(len(known), sum(known), sum(s * s for s in known))
        both = [
            50 * (a + b)
            for ballot in own
            if (a := dimension_score(ballot, "A")) is not None
            and (b := dimension_score(ballot, "B")) is not None
        ]
        scores[INDEX] = ScoreSums(len(both), sum(both), sum(s * s for s in both))
        cells.append(Cell({"class": level}, members, len(own), counts, scores))
    return Sheet("家", 110, tuple(cells), QUESTIONS)


@pytest.mark.parametrize("seed", range(5))
def test_items_dimensions_and_index_equal_the_count_ballot_by_ballot(seed):
    ballots = random_ballots(seed)
    rating = rate(sheet_of(ballots))
    size = Counter(level for level, _ in ballots)
    weight = {level: ROSTER[level] / size[level] for level in ROSTER}
    for item in rating.items:
        given = [(weight[level], b[item.id]) for level, b in ballots if b.get(item.id) in POINTS]
        base = math.fsum(w for w, _ in given)
        assert item.combined is not None
        assert item.strict is not None
        assert item.score is not None
        assert item.combined.weighted == pytest.approx(
            math.fsum(w for w, o in given if o != "DISSATISFIED") / base, rel=1e-12
        )
        assert item.strict.raw == sum(o == "SATISFIED" for _, o in given) / len(given)
        assert item.score.mean == pytest.approx(math.fsum(w * POINTS[o] for w, o in given) / base, rel=1e-12)
        assert item.counts["BLANK"] == sum(item.id not in b for _, b in ballots)
        unknown = math.fsum(weight[level] for level, b in ballots if b.get(item.id) == "UNKNOWN")
        assert item.unknown_weighted == pytest.approx(unknown / 110, rel=1e-12)
    for dimension in rating.dimensions:
        known = [
            (weight[level], s / 60)
            for level, b in ballots
            if (s := dimension_score(b, dimension.name)) is not None
        ]
        mean = math.fsum(w * s for w, s in known) / math.fsum(w for w, _ in known)
        assert dimension.score is not None
        assert dimension.score.mean == pytest.approx(mean, rel=1e-12)
    assert rating.index is not None
    assert 0 <= rating.index.interval.low <= rating.index.mean <= rating.index.interval.high <= 100
    assert rating.awareness == pytest.approx(1 - (rating.items[0].unknown_weighted or 0))


def test_the_standard_error_equals_the_residuals_taken_ballot_by_ballot():
    ballots = random_ballots(7)
    rating = rate(sheet_of(ballots))
    size = Counter(level for level, _ in ballots)
    weight = {level: ROSTER[level] / size[level] for level in ROSTER}
    item = rating.items[2]
    values = [(level, POINTS.get(b.get(item.id, ""))) for level, b in ballots]
    base = math.fsum(weight[level] for level, v in values if v is not None)
    assert item.score is not None
    z = [(level, (v - item.score.mean) / base if v is not None else 0.0) for level, v in values]
    means = {level: math.fsum(e for at, e in z if at == level) / size[level] for level in ROSTER}
    n = len(ballots)
    v1 = n / (n - 2) * math.fsum(weight[at] * (weight[at] - 1) * (e - means[at]) ** 2 for at, e in z)
    assert item.score.error == pytest.approx(math.sqrt(v1), rel=1e-12)


def test_a_problem_is_a_third_dissatisfied_among_ten_opinions_in_whole_numbers():
    questions = (Question("overall", QuestionKind.OVERALL), Question("1"), Question("2"), Question("3"))

    def counts(good: int, bad: int) -> dict[str, int]:
        return {"SATISFIED": good, "DISSATISFIED": bad}

    cell = Cell(
        {}, 40, 30, {"overall": counts(30, 0), "1": counts(20, 10), "2": counts(21, 9), "3": counts(0, 9)}
    )
    problems = [item.problem for item in rate(Sheet("家", 40, (cell,), questions)).items]
    assert problems == [False, True, False, False]


def test_the_pictures_items_with_a_third_dissatisfied_enter_the_problem_list():
    rows = {"减压疏导": (24, 29, 41, 24), "意见答复": (33, 40, 38, 7), "困难帮扶": (50, 38, 12, 18)}
    questions = (Question("overall", QuestionKind.OVERALL), *map(Question, rows))
    options = ("SATISFIED", "BASIC", "DISSATISFIED", "UNKNOWN")
    counts = {name: dict(zip(options, row, strict=True)) for name, row in rows.items()}
    items = rate(Sheet("家", 186, (Cell({}, 186, 118, counts),), questions)).items[1:]
    assert [(item.id, item.problem) for item in items] == [
        ("减压疏导", True),
        ("意见答复", True),
        ("困难帮扶", False),
    ]
    assert f"{100 * items[0].dissatisfied / items[0].opinions:.1f}" == "43.6"


def test_the_pooled_interval_of_a_dimension_covers_the_ballot_level_one():
    for seed in range(5):
        ballots = random_ballots(seed)
        rating = rate(sheet_of(ballots), Scheme(report_confidence=0.95))
        size = Counter(level for level, _ in ballots)
        weight = {level: ROSTER[level] / size[level] for level in ROSTER}
        for dimension in rating.dimensions:
            share = dimension.combined
            assert share is not None
            ids = [q.id for q in QUESTIONS if q.dimension == dimension.name]
            opinions = [
                (
                    level,
                    sum(b.get(i) in POINTS for i in ids),
                    sum(b.get(i) in ("SATISFIED", "BASIC") for i in ids),
                )
                for level, b in ballots
            ]
            base = math.fsum(weight[at] * m for at, m, _ in opinions)
            z = [(at, (f - share.weighted * m) / base) for at, m, f in opinions]
            means = {at: math.fsum(e for where, e in z if where == at) / size[at] for at in ROSTER}
            n = len(ballots)
            v1 = n / (n - 2) * math.fsum(weight[at] * (weight[at] - 1) * (e - means[at]) ** 2 for at, e in z)
            assert share.interval.width >= 0.98 * 2 * 1.96 * math.sqrt(v1)


def test_no_score_where_the_exact_sums_of_a_cell_are_not_known():
    sheet = sheet_of(random_ballots(1))
    bare = tuple(Cell(c.levels, c.roster, c.ballots, c.counts, {}) for c in sheet.cells[:1])
    rating = rate(Sheet("家", 110, (*bare, *sheet.cells[1:]), QUESTIONS))
    assert [dimension.score for dimension in rating.dimensions] == [None, None]
    assert all(dimension.combined for dimension in rating.dimensions)
    assert rating.index is None


def test_questions_keep_the_order_of_the_questionnaire():
    assert [item.id for item in rate(sheet_of(random_ballots(2))).items] == [q.id for q in QUESTIONS]
    assert list(itertools.chain(d.name for d in rate(sheet_of(random_ballots(2))).dimensions)) == ["A", "B"]
