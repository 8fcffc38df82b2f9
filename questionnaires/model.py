"""What is asked: frozen Questionnaire, Section, Item, OpenQuestion, Scale, Option.

A questionnaire is data. Its plain form (`to_dict`) can be stored, sent and rebuilt by
`questionnaires.reading.from_dict` to the same fingerprint. Nothing here judges the data:
faults are found by `reading` (shape) and `checks` (meaning).

* A *section* of kind DIMENSION is one of the fields of duties; only its items enter a score.
* The *overall* item decides the rating; the *chair* item names a person, is reported and has no
  automatic consequence.
* *Local* items are added by a lower level, sit in a section of their own and never enter a dimension.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from questionnaires.fingerprint import canonical_json, fingerprint_of

SCHEMA = 1
"""Version of the plain form; a change of its shape needs a new number, or old fingerprints would move."""

BLANK = 0
"""The stored code of a question left unanswered; options start at 1."""

FIRST_LANGUAGE = "zh"
"""Every text exists in Chinese; the other languages fall back to it."""


class Form(StrEnum):
    """Which of the forms this is; one home and round uses one of them."""

    FULL = "full"
    SHORT = "short"
    RE_EVALUATION = "re-evaluation"


class SectionKind(StrEnum):
    """Why the items of a section stand together."""

    DIMENSION = "dimension"
    REASKED = "reasked"
    GENERAL = "general"
    LOCAL = "local"


class Role(StrEnum):
    """What an item is used for."""

    DUTY = "duty"
    OVERALL = "overall"
    CHAIR = "chair"
    LOCAL = "local"


class Observability(StrEnum):
    """How well a member can judge the duty; L items lean on the evidence at acceptance."""

    HIGH = "H"
    MIDDLE = "M"
    LOW = "L"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in every language of the questionnaire."""

    texts: tuple[tuple[str, str], ...]

    def text(self, lang: str) -> str:
        """The text in this language, or in Chinese where the language is missing."""
        known = dict(self.texts)
        # No text at all is a fault that `checks` reports; until then it reads as empty.
        return known.get(lang) or known.get(FIRST_LANGUAGE, "")

    def to_dict(self) -> dict[str, str]:
        return dict(self.texts)


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen: its code, its stored number, and its points if it is an opinion."""

    code: str
    value: int
    points: int | None
    wording: Wording

    def text(self, lang: str) -> str:
        return self.wording.text(lang)

    @property
    def is_opinion(self) -> bool:
        return self.points is not None

    def to_dict(self) -> dict[str, object]:
        plain: dict[str, object] = {"code": self.code, "value": self.value, "text": self.wording.to_dict()}
        return plain if self.points is None else plain | {"points": self.points}


@dataclass(frozen=True, slots=True)
class Scale:
    """The options that all closed questions of a questionnaire share."""

    id: str
    options: tuple[Option, ...]

    def by_code(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)

    def by_value(self, value: int) -> Option | None:
        return next((option for option in self.options if option.value == value), None)

    def to_dict(self) -> dict[str, object]:
        return {"id": self.id, "options": [option.to_dict() for option in self.options]}


@dataclass(frozen=True, slots=True)
class Item:
    """One closed question, with the duty it asks about and its short name for charts."""

    id: str
    role: Role
    question: Wording
    label: Wording
    duty: str | None = None
    observability: Observability | None = None

    def text(self, lang: str) -> str:
        return self.question.text(lang)

    def to_dict(self) -> dict[str, object]:
        plain: dict[str, object] = {
            "id": self.id,
            "role": self.role.value,
            "question": self.question.to_dict(),
            "label": self.label.to_dict(),
        }
        if self.duty is not None:
            plain["duty"] = self.duty
        if self.observability is not None:
            plain["observability"] = self.observability.value
        return plain


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question answered in the member's own words, at most `limit` characters."""

    id: str
    question: Wording
    label: Wording
    limit: int

    def text(self, lang: str) -> str:
        return self.question.text(lang)

    def to_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "question": self.question.to_dict(),
            "label": self.label.to_dict(),
            "limit": self.limit,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """Items that stand under one heading; `formal` is the heading in the words of the official paper."""

    id: str
    kind: SectionKind
    title: Wording
    items: tuple[Item, ...]
    formal: Wording | None = None

    @property
    def minimum(self) -> int:
        """How many opinions a score of this section needs: half of its items, rounded up (3/5, 3/6, 2/4)."""
        return (len(self.items) + 1) // 2

    def to_dict(self) -> dict[str, object]:
        plain: dict[str, object] = {
            "id": self.id,
            "kind": self.kind.value,
            "title": self.title.to_dict(),
            "items": [item.to_dict() for item in self.items],
        }
        return plain if self.formal is None else plain | {"formal": self.formal.to_dict()}


@dataclass(frozen=True)
class Questionnaire:
    """One version of what is asked; equal text, equal fingerprint."""

    id: str
    version: int
    form: Form
    languages: tuple[str, ...]
    title: Wording
    scale: Scale
    sections: tuple[Section, ...]
    open_questions: tuple[OpenQuestion, ...] = ()
    base: str | None = None
    """Fingerprint of the locked questionnaire that this one extends or narrows."""

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint_of(self.to_dict())

    @cached_property
    def closed_questions(self) -> tuple[Item, ...]:
        """Every item in the order in which it is asked and in which `AnswerSheet.codes` stores it."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def asked(self) -> tuple[Item | OpenQuestion, ...]:
        """Every question, closed ones first."""
        return (*self.closed_questions, *self.open_questions)

    @cached_property
    def dimensions(self) -> tuple[Section, ...]:
        return tuple(section for section in self.sections if section.kind is SectionKind.DIMENSION)

    @cached_property
    def overall(self) -> Item:
        """The item that decides the rating; `checks` guarantees that there is exactly one."""
        return next(item for item in self.closed_questions if item.role is Role.OVERALL)

    @cached_property
    def chair(self) -> Item | None:
        return next((item for item in self.closed_questions if item.role is Role.CHAIR), None)

    def item(self, question_id: str) -> Item | None:
        return self._items.get(question_id)

    def position(self, question_id: str) -> int:
        """The place of a closed question in `closed_questions`; KeyError if it is not asked."""
        return self._positions[question_id]

    def open_question(self, question_id: str) -> OpenQuestion | None:
        return next((each for each in self.open_questions if each.id == question_id), None)

    @property
    def minimum_answers(self) -> int:
        """How many closed questions a valid ballot carries an answer to: half, rounded up; 不了解 counts."""
        return (len(self.closed_questions) + 1) // 2

    def wordings(self) -> Iterator[tuple[str, Wording]]:
        """Every text with the place where it stands."""
        yield "title", self.title
        for option in self.scale.options:
            yield f"scale.{option.code}", option.wording
        for section in self.sections:
            yield f"{section.id}.title", section.title
            if section.formal is not None:
                yield f"{section.id}.formal", section.formal
        for asked in self.asked:
            yield f"{asked.id}.question", asked.question
            yield f"{asked.id}.label", asked.label

    def to_dict(self) -> dict[str, object]:
        """The plain form: what is stored, exported and fingerprinted."""
        plain: dict[str, object] = {
            "schema": SCHEMA,
            "id": self.id,
            "version": self.version,
            "form": self.form.value,
            "languages": list(self.languages),
            "title": self.title.to_dict(),
            "scale": self.scale.to_dict(),
            "sections": [section.to_dict() for section in self.sections],
            "open": [each.to_dict() for each in self.open_questions],
        }
        return plain if self.base is None else plain | {"base": self.base}

    def to_json(self) -> bytes:
        """The canonical bytes whose SHA-256 is the fingerprint."""
        return canonical_json(self.to_dict())

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in self.closed_questions}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {item.id: place for place, item in enumerate(self.closed_questions)}
