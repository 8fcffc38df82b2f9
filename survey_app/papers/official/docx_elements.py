"""Elements of a Word file that python-docx has no words for: faces, grid, page numbers, rules."""

from collections.abc import Sequence
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from survey_app.papers.wording import cleaned

FANGSONG = "仿宋_GB2312"
KAI = "楷体_GB2312"
HEI = "黑体"
BIAOSONG = "方正小标宋简体"
SONG = "宋体"

PITCH = 28.95  # 22 lines of whole twips (579) in 225 mm
CHARACTER = 156 / 25.4 * 72 / 28
TABLE_POINTS = 12


def run(
    paragraph: WordParagraph,
    text: str,
    face: str = FANGSONG,
    size: float = 16,
    colour: RGBColor | None = None,
) -> Run:
    """Text in a named face, for Chinese and Latin characters alike."""
    piece = paragraph.add_run(cleaned(text))
    piece.font.name = face
    piece.font.size = Pt(size)
    name_east_asian_face(piece._element, face)
    if colour is not None:
        piece.font.color.rgb = colour
    return piece


def name_east_asian_face(element: Any, face: str) -> None:
    """Chinese characters take their face from an attribute of its own."""
    element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)


def set_grid(section: Section) -> None:
    """22 lines of 28 characters: the character is narrowed, in 1/4096 of a point."""
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "linesAndChars")
    grid.set(qn("w:linePitch"), str(round(PITCH * 20)))
    grid.set(qn("w:charSpace"), str(round((CHARACTER - 16) * 4096)))


def set_page_numbers(document: WordDocument, *, hide_first: bool) -> None:
    """— n — at the outer edge: odd pages right, even pages left, one character in."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    section.different_first_page_header_footer = hide_first
    for footer, align in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        paragraph.paragraph_format.left_indent = Pt(CHARACTER)
        paragraph.paragraph_format.right_indent = Pt(CHARACTER)
        run(paragraph, "— ", SONG, 14)
        number = run(paragraph, "", SONG, 14)
        for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
            number._element.append(_field_part(kind, words))
        run(paragraph, " —", SONG, 14)


def _field_part(kind: str | None, words: str | None) -> Any:
    if kind is not None:
        part = OxmlElement("w:fldChar")
        part.set(qn("w:fldCharType"), kind)
        return part
    part = OxmlElement("w:instrText")
    part.text = words
    return part


def ruled_below(paragraph: WordParagraph, colour: str, eighths: int) -> None:
    """A rule below a paragraph, in eighths of a point."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    # The schema wants the border before spacing and indents.
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders,
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:snapToGrid",
        "w:spacing",
        "w:ind",
        "w:jc",
        "w:rPr",
    )


def write_table(
    document: WordDocument,
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    *,
    heads: bool = False,
    lines: int = 1,
) -> None:
    """A ruled table over the type area; the first row repeats if it is a heading."""
    table = document.add_table(rows=len(rows), cols=len(widths))
    table.style = "Table Grid"
    table.autofit = False
    scale = 156 / sum(widths)
    for number, texts in enumerate(rows):
        for at, text in enumerate(texts):
            cell = table.cell(number, at)
            cell.width = Mm(widths[at] * scale)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.line_spacing = Pt(TABLE_POINTS * 1.4)
            label = heads and number == 0
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if label else WD_ALIGN_PARAGRAPH.LEFT
            run(paragraph, text, HEI if label else FANGSONG, TABLE_POINTS)
        if not heads:
            table.rows[number].height = Mm(11 * lines)
    if heads:
        repeat = OxmlElement("w:tblHeader")
        repeat.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(repeat)
