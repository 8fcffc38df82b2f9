"""Every answer of every address: headers, cookies, tokens on forms, no way out to another site."""

from __future__ import annotations

import re

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey_app.web.access import access_of
from tests.proof.addresses import addresses_of, guarded_rules
from tests.proof.place import Place
from tests.proof.world import OWN

HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "",
}
# Served to the program of a member, who has no session: there is nothing a foreign site could ride on.
WITHOUT_TOKEN = {"member", "public"}
# Form pages on which a script runs inline would defeat the policy.
INLINE = re.compile(r"<script(?![^>]*(?:src=|type=\"application/json\"))|\son\w+=\"|style=\"|javascript:")


def some_address(place: Place, rule: Rule) -> str:
    return next(addresses_of(place.app, rule, place.world.holdings[OWN])).path


def protected(answer: TestResponse) -> list[str]:
    """The headers that are missing or say something else."""
    return [name for name, start in HEADERS.items() if not answer.headers.get(name, "?").startswith(start)]


def test_every_form_without_its_token_is_refused_and_writes_nothing(place: Place) -> None:
    before, wrong = place.rows(), []
    for rule in [rule for rule in place.app.url_map.iter_rules() if "POST" in (rule.methods or ())]:
        if access_of(place.app, rule.endpoint) in WITHOUT_TOKEN:
            continue
        path = some_address(place, rule)
        for data in ({}, {"csrf_token": "x"}, {"csrf_token": "ImFiYyI.aaaa.bbbb"}):
            answer = place.browser("district").post(path, data=data)
            if answer.status_code != 400:
                wrong.append(f"{rule.rule}: {answer.status_code}")
    assert wrong == []
    assert place.rows() == before


def test_only_member_and_public_routes_go_without_a_token(place: Place) -> None:
    guard = place.app.extensions["csrf_guard"]
    exempt = [
        rule
        for rule in place.app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and (
            f"{place.app.view_functions[rule.endpoint].__module__}.{rule.endpoint.split('.')[-1]}"
            in guard._exempt_views
            or place.app.blueprints.get(rule.endpoint.split(".")[0]) in guard._exempt_blueprints
        )
    ]
    assert exempt
    assert {access_of(place.app, rule.endpoint) for rule in exempt} <= WITHOUT_TOKEN


@pytest.mark.parametrize("actor", ["district", "chair"])
def test_every_answer_carries_the_headers_and_no_script_inline(place: Place, actor: str) -> None:
    wrong = []
    for rule in guarded_rules(place.app):
        path = some_address(place, rule)
        answer = place.browser(actor).get(path)
        wrong += [f"{path}: {name}" for name in protected(answer)]
        if answer.mimetype == "text/html" and INLINE.search(answer.get_data(as_text=True)):
            wrong.append(f"{path}: {INLINE.search(answer.get_data(as_text=True))}")
        assert "no-store" in answer.headers["Cache-Control"], path
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nowhere", "GET", 404),
        ("/desk", "DELETE", 405),
        ("/sign-out", "POST", 400),
        ("/e/lookup", "POST", 400),
        ("/static/../../etc/passwd", "GET", 404),
        ("/orders/1/papers/..%2f..%2fetc/1.pdf", "GET", 404),
        ("/static/%2e%2e/%2e%2e/pyproject.toml", "GET", 404),
        ("/published/..%2f..%2fx/1", "GET", 404),
        ("/rounds/%00", "GET", 404),
    ],
)
def test_errors_carry_the_headers_too(place: Place, path: str, method: str, status: int) -> None:
    browser = place.app.test_client() if path.startswith(("/e/", "/sign")) else place.browser("district")
    answer = browser.open(path, method=method, json={} if path == "/e/lookup" else None)
    assert answer.status_code == status
    assert protected(answer) == []
    assert "Traceback" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "/%0d%0aSet-Cookie:x=1",
        "/\r\nLocation: //evil.example",
    ],
)
@pytest.mark.parametrize("page", ["/sign-in", "/confirm-password", "/settings"])
def test_no_link_of_ours_leads_to_another_site(place: Place, page: str, target: str) -> None:
    answer = place.browser("district").get(page, query_string={"next": target, "lang": "en"})
    if answer.status_code in {302, 303}:
        where = answer.headers["Location"]
        assert re.match(r"/(?![/\\\s])", where), where
    assert "Set-Cookie: x" not in str(answer.headers)
    assert "evil.example" not in answer.headers.get("Location", "").split("?")[0].replace("/%09/", "//")


def test_a_foreign_host_name_reaches_no_link(place: Place) -> None:
    for path in ("/desk", "/rounds", "/nowhere", "/sign-in"):
        answer = place.browser("district").get(
            path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        )
        assert "evil.example" not in answer.get_data(as_text=True) + answer.headers.get("Location", ""), path


def test_cookies_are_shut_to_scripts_and_other_sites(place: Place) -> None:
    client = place.app.test_client()
    for path in ("/sign-in", "/settings?lang=en"):
        for cookie in client.get(path).headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie or cookie.startswith(("lang=", "big=")), cookie
            assert "SameSite=Lax" in cookie, cookie
            assert "Domain=" not in cookie
