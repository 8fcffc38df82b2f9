"""Procedures as a clerk types them and as a chart needs them: a name, then its steps, one a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST_PROCEDURES, MOST_STEPS, LONGEST = 12, 10, 60


def read_procedures(text: str) -> list[dict[str, Any]]:
    """Blocks divided by blank lines; the first line of a block is the procedure, the others are its steps."""
    blocks: list[list[str]] = [[]]
    for line in text.replace("\r", "").split("\n"):
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    return [{"name": block[0], "steps": block[1:]} for block in blocks if block]


def write_procedures(procedures: Iterable[Mapping[str, Any]]) -> str:
    """The text that `read_procedures` reads."""
    return "\n\n".join("\n".join([one["name"], *one["steps"]]) for one in procedures)


def lines_of(text: str) -> list[str]:
    """The things of a list that is typed one a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]
