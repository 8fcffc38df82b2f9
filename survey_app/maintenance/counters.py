"""Counts of requests in memory that all processes of one server share; nothing of a request is kept.

Every process adds in a slot of its own, so no lock is shared that a killed process could take with it;
whoever is asked adds the slots up.
"""

from __future__ import annotations

import mmap
import threading
from dataclasses import dataclass

AREAS = ("member", "public", "desk", "static", "unknown")
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SLOTS = 64
CELLS_OF_AREA = len(STATUSES) + len(BOUNDS) + 1 + 1
CELLS = len(AREAS) * CELLS_OF_AREA


@dataclass(frozen=True)
class AreaCount:
    """What happened in one area since the server started."""

    by_status: dict[str, int]
    by_bound: list[int]
    microseconds: int

    @property
    def requests(self) -> int:
        """All requests of the area."""
        return sum(self.by_status.values())


class Counters:
    """The shared cells."""

    def __init__(self) -> None:
        self._cells = memoryview(mmap.mmap(-1, 8 * SLOTS * CELLS)).cast("Q")
        self._start = 0
        self._lock = threading.Lock()

    def use_slot(self, number: int) -> None:
        """Called in each new process; a process that follows a dead one goes on counting somewhere else."""
        self._start = (number % SLOTS) * CELLS
        self._lock = threading.Lock()

    def add(self, area: str, status: int, seconds: float) -> None:
        """Count one request."""
        first = self._start + AREAS.index(area) * CELLS_OF_AREA
        status_cell = min(max(status // 100, 1), 5) - 1
        bound = next((at for at, limit in enumerate(BOUNDS) if seconds <= limit), len(BOUNDS))
        with self._lock:
            self._cells[first + status_cell] += 1
            self._cells[first + len(STATUSES) + bound] += 1
            self._cells[first + CELLS_OF_AREA - 1] += int(seconds * 1_000_000)

    def read(self, area: str) -> AreaCount:
        """The sums over all processes of this server."""
        first = AREAS.index(area) * CELLS_OF_AREA
        sums = [
            sum(self._cells[slot * CELLS + first + cell] for slot in range(SLOTS))
            for cell in range(CELLS_OF_AREA)
        ]
        return AreaCount(
            dict(zip(STATUSES, sums[: len(STATUSES)], strict=True)), sums[len(STATUSES) : -1], sums[-1]
        )
