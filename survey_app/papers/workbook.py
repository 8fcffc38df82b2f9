"""Tables as .xlsx that open right in Excel and WPS: text stays text, nothing becomes a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet as XlsxSheet

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.wording import cleaned

Cell = str | int | float | date | None
FORBIDDEN_IN_NAMES = str.maketrans("[]:*?/\\", "　　：＊？／＼")
CELL_LIMIT = 32_767


@dataclass(frozen=True)
class Column:
    """One column: its heading, its width in characters, whether its numbers are shares."""

    heading: str
    width: float = 12
    percent: bool = False


@dataclass(frozen=True)
class DataSheet:
    """One tab: a title line, a note line, a headed table."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


def workbook_bytes(sheets: Sequence[DataSheet], *, title: str, marks: Marks = NO_MARKS) -> bytes:
    """Write the tabs in order, each with its heading frozen and a filter on it."""
    book = OfficeBook(title)
    for sheet in sheets:
        tab = book.add_tab(sheet.name)
        top = book.write_heading(tab, sheet.title, (*_notes(sheet, marks),), len(sheet.columns))
        book.write_table(tab, top, sheet)
    return book.closed()


def _notes(sheet: DataSheet, marks: Marks) -> list[str]:
    words = marks.as_data()
    return [line for line in (words["notice"], words["void"], sheet.note) if line]


class OfficeBook:
    """A workbook in memory with the few formats that every sheet of the office uses."""

    def __init__(self, title: str) -> None:
        self._buffer = BytesIO()
        self.book: Workbook = xlsxwriter.Workbook(
            self._buffer,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
            },
        )
        self.book.set_properties({"title": cleaned(title)[:250], "author": ""})
        box: dict[str, Any] = {"border": 1, "valign": "vcenter", "text_wrap": True}
        self.heading = self.book.add_format(
            {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}
        )
        self.note = self.book.add_format({"font_color": "#545b62", "text_wrap": True, "valign": "vcenter"})
        self.head = self.book.add_format({**box, "bold": True, "align": "center", "bg_color": "#f1eee6"})
        self.text = self.book.add_format({**box})
        self.number = self.book.add_format({**box, "num_format": "#,##0.######;-#,##0.######"})
        self.whole = self.book.add_format({**box, "num_format": "#,##0"})
        self.percent = self.book.add_format({**box, "num_format": "0.00%"})
        self.day = self.book.add_format({**box, "num_format": 'yyyy"年"m"月"d"日"'})
        self.centred = self.book.add_format({**box, "align": "center"})

    def add_tab(self, name: str) -> XlsxSheet:
        """A tab whose name Excel accepts, unique within the book."""
        wanted = cleaned(name).replace("\n", " ").translate(FORBIDDEN_IN_NAMES).strip("'　 ")[:28] or "表"
        taken = {tab.get_name().lower() for tab in self.book.worksheets()}
        unique = wanted
        number = 2
        while unique.lower() in taken:
            unique, number = f"{wanted}{number}", number + 1
        return self.book.add_worksheet(unique)

    def write_heading(self, tab: XlsxSheet, title: str, notes: Sequence[str], width: int) -> int:
        """Title and notes across the table; returns the first free row."""
        lines = [(title, self.heading), *((note, self.note) for note in notes)]
        for row, (words, form) in enumerate(lines):
            if width > 1:
                tab.merge_range(row, 0, row, width - 1, "", form)
            tab.write_string(row, 0, cleaned(words), form)
        tab.set_row(0, 30)
        return len(lines)

    def write_table(self, tab: XlsxSheet, top: int, sheet: DataSheet) -> None:
        for at, column in enumerate(sheet.columns):
            tab.set_column(at, at, column.width)
            tab.write_string(top, at, cleaned(column.heading), self.head)
        for number, row in enumerate(sheet.rows, start=top + 1):
            for at, value in enumerate(row):
                self.write(tab, number, at, value, percent=sheet.columns[at].percent)
        tab.freeze_panes(top + 1, 0)
        if sheet.rows:
            tab.autofilter(top, 0, top + len(sheet.rows), len(sheet.columns) - 1)

    def write(self, tab: XlsxSheet, row: int, at: int, value: Cell, *, percent: bool = False) -> None:
        """One cell by its type; a text is always written as a text, whatever it begins with."""
        if value is None:
            tab.write_string(row, at, "—", self.text)
        elif isinstance(value, str):
            tab.write_string(row, at, cleaned(value)[:CELL_LIMIT], self.text)
        elif isinstance(value, date):
            tab.write_datetime(row, at, value, self.day)
        else:
            tab.write_number(row, at, value, self._number_format(value, percent))

    def closed(self) -> bytes:
        self.book.close()
        return self._buffer.getvalue()

    def _number_format(self, value: int | float, percent: bool) -> Format:
        if percent:
            return self.percent
        return self.whole if isinstance(value, int) else self.number
