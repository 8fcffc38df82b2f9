"""Make the pictures of the README from a running demo: `.venv/bin/python docs/screenshots.py`.

A demo is built in a scratch folder and served on a free port; nothing of an installation is touched.
"""

from __future__ import annotations

import base64
import io
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pylopdf_fonts_zh_cn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from survey_app.demo.keepsake import Keepsake, read_keepsake

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PINGJIA = [sys.executable, "-m", "survey_app.cli"]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
COLOURS = 96


@contextmanager
def demo() -> Iterator[tuple[str, Keepsake]]:
    """A demo of its own: its address and its slip."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/roster.sqlite3",
            "BOX_DATABASE_URL": f"sqlite:///{folder}/box.sqlite3",
            "PINGJIA_DATA": folder,
            "PINGJIA_BASE_URL": f"http://localhost:{port}",
            "PINGJIA_DEMO": "1",
            "PINGJIA_SECRET_KEY": secrets.token_hex(32),
            "PINGJIA_WRAPPING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "PINGJIA_CODE_PEPPER": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        for step in (["db", "upgrade"], ["demo", "build"]):
            subprocess.run([*PINGJIA, *step], env=environment, check=True, cwd=HERE.parent)
        server = subprocess.Popen([*PINGJIA, "serve", "--port", str(port)], env=environment, cwd=HERE.parent)
        try:
            wait_for(f"http://localhost:{port}/readyz")
            keepsake = read_keepsake(Path(folder))
            if keepsake is None:
                raise RuntimeError("the demo left no slip")
            yield f"http://localhost:{port}", keepsake
        finally:
            server.terminate()
            server.wait()


def wait_for(address: str) -> None:
    """Until the server answers."""
    for _ in range(120):
        try:
            urllib.request.urlopen(address).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"{address} does not answer")


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture, in few colours: these are pages, not photographs."""
    raw = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
    PICTURES.mkdir(exist_ok=True)
    raw.convert("RGB").quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)
    print(f"{name}.png")


def member(browser: Browser, keepsake: Keepsake) -> None:
    """Welcome, questions, receipt - on a phone."""
    page = browser.new_page(viewport=PHONE, locale="zh-CN")
    page.goto(keepsake.links[0])
    page.locator("#start").wait_for()
    shoot(page, "member-welcome")
    page.locator("#start").click()
    for number in (1, 2, 3):
        page.locator(f"#q{number} input[value=SATISFIED]").check(force=True)
    shoot(page, "member-questions")
    page.evaluate("document.querySelectorAll('fieldset.q').forEach(q => q.querySelector('input').click())")
    page.locator("[data-screen=questions] .foot button").click()
    page.locator("#cast").click()
    page.locator("#receipt").wait_for()
    shoot(page, "member-receipt")
    page.close()


def desk(browser: Browser, base: str, keepsake: Keepsake, login: str, pages: dict[str, str]) -> None:
    """Some pages of one person."""
    page = browser.new_page(viewport=DESK, locale="zh-CN")
    page.goto(f"{base}/sign-in")
    page.fill("[name=login]", login)
    page.fill("[name=password]", keepsake.password)
    page.locator("main button[type=submit]").click()
    page.wait_for_load_state()
    for name, path in pages.items():
        page.goto(base + path)
        shoot(page, name)
    page.close()


def main() -> None:
    """Every picture of the README."""
    with tempfile.TemporaryDirectory() as folder, demo() as (base, keepsake), sync_playwright() as play:
        fonts = Path(folder) / "fonts.conf"
        place = pylopdf_fonts_zh_cn.sans_path().parent
        fonts.write_text(f"<fontconfig><dir>{place}</dir><cachedir>{folder}/cache</cachedir></fontconfig>")
        flags = [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        environment = {**os.environ, "FONTCONFIG_FILE": str(fonts)}
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags, env=environment)
        member(browser, keepsake)
        desk(browser, base, keepsake, "zhuxi1", {"chair-desk": "/desk"})
        desk(
            browser,
            base,
            keepsake,
            "quzong",
            {
                "officer-desk": "/desk",
                "officer-ledger": "/orders",
                "officer-order": "/orders/2",
                "officer-calendar": "/orders?view=calendar",
            },
        )
        page = browser.new_page(viewport=DESK, locale="zh-CN")
        page.goto(f"{base}/h/7")
        shoot(page, "public-page")
        browser.close()


if __name__ == "__main__":
    main()
