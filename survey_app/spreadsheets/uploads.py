"""Uploaded lists between the look and the import: encrypted on disk, removed when imported or after a day."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from survey_app.core.errors import NotFound
from survey_app.core.files import FileStore
from survey_app.seals.wrapping import unwrap, wrap

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Uploads:
    """The folder of uploads of an installation; each file opens only for the purpose it was sent in for."""

    folder: Path
    wrapping_key: bytes

    def keep(self, content: bytes, *, purpose: str, owner: int) -> str:
        """Store a file until it is imported; returns the name to ask for it."""
        sealed = wrap(self.wrapping_key, content, purpose=purpose, owner=str(owner).encode())
        return FileStore(self.folder).put(sealed)

    def open(self, name: str, *, purpose: str, owner: int) -> bytes:
        """The file as it was sent in; NotFound when it is gone."""
        sealed = FileStore(self.folder).get(name)
        return unwrap(self.wrapping_key, sealed, purpose=purpose, owner=str(owner).encode())

    def remove(self, name: str) -> None:
        """The file is imported: the list lives in the database, the copy goes."""
        if len(name) != 64 or not name.isalnum():
            raise NotFound("file")
        (self.folder / name[:2] / name).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Remove what nobody imported within a day; returns how many."""
        oldest = time.time() - KEPT_SECONDS
        stale = [path for path in self.folder.glob("*/*") if path.is_file() and path.stat().st_mtime < oldest]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)
