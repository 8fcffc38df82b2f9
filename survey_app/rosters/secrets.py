"""Contacts at rest: encrypted for their row, and keyed hashes by which the same person is found twice."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

from survey_app.core.settings import Settings
from survey_app.seals.wrapping import unwrap, wrap

PURPOSE = "roster.contact"


@dataclass(frozen=True)
class RosterKeys:
    """The key that encrypts contacts and the one that hashes them."""

    wrapping: bytes
    mac: bytes

    @classmethod
    def of(cls, settings: Settings) -> RosterKeys:
        """From an installation's settings; the hashing key is derived, so that it serves nothing else."""
        return cls(
            settings.wrapping_key, hmac.digest(settings.code_pepper, b"pingjia/roster/mac/1", "sha256")
        )

    def contact_mac(self, contact: str) -> bytes | None:
        """The same for the same contact in every roster; None without a contact."""
        return hmac.digest(self.mac, b"contact\x00" + contact.encode(), "sha256") if contact else None

    def person_mac(self, name: str, contact: str) -> bytes | None:
        """The same for the same name with the same contact; None without: a name alone is nobody."""
        if not contact:
            return None
        plain = "".join(unicodedata.normalize("NFKC", name).split()).lower()
        return hmac.digest(self.mac, f"person\x00{plain}\x00{contact}".encode(), "sha256")

    def seal(self, contact: str, roster_id: int, number: str) -> bytes | None:
        """The contact as it is stored; it opens only for this member of this roster."""
        if not contact:
            return None
        return wrap(self.wrapping, contact.encode(), purpose=PURPOSE, owner=_owner(roster_id, number))


def open_contact(wrapping_key: bytes, wrapped: bytes | None, roster_id: int, number: str) -> str:
    """The contact of a member; empty when there is none."""
    if wrapped is None:
        return ""
    return unwrap(wrapping_key, wrapped, purpose=PURPOSE, owner=_owner(roster_id, number)).decode()


def _owner(roster_id: int, number: str) -> bytes:
    return hashlib.sha256(f"{roster_id}\x00{number}".encode()).digest()
