"""Mail by SMTP: one connection for many letters, and a plain reason for every refusal."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from survey_app.outbox.transport import Letter, NotDelivered

PATIENCE_S = 20.0
# Enhanced status codes (RFC 3463), subject and detail, in the words of the outbox.
ENHANCED = {
    "1.0": "no_such_address",
    "1.1": "no_such_address",
    "1.2": "no_such_address",
    "1.3": "no_such_address",
    "1.10": "no_such_address",
    "2.1": "address_stopped",
    "2.2": "mailbox_full",
    "3.4": "too_large",
}
BY_CODE = {452: "mailbox_full", 550: "no_such_address", 551: "no_such_address", 552: "mailbox_full"}


class SmtpTransport:
    """Sends through `smtp://user:password@host:port?starttls=1`, or `smtps://` for TLS from the start."""

    def __init__(self, url: str, sender: str, patience: float = PATIENCE_S) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._patience = patience
        self._connection: smtplib.SMTP | None = None

    def send(self, letter: Letter, reference: str) -> None:
        """Hand one letter over. Between the last byte and the server's answer lies the only doubt."""
        connection = self._connected()
        try:
            _envelope(connection, parseaddr(self._sender)[1], letter.address)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _cut_off(error, doubtful=False) from None
        except UnicodeError:
            self._drop()
            raise NotDelivered("no_such_address", final=True) from None
        except NotDelivered:
            self._drop()
            raise
        try:
            code, answer = connection.data(self._message(letter, reference))
        except smtplib.SMTPDataError as error:
            self._drop()
            raise _refusal(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise _cut_off(error, doubtful=True) from None
        if code != 250:
            self._drop()
            raise _refusal(code, answer)

    def close(self) -> None:
        """Say goodbye to the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            try:
                self._connection = self._connect()
            except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, UnicodeError):
                # smtplib can send ASCII passwords only.
                raise NotDelivered("sign_in_refused", channel_down=True) from None
            except ssl.SSLError:
                raise NotDelivered("certificate_refused", channel_down=True) from None
            except (smtplib.SMTPException, OSError):
                raise NotDelivered("server_unreachable", channel_down=True) from None
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        secure = self._url.scheme == "smtps"
        host, port = self._url.hostname or "localhost", self._url.port or (465 if secure else 25)
        # Our own name is that of the sender's domain: a look-up of this machine's name could hang.
        me, context = self._domain(), ssl.create_default_context()
        connection = (
            smtplib.SMTP_SSL(host, port, me, context=context, timeout=self._patience)
            if secure
            else smtplib.SMTP(host, port, me, timeout=self._patience)
        )
        try:
            connection.ehlo_or_helo_if_needed()
            if parse_qs(self._url.query).get("starttls") == ["1"]:
                connection.starttls(context=context)
                connection.ehlo()
            if self._url.username:
                connection.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            connection.close()
            raise
        return connection

    def _message(self, letter: Letter, reference: str) -> bytes:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = letter.address
        message["Subject"] = letter.subject
        message["Date"] = formatdate()
        # The same for every attempt: a mailbox that gets the letter twice can show it once.
        message["Message-ID"] = f"<{reference}@{self._domain()}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="base64")
        return message.as_bytes()

    def _domain(self) -> str:
        return parseaddr(self._sender)[1].partition("@")[2] or "localhost"


def _envelope(connection: smtplib.SMTP, sender: str, address: str) -> None:
    code, answer = connection.mail(sender)
    if code != 250:
        raise _refusal(code, answer, ours=True)
    code, answer = connection.rcpt(address)
    if code not in (250, 251):
        raise _refusal(code, answer)


def _cut_off(error: Exception, *, doubtful: bool) -> NotDelivered:
    # smtplib turns a timeout while reading into "disconnected" and keeps the timeout as its context.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return NotDelivered("no_answer", doubtful=doubtful, channel_down=True)
    return NotDelivered("cut_off", doubtful=doubtful)


def _refusal(code: int, answer: bytes | str, *, ours: bool = False) -> NotDelivered:
    """The reason of a refusal; the server's own words may quote the address and are not kept."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    found = re.match(r"[245]\.(\d{1,3}\.\d{1,3})\b", text.strip())
    detail = found.group(1) if found else ""
    final = 500 <= code < 600
    if ours:
        return NotDelivered("sender_refused", channel_down=True)
    reason = ENHANCED.get(detail) if detail else BY_CODE.get(code)
    return NotDelivered(reason or ("refused" if final else "server_busy"), final=final)
