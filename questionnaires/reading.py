"""From a plain mapping (TOML, JSON, an editor's form) to a Questionnaire, or every fault of its shape.

Missing, superfluous and mistyped fields are all reported at once, with the path to each.
Only when the shape is whole does `checks` look at the meaning.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from questionnaires.checks import faults_of
from questionnaires.errors import Fault, QuestionnaireError, fault
from questionnaires.model import (
    SCHEMA,
    Form,
    Item,
    Observability,
    OpenQuestion,
    Option,
    Questionnaire,
    Role,
    Scale,
    Section,
    SectionKind,
    Wording,
)

Choice = TypeVar("Choice", bound=StrEnum)


def from_dict(data: object) -> Questionnaire:
    """The checked questionnaire of a plain mapping, or `QuestionnaireError` with every fault."""
    questionnaire = shape_of(data)
    faults = faults_of(questionnaire)
    if faults:
        raise QuestionnaireError(faults)
    return questionnaire


def from_json(data: bytes) -> Questionnaire:
    """The questionnaire of stored canonical JSON."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError) as broken:
        raise QuestionnaireError([fault("not_json", "questionnaire")]) from broken
    return from_dict(plain)


def shape_of(data: object) -> Questionnaire:
    """The questionnaire as written, its meaning unchecked, or every fault of its shape."""
    faults: list[Fault] = []
    root = Reader(data, "", faults)
    if root.number("schema") not in (SCHEMA, None):
        root.complain("unknown_schema", "schema")
    questionnaire = Questionnaire(
        id=root.text("id"),
        version=root.number("version") or 0,
        form=root.choice("form", Form),
        languages=root.strings("languages"),
        title=root.wording("title"),
        scale=_scale(root.child("scale")),
        sections=tuple(_section(each) for each in root.children("sections")),
        open_questions=tuple(_open_question(each) for each in root.children("open", required=False)),
        base=root.optional_text("base"),
    )
    root.refuse_the_rest()
    if faults:
        raise QuestionnaireError(faults)
    return questionnaire


def items_from(data: object, where: str = "local") -> tuple[Item, ...]:
    """Items written on their own, as an officer adds them to a locked questionnaire."""
    faults: list[Fault] = []
    items = tuple(_item(each) for each in Reader({where: data}, "", faults).children(where))
    if faults:
        raise QuestionnaireError(faults)
    return items


def _scale(reader: "Reader") -> Scale:
    scale = Scale(reader.text("id"), tuple(_option(each) for each in reader.children("options")))
    reader.refuse_the_rest()
    return scale


def _option(reader: "Reader") -> Option:
    option = Option(
        code=reader.text("code"),
        value=reader.number("value") or 0,
        points=reader.number("points", required=False),
        wording=reader.wording("text"),
    )
    reader.refuse_the_rest()
    return option


def _section(reader: "Reader") -> Section:
    section = Section(
        id=reader.text("id"),
        kind=reader.choice("kind", SectionKind),
        title=reader.wording("title"),
        items=tuple(_item(each) for each in reader.children("items")),
        formal=reader.wording("formal") if reader.has("formal") else None,
    )
    reader.refuse_the_rest()
    return section


def _item(reader: "Reader") -> Item:
    item = Item(
        id=reader.text("id"),
        role=reader.choice("role", Role),
        question=reader.wording("question"),
        label=reader.wording("label"),
        duty=reader.optional_text("duty"),
        observability=(
            reader.choice("observability", Observability) if reader.has("observability") else None
        ),
    )
    reader.refuse_the_rest()
    return item


def _open_question(reader: "Reader") -> OpenQuestion:
    question = OpenQuestion(
        id=reader.text("id"),
        question=reader.wording("question"),
        label=reader.wording("label"),
        limit=reader.number("limit") or 0,
    )
    reader.refuse_the_rest()
    return question


class Reader:
    """Takes fields out of one mapping; what is missing, mistyped or left over becomes a fault."""

    def __init__(self, data: object, where: str, faults: list[Fault]) -> None:
        self.where = where
        self.faults = faults
        self.taken: set[str] = set()
        self.data: Mapping[object, object] = {}
        self.broken = not isinstance(data, Mapping)
        if isinstance(data, Mapping):
            self.data = data
        else:
            faults.append(fault("wrong_type", where or "questionnaire", wanted="mapping"))

    def complain(self, code: str, name: str, **details: object) -> None:
        # A mapping that is not one has been reported once; its missing fields say nothing more.
        if not self.broken:
            self.faults.append(fault(code, self._path(name), **details))

    def has(self, name: str) -> bool:
        return name in self.data

    def text(self, name: str) -> str:
        value = self._take(name)
        if isinstance(value, str):
            return value
        if value is not None:
            self.complain("wrong_type", name, wanted="text")
        return ""

    def optional_text(self, name: str) -> str | None:
        return self.text(name) if self.has(name) else None

    def number(self, name: str, *, required: bool = True) -> int | None:
        value = self._take(name, required=required)
        # bool is an int in Python, and `true` is no number of points.
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if value is not None:
            self.complain("wrong_type", name, wanted="whole number")
        return None

    def choice(self, name: str, kind: type[Choice]) -> Choice:
        value = self.text(name)
        known = [each.value for each in kind]
        if value in known:
            return kind(value)
        if value:
            self.complain("unknown_choice", name, given=value, known=" ".join(known))
        return next(iter(kind))

    def strings(self, name: str) -> tuple[str, ...]:
        values = self._list(name, required=True)
        if not all(isinstance(each, str) for each in values):
            self.complain("wrong_type", name, wanted="list of texts")
        return tuple(each for each in values if isinstance(each, str))

    def wording(self, name: str) -> Wording:
        reader = self.child(name)
        return Wording(tuple((lang, reader.text(lang)) for lang in sorted(reader.languages())))

    def languages(self) -> list[str]:
        return [name for name in self.data if isinstance(name, str)]

    def child(self, name: str) -> "Reader":
        value = self._take(name)
        # A missing child was reported by `_take`; an empty one in its place would report each field again.
        reader = Reader({} if value is None else value, self._path(name), self.faults)
        reader.broken = reader.broken or value is None
        return reader

    def children(self, name: str, *, required: bool = True) -> list["Reader"]:
        values = self._list(name, required=required)
        return [
            Reader(each, f"{self._path(name)}[{place}]", self.faults) for place, each in enumerate(values)
        ]

    def refuse_the_rest(self) -> None:
        for name in self.data:
            if name not in self.taken:
                self.complain("unknown_field", str(name))

    def _list(self, name: str, *, required: bool) -> list[object]:
        value = self._take(name, required=required)
        if isinstance(value, list | tuple):
            return list(value)
        if value is not None:
            self.complain("wrong_type", name, wanted="list")
        return []

    def _take(self, name: str, *, required: bool = True) -> object:
        self.taken.add(name)
        if name in self.data:
            value = self.data[name]
            if value is None:
                self.complain("wrong_type", name, wanted="a value")
            return value
        if required:
            self.complain("missing_field", name)
        return None

    def _path(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name
