"""The official result sheet 汇总表 as .xlsx, with the same words and numbers as the PDF."""

from xlsxwriter.worksheet import Worksheet as XlsxSheet

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.result_sheet import HEADINGS, ResultRow, ResultSheet
from survey_app.papers.wording import long_date, one_line
from survey_app.papers.workbook import OfficeBook

WIDTHS = (6, 44, 9, 10, 9, 9, 9, 10, 12)


def result_sheet_xlsx(sheet: ResultSheet, *, marks: Marks = NO_MARKS) -> bytes:
    """Write the sheet so that it prints on one A4 page in width."""
    book = OfficeBook(sheet.heading)
    tab = book.add_tab("汇总表")
    for at, width in enumerate(WIDTHS):
        tab.set_column(at, at, width)
    words = marks.as_data()
    notes = [f"单位：{one_line(sheet.home)}　　{long_date(sheet.made_on)}"]
    notes += [line for line in (words["notice"], words["void"]) if line]
    row = book.write_heading(tab, sheet.heading, notes, len(HEADINGS))
    row = _write_figures(book, tab, row, sheet)
    row = _write_items(book, tab, row, sheet)
    _write_foot(book, tab, row, sheet, words["journal_head"])
    tab.set_paper(9)
    tab.fit_to_pages(1, 0)
    return book.closed()


def _write_figures(book: OfficeBook, tab: XlsxSheet, row: int, sheet: ResultSheet) -> int:
    for at, (name, value) in enumerate(sheet.figures, start=1):
        tab.write_string(row, at, name, book.head)
        book.write(tab, row + 1, at, value)
    return row + 3


def _write_items(book: OfficeBook, tab: XlsxSheet, row: int, sheet: ResultSheet) -> int:
    for at, heading in enumerate(HEADINGS):
        tab.write_string(row, at, heading, book.head)
    for number, item in enumerate(sheet.rows, start=row + 1):
        _write_item(book, tab, number, item)
    return row + 1 + len(sheet.rows)


def _write_item(book: OfficeBook, tab: XlsxSheet, row: int, item: ResultRow) -> None:
    book.write(tab, row, 0, item.number)
    book.write(tab, row, 1, item.item)
    if item.hidden:
        tab.merge_range(row, 2, row, len(HEADINGS) - 1, "", book.centred)
        tab.write_string(row, 2, one_line(item.hidden), book.centred)
        return
    for at, value in enumerate(item.counts, start=2):
        book.write(tab, row, at, value)
    for at, share in enumerate(item.rates, start=7):
        book.write(tab, row, at, share, percent=True)


def _write_foot(book: OfficeBook, tab: XlsxSheet, row: int, sheet: ResultSheet, journal_head: str) -> None:
    lines = [f"注：{note}" for note in sheet.all_notes]
    lines += [f"监票人 {one_line(name)}：" for name in sheet.scrutineers]
    lines += [f"计票人 {one_line(name)}：" for name in sheet.tellers]
    lines.append(f"制表单位（盖章）：{one_line(sheet.issuer)}")
    lines += [f"记录链末条指纹：{journal_head}"] if journal_head else []
    for number, line in enumerate(lines, start=row + 1):
        tab.merge_range(number, 0, number, len(HEADINGS) - 1, "", book.note)
        tab.write_string(number, 0, line, book.note)
