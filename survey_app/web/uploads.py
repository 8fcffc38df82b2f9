"""Uploaded files: read once, bounded, and known by their content, never by their name."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from survey_app.core.errors import Fault, Invalid
from survey_app.web.books import installation

SIGNATURES = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
OFFICE_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name (shown only), its kind by content, its bytes."""

    name: str
    kind: str
    content: bytes


def kind_of(content: bytes) -> str:
    """'pdf', 'jpeg', 'png', 'docx', 'xlsx' or '' by the content."""
    for signature, kind in SIGNATURES.items():
        if content.startswith(signature):
            return kind
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = set(archive.namelist())
        except zipfile.BadZipFile:
            return ""
        return next((kind for part, kind in OFFICE_PARTS.items() if part in names), "")
    return ""


def read_upload(storage: Any, kinds: frozenset[str], *, where: str) -> Upload | None:
    """The file, None when none was chosen; Invalid when it is empty, too large or of another kind."""
    if storage is None or not getattr(storage, "filename", ""):
        return None
    most = installation().settings.max_upload_bytes
    content: bytes = storage.stream.read(most + 1)
    name = storage.filename.rsplit("/", 1)[-1].rsplit("\\", 1)[-1][:200]
    if not content:
        raise Invalid([Fault("upload_empty", {"name": name}, where)])
    if len(content) > most:
        raise Invalid([Fault("file_too_large", {"name": name, "most": most // 1024 // 1024}, where)])
    kind = kind_of(content)
    if kind not in kinds:
        raise Invalid([Fault("file_kind", {"name": name, "kinds": sorted(kinds)}, where)])
    return Upload(name, kind, content)
