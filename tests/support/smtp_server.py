"""A real SMTP server on loopback that a test can make refuse, stall, die, or accept and hang up."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.server import free_port

OK = "250 2.0.0 taken"


@dataclass
class Mailbox:
    """What the server does next, and what it took. `moods` are used up one per letter; then it accepts.

    A mood is an answer to RCPT ("550 5.1.1 ..."), or one of: "data 552 ..." answers after the letter,
    "stall" never answers the letter, "hang up" takes the letter and cuts the line before answering,
    "die" cuts the line at RCPT.
    """

    port: int = 0
    moods: list[str] = field(default_factory=list)
    taken: list[tuple[str, Message]] = field(default_factory=list)
    patience: float = 0.5
    _mood: str = ""

    @property
    def url(self) -> str:
        """The address for the settings."""
        return f"smtp://127.0.0.1:{self.port}"

    def texts(self) -> list[str]:
        """The bodies of everything taken."""
        return [message.get_content() for _to, message in self.taken]  # type: ignore[attr-defined]  # EmailMessage

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer the address according to the mood."""
        self._mood = self.moods.pop(0) if self.moods else ""
        if self._mood == "die":
            _cut(server)
            return OK
        if self._mood[:1] in {"4", "5"}:
            return self._mood
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return OK

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Take the letter, or not, according to the mood."""
        if self._mood.startswith("data "):
            return self._mood.removeprefix("data ")
        if self._mood == "stall":
            await asyncio.sleep(self.patience * 3)
            return "451 4.3.0 too late"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.taken.append((envelope.rcpt_tos[0], message_from_bytes(content, policy=default)))
        if self._mood == "hang up":
            _cut(server)
        return OK


def _cut(server: Any) -> None:
    server.transport.abort()


@contextmanager
def smtp_server(*, password: str = "", tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """A running server and its mailbox; with a password it wants one, with `tls` it wants STARTTLS first."""
    mailbox = Mailbox(port=free_port())
    options: dict[str, Any] = {}
    if password:
        options |= {
            "auth_require_tls": False,
            "auth_required": True,
            "authenticator": lambda *told: AuthResult(
                success=told[-1].password == password.encode(), handled=False
            ),
        }
    if tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
