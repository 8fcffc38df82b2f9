"""A workflow as a table of (state, action) -> state; it moves the thing and draws the buttons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from survey_app.core.errors import Refused


@dataclass(frozen=True)
class Move:
    """Where an action leads and which permission it needs (None: only the program itself takes it)."""

    to: StrEnum
    permission: str | None = None


@dataclass(frozen=True)
class TransitionTable:
    """Every lawful move. What is not in the table is refused and changes nothing."""

    name: str
    moves: Mapping[tuple[StrEnum, str], Move]

    def target(self, state: StrEnum, action: str) -> StrEnum:
        """The state after `action`; raises Refused when the table has no such move."""
        move = self.moves.get((state, action))
        if move is None:
            raise Refused("wrong_state", thing=self.name, state=str(state), action=action)
        return move.to

    def actions(self, state: StrEnum, permissions: Iterable[str] | None = None) -> tuple[str, ...]:
        """Actions open in `state`, limited to those the given permissions allow when they are given."""
        held = None if permissions is None else set(permissions)
        return tuple(
            action
            for (origin, action), move in self.moves.items()
            if origin == state and (held is None or move.permission in held)
        )
