"""How the two commands speak: short lines, Chinese first, and one way to give up."""

from __future__ import annotations

FAILED, MISUSED, MISSING, INTERRUPTED = 1, 2, 3, 130


class Stop(Exception):
    """The command cannot go on; the message says why and what to do."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def say(text: str) -> None:
    """Print one line at once, also into a pipe."""
    print(text, flush=True)
