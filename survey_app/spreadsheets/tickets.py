"""The slip that leads from the look at an upload to its import: signed, for one purpose and one owner."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from survey_app.core import tokens

LASTS_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Ticket:
    """Which upload, what it was called, its checksum, whose it is, and what else was entered with it."""

    upload: str
    file_name: str
    checksum: str
    owner: int
    facts: dict[str, Any]

    def signed(self, secret_key: str, purpose: str) -> str:
        """The slip as a text that nobody can make or change."""
        return tokens.sign(secret_key, purpose, asdict(self))

    @classmethod
    def read(cls, secret_key: str, purpose: str, text: str) -> Ticket:
        """The slip behind a text; Refused when it is forged or a day old."""
        return cls(**tokens.read(secret_key, purpose, text, LASTS_SECONDS))


def chosen_places(values: dict[str, str], meanings: tuple[str, ...]) -> dict[str, int] | None:
    """The mapping a person chose by `column-<meaning>` fields; None when nothing was chosen yet."""
    if not any(f"column-{meaning}" in values for meaning in meanings):
        return None
    chosen = {meaning: values.get(f"column-{meaning}", "") for meaning in meanings}
    return {meaning: int(place) for meaning, place in chosen.items() if place.isdecimal() and len(place) < 4}
