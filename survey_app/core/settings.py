"""Settings of an installation, read once from the environment; no secret has a default."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from survey_app.core.actor import Role
from survey_app.core.errors import Fault, SettingsError

SECRET_BYTES = 32
LEAST_TOKEN = 16


@dataclass(frozen=True)
class Settings:
    """What an installation is told from outside.

    `secret_key` signs what travels outside the ballot, `wrapping_key` (32 bytes) encrypts secrets at rest,
    `code_pepper` keys the stored hashes of members' codes. Losing the wrapping key loses open rounds.
    Whoever holds one of `second_factor_roles` must have a second factor before anything else.
    The channels of messages (`smtp_*`, `mail_*`, `sms_*`, `wecom_*`) are explained in docs/messages.md.
    """

    database_url: str
    box_database_url: str
    data_folder: Path
    base_url: str
    secret_key: str = field(repr=False)
    wrapping_key: bytes = field(repr=False)
    code_pepper: bytes = field(repr=False)
    demo: bool = False
    second_factor_roles: frozenset[Role] = frozenset({Role.OFFICER, Role.ADMINISTRATOR})
    fonts_folder: Path | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str = ""
    mail_digest: bool = True
    sms_url: str | None = None
    sms_key: str = field(default="", repr=False)
    wecom_url: str = "https://qyapi.weixin.qq.com"
    wecom_corp: str = ""
    wecom_agent: str = ""
    wecom_secret: str = field(default="", repr=False)
    wecom_robot_url: str | None = field(default=None, repr=False)
    metrics_token: str = field(default="", repr=False)
    footer_lines: tuple[str, ...] = ()
    max_upload_bytes: int = 20 * 1024 * 1024

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read `environment`; every missing or malformed entry is listed in one SettingsError."""
        reader = _Reader(environment)
        settings = cls(
            database_url=reader.need("DATABASE_URL"),
            box_database_url=reader.need("BOX_DATABASE_URL"),
            data_folder=Path(reader.need("PINGJIA_DATA") or "."),
            base_url=reader.need("PINGJIA_BASE_URL").rstrip("/"),
            secret_key=reader.need("PINGJIA_SECRET_KEY", least=SECRET_BYTES),
            wrapping_key=reader.need_key("PINGJIA_WRAPPING_KEY"),
            code_pepper=reader.need_key("PINGJIA_CODE_PEPPER"),
            demo=reader.text("PINGJIA_DEMO") in {"1", "true", "yes"},
            second_factor_roles=reader.roles("PINGJIA_SECOND_FACTOR", cls.second_factor_roles),
            fonts_folder=Path(reader.text("PINGJIA_FONTS")) if reader.text("PINGJIA_FONTS") else None,
            smtp_url=reader.text("PINGJIA_SMTP_URL") or None,
            mail_from=reader.text("PINGJIA_MAIL_FROM"),
            mail_digest=reader.text("PINGJIA_MAIL_DIGEST") not in {"0", "false", "no"},
            sms_url=reader.gateway("PINGJIA_SMS_URL"),
            sms_key=reader.text("PINGJIA_SMS_KEY"),
            wecom_url=reader.gateway("PINGJIA_WECOM_URL") or cls.wecom_url,
            wecom_corp=reader.text("PINGJIA_WECOM_CORP"),
            wecom_agent=reader.text("PINGJIA_WECOM_AGENT"),
            wecom_secret=reader.text("PINGJIA_WECOM_SECRET"),
            wecom_robot_url=reader.gateway("PINGJIA_WECOM_ROBOT_URL"),
            metrics_token=reader.token("PINGJIA_METRICS_TOKEN"),
            footer_lines=tuple(
                line.strip() for line in reader.text("PINGJIA_FOOTER").split("|") if line.strip()
            ),
        )
        faults = reader.faults
        if settings.database_url and settings.database_url == settings.box_database_url:
            faults.append(Fault("setting_two_books_one_place", {"name": "BOX_DATABASE_URL"}))
        if faults:
            raise SettingsError(faults)
        return settings


class _Reader:
    """Reads entries one by one and remembers everything that is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[Fault] = []

    def text(self, name: str) -> str:
        return self.environment.get(name, "").strip()

    def need(self, name: str, least: int = 1) -> str:
        value = self.text(name)
        if not value:
            self.faults.append(Fault("setting_missing", {"name": name}))
        elif len(value) < least:
            self.faults.append(Fault("setting_too_short", {"name": name, "least": least}))
        return value

    def token(self, name: str) -> str:
        """A secret that may be absent, but not one that is quickly guessed."""
        value = self.text(name)
        if value and len(value) < LEAST_TOKEN:
            self.faults.append(Fault("setting_too_short", {"name": name, "least": LEAST_TOKEN}))
        return value

    def roles(self, name: str, usual: frozenset[Role]) -> frozenset[Role]:
        """Roles with commas between; nothing means the usual ones, `none` means nobody."""
        words = self.text(name).replace(",", " ").split()
        if words == ["none"]:
            return frozenset()
        unknown = [word for word in words if word not in list(Role)]
        if unknown:
            self.faults.append(Fault("setting_unknown_role", {"name": name, "role": unknown[0]}))
            return usual
        return frozenset(map(Role, words)) or usual

    def gateway(self, name: str) -> str | None:
        """The address of a gateway: links of members travel there, so only TLS or this machine will do."""
        url = self.text(name).rstrip("/")
        if not url:
            return None
        parts = urlsplit(url)
        local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            self.faults.append(Fault("setting_not_https", {"name": name}))
        return url

    def need_key(self, name: str) -> bytes:
        text = self.need(name)
        if not text:
            return b""
        try:
            raw = base64.b64decode(text, validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != SECRET_BYTES:
            self.faults.append(Fault("setting_not_32_bytes_base64", {"name": name}))
        return raw
