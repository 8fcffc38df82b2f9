"""English is complete: every Chinese text in code and templates has its English, and every blank survives."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).parents[2] / "survey_app"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
BLANK = re.compile(r"%\((\w+)\)[sd]")


@cache
def texts() -> dict[str, set[str]]:
    """Every text to translate, with the files that use it."""
    found: dict[str, set[str]] = {}
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "silent": "false"}}
    for name, _line, message, _comments, _context in extract_from_dir(
        str(APP), METHODS, options_map=options, keywords=KEYWORDS
    ):
        for text in message if isinstance(message, tuple) else (message,):
            found.setdefault(text, set()).add(name)
    return found


@cache
def english() -> dict[str, list[tuple[str, str]]]:
    """Every translation, with the file it stands in."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in sorted((APP / "translations" / "en").glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale="en"):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = (
                    message.string if isinstance(message.string, tuple) else (message.string,) * len(ids)
                )
                for key, text in zip(ids, strings, strict=False):
                    if key:
                        found.setdefault(key, []).append((path.name, text))
    return found


def test_every_text_has_its_english() -> None:
    missing = {
        text: sorted(places)[:2]
        for text, places in texts().items()
        if not any(t for _f, t in english().get(text, []))
    }
    assert not missing, "without English:\n" + "\n".join(
        f"{text!r}  {places}" for text, places in sorted(missing.items(), key=lambda pair: pair[1])
    )


def test_every_blank_of_a_text_stands_in_its_english() -> None:
    broken = [
        (key, text)
        for key, entries in english().items()
        for _file, text in entries
        if text and set(BLANK.findall(text)) - set(BLANK.findall(key))
    ]
    assert not broken


def test_no_text_has_two_different_english_versions() -> None:
    torn = {key: entries for key, entries in english().items() if len({text for _file, text in entries}) > 1}
    assert not torn


def test_no_english_is_left_in_chinese() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    allowed = {"中文"}
    left = [
        (key, text)
        for key, entries in english().items()
        for _file, text in entries
        if chinese.search(text) and key not in allowed and not text.startswith("评家")
    ]
    assert not left


if __name__ == "__main__":
    pytest.main([__file__])
