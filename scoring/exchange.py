"""JSON of the engine: reading a sheet with its scheme, writing any frozen result, digests of the inputs.

The format is described in docs/method.md. A reader here never stops at the first fault.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar

from scoring.scheme import Basis, Scheme, Variable
from scoring.sheet import (
    FIVE_POINT,
    OVERALL_ONLY,
    THREE_POINT,
    Cell,
    Electorate,
    ElectorateKind,
    Fault,
    FaultyInput,
    Forms,
    Group,
    Question,
    QuestionKind,
    ScoreSums,
    Sheet,
    Stratum,
)

T = TypeVar("T")
SCALES = {"three": THREE_POINT, "five": FIVE_POINT}
_MISSING: Any = object()


def load(text: str) -> tuple[Sheet, Scheme]:
    """A sheet and its scheme from JSON text, or FaultyInput with every fault of both."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FaultyInput((Fault("document", "NOT_JSON", str(error)),)) from error
    return read(raw)


def read(raw: object) -> tuple[Sheet, Scheme]:
    """A sheet and its scheme from a parsed document, or FaultyInput with every fault of both."""
    faults: list[Fault] = []
    node = _Node(raw, "", faults)
    sheet = _sheet(node)
    scheme = _scheme(node.child("scheme")) if node.has("scheme") else Scheme()
    node.finish()
    if faults or sheet is None or scheme is None:
        raise FaultyInput(tuple(sorted(faults)))
    return sheet, scheme


class _Node:
    """A JSON object being read: remembers where it stands, which keys were asked for, and every fault."""

    def __init__(self, raw: object, where: str, faults: list[Fault]) -> None:
        self.where, self.faults, self.asked = where, faults, set[str]()
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            self.fault("", "NOT_AN_OBJECT")

    def path(self, key: str) -> str:
        return ".".join(part for part in (self.where, key) if part) or "document"

    def fault(self, key: str, code: str, detail: object = "") -> None:
        self.faults.append(Fault(self.path(key), code, str(detail)[:200]))

    def has(self, key: str) -> bool:
        return key in self.raw

    def child(self, key: str) -> _Node:
        self.asked.add(key)
        return _Node(self.raw.get(key), self.path(key), self.faults)

    def children(self, key: str) -> list[_Node]:
        self.asked.add(key)
        value = self.raw.get(key, [])
        if not isinstance(value, list):
            self.fault(key, "NOT_A_LIST")
            return []
        return [_Node(item, f"{self.path(key)}[{number}]", self.faults) for number, item in enumerate(value)]

    def objects(self, key: str) -> dict[str, _Node]:
        node = self.child(key) if self.has(key) else _Node({}, self.path(key), self.faults)
        return {name: node.child(name) for name in node.raw}

    def get(self, key: str, kind: Callable[[Any], T], default: T = _MISSING) -> T:
        """The value of a key; a fault and a stand-in where it is missing or of the wrong kind."""
        self.asked.add(key)
        if key not in self.raw:
            if default is _MISSING:
                self.fault(key, "MISSING")
                return kind(_STAND_IN[kind])
            return default
        try:
            return kind(self.raw[key])
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):
            self.fault(key, _EXPECTED[kind], json.dumps(self.raw[key], ensure_ascii=False, default=str))
            return kind(_STAND_IN[kind])

    def finish(self) -> None:
        for key in self.raw:
            if key not in self.asked:
                self.fault(key, "UNKNOWN_KEY")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**53:
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _ratio(value: Any) -> Fraction:
    """A fraction given as "2/3" or as a decimal number, which is meant as it is written."""
    return Fraction(value) if isinstance(value, str) else Fraction(str(_number(value)))


def _kind(value: Any) -> QuestionKind:
    return QuestionKind(value)


def _electorate_kind(value: Any) -> ElectorateKind:
    return ElectorateKind(value)


def _basis(value: Any) -> Basis:
    return Basis(value)


def _scale_name(value: Any) -> str:
    if value not in SCALES:
        raise ValueError(value)
    return str(value)


_STAND_IN: dict[Any, Any] = {
    _whole: 0,
    _text: "",
    _flag: False,
    _number: 0.0,
    _ratio: "0",
    _kind: "item",
    _electorate_kind: "members",
    _basis: "weighted",
    _scale_name: "three",
}
_EXPECTED: dict[Any, str] = {
    _whole: "NOT_A_WHOLE_NUMBER",
    _text: "NOT_A_TEXT",
    _flag: "NOT_TRUE_OR_FALSE",
    _number: "NOT_A_NUMBER",
    _ratio: "NOT_A_RATIO",
    _kind: "NOT_A_QUESTION_KIND",
    _electorate_kind: "NOT_AN_ELECTORATE",
    _basis: "NOT_A_BASIS",
    _scale_name: "NOT_A_SCALE",
}


def _sheet(node: _Node) -> Sheet | None:
    before = len(node.faults)
    values: dict[str, Any] = {
        "home": node.get("home", _text),
        "members": node.get("N", _whole),
        "cells": tuple(_cell(child) for child in node.children("cells")),
        "questions": tuple(_question(child) for child in node.children("questions")) or OVERALL_ONLY,
        "groups": tuple(_group(child) for child in node.children("groups")),
        "redeemed": node.get("redeemed", _whole) if node.has("redeemed") else None,
        "held": node.get("held", _flag, False),
        "electorate": _electorate(node.child("electorate")) if node.has("electorate") else Electorate(),
        "forms": _forms(node.child("forms")) if node.has("forms") else None,
        "margins": {name: _whole_numbers(child) for name, child in node.objects("margins").items()},
    }
    parsed = len(node.faults) == before
    try:
        return Sheet(**values)
    except FaultyInput as error:
        if parsed:  # stand-ins for broken values would only add noise
            node.faults.extend(error.faults)
        return None


def _cell(node: _Node) -> Cell:
    levels = node.child("levels") if node.has("levels") else _Node({}, node.path("levels"), node.faults)
    cell = Cell(
        levels={name: levels.get(name, _text) for name in levels.raw},
        roster=node.get("roster", _whole) if node.raw.get("roster") is not None else None,
        ballots=node.get("ballots", _whole),
        counts={name: _whole_numbers(child) for name, child in node.objects("counts").items()},
        scores={name: _score(child) for name, child in node.objects("scores").items()},
        strata=tuple(_stratum(child) for child in node.children("strata")),
    )
    node.asked.add("roster")
    node.finish()
    return cell


def _stratum(node: _Node) -> Stratum:
    stratum = Stratum(node.get("members", _whole), node.get("cast", _whole))
    node.finish()
    return stratum


def _whole_numbers(node: _Node) -> dict[str, int]:
    return {name: node.get(name, _whole) for name in node.raw}


def _score(node: _Node) -> ScoreSums:
    sums = ScoreSums(node.get("count", _whole), node.get("sum", _whole), node.get("squares", _whole))
    node.finish()
    return sums


def _question(node: _Node) -> Question:
    question = Question(
        id=node.get("id", _text),
        kind=node.get("kind", _kind, QuestionKind.ITEM),
        dimension=node.get("dimension", _text) if node.raw.get("dimension") is not None else None,
        scale=SCALES[node.get("scale", _scale_name, "three")],
    )
    node.asked.add("dimension")
    node.finish()
    return question


def _group(node: _Node) -> Group:
    group = Group(node.get("label", _text), node.get("members", _whole), node.get("redeemed", _whole))
    node.finish()
    return group


def _electorate(node: _Node) -> Electorate:
    electorate = Electorate(
        node.get("kind", _electorate_kind), node.get("present", _whole) if node.has("present") else None
    )
    node.finish()
    return electorate


def _forms(node: _Node) -> Forms:
    forms = Forms(node.get("issued", _whole), node.get("returned", _whole))
    node.finish()
    return forms


def _scheme(node: _Node) -> Scheme | None:
    before = len(node.faults)
    values: dict[str, Any] = {}
    readers = {"float": _number, "int": _whole, "Fraction": _ratio, "Basis": _basis}
    for field in dataclasses.fields(Scheme):
        if node.has(field.name) and (reader := readers.get(str(field.type))) is not None:
            values[field.name] = node.get(field.name, reader)
    values["variables"] = tuple(_variable(child) for child in node.children("variables"))
    values["dimension_weights"] = (
        tuple(_whole_numbers(node.child("dimension_weights")).items())
        if (node.has("dimension_weights"))
        else ()
    )
    node.finish()
    try:
        return Scheme(**values)
    except FaultyInput as error:
        if len(node.faults) == before:
            node.faults.extend(error.faults)
        return None


def _variable(node: _Node) -> Variable:
    names = node.raw.get("names")
    node.asked.update(("names", "levels"))
    levels = node.raw.get("levels", [])
    for key, value in (("names", names), ("levels", levels)):
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            node.fault(key, "NOT_A_LIST_OF_TEXTS")
            return Variable(())
    variable = Variable(tuple(names or ()), node.get("ordered", _flag, False), tuple(levels))
    node.finish()
    return variable


def plain(value: object) -> Any:
    """Any frozen value of this package as JSON data; infinite numbers become null."""
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def canonical(data: object) -> bytes:
    """One byte string for one meaning: sorted keys, no spaces, UTF-8."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def write(sheet: Sheet, scheme: Scheme | None = None) -> dict[str, Any]:
    """The document that `load` reads back; cells in their fixed order, answers nobody gave left out."""
    document: dict[str, Any] = {
        "home": sheet.home,
        "N": sheet.members,
        "held": sheet.held,
        "questions": [_write_question(question) for question in sheet.questions],
        "cells": [_write_cell(cell) for cell in sheet.cells],
        "groups": plain(sheet.groups),
        "margins": plain(sheet.margins),
        "electorate": {k: v for k, v in plain(sheet.electorate).items() if v is not None},
    }
    if sheet.redeemed is not None:
        document["redeemed"] = sheet.redeemed
    if sheet.forms is not None:
        document["forms"] = plain(sheet.forms)
    if scheme is not None:
        document["scheme"] = plain(scheme) | {"dimension_weights": dict(scheme.dimension_weights)}
    return document


def _write_question(question: Question) -> dict[str, Any]:
    scale = next(name for name, known in SCALES.items() if known == question.scale)
    return {"id": question.id, "kind": question.kind.value, "dimension": question.dimension, "scale": scale}


def _write_cell(cell: Cell) -> dict[str, Any]:
    strata = {"strata": plain(cell.strata)} if cell.strata else {}
    return strata | {
        "levels": dict(cell.levels),
        "roster": cell.roster,
        "ballots": cell.ballots,
        "counts": {name: dict(given) for name, given in cell.counts.items() if given},
        "scores": {
            name: {"count": sums.count, "sum": sums.total, "squares": sums.squares}
            for name, sums in cell.scores.items()
        },
    }


def digest_of_sheet(sheet: Sheet) -> str:
    """SHA-256 of the counts, whatever order the rows came in."""
    return hashlib.sha256(canonical(write(sheet))).hexdigest()


def digest_of_scheme(scheme: Scheme) -> str:
    """SHA-256 of the parameters."""
    return hashlib.sha256(canonical(plain(scheme))).hexdigest()
