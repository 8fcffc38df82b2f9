"""Exact scores of one ballot as whole numbers, so that their sums never depend on order or database.

A dimension score is the mean of the points of the opinions given in it, in 1/60 point: 60 is divisible
by every number of opinions from one to six. It needs opinions on at least half of the items
(3 of 5, 3 of 6, 3 of 5, 2 of 4); 不了解 and blank are no opinions and are never imputed.
The index weighs the dimensions with whole percents and is in 1/6000 point; it needs every dimension.
Source: the half rule of scale manuals, scoring.md sections 3, 18 and 21.
"""

from collections.abc import Mapping, Sequence

from questionnaires.model import Questionnaire, Section

SCORE_UNIT = 60
"""Dimension scores are in 1/60 point."""

INDEX_UNIT = 6000
"""The index is in 1/6000 point."""


def dimension_scores(questionnaire: Questionnaire, codes: Sequence[int]) -> tuple[int | None, ...]:
    """Per dimension the score in 1/60 point, or None where too few opinions were given."""
    points = [_points(questionnaire, code) for code in codes]
    return tuple(_score(questionnaire, section, points) for section in questionnaire.dimensions)


def index(scores: Sequence[int | None], weights: Sequence[int]) -> int | None:
    """The overall index in 1/6000 point from dimension scores and whole percents that add up to 100."""
    if len(scores) != len(weights):
        raise ValueError("one weight for each dimension")
    if any(weight < 0 for weight in weights) or sum(weights) != 100:
        raise ValueError("weights are whole percents that add up to 100")
    if not scores or any(score is None for score in scores):
        return None
    return sum(score * weight for score, weight in zip(scores, weights, strict=True) if score is not None)


def equal_weights(questionnaire: Questionnaire) -> tuple[int, ...]:
    """Whole percents as equal as they can be; what does not divide goes to the first dimensions."""
    count = len(questionnaire.dimensions)
    if not count:
        return ()
    share, rest = divmod(100, count)
    return tuple(share + (place < rest) for place in range(count))


def weights_by_dimension(questionnaire: Questionnaire, weights: Mapping[str, int]) -> tuple[int, ...]:
    """A policy's weights by section id, in the order of the dimensions; KeyError if one is missing."""
    return tuple(weights[section.id] for section in questionnaire.dimensions)


def _points(questionnaire: Questionnaire, code: int) -> int | None:
    option = questionnaire.scale.by_value(code)
    return option.points if option else None


def _score(questionnaire: Questionnaire, section: Section, points: Sequence[int | None]) -> int | None:
    given = [points[questionnaire.position(item.id)] for item in section.items]
    opinions = [each for each in given if each is not None]
    if len(opinions) < section.minimum:
        return None
    return SCORE_UNIT * sum(opinions) // len(opinions)
