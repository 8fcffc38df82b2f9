"""Runs alone (`python -I`): reads one spreadsheet from standard input, writes its rows as JSON lines.

Whatever a hostile file does happens here, under limits of memory and time, and ends with this process.
The last line is {"end": true}; {"fault": code} says why a file cannot be read.
"""

import csv
import datetime
import io
import json
import math
import re
import resource
import sys
import unicodedata
import zipfile

MEMORY = 1_000 * 1024 * 1024
CPU_SECONDS = 90
MOST_MEMBERS = 500
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 200
MOST_ROWS = 600_000
MOST_COLUMNS = 60
MOST_LETTERS = 1_000
# A spreadsheet keeps 15 digits of a number; longer ones have lost their last ones.
EXACT = 10**15
SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[eE]\+?\d{2,3}")
ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Unreadable(Exception):
    """The file cannot be read; its text is the code of the reason."""


def main() -> None:
    """Read, convert and write; every refusal is one line."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        write(rows_of(sys.stdin.buffer.read()))
    except Unreadable as reason:
        say({"fault": str(reason)})
    except MemoryError:
        say({"fault": "file_too_large_inside"})
    except Exception as error:
        say({"fault": "file_broken", "kind": type(error).__name__})


def rows_of(content):
    """The rows of a file, whose kind is told by its content and never by its name."""
    if content.startswith(ZIP):
        check_zip(content)
        return workbook_rows(content)
    if content.startswith(OLD):
        return workbook_rows(content)
    return text_rows(content)


def check_zip(content):
    """Refuse what unpacks to far more than it is."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
            raise Unreadable("file_too_large_inside")
        if unpacked > 1024 * 1024 and unpacked > MOST_RATIO * max(len(content), 1):
            raise Unreadable("file_too_large_inside")
        if not any(member.filename.startswith("xl/") for member in members):
            raise Unreadable("file_kind_unknown")


def workbook_rows(content):
    """The rows of the first sheet that is shown and not empty."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if sheet.end is not None:
            first = sheet.start[0] if sheet.start else 0
            return ((number, row) for number, row in enumerate(sheet.iter_rows(), first + 1))
    raise Unreadable("file_empty")


def text_rows(content):
    """The rows of a text with separators, in UTF-8 with or without mark, UTF-16 with mark, or GB18030."""
    if not content.strip():
        raise Unreadable("file_empty")
    text = decoded(content)
    if text.lstrip()[:1] == "<":
        raise Unreadable("file_is_html")
    csv.field_size_limit(MOST_LETTERS * 10)
    first = text.split("\n", 1)[0]
    separator = max(",\t;", key=first.count)
    return enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1)


def decoded(content):
    """The text behind the bytes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\x00" in content[:4096]:
        raise Unreadable("file_kind_unknown")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("file_kind_unknown")


def write(rows):
    """Every row that holds something, as [number, cells]; then the end."""
    for number, row in rows:
        if number > MOST_ROWS:
            raise Unreadable("file_too_many_rows")
        cells = [plain(cell) for cell in row[:MOST_COLUMNS]]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            say([number, cells])
    say({"end": True})


def plain(cell):
    """A cell as text; {"lost": text} for a number that no longer has all its digits."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, (int, float)):
        return number(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, (datetime.date, datetime.time)):
        return cell.isoformat()
    text = "".join(letter if unicodedata.category(letter)[0] != "C" else " " for letter in str(cell or ""))
    text = " ".join(text.split())[:MOST_LETTERS]
    return {"lost": text} if SCIENTIFIC.fullmatch(text) else text


def number(value):
    """A whole number without its decimal point."""
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    if abs(value) >= EXACT:
        return {"lost": format(value, ".15g")}
    return str(int(value)) if value == int(value) else repr(value)


def say(line):
    """One line of JSON."""
    sys.stdout.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
