"""Bad input: every form and every JSON call takes anything without a fault of ours or a half-done write."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import sqlite3
from contextlib import closing

import pytest
from flask_wtf import FlaskForm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url
from werkzeug.routing import Rule

import survey_app
from survey_app.accounts.permissions import permissions_of
from survey_app.core.actor import Role
from survey_app.web.access import access_of
from tests.proof.addresses import addresses_of, guarded_rules
from tests.proof.conftest import NewPlace
from tests.proof.place import Place
from tests.proof.reading import asked_names
from tests.proof.world import OWN

HUGE = 10**30
NASTY = (
    *(
        "",
        " ",
        "\x00",
        "null",
        "-1",
        "0",
        "1",
        "2",
        "1e9",
        "NaN",
        "²",
        "９",
        "9" * 5000,
        str(HUGE),
        "-" + str(2**63),
    ),
    *(
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "2026-11-20",
        "2026-11-20T25:00",
        "99:99",
        "confirm",
        "officer",
    ),
    *(
        "<script>alert(1)</script>",
        "=1+1",
        "' OR 1=1 --",
        "%s%(x)s{0}",
        "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ),
    *(
        "评" * 70_000,
        "a@b",
        "\u202eabc",
        "\r\nX: y",
        "/../../etc/passwd",
        "on",
        "yes",
        "no",
        "A,B",
        "1:1",
        "1:" + "9" * 5000,
    ),
)
# A wrong password is refused and counted towards the lock; whether one is drawn depends on the chance.
COUNTS_TRIES = frozenset({"accounts.confirm_password"})
CALLS = ("/e/lookup", "/e/sheet", "/e/issue", "/box/cast")


@pytest.fixture(scope="module")
def fuzzed(new_place: NewPlace) -> Place:
    """A world that may be changed by whatever happens to be right."""
    return new_place()


class Versions:
    """Notices every commit to either book, cheaply: SQLite counts those of other connections."""

    def __init__(self, place: Place) -> None:
        urls = (place.world.settings.database_url, place.world.settings.box_database_url)
        self.connections = [sqlite3.connect(make_url(url).database or "") for url in urls]

    def now(self) -> tuple[int, ...]:
        return tuple(one.execute("PRAGMA data_version").fetchone()[0] for one in self.connections)

    def close(self) -> None:
        for one in self.connections:
            one.close()


def field_names() -> list[str]:
    """The names of all fields of all forms, and those that routes read by hand."""
    names = {"version", "chosen", "decision", "answer"}
    for module in pkgutil.walk_packages(survey_app.__path__, "survey_app."):
        if module.name.rpartition(".")[2].endswith("forms"):
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, type) and issubclass(value, FlaskForm):
                    names |= {name for name in vars(value) if hasattr(getattr(value, name), "field_class")}
    return sorted(names)


def actor_for(access: str) -> str:
    """One of the cast who may use a route."""
    for actor, role in (
        ("district", Role.OFFICER),
        ("chair", Role.CHAIR),
        ("administrator", Role.ADMINISTRATOR),
        ("custodian", Role.CUSTODIAN),
        ("working_group", Role.WORKING_GROUP),
        ("teller", Role.TELLER),
    ):
        if access == "signed_in" or access in permissions_of(role):
            return actor
    raise AssertionError(f"nobody may {access}")


def posting_rules(place: Place) -> list[Rule]:
    """Every form's address, without those that would sign the walker out or open a counting process."""
    left_out = {"accounts.switch_post", "counting.open_box"}
    rules = [rule for rule in guarded_rules(place.app) if "POST" in (rule.methods or ())]
    return [rule for rule in rules if rule.endpoint not in left_out]


def nasty_form(chance: random.Random, names: list[str], most: int = 40) -> dict[str, str]:
    """Some fields with something odd in each, drawn the same way every time."""
    return {name: chance.choice(NASTY) for name in chance.sample(names, min(len(names), most))}


@pytest.mark.parametrize("seed", range(3))
def test_no_form_fails_whatever_is_sent_to_it(fuzzed: Place, seed: int) -> None:
    chance, names, wrong = random.Random(seed), field_names(), []
    with closing(Versions(fuzzed)) as versions:
        for rule in posting_rules(fuzzed):
            actor = actor_for(access_of(fuzzed.app, rule.endpoint) or "")
            address = next(addresses_of(fuzzed.app, rule, fuzzed.world.holdings[OWN]))
            browser, before = fuzzed.browser(actor), versions.now()
            answer = browser.send(address.path, nasty_form(chance, names))
            if answer.status_code >= 500 or b"Traceback" in answer.data:
                wrong.append(f"{rule.rule}: {answer.status_code}")
            counted = rule.endpoint in COUNTS_TRIES and answer.status_code == 422
            if answer.status_code >= 400 and versions.now() != before and not counted:
                wrong.append(f"{rule.rule} wrote although it answered {answer.status_code}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("seed", range(2))
def test_no_search_fails_whatever_is_asked(fuzzed: Place, seed: int) -> None:
    words, numbers = asked_names()
    names, chance, wrong = sorted(words | numbers | {"month", "q", "own", "dir"}), random.Random(seed), []
    for rule in guarded_rules(fuzzed.app):
        if "GET" in (rule.methods or ()) and not rule.arguments:
            actor = actor_for(access_of(fuzzed.app, rule.endpoint) or "")
            query = {name: value[:500] for name, value in nasty_form(chance, names, 12).items()}
            if fuzzed.browser(actor).get(rule.rule, query_string=query).status_code >= 500:
                wrong.append(f"{rule.rule}: {query}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("number", ["9" * 12, "9" * 19, "9" * 30, "9" * 5000, "0", "-1", "1e3", "١"])
def test_an_impossible_number_in_an_address_is_not_there(fuzzed: Place, number: str) -> None:
    for path in ("/orders/{}", "/results/{}", "/units/{}", "/h/{}", "/ratings/{}/publish", "/h/1/{}"):
        answer = fuzzed.browser("district").get(path.format(number))
        assert answer.status_code in {404, 405}, path


json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-HUGE, HUGE),
        st.floats(),
        st.sampled_from(NASTY),
        st.text(max_size=30),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
json_calls = st.dictionaries(
    st.sampled_from(["code", "tag", "b", "home", "round", "class", "m", "s", "x", "extra"]),
    json_values,
    max_size=8,
)


@pytest.mark.parametrize("path", CALLS)
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(call=json_calls)
def test_no_json_call_fails_or_writes_whatever_is_sent(fuzzed: Place, path: str, call: dict) -> None:
    refused(fuzzed, path, json.dumps(call).encode())


BODIES = {
    "nothing": b"",
    "no json": b"{",
    "a list": b"[]",
    "a word": b'"x"',
    "null": b"null",
    "a mark before": b"\xef\xbb\xbf{}",
    "latin": b'{"code": "\xe9"}',
    "utf-16": '{"code": "x"}'.encode("utf-16"),
    "twice": b'{"code": "a", "code": "b"}',
    "deep": b"[" * 20_000 + b"]" * 20_000,
    "deep object": b'{"code":' * 5_000 + b"1" + b"}" * 5_000,
    "huge number": b'{"code": 1' + b"0" * 5_000 + b"}",
    "nan": b'{"code": NaN}',
    "surrogate": b'{"code": "\\ud800"}',
    "nul": b'{"code": "\\u0000"}',
    "long": b'{"code": "' + b"A" * 200_000 + b'"}',
}


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("body", BODIES)
def test_no_broken_body_fails_or_writes(fuzzed: Place, path: str, body: str) -> None:
    refused(fuzzed, path, BODIES[body])


def refused(place: Place, path: str, body: bytes) -> None:
    """The call is refused with a code a program can read, without a trace and without a write."""
    with closing(Versions(place)) as versions:
        before = versions.now()
        answer = place.app.test_client().post(path, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500, (answer.status_code, body[:200])
        assert answer.mimetype == "application/json"
        assert set(answer.get_json()) >= {"error"}
        assert b"Traceback" not in answer.data
        assert b"survey_app" not in answer.data
        assert versions.now() == before


@pytest.mark.parametrize("path", [*CALLS, "/sign-in", "/r"])
def test_a_body_beyond_the_limit_is_refused_with_words(fuzzed: Place, path: str) -> None:
    limit = fuzzed.app.config["MAX_CONTENT_LENGTH"]
    kind = "application/json" if path in CALLS else "application/x-www-form-urlencoded"
    answer = fuzzed.app.test_client().post(path, data=b"x" * (limit + 1), content_type=kind)
    assert answer.status_code in {400, 413}
    words = answer.get_data(as_text=True)
    assert len(words) > 20
    assert "Traceback" not in words
