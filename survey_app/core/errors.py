"""Domain errors: a code and details, never words; `web.errors` chooses words and status.

PingjiaError
+-- NotFound          outside the scope or not there: the two are never told apart
+-- Refused           not allowed in this role or this state
+-- Conflict          somebody else was faster (version check, unique key)
+-- Invalid           input with every fault listed
+-- SettingsError     the installation is told too little to start
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: a code for the words, details for their blanks, and where it is."""

    code: str
    details: dict[str, Any] = field(default_factory=dict)
    where: str | None = None


class PingjiaError(Exception):
    """A refusal with a code; `details` fill the blanks of its sentence."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NotFound(PingjiaError):
    """The thing is not there, or not within this actor's scope; both look the same."""

    def __init__(self, kind: str = "page") -> None:
        super().__init__("not_found", kind=kind)


class Refused(PingjiaError):
    """The act is not open to this actor, or not in this state."""


class Conflict(PingjiaError):
    """The thing has changed since it was read; nothing was written."""


class Invalid(PingjiaError):
    """Input with faults; all of them are listed."""

    def __init__(self, faults: Sequence[Fault], code: str = "invalid_input") -> None:
        super().__init__(code, count=len(faults))
        self.faults = tuple(faults)


class SettingsError(PingjiaError):
    """The environment does not say enough to start; all gaps are listed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("settings", count=len(faults))
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join(f"{fault.details.get('name', '')}: {fault.code}" for fault in self.faults)
