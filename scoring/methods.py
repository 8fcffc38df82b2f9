"""Versions of the method: a past rating is computed again by the rules it was made under, not by today's.

    1.0   cells are taken as they stand
    1.1   the bounds allow for what ballot classes counted together in a cell may hide (room `strata`)

A version is never changed once a round was rated under it; another rule is another version.
"""

from __future__ import annotations

from dataclasses import replace

from scoring.sheet import Fault, FaultyInput, Sheet

FIRST, METHOD_VERSION = "1.0", "1.1"
METHODS = (FIRST, METHOD_VERSION)


def as_known(sheet: Sheet, method: str) -> Sheet:
    """The sheet as that version sees it; FaultyInput names a version that this program cannot compute."""
    if method not in METHODS:
        raise FaultyInput((Fault("method", "UNKNOWN_METHOD", f"{method}; known: {', '.join(METHODS)}"),))
    if method == FIRST:
        return replace(sheet, cells=tuple(replace(cell, strata=()) for cell in sheet.cells))
    return sheet
