"""What can be wrong with a questionnaire or an answer, always told as the whole list.

A fault carries a code and details, never words for the screen: only the web layer chooses
words. `QuestionnaireError` and `AnswerError` are raised once, with every fault found.

    QuestionnairesError
    ├── QuestionnaireError   a definition cannot be used
    └── AnswerError          an answer does not fit its questionnaire
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a stable code, the place, and the facts a message needs."""

    code: str
    where: str
    details: tuple[tuple[str, str], ...] = field(default=())

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.details)
        return f"{self.where}: {self.code}" + (f" ({facts})" if facts else "")


def fault(code: str, where: str, **details: object) -> Fault:
    """A fault whose details are written down as text, in a fixed order."""
    return Fault(code, where, tuple((name, str(details[name])) for name in sorted(details)))


class QuestionnairesError(ValueError):
    """Base of both errors: the faults, in the order in which a reader meets them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("; ".join(str(each) for each in self.faults))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(each.code for each in self.faults)


class QuestionnaireError(QuestionnairesError):
    """A definition, an extension or a selection of questions cannot be used."""


class AnswerError(QuestionnairesError):
    """An answer does not fit its questionnaire."""
