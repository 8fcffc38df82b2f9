"""Tallies of a counting class: counts per option and exact integer sums, independent of any order. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires import AnswerSheet, Questionnaire, equal_weights, sheet_of_codes
from questionnaires.model import BLANK

INDEX = "index"


@dataclass(frozen=True)
class SumOfScores:
    """How many ballots have a score, its sum and its sum of squares, in the score's whole unit."""

    ballots: int
    total: int
    squares: int


@dataclass(frozen=True)
class ClassTally:
    """Everything that is kept of a counting class: blanks are what is missing to its valid ballots."""

    counts: Mapping[tuple[str, str], int]
    sums: Mapping[str, SumOfScores]


def index_weights(questionnaire: Questionnaire, policy: Mapping[str, Any]) -> tuple[int, ...]:
    """The policy's whole percents when they fit the dimensions of this form, else equal ones."""
    given = policy.get("dimension_weights")
    if isinstance(given, list | tuple) and len(given) == len(questionnaire.dimensions) and sum(given) == 100:
        return tuple(given)
    return equal_weights(questionnaire)


def tally(
    questionnaire: Questionnaire, ballots: Iterable[Sequence[int]], weights: Sequence[int]
) -> ClassTally:
    """Count the ballots (codes in the questionnaire's order) of one class."""
    counts: Counter[tuple[str, str]] = Counter()
    scores: dict[str, list[int]] = {name: [0, 0, 0] for name in _score_names(questionnaire)}
    for codes in ballots:
        sheet = sheet_of_codes(questionnaire, codes)
        counts.update(_choices(sheet))
        for name, value in _scores(sheet, weights):
            sums = scores[name]
            sums[0] += 1
            sums[1] += value
            sums[2] += value * value
    return ClassTally(dict(counts), {name: SumOfScores(*sums) for name, sums in scores.items()})


def _score_names(questionnaire: Questionnaire) -> list[str]:
    names = [section.id for section in questionnaire.dimensions]
    return [*names, INDEX] if names else []


def _choices(sheet: AnswerSheet) -> Iterable[tuple[str, str]]:
    scale = sheet.questionnaire.scale
    for item, code in zip(sheet.questionnaire.closed_questions, sheet.codes, strict=True):
        option = scale.by_value(code)
        if code != BLANK and option is not None:
            yield item.id, option.code


def _scores(sheet: AnswerSheet, weights: Sequence[int]) -> Iterable[tuple[str, int]]:
    for section, score in zip(sheet.questionnaire.dimensions, sheet.dimension_scores, strict=True):
        if score is not None:
            yield section.id, score
    index = sheet.index(weights) if weights else None
    if index is not None:
        yield INDEX, index
