"""Secrets of a round's entitlements at rest: the code key, the issuing keys, and the codes derived from them.

A code stands nowhere: it is derived when it is printed or sent, and dies with the code key at closing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Self

from survey_app.core.errors import Refused
from survey_app.core.settings import Settings
from survey_app.rounds.models import RoundSecret
from survey_app.seals.codes import card_code, code_mac, link_fragment, member_code
from survey_app.seals.issuing import IssuingKey
from survey_app.seals.wrapping import unwrap, wrap

CODE_KEY = "code-key"
ISSUING_KEY = "issuing-key"


@dataclass(frozen=True)
class CodeBook:
    """Derives the codes of one round and their stored form."""

    round_key: bytes
    pepper: bytes

    @classmethod
    def of(cls, settings: Settings, secret: RoundSecret | None) -> Self:
        """The book of a round whose key still exists; after closing there is none."""
        if secret is None or secret.code_key is None:
            raise Refused("codes_are_gone")
        key = unwrap(
            settings.wrapping_key, secret.code_key, purpose=CODE_KEY, owner=bytes.fromhex(secret.round_id)
        )
        return cls(key, settings.code_pepper)

    def code(self, invitation_id: str, generation: int) -> str:
        """The twenty characters of an entitlement."""
        return member_code(self.round_key, bytes.fromhex(invitation_id), generation)

    def mac(self, invitation_id: str, generation: int) -> bytes:
        """The only form of the code that is stored."""
        return code_mac(self.pepper, self.code(invitation_id, generation))

    def card(self, class_id: str, number: int) -> str:
        """The twenty characters of a card; its number is forgotten as soon as the cards are shuffled."""
        return card_code(self.round_key, bytes.fromhex(class_id), number)

    def card_macs(self, class_id: str, cards: int) -> set[bytes]:
        """What the box stores of a class's cards."""
        return {code_mac(self.pepper, self.card(class_id, number)) for number in range(1, cards + 1)}


def personal_link(base_url: str, code: str, sheet_fingerprint: bytes) -> str:
    """The address a member opens; code and fingerprint stay behind the #, where no server sees them."""
    return f"{base_url}/e{link_fragment(code, sheet_fingerprint)}"


def card_link(base_url: str, code: str, sheet_fingerprint: bytes) -> str:
    """The address on a printed card: the page that also works without script."""
    return f"{base_url}/card{link_fragment(code, sheet_fingerprint)}"


def new_code_key(settings: Settings, round_id: str) -> bytes:
    """A fresh key for a round's codes, wrapped."""
    return wrap(
        settings.wrapping_key, secrets.token_bytes(32), purpose=CODE_KEY, owner=bytes.fromhex(round_id)
    )


def wrap_issuing_key(settings: Settings, class_id: str, key: IssuingKey) -> bytes:
    """A class's private numbers, wrapped."""
    return wrap(settings.wrapping_key, key.to_bytes(), purpose=ISSUING_KEY, owner=bytes.fromhex(class_id))


def issuing_key(settings: Settings, class_id: str, wrapped: bytes) -> IssuingKey:
    """A class's private numbers, for one signature."""
    return IssuingKey.from_bytes(
        unwrap(settings.wrapping_key, wrapped, purpose=ISSUING_KEY, owner=bytes.fromhex(class_id))
    )
