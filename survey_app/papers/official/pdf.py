"""An official paper as PDF in the measures of GB/T 9704-2012."""

from collections.abc import Sequence
from typing import Any

from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.official.numbering import Line, attachment_names, printed, title_lines
from survey_app.papers.official.paper import Block, Form, Layout, OfficialPaper, Table
from survey_app.papers.typesetting import Typesetter
from survey_app.papers.wording import long_date, one_line


def official_pdf(paper: OfficialPaper, typesetter: Typesetter, *, marks: Marks = NO_MARKS) -> bytes:
    """Set the paper: head, body, attachments, imprint."""
    return typesetter.pdf("official", _paper_data(paper), title=paper.title, marks=marks)


def head_words(paper: OfficialPaper) -> str:
    """发文机关标志: the name of the organ, with 文件 except in the letter layout."""
    issuer = one_line(paper.issuer)
    return issuer if paper.layout is Layout.LETTER else f"{issuer}文件"


def _paper_data(paper: OfficialPaper) -> dict[str, Any]:
    imprint = paper.imprint
    return {
        "layout": paper.layout.name,
        "head": head_words(paper),
        "issuer": one_line(paper.issuer),
        "doc_number": one_line(paper.doc_number),
        "signatory": one_line(paper.signatory),
        "title_lines": title_lines(paper.title),
        "addressees": "、".join(map(one_line, paper.addressees)),
        "blocks": block_data(paper.blocks),
        "attachment_names": attachment_names(paper.attachments),
        "attachments": [
            {"title_lines": title_lines(item.title), "blocks": block_data(item.blocks)}
            for item in paper.attachments
        ],
        "doc_date": long_date(paper.doc_date) if paper.doc_date else "",
        "note": one_line(paper.note),
        "cc": "，".join(map(one_line, imprint.cc)),
        "printing_office": one_line(imprint.printing_office),
        "printed_on": f"{long_date(imprint.printed_on)}印发" if imprint.printed_on else "",
        "seal_place": paper.seal_place,
    }


def block_data(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Blocks as the template reads them."""
    return [_one_block(block) for block in printed(blocks)]


def _one_block(block: Line | Table | Form) -> dict[str, Any]:
    if isinstance(block, Line):
        return {"kind": block.role, "text": block.text}
    if isinstance(block, Table):
        return {
            "kind": "table",
            "headings": block.headings,
            "rows": block.rows,
            "widths": block.widths,
        }
    return {"kind": "form", "rows": [{"pairs": row.pairs, "lines": row.lines} for row in block.rows]}
