"""Axe over every kind of page of a running demo, for every role, in both languages, and who scrolls sideways.

Run: `python benchmarks/every_page.py http://localhost:8000 var` beside `python3 dev.py run`; the second
argument is the demo's data folder. Each account follows every link it sees; of addresses that differ
in numbers only, the first two are looked at. Axe (WCAG 2.2 A and AA, best practice) runs on a phone, on a
desktop and in dark colours; nothing may be wider than the screen at 320, at 390 in large print and at 1440.
Exit code 1 when anything is found.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from survey_app.demo.keepsake import Keepsake, read_keepsake

FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PUBLIC = ("/", "/demo", "/sign-in", "/r", "/about/anonymity", "/about/method", "/e", "/e/code", "/card")
LANGUAGES = ("zh", "en")
OF_A_KIND = 2
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
SMALLEST = ViewportSize(width=320, height=640)
LINK = re.compile(r'href="([^"#]+)')
NUMBER = re.compile(r"[0-9a-f]{32}|\d+")


@dataclass
class Walk:
    """What one walk over the demo has looked at and found."""

    base: str
    looked: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    axe: Axe = field(default_factory=Axe)

    def look(self, page: Page, path: str, who: str) -> None:
        """Every view of one page."""
        for view in self._views(page, path):
            where = f"{who} {view} {path}"
            width = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if width > 0:
                self.faults.append(f"{where}: {width} px wider than the screen")
            if "axe" in view:
                self.faults += [f"{where}: {fault}" for fault in self._violations(page)]
            self.looked[view] += 1

    def _views(self, page: Page, path: str) -> Iterator[str]:
        for language in LANGUAGES:
            joint = "&" if "?" in path else "?"
            page.set_viewport_size(PHONE)
            page.goto(f"{self.base}{path}{joint}lang={language}")
            yield f"{language} phone, axe"
            page.set_viewport_size(SMALLEST)
            yield f"{language} 320 px"
            page.set_viewport_size(DESK)
            yield f"{language} desktop, axe"
            page.emulate_media(color_scheme="dark")
            yield f"{language} dark, axe"
            page.emulate_media(color_scheme="light")
            page.set_viewport_size(PHONE)
            page.goto(f"{self.base}{path}{joint}lang={language}&big=1")
            yield f"{language} large print"

    def _violations(self, page: Page) -> list[str]:
        options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(TAGS)}}
        found = self.axe.run(page, options=options).response["violations"]
        return [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']]}" for one in found]


def pages_of(context: BrowserContext, base: str, starts: tuple[str, ...]) -> Iterator[str]:
    """Every kind of page that can be reached by links, not by sending anything."""
    seen: Counter[str] = Counter()
    todo = list(starts)
    met = set(starts)
    while todo:
        path = todo.pop(0)
        kind = NUMBER.sub("N", path.split("?")[0])
        if seen[kind] >= OF_A_KIND or kind.startswith(("/settings", "/static")):
            continue
        seen[kind] += 1
        answer = context.request.get(base + path)
        if "html" not in answer.headers.get("content-type", ""):
            continue
        yield path
        for link in map(html.unescape, LINK.findall(answer.text())):
            if link.startswith("/") and link not in met:
                met.add(link)
                todo.append(link)


def signed_in(browser: Browser, base: str, login: str, password: str) -> BrowserContext:
    """A browser of its own in which this account is signed in."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()
    page.close()
    return context


def walk(browser: Browser, base: str, keepsake: Keepsake) -> Walk:
    """Strangers first, then every account; a page of a kind seen often enough is not looked at again."""
    done, known = Walk(base), Counter[str]()
    for login in ("", *(account[0] for account in keepsake.accounts)):
        context = (
            signed_in(browser, base, login, keepsake.password)
            if login
            else browser.new_context(locale="zh-CN")
        )
        page = context.new_page()
        for path in pages_of(context, base, ("/desk",) if login else PUBLIC):
            kind = NUMBER.sub("N", path.split("?")[0])
            known[kind] += 1
            if known[kind] <= OF_A_KIND or kind == "/desk":
                done.look(page, path, login or "stranger")
        context.close()
        print(
            f"{login or 'stranger':10} {sum(done.looked.values())} views, {len(done.faults)} faults",
            flush=True,
        )
    return done


def main(base: str, folder: Path) -> int:
    """Print what was looked at and every fault; how many faults."""
    if urlsplit(base).hostname not in {"localhost", "127.0.0.1"}:
        sys.exit("only a demo on this machine is walked")
    keepsake = read_keepsake(folder)
    if keepsake is None:
        sys.exit(f"{folder} holds no demo")
    flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        done = walk(browser, base, keepsake)
        browser.close()
    for view, count in done.looked.items():
        print(f"{view:24} {count} pages")
    print("\n".join(done.faults) or "no fault")
    return len(done.faults)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1].rstrip("/"), Path(sys.argv[2])) else 0)
