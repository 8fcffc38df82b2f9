"""Reads what an actor can reach as a person would: pages, the links on them, searches, exports as text."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import survey_app
from tests.proof.addresses import guarded_rules
from tests.proof.place import Place

LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
# What changes by itself: the token of a form, and the head of the chain, which vouches for all lines.
TOKEN = re.compile(r'name="csrf_token"[^>]*value="[^"]*|(?<=链头 )[0-9a-f]{16}')
ASKED = re.compile(r'args\.get\(\s*"(\w+)"([^)]*)\)')
NOT_FOLLOWED = re.compile(
    r"^/(static|sign-out|settings|second-factor|h/|e\b|r\b|published|about)|lang=|big=|print="
)
MOST = 70


def everything(place: Place, actor: str, *, asking: tuple[str, int]) -> dict[str, str]:
    """Address -> text of what can be reached from the places without blanks, and of searches for `asking`."""
    queue = list(_starts(place, asking))
    texts: dict[str, str] = {}
    while queue and len(texts) < MOST:
        path = queue.pop(0)
        if path in texts or NOT_FOLLOWED.search(path):
            continue
        answer = place.browser(actor).get(path)
        assert answer.status_code < 500, (actor, path)
        texts[path] = text_of(answer.data, str(answer.mimetype)) if answer.status_code == 200 else ""
        if answer.mimetype == "text/html" and "?" not in path:
            queue += [link.replace("&amp;", "&") for link in LINK.findall(texts[path])]
    return texts


def _starts(place: Place, asking: tuple[str, int]) -> Iterator[str]:
    marker, unit_id = asking
    rules = [
        rule for rule in guarded_rules(place.app) if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    rules = [rule for rule in rules if not NOT_FOLLOWED.search(str(rule))]
    yield from (str(rule) for rule in rules)
    words, numbers = asked_names()
    texts = "&".join(f"{name}={marker}" for name in words & {"text", "home", "number"})
    ids = "&".join(f"{name}={unit_id}" for name in numbers - {"page", "year"})
    for rule in rules:
        yield f"{rule}?{texts}"
        yield f"{rule}?{ids}"


def asked_names() -> tuple[set[str], set[str]]:
    """The names that any page reads from its address: words, and numbers."""
    words: set[str] = set()
    numbers: set[str] = set()
    for file in Path(survey_app.__file__).parent.rglob("*.py"):
        for name, rest in ASKED.findall(file.read_text(encoding="utf-8")):
            (numbers if "type=int" in rest else words).add(name)
    return words, numbers


def text_of(content: bytes, kind: str) -> str:
    """Plain text of a page, a workbook or an archive; papers are read as their bytes."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [archive.read(name) for name in sorted(archive.namelist()) if "docProps" not in name]
        return "\n".join(part.decode("utf-8", "replace") for part in parts)
    if kind == "application/pdf":
        return ""
    return TOKEN.sub("", content.decode("utf-8", "replace"))
