"""Finds the row of headings and guesses which column means what; a person may change the guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from survey_app.spreadsheets.reading import Row

ROWS_SEARCHED = 12
Aliases = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Headings:
    """The row with the headings, and for each meaning the column that carries it."""

    number: int
    texts: tuple[str, ...]
    places: dict[str, int] = field(default_factory=dict)

    def choices(self) -> list[tuple[int, str]]:
        """Every column with its heading, for a person to choose from."""
        return [(place, text or f"({place + 1})") for place, text in enumerate(self.texts)]


def find_headings(rows: Iterable[Row], aliases: Aliases) -> Headings | None:
    """The first of the upper rows that names the most known columns; None when none is recognised."""
    best: Headings | None = None
    for row, _count in zip(rows, range(ROWS_SEARCHED), strict=False):
        found = Headings(row.number, row.cells, guess(row.cells, aliases))
        if found.places and (best is None or len(found.places) > len(best.places)):
            best = found
    return best


def guess(texts: Sequence[str], aliases: Aliases) -> dict[str, int]:
    """Meaning -> column: headings that say it exactly come first, then those that contain it."""
    tidy = [_tidy(text) for text in texts]
    places: dict[str, int] = {}
    for fits in (_is, _contains):
        for meaning, names in aliases.items():
            if meaning in places:
                continue
            taken = set(places.values())
            for name in names:
                place = next(
                    (at for at, text in enumerate(tidy) if at not in taken and text and fits(text, name)),
                    None,
                )
                if place is not None:
                    places[meaning] = place
                    break
    return places


def _is(text: str, name: str) -> bool:
    return text == name


def _contains(text: str, name: str) -> bool:
    return len(name) > 1 and name in text


def _tidy(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", plain)
    return re.sub(r"[\s*:：、，。_\-/]+", "", plain).lower()
