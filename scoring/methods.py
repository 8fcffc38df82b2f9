"""Versions of the method: a past rating is computed again by the rules it was made under, not by today's.

    1.0   cells are taken as they stand
    1.1   the bounds allow for what ballot classes counted together in a cell may hide (room `strata`)
    1.2   an award also needs that each of those classes alone would not carry it below the line by chance

A version is never changed once a round was rated under it; another rule is another version.
"""

from __future__ import annotations

from dataclasses import replace

from scoring.sheet import Fault, FaultyInput, Sheet

METHODS = FIRST, SECOND, THIRD = "1.0", "1.1", "1.2"
METHOD_VERSION = METHODS[-1]
WRITTEN_SINCE = {"below": SECOND, "above": SECOND, "award_low": THIRD}  # keys of a rating's bounds


def as_known(sheet: Sheet, method: str) -> Sheet:
    """The sheet as that version sees it; FaultyInput names a version that this program cannot compute."""
    if method not in METHODS:
        raise FaultyInput((Fault("method", "UNKNOWN_METHOD", f"{method}; known: {', '.join(METHODS)}"),))
    if method == FIRST:
        return replace(sheet, cells=tuple(replace(cell, strata=()) for cell in sheet.cells))
    return sheet


def knows(method: str, since: str) -> bool:
    """Whether a version has what came with another one."""
    return METHODS.index(method) >= METHODS.index(since)


def guards_awards(method: str) -> bool:
    """Whether that version asks of an award what each of the classes counted together allows."""
    return knows(method, THIRD)
