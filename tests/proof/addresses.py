"""Every address of the application, filled from what a home holds: a new route is walked unlisted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from survey_app.accounts.administration import ACTS
from survey_app.rectification.simple_acts import SIMPLE_ACTS
from survey_app.web.access import access_of
from tests.proof.world import Holdings

# Blanks that name no one's property: which act, which paper, which form of a file.
WORDS: dict[str, tuple[str, ...]] = {
    "act": tuple(ACTS),
    "action": tuple(SIMPLE_ACTS),
    "paper": ("order", "reminder", "plan", "inspection", "file-cover"),
    "year": ("2026",),
    "change_id": ("1",),
    "sheet": ("1",),
    "keying": ("1", "2"),
}
ROUND, LEADS_OWN = "round_id", frozenset({"scheme_id"})
OPEN_TO_ALL = frozenset({"public", "member", "entrance"})
NOBODY = {"id": 999_999, "hex": "f" * 32}


@dataclass(frozen=True)
class Address:
    """A rule with its blanks filled; `round` says which of the rounds (rated, voting, draft) was taken."""

    rule: str
    endpoint: str
    access: str
    methods: frozenset[str]
    path: str
    missing: str
    round: str = ""
    home_named: bool = False


def guarded_rules(app: Flask) -> list[Rule]:
    """The rules behind the sign-in."""
    found = [rule for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) not in OPEN_TO_ALL]
    return sorted(found, key=lambda rule: (rule.rule, rule.endpoint))


def addresses_of(
    app: Flask, rule: Rule, holdings: Holdings, other_round: Holdings | None = None
) -> Iterator[Address]:
    """The rule's addresses for one home; `other_round` lends the round, to mix what does not belong together.

    KeyError when the rule has a blank that nobody can fill.
    """
    lender, fixed = other_round or holdings, set(rule.defaults or ())
    for kind in lender.rounds if ROUND in rule.arguments else ("",):
        for words in _words(rule):
            values: dict[str, Any] = {}
            for name in rule.arguments - words.keys() - {ROUND} - fixed:
                values[name] = holdings.ids[name]
            missing = {name: _nobody(value) for name, value in values.items()}
            if ROUND in rule.arguments:
                values[ROUND], missing[ROUND] = lender.rounds[kind], NOBODY["hex"]
            yield Address(
                rule.rule,
                rule.endpoint,
                access_of(app, rule.endpoint) or "",
                frozenset(rule.methods or ()) & {"GET", "POST"},
                _built(rule, values | words),
                _built(rule, missing | words),
                kind,
                bool(values.keys() - LEADS_OWN - {ROUND}),
            )


def _nobody(value: int | str) -> Any:
    return NOBODY["id"] if isinstance(value, int) else NOBODY["hex"]


def _words(rule: Rule) -> list[dict[str, str]]:
    """Every choice of the blanks that are words."""
    choices: list[dict[str, str]] = [{}]
    for name, converter in rule._converters.items():
        words = tuple(sorted(converter.items)) if isinstance(converter, AnyConverter) else WORDS.get(name)
        if words is not None:
            choices = [{**choice, name: word} for choice in choices for word in words]
    return choices


def _built(rule: Rule, values: dict[str, Any]) -> str:
    built = rule.build({**(rule.defaults or {}), **values}, append_unknown=False)
    assert built is not None, f"{rule} is not filled by {values}"
    return str(built[1])
