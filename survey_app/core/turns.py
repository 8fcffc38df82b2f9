"""Turns of those who write to one SQLite file: first come, first served among the threads of this process.

SQLite lets one transaction write at a time and lets the others sleep and ask again, each longer the longer it
has waited (1, 2, 5 ... 100 ms): newcomers overtake, and with eight phones at once one cast in a hundred took
half a second. Here the next in line goes on the moment the one before is done. Other processes (the worker,
a command) are still kept apart by SQLite's own lock.
"""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """A lock that is given on in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Wait for this thread's turn; False when it did not come in time."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            call = threading.Lock()
            call.acquire()
            self._waiting.append(call)
        if call.acquire(timeout=seconds):
            return True
        with self._guard:
            if call in self._waiting:
                self._waiting.remove(call)
                return False
        return True  # called at the very moment the patience ended

    def give_on(self) -> None:
        """Let the next in line write, whichever thread the turn was taken in."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
