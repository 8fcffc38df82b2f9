"""The templates: nothing the policy forbids, known icons, complete English, classes that the sheets know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import render_template_string
from flask.testing import FlaskClient
from jinja2.ext import babel_extract

from survey_app.web import i18n
from tests.look.gallery import RATINGS, STATES, gallery_app

APP = Path(i18n.__file__).parents[1]
TEMPLATES = APP / "templates"
ALL = sorted(TEMPLATES.rglob("*.html"))
OURS = [
    *sorted((TEMPLATES / "components").glob("*.html")),
    *(TEMPLATES / name for name in ("base.html", "desk.html", "errors/error.html")),
]
GALLERY = sorted((TEMPLATES / "look").glob("*.html"))
CJK = re.compile("[\u4e00-\u9fff]")


def _name(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def _without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


FORBIDDEN = {
    "inline style": r"\sstyle\s*=|<style\b",
    "inline script": r"<script(?![^>]*\bsrc=)",
    "event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "address that is a script": r"javascript:",
    "foreign address": r"(?:src|href)=[\"'](?:https?:)?//",
}


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_no_template_does_what_the_policy_forbids(path: Path) -> None:
    source = _without_comments(path)
    assert {sin: re.findall(f".*(?:{pattern}).*", source) for sin, pattern in FORBIDDEN.items()} == {
        sin: [] for sin in FORBIDDEN
    }


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_components_are_imported_with_context(path: Path) -> None:
    """Without the context a macro does not know the language, the day or that the page is being printed.

    `icons.html` and `buttons.html` read nothing from it.
    """
    imports = re.findall(
        r"\{%-?\s*(?:from|import)\s+\"components/(\w+)\.html\"([^%]*)%\}", _without_comments(path)
    )
    free = {"icons", "buttons"}
    assert [
        name for name, rest in imports if name not in free and not re.search(r"with context\s*-?$", rest)
    ] == []


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_every_icon_exists(path: Path) -> None:
    known = set(_drawings())
    assert set(re.findall(r"\bicon\(\"(\w+)\"\)", _without_comments(path))) <= known


def _drawings() -> dict[str, str]:
    app = gallery_app()
    module = app.jinja_env.get_template("components/icons.html").module
    drawings: dict[str, str] = module.drawings  # type: ignore[attr-defined]  # what the template sets
    return drawings


@pytest.mark.parametrize("path", OURS, ids=_name)
def test_every_word_goes_through_gettext(path: Path) -> None:
    source = _without_comments(path)
    translated = re.sub(r"\b(?:_|ngettext)\((?:\"[^\"]*\"(?:,\s*)?)+", "", source).replace("中文", "")
    assert CJK.findall(translated) == []


def _parts(message: str | Sequence[str | None] | None) -> list[str]:
    """The texts of one message: a single one for gettext, singular and plural for ngettext."""
    return [message] if isinstance(message, str) else [part for part in message or () if part]


def test_the_english_of_the_look_is_complete() -> None:
    wanted = set()
    options = {"extensions": "jinja2.ext.i18n", "encoding": "utf-8", "silent": "false"}
    for path in OURS:
        with path.open("rb") as stream:
            for _line, _function, message, _comments in babel_extract(stream, ("_", "ngettext"), [], options):
                wanted.add(_parts(message)[0])
    with (APP / "translations" / "en" / "look.po").open("rb") as stream:
        catalogue = read_po(stream, locale="en")
    pairs = [(_parts(message.id), _parts(message.string)) for message in catalogue if message.id]
    assert [source for source, english in pairs if len(source) != len(english)] == []
    assert {source[0] for source, _english in pairs} == wanted


def test_the_sheets_know_every_class() -> None:
    sheets = "".join(
        (APP / "static" / name).read_text(encoding="utf-8") for name in ("pingjia.css", "desk.css")
    )
    known = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\"[^\"]*\"", "", sheets)))
    client = gallery_app().test_client()
    used = set()
    for page in ("desk", "member", "confirm", "error"):
        for classes in re.findall(r'class="([^"]*)"', client.get(f"/{page}").get_data(as_text=True)):
            used.update(classes.split())
    # `f4` and its kin are charts; `plain`, `file` hooks have no rule of their own on wide screens.
    assert used - known == set()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return gallery_app().test_client()


@pytest.mark.parametrize("page", ["desk", "member", "confirm", "error"])
def test_a_page_carries_exactly_the_icons_it_uses(page: str, client: FlaskClient) -> None:
    html = client.get(f"/{page}").get_data(as_text=True)
    sheet = re.findall(r'<symbol id="i-(\w+)"', html)
    assert sorted(sheet) == sorted(set(re.findall(r'href="#i-(\w+)"', html)))


def test_ids_are_unique(client: FlaskClient) -> None:
    for page in ("desk", "member", "confirm"):
        ids = re.findall(r'\sid="([^"]+)"', client.get(f"/{page}").get_data(as_text=True))
        assert len(ids) == len(set(ids))


def _render(source: str, **context: object) -> str:
    app = gallery_app()
    with app.test_request_context("/?lang=" + str(context.pop("lang", "zh-CN"))):
        return render_template_string(source, **context)


TAGS = '{% from "components/tags.html" import due_tag, order_tag, rating_tag with context %}'


@pytest.mark.parametrize("code", RATINGS)
def test_every_rating_has_a_word_in_both_languages(code: str) -> None:
    chinese = _render(TAGS + "{{ rating_tag(code) }}", code=code)
    english = _render(TAGS + "{{ rating_tag(code) }}", code=code, lang="en")
    assert CJK.search(chinese)
    assert not CJK.search(english)
    assert re.search(r">[^<>]{5,}<", english)


@pytest.mark.parametrize("state", STATES)
def test_every_state_of_an_order_has_a_word_in_both_languages(state: str) -> None:
    assert CJK.search(_render(TAGS + "{{ order_tag(state) }}", state=state))
    assert not CJK.search(_render(TAGS + "{{ order_tag(state) }}", state=state, lang="en"))


@pytest.mark.parametrize("macro", ["rating_tag", "order_tag"])
def test_an_unknown_code_fails_loudly(macro: str) -> None:
    with pytest.raises(Exception, match=r"undefined|unpack|no attribute"):
        _render(TAGS + f"{{{{ {macro}('surprise') }}}}")


@pytest.mark.parametrize(
    ("days", "kind"), [(-1, "tag late"), (0, "tag soon"), (3, "tag soon"), (4, "dim nw"), (None, "dim")]
)
def test_red_means_time_only(days: int | None, kind: str) -> None:
    assert f'class="{kind}"' in _render(TAGS + "{{ due_tag(days) }}", days=days)


def test_markup_in_data_is_escaped() -> None:
    source = """{% from "components/tables.html" import plain_table with context %}
    {% from "components/notices.html" import error_summary, flash with context %}
    {{ plain_table(evil, [(evil, false), (evil, true)], [[evil, evil]]) }}
    {{ error_summary(faults=[evil]) }}{{ flash("info", evil) }}"""
    html = _render(source, evil='<b onclick="x">"')
    assert "<b" not in html
    assert html.count("&lt;b") >= 6


def test_a_pager_leads_both_ways_and_a_single_page_needs_none() -> None:
    source = '{% from "components/tables.html" import pager with context %}{{ pager(page, pages, url) }}'

    def url(page: int) -> str:
        return f"?page={page}"

    assert _render(source, page=1, pages=1, url=url).strip() == ""
    middle = _render(source, page=2, pages=3, url=url)
    assert re.findall(r'href="([^"]+)"', middle) == ["?page=1", "?page=3"]
    assert "第2页，共3页" in middle
    assert re.findall(r'rel="(\w+)"', _render(source, page=3, pages=3, url=url)) == ["prev"]


def test_fields_are_tied_to_their_sentences(client: FlaskClient) -> None:
    html = client.get("/desk").get_data(as_text=True)
    for control in re.findall(r'<(?:input|textarea|select)[^>]*aria-invalid="true"[^>]*>', html):
        if 'type="radio"' in control:
            continue
        described = re.search(r'aria-describedby="([^"]+)"', control)
        assert described
        for sentence in described.group(1).split():
            assert f'id="{sentence}"' in html


def test_nothing_is_chosen_before_the_member_chooses() -> None:
    source = '{% from "components/choices.html" import question with context %}{{ question(1, "?", "q1") }}'
    html = _render(source)
    assert html.count('type="radio"') == 4
    assert "checked" not in html
