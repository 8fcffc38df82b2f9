"""How a letter leaves the house: what a transport promises, and which one serves which channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """The ways out."""

    MAIL = "mail"
    SMS = "sms"
    WECOM = "wecom"
    ROBOT = "robot"


@dataclass(frozen=True)
class Letter:
    """What is sent. It may carry a member's link: it is never stored, printed or logged."""

    channel: Channel
    address: str = field(repr=False)
    text: str = field(repr=False)
    subject: str = ""


class NotDelivered(Exception):
    """An attempt that failed, with a code for the reason and never with an address or a text.

    `final`: trying again is useless. `doubtful`: the other side may have accepted the letter all the same.
    `channel_down`: the fault lies with our own server or account, so the next letter would fail as well.
    """

    def __init__(
        self, reason: str, *, final: bool = False, doubtful: bool = False, channel_down: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.final = reason, final
        self.doubtful, self.channel_down = doubtful, channel_down


class Transport(Protocol):
    """One way out. `reference` is the same for every attempt of one delivery, so that others can tell."""

    def send(self, letter: Letter, reference: str, /) -> None:
        """Hand the letter over, or raise NotDelivered."""

    def close(self) -> None:
        """Let go of connections; the next letter opens them again."""
