"""Lighthouse on a running installation of this machine: performance and accessibility of members' pages.

Run: `python benchmarks/lighthouse.py http://127.0.0.1:8000 [/e /r /card /]`. Needs Node 20 and Chromium; npx
fetches lighthouse 12.8.2 (13 wants Node 22.19). Exit code 1 when a page has performance below 0.95 or
accessibility below 1.00. axe runs in the suite itself (`axe-playwright-python`), without npm.
"""

import json
import os
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

LIGHTHOUSE = "lighthouse@12.8.2"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
LEAST = {"performance": 0.95, "accessibility": 1.0}
PAGES = ("/e", "/r", "/card", "/")


def scores(url: str) -> dict[str, float]:
    """The scores of one page on a phone, as lighthouse throttles it."""
    answer = subprocess.run(
        [
            *("npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", "--output-path=stdout"),
            *(f"--chrome-flags={FLAGS}", f"--only-categories={','.join(LEAST)}"),
        ],
        env={**os.environ, "CHROME_PATH": shutil.which("chromium") or ""},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    categories = json.loads(answer.stdout)["categories"]
    return {name: float(categories[name]["score"]) for name in LEAST}


def main(base: str, pages: list[str]) -> int:
    """Print a line for each page; how many fall short."""
    if urlsplit(base).hostname not in {"localhost", "127.0.0.1"}:
        sys.exit("only an installation on this machine is measured")
    short = 0
    for page in pages:
        found = scores(base + page)
        falls_short = any(found[name] < least for name, least in LEAST.items())
        short += falls_short
        print(f"{page:20} {found} {'too low' if falls_short else 'good'}", flush=True)
    return short


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1].rstrip("/"), sys.argv[2:] or list(PAGES)) else 0)
