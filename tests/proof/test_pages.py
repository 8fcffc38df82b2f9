"""What can be read: no page, search, count or export shows a home outside the scope, or changes with it."""

from __future__ import annotations

import re

import pytest

from tests.proof.conftest import NewPlace
from tests.proof.place import Place
from tests.proof.reading import asked_names, everything
from tests.proof.scopes import HOMES, strange_homes
from tests.proof.world import ABROAD, MARKERS, NEWCOMERS, arrive

# Who sees a newcomer: its superiors on the line of affiliation.
SEES_NEWCOMER = {
    "白鹭渔业": set(),
    "翠屏制药": {"municipal", "administrator", "stranger"},
    "金石矿山": {"municipal", "administrator", "industry"},
    "紫荆陶瓷": {"municipal", "administrator", "district", "auditor", "custodian"},
    "丹枫酒业": {"municipal", "administrator", "district", "auditor", "custodian", "street"},
}
ACTORS = sorted(HOMES)


def asking(place: Place, actor: str) -> tuple[str, int]:
    """A name and a number from outside the actor's scope."""
    home = ABROAD if actor == "stranger" else strange_homes(actor)[-1]
    return MARKERS[home], int(place.world.holdings[home].ids["unit_id"])


@pytest.mark.parametrize("actor", ACTORS)
def test_no_page_shows_or_counts_what_lies_outside(new_place: NewPlace, actor: str) -> None:
    before = new_place()
    question = asking(before, actor)
    texts = readable(before, actor, question)
    assert len(texts) > 20
    for home in set(MARKERS) - NEWCOMERS.keys() - set(HOMES[actor]):
        shown = [path for path, text in texts.items() if shows(text, MARKERS[home], path, question)]
        assert shown == [], f"{home} is shown to {actor}"
    after = new_place()
    for name in NEWCOMERS:
        if actor not in SEES_NEWCOMER[name]:
            arrive(after.world, after.databases, name)
    texts_after = readable(after, actor, question)
    assert texts.keys() == texts_after.keys()
    changed = {
        path: difference(text, texts_after[path]) for path, text in texts.items() if text != texts_after[path]
    }
    assert "\n".join(f"{path}: {lines}" for path, lines in changed.items()) == ""


def readable(place: Place, actor: str, question: tuple[str, int]) -> dict[str, str]:
    """What the actor can read; the administrator alone reads the whole journal, whoever acted."""
    texts = everything(place, actor, asking=question)
    whole = actor == "administrator"
    return {path: text for path, text in texts.items() if not (whole and path.startswith("/journal"))}


def shows(text: str, marker: str, path: str, question: tuple[str, int]) -> bool:
    """Whether the text shows the marker beyond repeating what was asked for."""
    return marker in (
        re.sub(f'(value="|text=|home=|number=|“|「){marker}', "", text) if question[0] in path else text
    )


def tail(line: str, other: str) -> str:
    """The part of a line where it begins to differ."""
    start = next((at for at, (a, b) in enumerate(zip(line, other, strict=False)) if a != b), 0)
    return line[max(0, start - 60) : start + 100]


def difference(one: str, other: str) -> list[str]:
    """The first lines that differ."""
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return [f"{tail(a, b)} | {tail(b, a)}" for a, b in pairs if a != b][:2]


def test_the_names_that_pages_read_are_found() -> None:
    words, numbers = asked_names()
    assert {"text", "state", "view"} <= words
    assert {"at", "unit", "home", "page"} <= numbers
