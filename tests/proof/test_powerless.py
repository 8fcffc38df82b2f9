"""Every operation refuses by itself whoever lacks the permission, whatever a route may have forgotten."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Session

import survey_app
from survey_app.core.actor import Role
from survey_app.core.db import read_session
from survey_app.core.errors import Conflict, Invalid, NotFound, Refused
from survey_app.core.files import FileStore
from survey_app.rectification.evidence import HandedFile
from tests.proof.place import Place
from tests.proof.world import NOW
from tests.support.cast import actor_for

FEATURES = ("units", "accounts", "rosters", "instruments", "rounds", "counting", "results", "rectification")
# Plain values that fit the annotation; what has no value here keeps its default or becomes None.
PLAIN: dict[Any, Any] = {
    str: "x",
    int: 1,
    bool: True,
    bytes: b"x",
    date: NOW.date(),
    Role: Role.OFFICER,
    FileStore: FileStore(Path("/nowhere")),
    HandedFile: HandedFile("佐证.pdf", "pdf", b"%PDF-1.7 x"),
}
# Not acts of a person: the story is written by operations, a proposal that stands is given back as it is.
NO_ACTS = frozenset({"rectification.write", "rectification.propose"})


def operations() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function that takes a session, an actor and a row, and knows its time: a state change."""
    for module in pkgutil.walk_packages(survey_app.__path__, "survey_app."):
        parts = module.name.split(".")
        if len(parts) != 3 or parts[1] not in FEATURES or "routes" in parts[2]:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            own = inspect.isfunction(value) and value.__module__ == module.name and not name.startswith("_")
            if own and f"{parts[1]}.{name}" not in NO_ACTS and _changes_state(value):
                yield f"{parts[1]}.{name}", value


def _changes_state(function: Callable[..., Any]) -> bool:
    names = list(inspect.signature(function).parameters)
    return names[:2] == ["session", "actor"] and "at" in names


def arguments(session: Session, function: Callable[..., Any]) -> dict[str, Any] | None:
    """A row of the world for every row it wants; None when the world has no such row."""
    hints = typing.get_type_hints(function)
    made: dict[str, Any] = {}
    for name, parameter in list(inspect.signature(function).parameters.items())[2:]:
        kind = hints.get(name)
        if name == "at":
            made[name] = NOW
        elif isinstance(kind, type) and issubclass(kind, DeclarativeBase):
            made[name] = session.scalars(select(kind).limit(1)).first()
            if made[name] is None:
                return None
        elif parameter.default is inspect.Parameter.empty:
            many = typing.get_origin(kind) in {list, tuple, dict, Sequence, Iterable, Mapping}
            made[name] = [] if many else PLAIN.get(kind)
    return made if any(isinstance(value, DeclarativeBase) for value in made.values()) else None


OPERATIONS = dict(operations())


def test_the_operations_are_found() -> None:
    assert {
        "results.confirm",
        "rectification.issue",
        "counting.request_open",
        "rounds.appoint",
    } <= OPERATIONS.keys()
    assert len(OPERATIONS) > 40


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_refuses_who_may_nothing(place: Place, name: str) -> None:
    with read_session(place.databases.roster) as session:
        actor = replace(actor_for(session, place.world.posts["stranger"]), permissions=frozenset())
        values = arguments(session, OPERATIONS[name])
        if values is None:
            return
        with pytest.raises((Refused, NotFound, Conflict, Invalid)):
            OPERATIONS[name](session, actor, **values)
        session.rollback()
