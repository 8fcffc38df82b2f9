"""Reads a spreadsheet through the child process, row by row, and ends the child in every case."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from survey_app.core.errors import Fault, Invalid

CHILD = Path(__file__).parent / "child.py"
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Row:
    """One row as in the file: its number there, its cells as text, and the cells whose digits are lost."""

    number: int
    cells: tuple[str, ...]
    lost: frozenset[int] = frozenset()

    def cell(self, place: int | None) -> str:
        """The text of a column; empty when there is no such column."""
        return self.cells[place] if place is not None and place < len(self.cells) else ""


def read_rows(content: bytes) -> Generator[Row, None, None]:
    """The rows of an .xlsx, .xls or .csv; Invalid, with the reason, when it cannot be read."""
    with tempfile.TemporaryFile() as source:
        source.write(content)
        source.seek(0)
        child = subprocess.Popen(
            [sys.executable, "-I", str(CHILD)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONIOENCODING": "utf-8"},
        )
    watch = Timer(PATIENCE_SECONDS, child.kill)
    watch.start()
    try:
        yield from _lines(child)
    finally:
        watch.cancel()
        with suppress(ProcessLookupError):
            child.kill()
        if child.stdout is not None:
            child.stdout.close()
        child.wait()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[Row]:
    if child.stdout is None:
        raise RuntimeError("the child was started without its pipe")
    for line in child.stdout:
        said = json.loads(line)
        if isinstance(said, list):
            yield _row(*said)
        elif "fault" in said:
            raise Invalid([Fault(said["fault"])], "file_unreadable")
        else:
            return
    # It ended without its last line: memory or time ran out.
    raise Invalid([Fault("file_too_large_inside")], "file_unreadable")


def _row(number: int, cells: list[str | dict[str, str]]) -> Row:
    lost = frozenset(place for place, cell in enumerate(cells) if isinstance(cell, dict))
    texts = tuple(cell["lost"] if isinstance(cell, dict) else cell for cell in cells)
    return Row(number, texts, lost)
