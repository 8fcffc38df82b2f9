"""Debian's Chromium through Playwright: a phone, a desktop, Chinese glyphs, and axe for accessibility."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pylopdf_fonts_zh_cn
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.support.network import is_loopback

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
CHINA = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
# The levels the product promises; "best-practice" catches what the standard leaves to taste.
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN_AXE = """async (runOnly) => {
  const { violations } = await axe.run({ resultTypes: ["violations"], runOnly });
  return violations.map(({ id, help, nodes }) => ({ id, help, targets: nodes.map((node) => node.target) }));
}"""

PATIENCE_MS = 15_000

OpenPage = Callable[..., Page]

FONT_SETTINGS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>
</fontconfig>
"""


@dataclass
class Watch:
    """What a page did that no page of ours may do."""

    outside: list[str] = field(default_factory=list)
    policy: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Note every request beyond loopback and every breach of the content security policy."""
        context.on("request", self._request)
        context.on("console", lambda message: self._console(message.text))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and not is_loopback(parts.hostname or ""):
            self.outside.append(request.url)

    def _console(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.policy.append(text)


def chromium_path() -> str | None:
    """Where Chromium is: the environment variable CHROMIUM, else the usual commands."""
    given = os.environ.get("CHROMIUM")
    return given or next((found for name in NAMES if (found := shutil.which(name))), None)


def font_settings(folder: Path) -> Path:
    """Write a fontconfig file that makes the fonts of the pip package the default ones."""
    file = folder / "fonts.conf"
    fonts = pylopdf_fonts_zh_cn.sans_path().parent
    file.write_text(FONT_SETTINGS.format(fonts=fonts, cache=folder / "cache"), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for the session; without it the test fails, it is never skipped in silence."""
    path = chromium_path()
    if path is None:
        pytest.fail("no Chromium: install it, name it in CHROMIUM, or say --without-browser")
    fonts = font_settings(tmp_path_factory.mktemp("fonts"))
    environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
    # As patient as a page's own actions are: a slow machine is no fault of the page.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS), env=environment)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """A factory of pages, each in a context of its own: `open_page(PHONE)`, `open_page(DESKTOP, ...)`.

    Further keywords go to Playwright's `new_context` (`color_scheme="dark"`, `java_script_enabled=False`).
    At the end the test fails if a page left loopback or broke the content security policy.
    """
    watch = Watch()
    with ExitStack() as contexts:

        def open_one(device: dict[str, Any] = PHONE, **further: Any) -> Page:
            context = chromium.new_context(**{**CHINA, **device, **further})
            contexts.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            watch.follow(context)
            return context.new_page()

        yield open_one
    assert not watch.outside, f"pages reached beyond loopback: {watch.outside}"
    assert not watch.policy, f"pages broke the content security policy: {watch.policy}"


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    """A page on a phone of 390x844."""
    return open_page(PHONE)


@pytest.fixture
def desktop(open_page: OpenPage) -> Page:
    """A page on a desktop of 1440x900."""
    return open_page(DESKTOP)


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """A check of accessibility: `assert axe(page) == []`; each line names the rule and the elements."""
    script = Axe().axe_script

    def violations(page: Page) -> list[str]:
        # Asked for in the page: the whole report, with every rule that passed, is slow to bring over.
        if not page.evaluate("'axe' in window"):
            page.evaluate(script)
        found = page.evaluate(RUN_AXE, {"type": "tag", "values": list(AXE_TAGS)})
        return [f"{one['id']}: {one['help']} {one['targets']}" for one in found]

    return violations
