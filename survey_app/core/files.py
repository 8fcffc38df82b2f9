"""Files of an installation: stored under their checksum, outside the web root, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from survey_app.core.errors import NotFound


@dataclass(frozen=True)
class FileStore:
    """A folder in which a file's name is its SHA-256; two equal files are one."""

    folder: Path

    def put(self, content: bytes) -> str:
        """Store `content` durably and return its checksum (64 hex digits)."""
        checksum = hashlib.sha256(content).hexdigest()
        place = self._place(checksum)
        if place.exists():
            return checksum
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(place)
        except BaseException:
            # A full disk: what was half written must not fill it further.
            Path(name).unlink(missing_ok=True)
            raise
        return checksum

    def get(self, checksum: str) -> bytes:
        """The content stored under `checksum`; NotFound when it is not there."""
        place = self._place(checksum)
        if not place.is_file():
            raise NotFound("file")
        return place.read_bytes()

    def _place(self, checksum: str) -> Path:
        if len(checksum) != 64 or not checksum.isalnum():
            raise NotFound("file")
        return self.folder / checksum[:2] / checksum
