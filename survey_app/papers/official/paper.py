"""An official paper as data: what it says, block by block, and how its head is laid out.

The same data become a PDF (`official.pdf`) and an editable .docx (`official.docx`), so both say the same.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum


class Layout(Enum):
    """The head of the paper. GB/T 9704-2012 knows the first three; a sheet is a numbered form."""

    RED_HEAD = "文件格式"
    UPWARD = "上行文"
    LETTER = "信函格式"
    SHEET = "表单"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the body; a new line in the text begins a new paragraph."""

    text: str


@dataclass(frozen=True)
class Heading:
    """Level 1 一、黑体, 2 （一）楷体, 3 1. 仿宋, 4 （1）仿宋; numbers are given by the layout."""

    level: int
    text: str


@dataclass(frozen=True)
class NumberedList:
    """Short points, each a paragraph of its own: 1. 2. 3.; one alone carries no number."""

    points: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A ruled table; `widths` are proportions of the type area."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class FormRow:
    """A row of a form: pairs of label and value; an empty value leaves room to write."""

    pairs: tuple[tuple[str, str], ...]
    lines: int = 1


@dataclass(frozen=True)
class Form:
    """A form to fill in or to read, labels on a tint, values beside them."""

    rows: tuple[FormRow, ...]


Block = Paragraph | Heading | NumberedList | Table | Form


@dataclass(frozen=True)
class Attachment:
    """One attachment: begins on a page of its own, named in the list below the body."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Imprint:
    """版记: copies, printing office and day; in the letter layout only the copies are printed."""

    cc: tuple[str, ...] = ()
    printing_office: str = ""
    printed_on: date | None = None


@dataclass(frozen=True)
class OfficialPaper:
    """One official paper in full.

    `doc_number` is 发文字号 with 〔〕, `addressees` 主送机关, `signatory` 签发人 of an upward paper,
    `note` 附注 such as the contact, printed in round brackets below the date.
    """

    layout: Layout
    issuer: str
    doc_number: str
    title: str
    addressees: tuple[str, ...]
    blocks: tuple[Block, ...]
    doc_date: date | None
    signatory: str = ""
    attachments: tuple[Attachment, ...] = ()
    note: str = ""
    imprint: Imprint = field(default_factory=Imprint)
    seal_place: bool = True
