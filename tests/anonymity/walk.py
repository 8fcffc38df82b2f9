"""Every page that a post can open, with every blank filled: what an insider could read without tricks."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence

import pypdf
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from survey_app.web.access import access_of
from tests.support.cast import DeskClient

# The last one draws a new key at every look, for the reader's own account.
LEFT_OUT = ("/static/", "/healthz", "/readyz", "/sign-out", "/second-factor")
TOKEN = re.compile(r'(name="csrf_token"[^>]*value=|nonce=|name="csrf-token" content=)"[^"]*"')
Blanks = Mapping[str, Sequence[object]]


def addresses(
    app: Flask, method: str, blanks: Blanks, access: Collection[str | None] | None = None
) -> list[str]:
    """Every address of a method, with every combination of what may stand in its blanks.

    With `access` only those that are open to it: "member", "public" or a permission.
    """
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if access is not None and access_of(app, rule.endpoint) not in access:
            continue
        if method in (rule.methods or ()) and not str(rule).startswith(LEFT_OUT):
            found += _filled(rule, blanks)
    return found


def _filled(rule: Rule, blanks: Blanks) -> list[str]:
    choices: list[list[tuple[str, object]]] = []
    for name, converter in rule._converters.items():
        offered = sorted(converter.items) if isinstance(converter, AnyConverter) else blanks.get(name, (1,))
        choices.append([(name, value) for value in offered])
    built = [rule.build(dict(one), append_unknown=False) for one in itertools.product(*choices)]
    return [str(one[1]) for one in built if one is not None]


def readable(body: bytes, kind: str) -> str:
    """What a person reads in an answer: pages without their tokens, the text inside documents."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = [
                packed.read(name) for name in sorted(packed.namelist()) if not name.startswith("docProps")
            ]
        return "\n".join(part.decode(errors="replace") for part in parts)
    if body.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages)
    return TOKEN.sub("", body.decode(errors="replace")) if "image" not in kind else str(len(body))


def walked(app: Flask, client: DeskClient, blanks: Blanks) -> dict[str, str]:
    """Every page as this browser reads it: address -> status and text."""
    found = {}
    for address in addresses(app, "GET", blanks):
        with client.get(address) as answer:
            found[address] = f"{answer.status_code}\n{readable(answer.data, answer.mimetype)}"
    return found
