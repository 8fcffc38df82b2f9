"""Finds Chromium for the browser tests, or installs it where that needs no password."""

from __future__ import annotations

import os
import shutil
import subprocess

from devtools.console import MISSING, Stop, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL = "apt-get install -y --no-install-recommends chromium"


def find_chromium() -> str | None:
    """Where Chromium is, if it is: the variable CHROMIUM, else the usual names."""
    given = os.environ.get("CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure_chromium() -> str:
    """The path of Chromium, installed by apt if this user may do so without a password."""
    found = find_chromium()
    if found is None and (prefix := administrator_prefix()) is not None:
        say("安装浏览器 (installing chromium) ...")
        subprocess.run([*prefix, "apt-get", "update", "-q"], check=False)
        subprocess.run([*prefix, *INSTALL.split()], check=False)
        found = find_chromium()
    if found is None:
        either = "或跳过浏览器测试 (or leave the browser out): python3 dev.py test --without-browser"
        raise Stop(f"没有 Chromium。请运行 (please run): sudo {INSTALL}\n{either}", MISSING)
    return found


def administrator_prefix() -> list[str] | None:
    """What to put before a command so that it runs as root; None if that needs a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None
