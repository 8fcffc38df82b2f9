"""Lighthouse on a running installation of this machine: members' pages, and desks with a login.

Run: `python benchmarks/lighthouse.py http://127.0.0.1:8000 [/e /r /card /]`. Needs Node 20 and Chromium; npx
fetches lighthouse 12.8.2 (13 wants Node 22.19). Exit code 1 when a member's page has performance below 0.95
or any page has accessibility below 1.00. With `PINGJIA_LOGIN=name:password` in the environment the pages are
those of this person's desk, of which only accessibility is asked. axe runs in the suite itself
(`axe-playwright-python`), without npm.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, build_opener

LIGHTHOUSE = "lighthouse@12.8.2"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update"
LEAST = {"performance": 0.95, "accessibility": 1.0}
PAGES = ("/e", "/r", "/card", "/")


def session_cookie(base: str, login: str, password: str) -> str:
    """Sign in as a person would and give the cookies of the session."""
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    page = browser.open(f"{base}/sign-in").read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if token is None:
        sys.exit("the page of signing in has no token")
    form = {"csrf_token": token[1], "login": login, "password": password}
    if browser.open(f"{base}/sign-in", urlencode(form).encode()).geturl().endswith("/sign-in"):
        sys.exit(f"{login} could not sign in")
    return "; ".join(f"{one.name}={one.value}" for one in jar)


def scores(url: str, cookie: str = "") -> dict[str, float]:
    """The scores of one page on a phone, as lighthouse throttles it."""
    headers = [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    answer = subprocess.run(
        [
            *("npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json", "--output-path=stdout"),
            *headers,
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
    login, _, password = os.environ.get("PINGJIA_LOGIN", "").partition(":")
    cookie = session_cookie(base, login, password) if login else ""
    least = {"accessibility": 1.0} if cookie else LEAST
    for page in pages:
        found = scores(base + page, cookie)
        falls_short = any(found[name] < asked for name, asked in least.items())
        short += falls_short
        print(f"{page:20} {found} {'too low' if falls_short else 'good'}", flush=True)
    return short


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1].rstrip("/"), sys.argv[2:] or list(PAGES)) else 0)
