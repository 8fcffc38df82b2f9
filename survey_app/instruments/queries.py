"""Reads of questionnaire versions; a stored one is checked against its fingerprint every time."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from questionnaires import Questionnaire
from questionnaires.fingerprint import canonical_json
from questionnaires.reading import from_json
from survey_app.core.errors import NotFound, Refused
from survey_app.instruments.models import QuestionnaireVersion


def questionnaire_of(session: Session, version_id: int) -> Questionnaire:
    """The questionnaire of a stored version; refuses one whose content no longer fits its fingerprint."""
    version = session.get(QuestionnaireVersion, version_id)
    if version is None:
        raise NotFound("questionnaire")
    questionnaire = _rebuilt(canonical_json(version.definition))
    if questionnaire.fingerprint != version.fingerprint:
        raise Refused("questionnaire_altered", id=version_id)
    return questionnaire


@lru_cache(maxsize=64)
def _rebuilt(definition: bytes) -> Questionnaire:
    return from_json(definition)


def usable_versions(session: Session, owner_ids: list[int]) -> list[QuestionnaireVersion]:
    """Versions a round may choose: the bundled ones and those owned by the organiser or its superiors."""
    return list(
        session.scalars(
            select(QuestionnaireVersion)
            .where(
                or_(
                    QuestionnaireVersion.owner_unit_id.is_(None),
                    QuestionnaireVersion.owner_unit_id.in_(owner_ids),
                )
            )
            .order_by(QuestionnaireVersion.id)
        )
    )
