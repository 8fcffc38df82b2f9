"""The round sheet: the frozen facts a phone needs, as canonical JSON with a fingerprint.

Slip, poster and link carry the fingerprint, so nobody can hand one member another key, another
class list or another questionnaire than the rest of the home.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from survey_app.seals.blind import check_public_n
from survey_app.seals.errors import BadKey, SheetRefused
from survey_app.seals.opening import load_public
from survey_app.seals.pss import PUBLIC_EXPONENT

VERSION = 2


@dataclass(frozen=True)
class SheetClass:
    """One ballot class as printed on the sheet."""

    id: bytes
    label: str
    size: int
    public_n: bytes
    # What decides later with whom this class is merged, so that nobody can choose it when votes are in.
    levels: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class RoundSheet:
    """The facts of one home in one round."""

    round_id: bytes
    round_title: str
    home_id: bytes
    home_name: str
    questionnaire_fingerprint: bytes
    opening_public: bytes
    classes: tuple[SheetClass, ...]
    merge_by: tuple[str, ...] = ()
    work_report: str = ""

    def to_bytes(self) -> bytes:
        """The sheet exactly as it is hashed, stored and handed out; refuses a sheet that could mislead."""
        self._check()
        return canonical_json(
            {
                "version": VERSION,
                "round": {"id": self.round_id.hex(), "title": self.round_title},
                "home": {"id": self.home_id.hex(), "name": self.home_name},
                "questionnaire": self.questionnaire_fingerprint.hex(),
                "opening_key": _base64(self.opening_public),
                "classes": [
                    {
                        "id": entry.id.hex(),
                        "label": entry.label,
                        "size": entry.size,
                        "n": _base64(entry.public_n),
                        "e": PUBLIC_EXPONENT,
                        "levels": {name: list(level) for name, level in entry.levels.items()},
                    }
                    for entry in self.classes
                ],
                "merge_by": list(self.merge_by),
                "report": report_fingerprint(self.work_report),
            }
        )

    def _check(self) -> None:
        ids = [entry.id for entry in self.classes]
        if len(self.round_id) != 16 or len(self.home_id) != 16 or any(len(i) != 16 for i in ids):
            raise SheetRefused("ids have 16 bytes")
        if len(self.questionnaire_fingerprint) != 32:
            raise SheetRefused("the questionnaire's fingerprint has 32 bytes")
        if not ids or len(set(ids)) != len(ids):
            raise SheetRefused("a sheet lists at least one class, and none twice")
        # Two classes under one key would make their signatures exchangeable.
        if len({entry.public_n for entry in self.classes}) != len(ids):
            raise SheetRefused("two classes share an issuing key")
        try:
            load_public(self.opening_public)
            for entry in self.classes:
                check_public_n(entry.public_n)
        except BadKey:
            raise SheetRefused("a key of the wrong kind or size") from None


def canonical_json(value: object) -> bytes:
    """One spelling for one value: sorted keys, no spaces, UTF-8, and no floating point numbers."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise SheetRefused("a floating point number has more than one spelling")
    if isinstance(value, dict):
        for key, entry in value.items():
            if not isinstance(key, str):
                raise SheetRefused("keys are text")
            _refuse_floats(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            _refuse_floats(entry)


def report_fingerprint(text: str) -> str:
    """Of the chair's work report: every member of the home rates the same one."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def fingerprint(sheet: bytes) -> bytes:
    """SHA-256 of the sheet as handed out."""
    return hashlib.sha256(sheet).digest()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
