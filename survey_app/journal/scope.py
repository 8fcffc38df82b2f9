"""Whose lines a post may read; `accounts` stands above, so the scope is registered from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select

from survey_app.core.actor import Actor, Role

Scope = Callable[[Actor], Select[Any]]
_scopes: list[Scope] = []


def set_scope(scope: Scope) -> None:
    """Tell the journal how the tree bounds an actor (called by `units` when it registers)."""
    _scopes[:] = [scope]


def acting_units(actor: Actor) -> Select[Any] | None:
    """The acting units whose lines the actor may read; None means all (the administrator)."""
    if actor.role is Role.ADMINISTRATOR:
        return None
    return _scopes[0](actor)
