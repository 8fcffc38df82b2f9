"""Reads a roster file to the end without writing anything: what would come in, and every fault by its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

from survey_app.core.errors import Fault, Invalid
from survey_app.rosters.entries import ALIASES, REQUIRED, MemberEntry, entry_of
from survey_app.spreadsheets.columns import ROWS_SEARCHED, Headings, find_headings
from survey_app.spreadsheets.reading import Row, read_rows

MOST_FAULTS = 5_000
SAMPLES = 5
STRATA = ("employment", "age_band", "gender", "department")
# More values than this are no strata but free text, which could single a person out.
MOST_LEVELS = {"employment": 12, "age_band": 3, "gender": 2, "department": 400}


@dataclass(frozen=True)
class RowFault:
    """What is wrong in one row of the file; `value` is what stands there."""

    row: int
    fault: Fault
    value: str = ""


@dataclass
class DryRun:
    """What a file holds: headings and mapping, sound rows, faults, and what the classes would look like."""

    headings: Headings
    rows: int = 0
    sound: int = 0
    faults: list[RowFault] = field(default_factory=list)
    more_faults: int = 0
    without_contact: int = 0
    levels: dict[str, Counter[str]] = field(default_factory=dict)
    samples: list[MemberEntry] = field(default_factory=list)
    missing_columns: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether the file can be imported as it is."""
        return bool(self.sound) and not self.faults and not self.missing_columns


def headings_of(content: bytes, chosen: dict[str, int] | None = None) -> Headings:
    """The headings of a file with the guessed mapping, or the one a person has chosen."""
    rows = read_rows(content)
    try:
        upper = [row for row, _count in zip(rows, range(ROWS_SEARCHED), strict=False)]
    finally:
        rows.close()
    if not upper:
        raise Invalid([Fault("file_empty")], "file_unreadable")
    found = find_headings(upper, ALIASES)
    if found is None:
        raise Invalid([Fault("file_without_headings")], "file_unreadable")
    return found if chosen is None else Headings(found.number, found.texts, chosen)


def entries(
    content: bytes, headings: Headings, eligible_on: date
) -> Iterator[tuple[Row, MemberEntry, list[Fault]]]:
    """Every row below the headings with its entry and its faults, duplicates of a number included."""
    seen: dict[str, int] = {}
    for row in read_rows(content):
        if row.number <= headings.number or _is_blank(row, headings):
            continue
        entry, faults = entry_of(row, headings.places, eligible_on)
        if entry.number:
            first = seen.setdefault(entry.number, row.number)
            if first != row.number:
                faults.append(Fault("number_twice", {"number": entry.number, "row": first}, "number"))
        yield row, entry, faults


def dry_run(content: bytes, eligible_on: date, chosen: dict[str, int] | None = None) -> DryRun:
    """Read the whole file and report; Invalid when it is no spreadsheet or has no headings."""
    headings = headings_of(content, chosen)
    report = DryRun(headings, levels={name: Counter() for name in STRATA if name in headings.places})
    report.missing_columns = tuple(name for name in REQUIRED if name not in headings.places)
    if report.missing_columns:
        return report
    for row, entry, faults in entries(content, headings, eligible_on):
        report.rows += 1
        _note(report, row, entry, faults)
    for name, levels in report.levels.items():
        if len(levels) > MOST_LEVELS[name]:
            fault = Fault("too_many_levels", {"count": len(levels), "most": MOST_LEVELS[name]}, name)
            report.faults.append(RowFault(headings.number, fault))
    return report


def _note(report: DryRun, row: Row, entry: MemberEntry, faults: list[Fault]) -> None:
    if faults:
        room = max(MOST_FAULTS - len(report.faults), 0)
        places = report.headings.places
        report.faults += [
            RowFault(row.number, fault, row.cell(places.get(fault.where or ""))) for fault in faults[:room]
        ]
        report.more_faults += max(len(faults) - room, 0)
        return
    report.sound += 1
    report.without_contact += not entry.contact
    for name, levels in report.levels.items():
        levels[getattr(entry, name)] += 1
    if len(report.samples) < SAMPLES:
        report.samples.append(entry)


def _is_blank(row: Row, headings: Headings) -> bool:
    return not any(row.cell(place) for place in chain(headings.places.values()))
