"""What is missing before a step: every requirement lists all it misses; higher features add their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from survey_app.core.errors import Fault, Invalid
from survey_app.rounds.models import Round

Stage = Literal["ready", "open", "count"]


@dataclass(frozen=True)
class Missing:
    """One missing thing: a code for its sentence, the blanks, who must do it, and the endpoint to go to.

    `owner` is 'organiser', 'chair', 'custodians' or 'superior'; `link` is (endpoint, values) or None.
    """

    code: str
    details: dict[str, object]
    owner: str
    link: tuple[str, Mapping[str, object]] | None = None


Requirement = Callable[[Session, Round], list[Missing]]
_requirements: dict[Stage, list[Requirement]] = {"ready": [], "open": [], "count": []}


def add_requirement(stage: Stage, requirement: Requirement) -> None:
    """Add a requirement of a feature (called when it registers; adding twice is harmless)."""
    if requirement not in _requirements[stage]:
        _requirements[stage].append(requirement)


def missing_before(session: Session, round_: Round, stage: Stage) -> list[Missing]:
    """Everything missing before `stage`, in the order of the requirements."""
    return [missing for requirement in _requirements[stage] for missing in requirement(session, round_)]


def refuse_unless_complete(session: Session, round_: Round, stage: Stage) -> None:
    """Raise Invalid with every missing thing as a fault."""
    faults = [
        Fault(item.code, dict(item.details), item.owner) for item in missing_before(session, round_, stage)
    ]
    if faults:
        raise Invalid(faults, code="round_not_complete")
