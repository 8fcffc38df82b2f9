"""Names of what the journal's lines are about: a line keeps kind and number, the page says the thing.

The features that keep the things teach their names here; what has gone since then stays kind and number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.orm import Session

from survey_app.journal.queries import JournalRow

Namer = Callable[[Session, set[str]], Mapping[str, str]]
Subject = tuple[str, str]
NAMERS: dict[str, Namer] = {}


def learn_names(namers: Mapping[str, Namer]) -> None:
    """Add the names of kinds of things, each asked once a page for all its ids."""
    NAMERS.update(namers)


def names_of(session: Session, rows: Iterable[JournalRow]) -> dict[Subject, str]:
    """The name of every subject of these lines that has one."""
    ids: dict[str, set[str]] = {}
    for row in rows:
        ids.setdefault(row.subject_kind, set()).add(row.subject_id)
    return {
        (kind, subject_id): name
        for kind, wanted in ids.items()
        if kind in NAMERS
        for subject_id, name in NAMERS[kind](session, wanted).items()
    }
