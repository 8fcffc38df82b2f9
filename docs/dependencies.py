"""Writes docs/dependencies.md: every package of the program with version, licence and what it is for.

    python docs/dependencies.py

Names come from requirements/runtime.lock, the rest from the installed packages' own metadata.
"""

from __future__ import annotations

import re
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^ \\;]+)", re.MULTILINE)
HEAD = """# Dependencies of the program

Written by `python docs/dependencies.py` from the locked requirements and the packages' own metadata.
Nothing else is loaded at run time: no script, font or picture comes from another site.

| package | version | licence | what it says of itself |
| --- | --- | --- | --- |
"""


def pinned(file: Path) -> list[tuple[str, str]]:
    """The packages of a locked requirements file with their versions."""
    return PINNED.findall(file.read_text(encoding="utf-8"))


def licence_of(name: str) -> str:
    """The licence a package states: its expression, its classifiers, or the first line of its text."""
    facts = metadata(name)
    stated = facts.get("License-Expression")
    classified = [
        line.rpartition(" :: ")[2]
        for line in facts.get_all("Classifier") or []
        if line.startswith("License :: ") and not line.endswith("OSI Approved")
    ]
    text = (facts.get("License") or "").strip().splitlines()
    return stated or "; ".join(classified) or (text[0][:60] if text else "not stated")


def summary_of(name: str) -> str:
    """What a package says of itself, fit for a table."""
    return (metadata(name).get("Summary") or "").replace("|", "/")


def table(file: Path) -> str:
    """The whole page."""
    rows = [
        f"| {name} | {version} | {licence_of(name)} | {summary_of(name)} |"
        for name, version in sorted(pinned(file), key=lambda one: one[0].lower())
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    page = ROOT / "docs" / "dependencies.md"
    page.write_text(table(ROOT / "requirements" / "runtime.lock"), encoding="utf-8")
