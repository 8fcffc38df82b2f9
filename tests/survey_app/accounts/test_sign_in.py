"""Signing in: the page, the lock, the session in the database, and what a stranger learns (nothing)."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from survey_app.accounts.models import SignIn, SignInFailure
from survey_app.core.db import committing, read_session, write_session
from tests.support.cast import signed_in_client
from tests.survey_app.accounts.conftest import NOON, PASSWORD


def try_to_enter(client, login, password, following=None, path="/sign-in"):
    page = client.get(path, query_string={"next": following} if following else None)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True)).group(1)
    data = {"csrf_token": token, "login": login, "password": password, "next": following or ""}
    return client.post("/sign-in", data=data)


def message(answer):
    found = re.search(r'role="alert".*?</div></div>', answer.get_data(as_text=True), re.S)
    return re.sub(r"<[^>]+>", " ", found.group(0)) if found else ""


def test_the_right_password_opens_a_session_kept_in_the_database(app, databases, people):
    client = app.test_client()
    answer = try_to_enter(client, " LD-ZGH-07 ", PASSWORD, "/password")
    assert (answer.status_code, answer.location) == (303, "/password")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("pj_desk="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    with read_session(databases.roster) as session:
        row = session.scalars(select(SignIn)).one()
    assert cookie.split("=")[1].split(";")[0].encode() not in row.token_hash, "only the hash is stored"
    assert "张敏" not in client.get("/sign-in").get_data(as_text=True)
    assert client.get("/password").status_code == 200


def test_a_wrong_password_and_an_unknown_login_are_told_the_same(app, people):
    known, unknown = app.test_client(), app.test_client()
    for tries_left in (4, 3, 2, 1):
        answers = [
            try_to_enter(known, "ld-zgh-07", "falsch falsch"),
            try_to_enter(unknown, "nobody-here", "falsch falsch"),
        ]
        assert [answer.status_code for answer in answers] == [422, 422]
        assert message(answers[0]) == message(answers[1])
        assert "用户名或密码不对" in message(answers[0])
        assert f"再错{tries_left}次" in message(answers[0])
    locked = [
        message(try_to_enter(known, "ld-zgh-07", "falsch")),
        message(try_to_enter(unknown, "nobody-here", "falsch")),
    ]
    assert locked[0] == locked[1]
    assert "已锁定15分钟" in locked[0]


def test_a_locked_login_refuses_the_right_password_until_the_quarter_hour_is_over(app, clock, people):
    client = app.test_client()
    for _ in range(5):
        try_to_enter(client, "ld-zgh-07", "wrong wrong")
    assert "已锁定" in message(try_to_enter(client, "ld-zgh-07", PASSWORD))
    clock.instant = NOON + timedelta(minutes=14)
    assert "已锁定" in message(try_to_enter(client, "ld-zgh-07", PASSWORD))
    clock.instant = NOON + timedelta(minutes=15)
    assert try_to_enter(client, "ld-zgh-07", PASSWORD).status_code == 303


def test_the_right_password_forgets_the_failures_before_it(app, databases, people):
    client = app.test_client()
    for _ in range(4):
        try_to_enter(client, "ld-zgh-07", "wrong wrong")
    assert try_to_enter(client, "ld-zgh-07", PASSWORD).status_code == 303
    with read_session(databases.roster) as session:
        assert session.scalars(select(SignInFailure)).all() == []


def test_a_session_planted_before_the_sign_in_is_worth_nothing_after_it(app, people):
    victim = app.test_client()
    victim.get("/sign-in")
    victim.set_cookie("pj_desk", "planted-by-a-stranger")
    try_to_enter(victim, "ld-zgh-07", PASSWORD)
    assert victim.get_cookie("pj_desk").value != "planted-by-a-stranger"
    stranger = app.test_client()
    stranger.set_cookie("pj_desk", "planted-by-a-stranger")
    assert stranger.get("/password").status_code == 302


def test_next_never_leads_elsewhere(app, people):
    addresses = (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb",
    )
    for following in addresses:
        answer = try_to_enter(app.test_client(), "ld-zgh-07", PASSWORD, following)
        assert answer.location == "/desk", following


def test_a_session_ends_after_two_idle_hours_and_after_twelve_in_any_case(app, databases, clock, people):
    client = signed_in_client(app, databases, people["officer"][1])
    for hours in (1.9, 3.8, 5.7, 7.6, 9.5, 11.4):
        clock.instant = NOON + timedelta(hours=hours)
        assert client.get("/password").status_code == 200
    clock.instant = NOON + timedelta(hours=12)
    assert client.get("/password").status_code == 302
    clock.instant = NOON
    idle = signed_in_client(app, databases, people["officer"][1])
    clock.instant = NOON + timedelta(hours=2, minutes=1)
    assert idle.get("/password").status_code == 302


def test_signing_out_ends_the_session_in_the_database_too(app, databases, people):
    client = signed_in_client(app, databases, people["officer"][1])
    token = client.get_cookie("pj_desk").value
    assert client.send("/sign-out").status_code == 303
    again = app.test_client()
    again.set_cookie("pj_desk", token)
    assert again.get("/password").status_code == 302


def test_a_disabled_account_is_out_at_once(app, databases, people):
    client = signed_in_client(app, databases, people["officer"][1])
    assert client.get("/password").status_code == 200
    with committing(write_session(databases.roster)) as session:
        session.merge(people["officer"][0]).disabled_at = NOON
    assert client.get("/password").status_code == 302
    assert "用户名或密码不对" in message(try_to_enter(app.test_client(), "ld-zgh-07", PASSWORD))


def test_every_change_of_state_needs_the_token_of_a_form(app, databases, people):
    client = signed_in_client(app, databases, people["officer"][1])
    for path in ("/sign-in", "/sign-out", "/password", "/confirm-password", "/post/1", "/sign-in/second"):
        assert client.post(path).status_code == 400, path


def test_language_and_size_are_kept_in_cookies_and_lead_back(app, databases, people):
    client = signed_in_client(app, databases, people["officer"][1])
    answer = client.get("/settings?lang=en&big=1&next=/password")
    assert (answer.status_code, answer.location) == (303, "/password")
    page = client.get("/password").get_data(as_text=True)
    assert '<html lang="en" class="big">' in page
    assert client.get("/settings?lang=xx&next=//evil.example").location == "/desk"
