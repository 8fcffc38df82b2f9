"""The file of a backup: a ZIP of parts with a manifest that carries the checksum of every part."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from survey_app.core.errors import PingjiaError

FORMAT = "pingjia-backup-1"
MANIFEST = "manifest.json"
CHUNK = 1024 * 1024


class BackupFault(PingjiaError):
    """A backup cannot be written or used; the sentence is for the person at the terminal."""


class ArchiveWriter:
    """Writes beside the wanted file and moves there at the end: a file of that name is always whole."""

    def __init__(self, file: Path) -> None:
        if file.exists():
            raise BackupFault(f"{file.name} 已经在了，不覆盖 (exists already, not overwritten)")
        self.file = file
        self.parts: dict[str, dict[str, Any]] = {}
        self._draft = file.with_name(f".{file.name}.part")
        # For the operator's eyes only, from the first byte on.
        handle = os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._stream = os.fdopen(handle, "w+b")
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def __enter__(self) -> Self:
        return self

    def add(self, name: str, pieces: Iterable[bytes], **facts: Any) -> int:
        """Add one part; gives the number of pieces and remembers it with the checksum and `facts`."""
        checksum, count = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as part:
            for piece in pieces:
                part.write(piece)
                checksum.update(piece)
                count += 1
        self.parts[name] = {"sha256": checksum.hexdigest(), "pieces": count, **facts}
        return count

    def close(self, manifest: dict[str, Any]) -> None:
        """Add the manifest, make everything durable and give the file its name."""
        whole = {"format": FORMAT, **manifest, "parts": self.parts}
        self._zip.writestr(MANIFEST, json.dumps(whole, ensure_ascii=False, indent=1))
        self._zip.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        self._draft.replace(self.file)

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is not None:
            # The draft goes away whatever happened to it, and a full disk must not hide the first error.
            for closing in (self._zip.close, self._stream.close):
                with suppress(OSError, ValueError):
                    closing()
            self._draft.unlink(missing_ok=True)


class ArchiveReader:
    """Reads a backup; `verify` has looked at every byte before anything is restored."""

    def __init__(self, file: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
            self.manifest: dict[str, Any] = json.loads(self._zip.read(MANIFEST))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise BackupFault(f"{file.name} 不是评家的备份 (not a backup): {type(error).__name__}") from None
        if self.manifest.get("format") != FORMAT:
            raise BackupFault(f"{file.name} 的格式不认识 (unknown format)")
        self.parts: dict[str, dict[str, Any]] = self.manifest["parts"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_rest: object) -> None:
        self._zip.close()

    def verify(self) -> None:
        """Read every part and compare it with its checksum; BackupFault names what differs."""
        present = set(self._zip.namelist()) - {MANIFEST}
        broken = sorted(present ^ self.parts.keys())
        broken += [name for name in sorted(present & self.parts.keys()) if not self._is_whole(name)]
        if broken:
            raise BackupFault(f"备份坏了，没有恢复 (damaged, nothing restored): {', '.join(broken[:5])}")

    def _is_whole(self, name: str) -> bool:
        checksum = hashlib.sha256()
        try:
            with self._zip.open(name) as part:
                while piece := part.read(CHUNK):
                    checksum.update(piece)
        except (zipfile.BadZipFile, OSError, ValueError):
            return False
        return checksum.hexdigest() == self.parts[name]["sha256"]

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a part."""
        with self._zip.open(name) as part:
            yield from part

    def content(self, name: str) -> bytes:
        """A part as a whole."""
        return self._zip.read(name)
