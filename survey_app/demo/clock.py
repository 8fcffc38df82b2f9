"""The demo's clock: the real time plus an advance that a visitor may set, kept in the data folder.

A real installation never uses it: voting cannot be closed before its announced hour, and a visitor who has
just voted would have to wait a week to see the box opened.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

FILE = "demo-clock.json"
LONGEST = timedelta(days=400)


@dataclass(frozen=True)
class DemoClock:
    """Callable like `system_clock`; every process of the installation reads the same advance."""

    folder: Path
    real: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self) -> datetime:
        """The demo's present instant."""
        return self.real() + self.advance()

    def advance(self) -> timedelta:
        """How far the demo is ahead of the real time."""
        try:
            seconds = json.loads((self.folder / FILE).read_text())["seconds"]
        except (FileNotFoundError, ValueError, KeyError):
            return timedelta(0)
        return timedelta(seconds=seconds)

    def move_to(self, instant: datetime) -> None:
        """Let the demo's clock stand at `instant`; it never goes back, for nothing else would."""
        ahead = min(max(instant - self.real(), self.advance()), LONGEST)
        place = self.folder / FILE
        place.with_suffix(".new").write_text(json.dumps({"seconds": ahead.total_seconds()}))
        place.with_suffix(".new").replace(place)
