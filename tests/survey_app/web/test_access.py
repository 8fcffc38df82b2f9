"""Access and headers: silence is refused at the start, every answer is protected, members get no cookie."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from survey_app.app import create_app
from survey_app.core.db import Databases
from survey_app.core.settings import Settings
from survey_app.web.access import UndeclaredAccess, access_of, refuse_undeclared


@pytest.fixture
def app(settings: Settings, databases: Databases) -> Flask:
    return create_app(settings, databases)


def test_every_endpoint_declares_its_access(app: Flask) -> None:
    silent = [rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint) is None]
    assert silent == []


def test_an_undeclared_endpoint_stops_the_start(app: Flask) -> None:
    app.view_functions["silent"] = lambda: "x"
    app.url_map.add(app.url_rule_class("/silent", endpoint="silent"))
    with pytest.raises(UndeclaredAccess, match="silent"):
        refuse_undeclared(app)


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/desk", "/e", "/static/pingjia.css"])
def test_every_answer_carries_the_headers(app: Flask, path: str) -> None:
    with app.test_client().get(path) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_public_and_member_pages_set_no_cookie(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        open_to_all = access_of(app, rule.endpoint) in {"public", "member"}
        if open_to_all and "GET" in (rule.methods or ()) and not rule.arguments:
            if rule.endpoint.startswith("accounts."):
                continue  # the sign-in form carries a token, and a token needs its cookie
            answer = client.get(str(rule))
            assert "Set-Cookie" not in answer.headers, rule


def filled(rule: Rule) -> str:
    """The rule's address with something of the right shape in every blank."""
    values = {
        name: 1
        if isinstance(converter, IntegerConverter)
        else sorted(converter.items)[0]
        if isinstance(converter, AnyConverter)
        else "x"
        for name, converter in rule._converters.items()
    }
    built = rule.build(values, append_unknown=False)
    assert built is not None, rule
    return str(built[1])


def test_a_stranger_is_led_to_the_sign_in_and_cannot_post(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        access = access_of(app, rule.endpoint)
        if access in {"public", "member", "entrance"}:
            continue
        address = filled(rule)
        if "GET" in (rule.methods or ()):
            answer = client.get(address)
            assert answer.status_code in {302, 404}, (address, answer.status_code)
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/sign-in")
        if "POST" in (rule.methods or ()):
            assert client.post(address).status_code in {400, 403, 404}, address


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN", "zh-CN"), ("zh-Hans-CN", "zh-CN"), ("en-US,en;q=0.9", "en"), ("fr", "zh-CN"), ("", "zh-CN")],
)
def test_any_chinese_tag_means_chinese(app: Flask, header: str, language: str) -> None:
    page = app.test_client().get("/nowhere", headers={"Accept-Language": header}).get_data(as_text=True)
    assert f'<html lang="{language}"' in page


def test_ready_only_when_both_databases_are_up_to_date(app: Flask, databases: Databases) -> None:
    import migrations

    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    migrations.downgrade(databases)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["problems"] == ["migration:roster", "migration:box"]


def test_who_has_no_session_finds_the_way_from_an_error(app: Flask) -> None:
    page = app.test_client().get("/nowhere").get_data(as_text=True)
    assert '<a class="logo" href="/"' in page
    assert "回到首页" in page
    assert 'aria-label="主导航"' not in page
