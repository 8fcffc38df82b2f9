"""Who writes to whom under which number: what every official paper needs before its text begins."""

from dataclasses import dataclass, field
from datetime import date

from survey_app.papers.official.paper import Attachment, Block, Imprint, Layout, OfficialPaper


@dataclass(frozen=True)
class Letterhead:
    """Issuer, number, day, addressees, contact; `doc_date` is none on a draft that nobody has signed."""

    issuer: str
    doc_number: str
    doc_date: date | None
    addressees: tuple[str, ...]
    contact: str = ""
    telephone: str = ""
    signatory: str = ""
    imprint: Imprint = field(default_factory=Imprint)
    layout: Layout = Layout.RED_HEAD

    @property
    def note(self) -> str:
        """附注: whom to call."""
        named = (("联系人", self.contact), ("电话", self.telephone))
        return "，".join(f"{word}：{value}" for word, value in named if value)


@dataclass(frozen=True)
class Reference:
    """Another paper, named as papers name each other: 《title》（number）."""

    title: str
    doc_number: str = ""

    def __str__(self) -> str:
        return f"《{self.title}》" + (f"（{self.doc_number}）" if self.doc_number else "")


def named_together(references: tuple[Reference, ...]) -> str:
    """Several papers in one sentence: between two bare 《》 no 、 is written."""
    words = ""
    for at, reference in enumerate(references):
        comma = "、" if at and references[at - 1].doc_number else ""
        words += f"{comma}{reference}"
    return words


def under_letterhead(
    head: Letterhead,
    title: str,
    blocks: tuple[Block, ...],
    *,
    attachments: tuple[Attachment, ...] = (),
    layout: Layout | None = None,
) -> OfficialPaper:
    """Put a text under its letterhead."""
    return OfficialPaper(
        layout=layout or head.layout,
        issuer=head.issuer,
        doc_number=head.doc_number,
        title=title,
        addressees=head.addressees,
        blocks=blocks,
        doc_date=head.doc_date,
        signatory=head.signatory,
        attachments=attachments,
        note=head.note,
        imprint=head.imprint,
    )
