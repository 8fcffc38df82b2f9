"""Data and a template in, PDF/A bytes out: the one place that calls typst.

Data reaches the template as JSON through `sys_inputs` and is therefore never markup: a name full of typst
syntax is printed as it stands. Templates may read nothing outside their own folder and import no
packages.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst

from survey_app.papers.fonts import Typefaces, load_typefaces
from survey_app.papers.marks import NO_MARKS, Marks
from survey_app.papers.wording import cleaned_data, one_line

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Typesetter:
    """Sets papers with one chain of fonts; cheap to make, to be passed on to a child process as it is.

    `font_folder` is the folder where the office keeps its licensed fonts. `made_at` becomes the date
    inside the file; with a fixed one the same data give the same bytes.
    """

    font_folder: Path | None = None
    made_at: datetime | None = None

    @property
    def typefaces(self) -> Typefaces:
        return load_typefaces(self.font_folder)

    def pdf(self, template: str, data: Mapping[str, Any], *, title: str, marks: Marks = NO_MARKS) -> bytes:
        """Set one paper as PDF/A-2b with its title and language in the metadata."""
        content = {
            **data,
            "title": one_line(title) or "无题",
            "marks": marks.as_data(),
            "fonts": self.typefaces.families,
            "stroked": self.typefaces.stroked,
        }
        made: bytes = self.compiled(
            template,
            content,
            format="pdf",
            pdf_standards="a-2b",
            # typst takes whole seconds only.
            timestamp=self.made_at and self.made_at.astimezone(UTC).replace(microsecond=0),
        )
        return made

    def compiled(self, template: str, content: Mapping[str, Any], **options: Any) -> Any:
        """Call typst on one template with cleaned data; what comes back depends on the format asked for."""
        return typst.compile(
            TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            font_paths=self.typefaces.loaded,
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(cleaned_data(content), ensure_ascii=False)},
            **options,
        )
