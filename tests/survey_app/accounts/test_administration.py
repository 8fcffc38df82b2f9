"""Inviting, resetting, ending: only within one's own affiliation, and never upwards."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import select

from survey_app.accounts import operations
from survey_app.accounts.models import Account, Post, SignIn
from survey_app.accounts.queries import homes_without_chair, posts_at, visible_accounts
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, write_session
from survey_app.core.errors import Conflict, NotFound, Refused
from survey_app.journal.models import JournalLine
from survey_app.units.models import Unit
from tests.support.cast import actor_for, make_account, make_home, signed_in_client
from tests.survey_app.accounts.conftest import NOON


@pytest.fixture
def book(databases):
    with committing(write_session(databases.roster)) as session:
        yield session


@pytest.fixture
def officer(book, people):
    return actor_for(book, people["officer"][1])


def test_an_officer_invites_within_the_affiliation_only(book, people, officer):
    account, first = operations.create_account(book, officer, login=" Zhuxi-9 ", name="钱进", at=NOON)
    assert (account.login, account.must_change_password) == ("zhuxi-9", True)
    assert re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", first)
    home, other = book.merge(people["home"]), book.merge(people["other"])
    post = operations.grant_post(book, officer, account, Role.CHAIR, home, at=NOON)
    again = operations.grant_post(book, officer, account, Role.CHAIR, home, at=NOON)
    assert again.id == post.id
    granted = book.scalars(select(JournalLine).where(JournalLine.verb == "post.grant")).all()
    assert [line.details["account"] for line in granted] == [account.id], "who was given what stands recorded"
    with pytest.raises(NotFound):
        operations.grant_post(book, officer, account, Role.OFFICER, other, at=NOON)
    with pytest.raises(Refused, match="role_may_not"):
        operations.grant_post(
            book, officer, account, Role.ADMINISTRATOR, book.merge(people["district"]), at=NOON
        )
    with pytest.raises(Conflict):
        operations.create_account(book, officer, login="zhuxi-9", name="另一位", at=NOON)


@pytest.mark.parametrize(
    ("role", "place", "round_id", "code"),
    [
        (Role.CHAIR, "district", None, "chair_needs_home"),
        (Role.OFFICER, "home", None, "officer_needs_superior"),
        (Role.CUSTODIAN, "district", None, "post_needs_round"),
        (Role.CHAIR, "home", "a" * 32, "post_has_no_round"),
    ],
)
def test_a_role_stands_only_where_it_belongs(book, people, officer, role, place, round_id, code):
    with pytest.raises(Refused, match=code):
        operations.grant_post(
            book, officer, people["chair"][0], role, people[place], round_id=round_id, at=NOON
        )


def test_nobody_takes_over_an_account_from_below(book, people, officer):
    chair = book.merge(people["chair"][0])
    assert operations.reset_password(book, officer, chair, at=NOON)
    make_account(book, Role.AUDITOR, people["city"], account=chair)
    for act in (operations.reset_password, operations.disable, operations.force_sign_out):
        with pytest.raises(Refused, match="person_has_posts_elsewhere"):
            act(book, officer, chair, at=NOON)
    with pytest.raises(Refused, match="not_on_yourself"):
        operations.disable(book, officer, book.merge(people["officer"][0]), at=NOON)
    for who in ("chair", "neighbour"):
        with pytest.raises(Refused):
            operations.reset_password(book, actor_for(book, people[who][1]), people["officer"][0], at=NOON)


def test_an_ended_post_is_over_at_once_and_stays_on_record(book, people, officer):
    post = book.merge(people["chair"][1])
    operations.end_post(book, officer, post, at=NOON)
    assert posts_at(book, people["home"].id, Role.CHAIR) == []
    assert book.get(Post, post.id) is not None
    with pytest.raises(NotFound):
        operations.end_post(book, officer, people["neighbour"][1], at=NOON)


def test_the_list_shows_the_scope_and_nothing_else(book, people, officer):
    rows, total = visible_accounts(book, officer, on=NOON.date())
    assert sorted(row.account.name for row in rows) == ["张敏", "李强"]
    assert total == 2
    assert visible_accounts(book, officer, on=NOON.date(), text="王芳")[1] == 0
    assert visible_accounts(book, officer, on=NOON.date(), role="chair")[1] == 1


def test_chairs_are_invited_once_and_a_former_chair_keeps_his_login(book, people, officer):
    first = make_home(book, people["district"], "新竹电子公司工会", chair_name="周平")
    make_home(book, people["other"], "别区公司工会", chair_name="吴")
    found = homes_without_chair(book, officer, people["district"].id, NOON.date())
    assert [home.id for home in found] == [first.id]
    [(_home, account, _password)] = operations.invite_chairs(book, officer, found, at=NOON)
    assert homes_without_chair(book, officer, people["district"].id, NOON.date()) == []
    post = book.scalars(select(Post).where(Post.account_id == account.id)).one()
    operations.end_post(book, officer, post, at=NOON)
    [(_home, second, _password)] = operations.invite_chairs(book, officer, [first], at=NOON)
    assert second.login == f"{account.login}-2"


class TestPages:
    """The same through the browser; one database is enough for pages."""

    @pytest.fixture
    def database_kind(self):
        return "sqlite"

    @pytest.fixture
    def browser(self, app, databases, people):
        return lambda who: signed_in_client(app, databases, people[who][1])

    def test_an_invited_person_enters_with_the_paper_and_chooses_a_password(
        self, app, databases, people, browser
    ):
        admin = browser("admin")
        data = {"unit_id": people["city"].id, "role": "officer", "name": "钱进", "login": "qian-01"}
        page = admin.send("/accounts/new", data).get_data(as_text=True)
        first = re.search(r'<p class="code">([^<]+)</p>', page).group(1)
        fresh = app.test_client()
        token = re.search(r'csrf_token"[^>]*value="([^"]+)', fresh.get("/sign-in").get_data(as_text=True))[1]
        typed = first.replace("-", "").upper()
        answer = fresh.post("/sign-in", data={"csrf_token": token, "login": "qian-01", "password": typed})
        assert answer.status_code == 303
        assert fresh.get("/units").location == "/password"
        page = fresh.get("/password").get_data(as_text=True)
        token = re.search(r'csrf_token"[^>]*value="([^"]+)', page)[1]
        choose = {
            "csrf_token": token,
            "old": first,
            "new": "河湾的水往东流，8里长",
            "again": "河湾的水往东流，8里长",
        }
        assert fresh.post("/password", data=choose | {"new": "短", "again": "短"}).status_code == 422
        assert fresh.post("/password", data=choose).status_code == 303
        assert fresh.get("/units").status_code == 200
        with read_session(databases.roster) as session:
            account = session.scalars(select(Account).where(Account.login == "qian-01")).one()
            assert account.password_expires_at is None

    def test_the_sheet_of_first_passwords_opens_the_accounts(self, databases, people, browser):
        with committing(write_session(databases.roster)) as session:
            session.merge(people["other"])
            make_home(session, people["district"], "新竹电子公司工会", chair_name="周平")
        answer = browser("officer").send("/accounts/chairs")
        assert answer.mimetype == "application/pdf"
        text = pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
        with read_session(databases.roster) as session:
            home = session.scalars(select(Unit).where(Unit.name == "新竹电子公司工会")).one()
            account = session.get_one(Account, posts_at(session, home.id, Role.CHAIR)[0].account_id)
        assert account.login in text
        found = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", text)
        assert found
        assert operations.passwords.matches(account.password_hash, found.group(0))

    def test_a_stranger_finds_nobody_and_a_chair_has_no_such_page(self, people, browser):
        chair_id = people["chair"][0].id
        for path in (f"/accounts/{chair_id}", f"/accounts/{chair_id}/reset"):
            assert browser("neighbour").get(path).status_code == 404, path
            assert browser("officer").get(path).status_code == 200, path
            assert browser("chair").get(path).status_code == 403, path
        for act in ("disable", "enable", "sign-out"):
            assert browser("neighbour").send(f"/accounts/{chair_id}/{act}").status_code == 404, act
        post_id = people["chair"][1].id
        assert browser("neighbour").send(f"/accounts/posts/{post_id}/end").status_code == 404
        assert browser("neighbour").get(f"/accounts?unit={people['home'].id}").status_code == 404

    def test_an_act_of_weight_asks_for_the_password_again(self, clock, people, browser):
        client = browser("officer")
        clock.instant = NOON + timedelta(minutes=16)
        answer = client.get(f"/accounts/{people['chair'][0].id}/reset")
        assert answer.status_code == 303
        assert answer.location.startswith("/confirm-password?next=/accounts/")
        assert client.send("/confirm-password", {"password": "falsch"}).status_code == 422

    def test_signing_somebody_out_empties_his_sessions(self, databases, people, browser):
        browser("chair")
        browser("officer").send(f"/accounts/{people['chair'][0].id}/sign-out")
        with read_session(databases.roster) as session:
            assert people["chair"][0].id not in set(session.scalars(select(SignIn.account_id)))

    def test_a_person_switches_only_between_his_own_posts(self, databases, people, browser):
        with committing(write_session(databases.roster)) as session:
            _same, second = make_account(
                session, Role.AUDITOR, people["city"], account=session.merge(people["officer"][0])
            )
        client = browser("officer")
        assert "柳城市总工会 · 审计" in client.get("/password").get_data(as_text=True)
        assert client.send(f"/post/{second.id}").status_code == 303
        refused = client.get("/accounts")
        assert refused.status_code == 403
        assert f'action="/post/{people["officer"][1].id}"' in refused.text, "the post that may is offered"
        back = client.send(f"/post/{people['officer'][1].id}", {"next": "/accounts"})
        assert back.location == "/accounts"
        assert client.get("/accounts").status_code == 200
        away = client.send(f"/post/{second.id}", {"next": "//elsewhere.example/"})
        assert away.location == "/desk", "only to pages of ours"
        assert client.send(f"/post/{people['admin'][1].id}").status_code == 404

    def test_who_has_one_post_is_never_told_to_change_it(self, browser):
        refused = browser("chair").get("/accounts")
        assert refused.status_code == 403
        assert "这件事不归您现在的身份办。" in refused.text
        assert "换" not in refused.text.split("<main")[1], "there is nothing to change to"
