"""A sheet from single ballots, for whoever holds them: validity, exact scores, counts by cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scoring.sheet import (
    DIMENSION_UNIT,
    INDEX,
    UNKNOWN,
    Cell,
    Fault,
    FaultyInput,
    Question,
    ScoreSums,
    Sheet,
)

WHOLE = 100  # percent


@dataclass(frozen=True)
class Ballot:
    """One ballot: the levels of its class, and an option for every question that was answered."""

    levels: Mapping[str, str]
    answers: Mapping[str, str]


Levels = tuple[tuple[str, str], ...]


def sheet_of_ballots(
    home: str,
    rosters: Mapping[Levels, int],
    ballots: Iterable[Ballot],
    questions: Sequence[Question],
    percents: Mapping[str, int] | None = None,
) -> Sheet:
    """Count the valid ballots of a home; `rosters` gives the members of every combination of levels.

    A ballot is valid if at least half of its closed questions carry any answer, 不了解 included; a dimension
    score needs an opinion on at least half of the dimension's items, the index needs all dimensions.
    """
    cells: dict[Levels, list[Ballot]] = {key_of(dict(levels)): [] for levels in rosters}
    for ballot in ballots:
        key = key_of(ballot.levels)
        if key not in cells:
            raise FaultyInput((Fault("ballots", "UNKNOWN_CLASS", "+".join(level for _, level in key)),))
        if 2 * len(ballot.answers) >= len(questions):
            cells[key].append(ballot)
    members = {key_of(dict(levels)): size for levels, size in rosters.items()}
    weights = percents if percents is not None else equal_percents(questions)
    return Sheet(
        home=home,
        members=sum(members.values()),
        cells=tuple(_cell(key, members[key], own, questions, weights) for key, own in cells.items()),
        questions=tuple(questions),
    )


def key_of(levels: Mapping[str, str]) -> Levels:
    """The class of a ballot as one value that can be compared and looked up."""
    return tuple(sorted(levels.items()))


def equal_percents(questions: Sequence[Question]) -> dict[str, int]:
    """Whole percents, as equal as they come; what does not divide goes to the first dimensions."""
    names = list(dict.fromkeys(q.dimension for q in questions if q.dimension is not None))
    each, rest = divmod(WHOLE, len(names)) if names else (0, 0)
    return {name: each + (number < rest) for number, name in enumerate(names)}


def _cell(
    key: Levels,
    roster: int,
    ballots: list[Ballot],
    questions: Sequence[Question],
    percents: Mapping[str, int],
) -> Cell:
    counts = {q.id: dict(Counter(b.answers[q.id] for b in ballots if q.id in b.answers)) for q in questions}
    scored = [_scores(ballot, questions, percents) for ballot in ballots]
    names = [*percents, INDEX] if percents else []
    return Cell(dict(key), roster, len(ballots), counts, {name: _sums(scored, name) for name in names})


def _sums(scored: list[dict[str, int]], name: str) -> ScoreSums:
    values = [scores[name] for scores in scored if name in scores]
    return ScoreSums(len(values), sum(values), sum(value * value for value in values))


def _scores(ballot: Ballot, questions: Sequence[Question], percents: Mapping[str, int]) -> dict[str, int]:
    """Dimension scores in 1/60 point and the index in 1/6000 point, where the ballot has them."""
    scores = {}
    for name in percents:
        own = [q for q in questions if q.dimension == name]
        given = [
            q.scale.points[q.scale.options.index(a)] for q in own if (a := _opinion(ballot, q)) is not None
        ]
        if given and 2 * len(given) >= len(own):
            scores[name] = DIMENSION_UNIT * sum(given) // len(given)
    if percents and len(scores) == len(percents):
        scores[INDEX] = sum(percents[name] * score for name, score in scores.items())
    return scores


def _opinion(ballot: Ballot, question: Question) -> str | None:
    answer = ballot.answers.get(question.id)
    if answer == UNKNOWN or answer not in question.scale.options:
        return None
    return answer
