"""An official paper as an editable .docx: same words, same measures, typefaces by name for the office PC.

The fonts are named and never shipped: Word and WPS find 仿宋_GB2312 where it is installed.
"""

from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.official.docx_elements import (
    BIAOSONG,
    CHARACTER,
    FANGSONG,
    HEI,
    KAI,
    PITCH,
    name_east_asian_face,
    ruled_below,
    run,
    set_grid,
    set_page_numbers,
    write_table,
)
from survey_app.papers.official.numbering import Line, attachment_names, printed, title_lines
from survey_app.papers.official.paper import Block, Form, Layout, OfficialPaper, Table
from survey_app.papers.official.pdf import head_words
from survey_app.papers.wording import long_date, one_line

RED = RGBColor(0xC8, 0x16, 0x1D)
HEADING_FACES = {"p": FANGSONG, "h1": HEI, "h2": KAI, "h3": FANGSONG, "h4": FANGSONG}
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
LINE_CHARACTERS = 28


def official_docx(paper: OfficialPaper, *, marks: Marks = NO_MARKS) -> bytes:
    """Write the paper so that a clerk can go on editing it."""
    document = _blank_document(paper)
    _write_marks(document, marks)
    _write_head(document, paper)
    for line in title_lines(paper.title):
        run(_line(document, CENTRE), line, BIAOSONG, 22)
    _write_body(document, paper)
    _write_attachments(document, paper)
    _write_imprint(document, paper)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _blank_document(paper: OfficialPaper) -> WordDocument:
    document = Document()
    document.core_properties.title = one_line(paper.title)[:250]
    document.core_properties.author = one_line(paper.issuer)[:250]
    document.core_properties.language = "zh-CN"
    document.core_properties.comments = ""
    # The character grid spaces text far too wide when the default style stays at its 11 pt.
    normal = document.styles["Normal"]
    normal.font.size = Pt(16)
    normal.font.name = FANGSONG
    name_east_asian_face(normal.element, FANGSONG)
    normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.space_before = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(23)
    set_grid(section)
    set_page_numbers(document, hide_first=paper.layout is Layout.LETTER)
    return document


def _line(document: WordDocument, align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT) -> WordParagraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    paragraph.paragraph_format.line_spacing = Pt(PITCH)
    return paragraph


def _write_marks(document: WordDocument, marks: Marks) -> None:
    words = marks.as_data()
    said = "　".join(part for part in (words["notice"], words["void"]) if part)
    for header in (document.sections[0].header, document.sections[0].even_page_header):
        header.paragraphs[0].alignment = CENTRE
        run(header.paragraphs[0], said, HEI, 12)
    if document.sections[0].different_first_page_header_footer:
        first = document.sections[0].first_page_header.paragraphs[0]
        first.alignment = CENTRE
        run(first, said, HEI, 12)
    if words["journal_head"]:
        document.core_properties.keywords = words["journal_head"]


def _write_head(document: WordDocument, paper: OfficialPaper) -> None:
    if paper.layout is Layout.SHEET:
        if paper.doc_number:
            run(_line(document, RIGHT), one_line(paper.doc_number))
        return
    words = head_words(paper)
    mark = document.add_paragraph()
    mark.alignment = CENTRE
    mark.paragraph_format.space_before = Mm(0 if paper.layout is Layout.LETTER else 35)
    mark.paragraph_format.space_after = Pt(2 * PITCH)
    size = min(46, int(156 / 25.4 * 72 / max(len(words), 1)))
    # An exact height keeps the character grid from moving the head.
    mark.paragraph_format.line_spacing = Pt(size * 1.2)
    run(mark, words, BIAOSONG, size, RED)
    number = _line(document, RIGHT if paper.layout is Layout.LETTER else CENTRE)
    run(number, one_line(paper.doc_number))
    if paper.layout is Layout.UPWARD:
        number.alignment = WD_ALIGN_PARAGRAPH.LEFT
        number.paragraph_format.tab_stops.add_tab_stop(Mm(150), WD_TAB_ALIGNMENT.RIGHT)
        run(number, "\t签发人：")
        run(number, one_line(paper.signatory), KAI)
    ruled_below(number, "C8161D", 12)
    _line(document)
    _line(document)


def _write_body(document: WordDocument, paper: OfficialPaper) -> None:
    _line(document)
    if paper.addressees:
        run(_line(document), "、".join(map(one_line, paper.addressees)) + "：")
    _write_blocks(document, paper.blocks)
    if paper.layout is Layout.SHEET:
        return
    for at, (number, name) in enumerate(attachment_names(paper.attachments)):
        if at == 0:
            _line(document)
        paragraph = _line(document)
        lead = "附件：" if at == 0 else "　　　"
        paragraph.paragraph_format.left_indent = Pt(CHARACTER * 5 + (12 if number else 0))
        paragraph.paragraph_format.first_line_indent = Pt(-CHARACTER * 3 - (12 if number else 0))
        run(paragraph, f"{lead}{number}{name}")
    _write_signature(document, paper)


def _write_blocks(document: WordDocument, blocks: tuple[Block, ...]) -> None:
    for block in printed(blocks):
        if isinstance(block, Line):
            paragraph = _line(document, WD_ALIGN_PARAGRAPH.JUSTIFY)
            paragraph.paragraph_format.first_line_indent = Pt(2 * CHARACTER)
            paragraph.paragraph_format.keep_with_next = block.role != "p"
            run(paragraph, block.text, HEADING_FACES[block.role])
        elif isinstance(block, Table):
            write_table(document, (block.headings, *block.rows), block.widths, heads=True)
        elif isinstance(block, Form):
            for row in block.rows:
                cells = tuple(text for pair in row.pairs for text in pair)
                write_table(document, (cells,), (32, 124 / len(row.pairs)) * len(row.pairs), lines=row.lines)


def _write_signature(document: WordDocument, paper: OfficialPaper) -> None:
    """The name centred over the date, the date four characters from the right edge."""
    if paper.doc_date is not None:
        issuer, day = one_line(paper.issuer), long_date(paper.doc_date)
        date_width = sum(0.5 if character.isascii() else 1.0 for character in day)
        half = max(date_width / 2 + 4, len(issuer) / 2)
        _line(document)
        _line(document)
        for words, width in ((issuer, float(len(issuer))), (day, date_width)):
            paragraph = _line(document, RIGHT)
            paragraph.paragraph_format.right_indent = Pt(max(0.0, half - width / 2) * CHARACTER)
            run(paragraph, words)
    if paper.note:
        note = _line(document)
        note.paragraph_format.first_line_indent = Pt(2 * CHARACTER)
        run(note, f"（{one_line(paper.note)}）")


def _write_attachments(document: WordDocument, paper: OfficialPaper) -> None:
    several = len(paper.attachments) > 1
    for number, attachment in enumerate(paper.attachments, start=1):
        lead = _line(document)
        lead.paragraph_format.page_break_before = True
        run(lead, f"附件{number}" if several else "附件", HEI)
        _line(document)
        for line in title_lines(attachment.title):
            run(_line(document, CENTRE), line, BIAOSONG, 22)
        _line(document)
        _write_blocks(document, attachment.blocks)


def _write_imprint(document: WordDocument, paper: OfficialPaper) -> None:
    imprint = paper.imprint
    if not imprint.cc and not imprint.printing_office:
        return
    _line(document)
    if imprint.cc:
        copies = _line(document)
        copies.paragraph_format.left_indent = Pt(14 * 4)
        copies.paragraph_format.first_line_indent = Pt(-14 * 3)
        run(copies, "抄送：" + "，".join(map(one_line, imprint.cc)) + "。", size=14)
        ruled_below(copies, "000000", 6)
    if imprint.printing_office and paper.layout is not Layout.LETTER:
        office = _line(document)
        office.paragraph_format.left_indent = Pt(14)
        office.paragraph_format.tab_stops.add_tab_stop(Mm(150), WD_TAB_ALIGNMENT.RIGHT)
        day = f"{long_date(imprint.printed_on)}印发" if imprint.printed_on else ""
        run(office, f"{one_line(imprint.printing_office)}\t{day}", size=14)
        ruled_below(office, "000000", 8)
