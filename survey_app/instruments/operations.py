"""Writes of questionnaire versions: store one, freeze it at its first use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import Questionnaire, available, faults_against, load
from survey_app.core.actor import Actor
from survey_app.core.errors import Fault, Invalid
from survey_app.instruments.models import QuestionnaireVersion
from survey_app.instruments.queries import questionnaire_of
from survey_app.journal.operations import record


def store_definition(
    session: Session,
    actor: Actor,
    questionnaire: Questionnaire,
    *,
    name: str,
    owner_unit_id: int | None = None,
    core: QuestionnaireVersion | None = None,
    at: datetime,
) -> QuestionnaireVersion:
    """Store a questionnaire whole; the same content is stored once. A core must not be changed by it."""
    if core is not None:
        faults = faults_against(questionnaire_of(session, core.id), questionnaire)
        if faults:
            raise Invalid([Fault(f"questionnaire_{fault.code}", {}, fault.where) for fault in faults])
    present = session.scalars(
        select(QuestionnaireVersion).where(QuestionnaireVersion.fingerprint == questionnaire.fingerprint)
    ).one_or_none()
    if present is not None:
        return present
    version = QuestionnaireVersion(
        name=name,
        title=questionnaire.title.text("zh"),
        form=questionnaire.form.value,
        owner_unit_id=owner_unit_id,
        core_id=core.id if core else None,
        fingerprint=questionnaire.fingerprint,
        definition=questionnaire.to_dict(),
        created_at=at,
    )
    session.add(version)
    session.flush()
    record(
        session,
        actor,
        "questionnaire.stored",
        "questionnaire",
        version.id,
        at=at,
        name=name,
        fingerprint=questionnaire.fingerprint,
    )
    return version


def store_bundled(session: Session, actor: Actor, *, at: datetime) -> list[QuestionnaireVersion]:
    """Store every definition that comes with the program (harmless when they are there)."""
    return [store_definition(session, actor, load(name), name=name, at=at) for name in available()]


def mark_used(version: QuestionnaireVersion, *, at: datetime) -> None:
    """From its first round on a version is frozen."""
    if version.used_at is None:
        version.used_at = at
