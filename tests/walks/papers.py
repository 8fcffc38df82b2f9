"""Reading what the program prints: every QR code of a PDF, as a phone's camera would."""

from __future__ import annotations

import pypdfium2
import zxingcpp

DOTS_PER_INCH = 150


def qr_codes(pdf: bytes, *, every: int = 1) -> list[str]:
    """The texts of all QR codes on all pages, or on every so manieth page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        wanted = (document[number] for number in range(0, len(document), every))
        pages = (page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L") for page in wanted)
        return [found.text for page in pages for found in zxingcpp.read_barcodes(page)]
    finally:
        document.close()
