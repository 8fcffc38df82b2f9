"""What single ballots of a home look like, counted while they are at hand: aggregates for the signs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from questionnaires import Questionnaire
from questionnaires.model import BLANK
from scoring.forgery import row_of, traits_of
from scoring.tally import OPTIONS
from survey_app.counting.classes import LEAST_BALLOTS

TraitRow = dict[str, int | float | None]

ENGINE_CODES = {"SATISFIED": 0, "BASIC": 1, "DISSATISFIED": 2, "UNKNOWN": 3}
ENGINE_BLANK = OPTIONS - 1


def traits_row(
    questionnaire: Questionnaire, ballots: Sequence[Sequence[int]], members: int
) -> TraitRow | None:
    """The traits of one home from its valid ballots (codes in the questionnaire's order).

    None for fewer than ten ballots, for a scale the signs were not made for, and for a re-evaluation, whose
    few items have no dimensions and say nothing about how a whole form was filled in. Only the overall
    question and the duties of the dimensions count, so that homes with and without local items compare.
    """
    codes = _engine_codes(questionnaire)
    if codes is None or not questionnaire.dimensions or len(ballots) < LEAST_BALLOTS:
        return None
    stored = np.array(ballots, dtype=np.intp)[:, compared_places(questionnaire)]
    home = np.zeros(len(ballots), dtype=np.int64)
    return row_of(traits_of(home, codes[stored], np.array([members], dtype=np.int64)), 0)


def compared_places(questionnaire: Questionnaire) -> list[int]:
    """Places of the overall question, first, and of every duty that enters a dimension."""
    asked = [questionnaire.overall, *(item for one in questionnaire.dimensions for item in one.items)]
    return [questionnaire.position(item.id) for item in asked]


def _engine_codes(questionnaire: Questionnaire) -> np.ndarray | None:
    """The engine's code by stored number."""
    options = questionnaire.scale.options
    if {option.code for option in options} != ENGINE_CODES.keys():
        return None
    codes = np.full(len(options) + 1, ENGINE_BLANK, dtype=np.uint8)
    for option in options:
        codes[option.value] = ENGINE_CODES[option.code]
    codes[BLANK] = ENGINE_BLANK
    return codes
