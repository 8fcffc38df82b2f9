"""Every refusal, fault, journal verb and message has its sentence: no code ever reaches a person."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from survey_app.app import create_app
from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from survey_app.demo.wording import WORDS as DEMO_WORDS
from survey_app.journal.wording import VERBS
from survey_app.outbox.wording import KINDS
from survey_app.web import errors

APP = Path(__file__).parents[2] / "survey_app"
ERRORS = {"Refused", "Conflict", "Fault", "Missing", "PingjiaError"}
# Said on the terminal, where the code and its details are the sentence.
ON_THE_TERMINAL = {"setting_missing", "setting_too_short", "setting_not_32_bytes_base64"} | {
    "setting_two_books_one_place",
    "setting_not_https",
    "setting_unknown_role",
    "settings",
}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The codes that have a sentence once every feature has registered."""
    folder = tmp_path_factory.mktemp("words")
    settings = Settings(
        database_url=f"sqlite:///{folder}/roster.sqlite3",
        box_database_url=f"sqlite:///{folder}/box.sqlite3",
        data_folder=folder,
        base_url="http://localhost",
        secret_key="k" * 40,
        wrapping_key=bytes(32),
        code_pepper=bytes(32),
    )
    app = create_app(settings)
    databases: Databases = app.extensions["pingjia"].databases
    databases.dispose()
    return errors.known_codes() | DEMO_WORDS.keys()


def calls(names: set[str], argument: int) -> Iterator[tuple[str, str]]:
    """The constant text at position `argument` of every call to one of `names`, with its place."""
    for path in sorted(APP.rglob("*.py")):
        if "papers" in path.parts or "seals" in path.parts or "workdays" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _name(node.func) in names and len(node.args) > argument:
                given = node.args[argument]
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value, f"{path.relative_to(APP)}:{node.lineno}"


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_every_refusal_and_fault_has_its_sentence(words: frozenset[str]) -> None:
    silent = {
        code: place for code, place in calls(ERRORS, 0) if code not in words and code not in ON_THE_TERMINAL
    }
    assert not silent, "codes without a sentence:\n" + "\n".join(f"{c}  {p}" for c, p in silent.items())


def test_every_verb_of_the_journal_has_its_word(words: frozenset[str]) -> None:
    silent = {verb: place for verb, place in calls({"record"}, 2) if verb not in VERBS}
    assert not silent, "verbs without a word:\n" + "\n".join(f"{v}  {p}" for v, p in silent.items())


def test_every_message_has_its_sentence(words: frozenset[str]) -> None:
    silent = {kind: place for kind, place in calls({"tell"}, 2) if kind not in KINDS}
    assert not silent, "messages without a sentence:\n" + "\n".join(f"{k}  {p}" for k, p in silent.items())


def test_the_scan_finds_what_it_looks_for() -> None:
    assert len(dict(calls(ERRORS, 0))) > 30
    assert len(dict(calls({"record"}, 2))) > 20
