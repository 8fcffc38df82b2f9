"""What the tellers' pages show: the batches of a home, and one form question by question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Item, OpenQuestion, Questionnaire
from survey_app.core.db import Databases
from survey_app.counting.models import PaperBatch
from survey_app.counting.paper_sealing import BatchState, KeyedForm, batch_state


def batches_of(
    session: Session, databases: Databases, round_id: str, home_id: int
) -> list[tuple[PaperBatch, BatchState]]:
    """The batches of a home in their order, with what the box holds of each."""
    rows = session.scalars(
        select(PaperBatch)
        .where(PaperBatch.round_id == round_id, PaperBatch.home_id == home_id)
        .order_by(PaperBatch.ordinal)
    ).all()
    return [(row, batch_state(databases, row)) for row in rows]


@dataclass(frozen=True)
class Field:
    """One question on the screen: what the two keyings say when they differ."""

    question: Item | OpenQuestion
    number: int
    value: str | None
    both: tuple[str, str] | None
    is_open: bool

    @property
    def differs(self) -> bool:
        """Whether the two keyings disagree here."""
        return self.both is not None and self.both[0] != self.both[1]


def forms_keyed(
    questionnaire: Questionnaire,
    differing: tuple[KeyedForm, KeyedForm] | None,
    typed: Mapping[str, str],
) -> list[Field]:
    """Every question of the form with what is known of it; what was typed a moment ago is not lost."""
    both = tuple(json.loads(one.answers) for one in differing) if differing else None
    found = []
    for number, question in enumerate(questionnaire.asked, start=1):
        pair = (both[0].get(question.id, ""), both[1].get(question.id, "")) if both else None
        value = typed.get(question.id, _value(pair))
        found.append(Field(question, number, value, pair, isinstance(question, OpenQuestion)))
    return found


def _value(pair: tuple[str, str] | None) -> str | None:
    """What is chosen on the screen: nothing, unless both keyings agree."""
    return pair[0] if pair and pair[0] == pair[1] else None
