"""What cannot be taken back asks for the password again; a stolen or revoked session is worth nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from survey_app.core.db import committing, write_session
from survey_app.results.models import Result
from tests.proof.conftest import NewPlace
from tests.proof.place import Place
from tests.proof.world import NOW, OWN
from tests.support.cast import signed_in_client


@pytest.fixture
def later(new_place: NewPlace) -> Place:
    """The world twenty minutes after everybody signed in."""
    place = new_place()
    for actor in ("district", "custodian", "administrator"):
        place.browser(actor)
    place.clock.instant = NOW + timedelta(minutes=20)
    return place


def asked_again(answer: TestResponse) -> bool:
    return answer.status_code in {302, 303} and answer.headers["Location"].startswith("/confirm-password")


@pytest.mark.parametrize(
    ("actor", "path", "data"),
    [
        ("district", "/ratings/{result_id}", {"reason": "看过", "version": "1"}),
        ("district", "/ratings/confirm", {"chosen": "{result_id}:1"}),
        ("district", "/rounds/{voting}/duties", {"duty": "custodian", "login": "x", "home_id": "0"}),
        ("district", "/orders/{order_id}/do/withdraw", {"reason": "搞错了，撤销。"}),
        ("administrator", "/accounts/{account_id}/reset", {}),
        ("administrator", "/accounts/new", {}),
        ("administrator", "/accounts/chairs", {}),
        ("district", "/second-factor", {}),
        ("district", "/second-factor/off", {}),
        ("custodian", "/box/{voting}/destroyed", {}),
    ],
)
def test_an_act_for_good_asks_for_the_password_again(later: Place, actor: str, path: str, data: dict) -> None:
    holdings = later.world.holdings[OWN]
    names = {**holdings.ids, **holdings.rounds}
    before = later.rows()
    answer = later.browser(actor).send(
        path.format(**names), {name: value.format(**names) for name, value in data.items()}
    )
    assert asked_again(answer), (answer.status_code, answer.headers.get("Location"))
    assert later.rows() == before


def test_a_stolen_session_ends_when_the_password_is_changed_or_the_person_signed_out_by_force(
    new_place: NewPlace,
) -> None:
    place = new_place()
    post = place.world.posts["chair"]
    stolen = signed_in_client(place.app, place.databases, post)
    assert stolen.get("/desk").status_code == 200
    officer = place.browser("district")
    assert officer.send(f"/accounts/{post.account_id}/sign-out").status_code == 303
    assert stolen.get("/desk").headers["Location"].startswith("/sign-in")
    again = signed_in_client(place.app, place.databases, post)
    assert officer.send(f"/accounts/{post.account_id}/disable").status_code == 303
    assert again.get("/desk").headers["Location"].startswith("/sign-in")


def test_an_ended_post_acts_no_more(new_place: NewPlace) -> None:
    place = new_place()
    post = place.world.posts["neighbour"]
    browser = place.browser("neighbour")
    assert browser.get("/desk").status_code == 200
    assert place.browser("district").send(f"/accounts/posts/{post.id}/end").status_code == 303
    assert browser.get("/desk").status_code == 302


def test_confirming_twice_at_an_old_version_changes_nothing(new_place: NewPlace) -> None:
    place = new_place()
    holdings = place.world.holdings[OWN]
    with committing(write_session(place.databases.roster)) as session:
        session.get_one(Result, holdings.ids["result_id"]).state = "provisional"
    before = place.rows()
    path = f"/ratings/{holdings.ids['result_id']}"
    for version in ("999", "²", "-1", "1e9", "9" * 5000):
        answer = place.browser("district").send(path, {"reason": "看过", "version": version})
        assert answer.status_code in {200, 409, 422}, version
    assert place.rows() == before
