"""Languages: Chinese is written in the source, English stands in one .po file per feature.

The files are read when the application starts, so there is no compiled catalogue to build or to forget.
Flask-Babel lives in this module only.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, force_locale, get_locale, lazy_gettext, ngettext
from flask_babel import gettext as _gettext
from flask_babel.speaklater import LazyString

FOLDER = Path(__file__).parent.parent / "translations"
CHINESE, ENGLISH = "zh_Hans_CN", "en"

gettext = _gettext
Lazy = LazyString

__all__ = [
    "Lazy",
    "choose_language",
    "gettext",
    "in_chinese",
    "lazy_gettext",
    "ngettext",
    "page_language",
    "setup",
]


class PerFeature(Domain):
    """A domain whose English is the sum of every feature's .po file."""

    def get_translations(self) -> NullTranslations:
        """The catalogue of this request's language."""
        locale = get_locale()
        return english() if locale is not None and locale.language == ENGLISH else NullTranslations()


@cache
def english() -> Translations:
    """All English texts, read from `translations/en/*.po`."""
    whole = Catalog(locale=ENGLISH)
    for path in sorted((FOLDER / ENGLISH).glob("*.po")):
        with path.open("rb") as stream:
            for message in read_po(stream, locale=ENGLISH):
                if message.id and message.string and not message.fuzzy:
                    whole.add(message.id, message.string, context=message.context)
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def choose_language() -> str:
    """`?lang=`, then the desk's cookie, then the browser: any tag that starts with zh means Chinese."""
    if not has_request_context():
        return CHINESE
    if "language" not in g:
        g.language = _chosen()
    language: str = g.language
    return language


def _chosen() -> str:
    asked = request.args.get("lang") or request.cookies.get("lang") or ""
    if asked:
        return ENGLISH if asked.lower().startswith("en") else CHINESE
    for tag, _quality in request.accept_languages:
        if tag.lower().startswith("zh"):
            return CHINESE
        if tag.lower().startswith("en"):
            return ENGLISH
    return CHINESE


def page_language() -> str:
    """The language for `<html lang>`: 'zh-CN' or 'en'."""
    return "en" if choose_language() == ENGLISH else "zh-CN"


@contextmanager
def in_chinese() -> Iterator[None]:
    """Official papers are written in Chinese, whatever language the page around them has."""
    with force_locale(CHINESE):
        yield


def setup(app: Flask) -> None:
    """Register Flask-Babel with our catalogue and our selector."""
    babel = Babel(
        app,
        default_locale=CHINESE,
        default_timezone="Asia/Shanghai",
        locale_selector=choose_language,
    )
    babel.domain_instance = PerFeature()
