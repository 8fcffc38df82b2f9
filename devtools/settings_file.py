"""The file `settings.env` of a data folder: secrets made once, kept private, readable by a shell too."""

from __future__ import annotations

import base64
import os
import secrets
import shlex
from pathlib import Path

from devtools.console import MISUSED, Stop

NAME = "settings.env"


def settings_of(data: Path, base_url: str, *, demo: bool) -> dict[str, str]:
    """The settings of a data folder; where there are none they are made, with `demo` as it is wished."""
    os.umask(0o077)
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    file = data / NAME
    if file.exists():
        settings = settings_at_new_place(read_settings(file), data)
    elif any(data.glob("*.sqlite3")):
        raise Stop(f"{file} 不见了，旧数据离开它就读不出 (is lost; restore it from a backup)", MISUSED)
    else:
        settings = fresh_settings(data, demo=demo)
    settings["PINGJIA_BASE_URL"] = base_url
    write_settings(file, settings)
    return settings


def fresh_settings(data: Path, *, demo: bool) -> dict[str, str]:
    """Settings of a new installation, with new secrets."""
    return {
        "DATABASE_URL": f"sqlite:///{data}/roster.sqlite3",
        "BOX_DATABASE_URL": f"sqlite:///{data}/box.sqlite3",
        "PINGJIA_DATA": str(data),
        "PINGJIA_DEMO": str(int(demo)),
        "PINGJIA_SECRET_KEY": secrets.token_urlsafe(48),
        "PINGJIA_WRAPPING_KEY": random_key(),
        "PINGJIA_CODE_PEPPER": random_key(),
    }


def random_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def settings_at_new_place(settings: dict[str, str], data: Path) -> dict[str, str]:
    """The same settings after the folder was moved, so that no empty database appears at the old place."""
    old, moved = settings["PINGJIA_DATA"], {"PINGJIA_DATA": str(data)}
    for name in ("DATABASE_URL", "BOX_DATABASE_URL"):
        moved[name] = settings[name].replace(f"sqlite:///{old}/", f"sqlite:///{data}/")
    return {**settings, **moved}


def read_settings(file: Path) -> dict[str, str]:
    """The NAME=value lines of a file that a shell could read too."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def write_settings(file: Path, settings: dict[str, str]) -> None:
    """Replace the file in one step, readable by its owner only."""
    head = "# 本装置的密钥，只此一份，请备份 (the secrets of this installation: the only copy, back it up)\n"
    body = "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items())
    fresh = file.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as stream:
        stream.write(head + body)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
