"""Scope: whatever lies outside is not there, for every address and role; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey_app.accounts.models import Account
from survey_app.core.db import read_session, reading
from tests.proof.addresses import WORDS, Address, addresses_of, guarded_rules
from tests.proof.place import Place
from tests.proof.scopes import HOMES, sees_home, sees_round, strange_homes
from tests.proof.world import LEADS, OWN, PARTNER, Holdings

ACTORS = sorted(HOMES)
TOKEN = re.compile(rb'name="csrf_token" value="[^"]*"')


def outside(place: Place, actor: str) -> Iterator[Address]:
    """Every address that names something outside the actor's scope, alone or mixed with what is inside."""
    holdings = place.world.holdings
    for rule in guarded_rules(place.app):
        if not rule.arguments - WORDS.keys() - {"form", "kind"}:
            continue
        for name in strange_homes(actor):
            for address in addresses_of(place.app, rule, holdings[name]):
                if not _sees(actor, holdings[name], address):
                    yield address
        if {"round_id", "home_id"} <= rule.arguments:
            yield from _mixed(place, actor, rule)


def _mixed(place: Place, actor: str, rule: Rule) -> Iterator[Address]:
    """A home outside in a round inside."""
    inside, strange = sorted(HOMES[actor])[0], strange_homes(actor)[-1]
    yield from addresses_of(place.app, rule, place.world.holdings[strange], place.world.holdings[inside])


def _sees(actor: str, holdings: Holdings, address: Address) -> bool:
    if address.home_named:
        of_the_vote = "<batch_id>" in address.rule
        return sees_home(actor, holdings.home, "voting" if of_the_vote else address.round)
    # A scheme goes where its rounds go: it is open to whom it binds.
    kinds = [address.round] if address.round else ["rated", "voting"]
    return any(sees_round(actor, holdings.lead, set(LEADS[holdings.lead]), kind) for kind in kinds)


def answer_of(place: Place, actor: str, path: str, method: str) -> TestResponse:
    """What the actor's browser gets; a form is sent with its token and nothing else."""
    browser = place.browser(actor)
    return browser.get(path) if method == "GET" else browser.send(path)


def bare(answer: TestResponse, path: str) -> tuple[int, bytes]:
    """Status and page without the address and its beginnings, which switches and way back repeat.

    The token of the form for signing out carries the second in which it was made.
    """
    page = TOKEN.sub(b"", answer.data)
    while path.count("/") > 1:
        page, path = page.replace(path.encode(), b""), path.rpartition("/")[0]
    return answer.status_code, page


def test_every_blank_of_every_rule_can_be_filled(place: Place) -> None:
    holdings = place.world.holdings[OWN]
    for rule in guarded_rules(place.app):
        assert list(addresses_of(place.app, rule, holdings)), rule


@pytest.mark.parametrize("actor", ACTORS)
def test_what_lies_outside_the_scope_is_not_there(place: Place, actor: str) -> None:
    before = place.rows()
    permissions, missing = place.permissions(actor) | {"signed_in"}, {}
    wrong = []
    for address in outside(place, actor):
        may = address.access in permissions
        for method in sorted(address.methods):
            answer = answer_of(place, actor, address.path, method)
            if answer.status_code != (404 if may else 403):
                wrong.append(f"{method} {address.rule} ({address.round}): {answer.status_code}")
                continue
            known = (address.missing, method)
            if known not in missing:
                missing[known] = bare(answer_of(place, actor, *known), address.missing)
            if missing[known] != bare(answer, address.path):
                wrong.append(f"{method} {address.rule} ({address.round}): unlike what is not there")
    assert "\n".join(sorted(set(wrong))) == ""
    assert place.rows() == before


READERS = (("district", PARTNER), ("street", PARTNER), ("auditor", OWN), ("auditor", PARTNER))


@pytest.mark.parametrize(("actor", "home"), READERS)
def test_the_other_line_and_the_auditor_read_and_never_write(place: Place, actor: str, home: str) -> None:
    before, wrong, read = place.rows(), [], set()
    for rule in guarded_rules(place.app):
        if not rule.arguments - WORDS.keys() - {"form", "kind", "round_id", "scheme_id"}:
            continue
        for address in addresses_of(place.app, rule, place.world.holdings[home]):
            if "GET" in address.methods:
                status = answer_of(place, actor, address.path, "GET").status_code
                read |= {address.endpoint} if status == 200 else set()
            if "POST" in address.methods:
                status = answer_of(place, actor, address.path, "POST").status_code
                if status not in {403, 404}:
                    wrong.append(f"{address.rule} ({address.round}): {status}")
    assert "\n".join(sorted(set(wrong))) == ""
    assert place.rows() == before
    assert {"results.show", "rectification.order", "rectification_papers.evidence", "units.show"} <= read


def test_who_is_offered_for_a_duty_stands_in_the_organisers_own_line(place: Place) -> None:
    """Named by login, name and unit; nobody of another district, of another line, or who has left."""
    drafted = place.world.holdings[OWN].rounds["draft"]
    page = place.browser("district").get(f"/rounds/{drafted}/duties").text
    offered = set(re.findall(r'<option value="([^"]+)">[^<]+　[^<]+</option>', page))
    with reading(read_session(place.databases.roster)) as session:
        logins = {
            actor: session.get_one(Account, post.account_id).login
            for actor, post in place.world.posts.items()
        }
    near, far = ("district", "street", "chair", "auditor"), ("municipal", "stranger", "industry")
    assert {logins[actor] for actor in near} <= offered
    assert not {logins[actor] for actor in far} & offered
    assert not [logins[actor] for actor in far if logins[actor] in page]
    assert "票条（一人一张，印着投票的二维码）和票卡（装在信封里由会员自己抽）" in page
    # A login can still be typed; one that nobody has is answered with what to do.
    answer = place.browser("district").send(
        f"/rounds/{drafted}/duties", {"duty": "custodian", "login": "nobody-here", "home_id": "0"}
    )
    assert "没有“nobody-here”这个账号" in answer.text
    assert "从提示里选" in answer.text
    assert place.browser("stranger").get(f"/rounds/{drafted}/duties").status_code == 404
