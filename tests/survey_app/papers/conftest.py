"""Ways to look at a finished paper: its text, where each line stands, and its pages as pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from survey_app.papers.typesetting import Typesetter

MM = 72 / 25.4
MADE_AT = datetime(2026, 6, 29, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Piece:
    """A run of text with its place on the page, measured in points from the left and from the top."""

    page: int
    x: float
    baseline: float
    text: str
    size: float


class PictureTypesetter(Typesetter):
    """Sets the same template and data as pictures, so that a test can look at what is printed."""

    def pdf(self, template: str, data: Any, **words: Any) -> Any:
        seen: dict[str, Any] = {}

        class Spy(Typesetter):
            def compiled(self, template: str, content: Any, **options: Any) -> Any:
                seen.update(content)
                return b""

        Spy(self.font_folder).pdf(template, data, **words)
        pages = self.compiled(template, seen, format="png", ppi=130)
        return [pages] if isinstance(pages, bytes) else pages


@pytest.fixture(scope="session")
def typesetter() -> Typesetter:
    return Typesetter(made_at=MADE_AT)


@pytest.fixture(scope="session")
def pictures() -> Callable[..., list[Image.Image]]:
    """Call a paper function so that it returns its pages as pictures."""

    def look(make: Callable[..., Any], *data: Any, **options: Any) -> list[Image.Image]:
        pages = make(*data, PictureTypesetter(), **options)
        return [Image.open(BytesIO(page)).convert("L") for page in pages]

    return look


@pytest.fixture(scope="session")
def text_of() -> Callable[[bytes], str]:
    """All text of a PDF without any white space, so that line breaks do not matter."""

    def read(pdf: bytes) -> str:
        return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)

    return read


@pytest.fixture(scope="session")
def pieces_of() -> Callable[[bytes], list[Piece]]:
    """Every run of text of a PDF with its place."""

    def read(pdf: bytes) -> list[Piece]:
        found: list[Piece] = []
        for number, page in enumerate(PdfReader(BytesIO(pdf)).pages):
            height = float(page.mediabox.height)

            def visit(
                text: str, cm: Any, tm: Any, _font: Any, size: float, number=number, height=height
            ) -> None:
                if text.strip():
                    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
                    y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                    found.append(Piece(number, x, height - y, text.strip("\n"), size * abs(tm[0] * cm[0])))

            page.extract_text(visitor_text=visit)
        return found

    return read
