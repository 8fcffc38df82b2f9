"""The desks of duties: what to do now, with one link that leads somewhere."""

from __future__ import annotations

import re

import pytest

from survey_app.accounts.models import Account
from survey_app.accounts.queries import actor_of_post
from survey_app.accounts.sign_ins import open_sign_in, signed_in
from survey_app.core.actor import Role
from survey_app.core.db import committing, write_session
from survey_app.outbox.messages import tell
from survey_app.outbox.models import Job
from survey_app.rounds.models import CustodianStep, Round, RoundSecret, RoundState
from survey_app.units.models import Unit
from tests.support.cast import StandingClock, make_account, make_app, signed_in_client
from tests.support.round_builder import build_round


@pytest.fixture
def built(settings, databases):
    return build_round(settings, databases)


def posts(built):
    with committing(write_session(built.databases.roster)) as session:
        home = session.get_one(Unit, built.home_ids[0])
        return {
            role: make_account(session, role, home, built.id)[1] for role in (Role.WORKING_GROUP, Role.TELLER)
        } | {
            Role.CUSTODIAN: built.custodian_posts[0],
            Role.ADMINISTRATOR: make_account(session, Role.ADMINISTRATOR, home)[1],
        }


@pytest.mark.parametrize(
    ("role", "state", "sentence"),
    [
        (Role.CUSTODIAN, RoundState.DRAFT, "请做开箱钥匙"),
        (Role.CUSTODIAN, RoundState.CLOSED, "各输入一半口令开箱"),
        (Role.CUSTODIAN, RoundState.COUNTED, "协议页可以打印签字"),
        (Role.WORKING_GROUP, RoundState.DRAFT, "票条还没准备好"),
        (Role.WORKING_GROUP, RoundState.READY, "请打印票条"),
        (Role.WORKING_GROUP, RoundState.CLOSED, "不再发票条"),
        (Role.TELLER, RoundState.VOTING, "收票结束以后才录纸质票"),
        (Role.TELLER, RoundState.CLOSED, "各录一遍"),
        (Role.ADMINISTRATOR, RoundState.DRAFT, "首次密码"),
    ],
)
def test_the_duty_of_the_hour_stands_first(built, role, state, sentence):
    with committing(write_session(built.databases.roster)) as session:
        session.get_one(Round, built.id).state = state
        if state is RoundState.DRAFT:
            session.delete(session.get_one(RoundSecret, built.id))
    app = make_app(built.settings, built.databases, StandingClock(built.clock()))
    client = signed_in_client(app, built.databases, posts(built)[role])
    page = client.get("/desk").get_data(as_text=True)
    assert sentence in page.split("<main")[1]
    for address in re.findall(r'class="btn[^"]*" href="([^"]+)"', page):
        assert client.get(address).status_code in (200, 302, 303), address


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_custodian_lands_on_the_round_that_waits_for_him(built):
    """Of three rounds the newest is only a draft whose key is made: the closed one is to be opened first."""
    app = make_app(built.settings, built.databases, StandingClock(built.clock()))
    later = [build_round(built.settings, built.databases, year=year) for year in (2027, 2028)]
    with committing(write_session(built.databases.roster)) as session:
        person = session.get_one(Account, built.custodian_posts[0].account_id)
        unit = session.get_one(Unit, built.custodian_posts[0].unit_id)
        added = [make_account(session, Role.CUSTODIAN, unit, other.id, account=person)[1] for other in later]
        for number, other in enumerate([built, *later]):
            session.get_one(Round, other.id).title = f"{2026 + number}年评议"
        session.get_one(Round, built.id).state = RoundState.CLOSED
        session.get_one(Round, later[0].id).state = RoundState.VOTING
    with committing(write_session(built.databases.roster)) as session:
        token = open_sign_in(session, session.get_one(Account, person.id), at=built.clock())
        landed = signed_in(session, token, at=built.clock())
    assert landed.actor.round_id == built.id
    browser = signed_in_client(app, built.databases, built.custodian_posts[0])
    page = browser.get("/desk").text
    menu = re.findall(r">([^<>]*· 开箱人 · [^<>]*)<", page.split("</details>")[0])
    assert menu == [
        "2026年评议 · 开箱人 · 请开箱",
        "2028年评议 · 开箱人 · 请试开",
        "2027年评议 · 开箱人 · 投票中",
    ]
    others = page.split('id="others"')[1].split("</section>")[0]
    assert "2028年评议" in others
    assert "2027年评议" not in others, "nothing waits there"
    # Another round of his own is one tap away from the page that does not open, a stranger's round is not.
    held = {other.id: post.id for other, post in zip(later, added, strict=True)}
    gone = browser.get(f"/box/{later[0].id}")
    assert gone.status_code == 404
    assert re.findall(r'action="/post/(\d+)"', gone.text.split("<main")[1]) == [str(held[later[0].id])]
    assert 'action="/post/' not in browser.get("/box/" + "0" * 32).text.split("<main")[1]
    with committing(write_session(built.databases.roster)) as session:
        tell(session, [held[later[1].id]], "order.served", {}, "/desk", at=built.clock())
    listed = browser.get("/messages").text.split("<main")[1]
    assert "这个身份还没有消息。" in listed
    assert "1条没看" in listed
    assert re.findall(r'action="/post/(\d+)"', listed) == [str(held[later[1].id])]
    there = browser.send(f"/post/{held[later[1].id]}", {"next": "/messages"})
    assert there.location == "/messages"
    assert "这个身份还没有消息。" not in browser.get("/messages").text


@pytest.mark.parametrize(
    ("state", "attempts", "sentence"),
    [("waiting", 1, "后台任务都办成了"), ("waiting", 3, "有1件后台任务"), ("failed", 8, "有1件后台任务")],
)
def test_the_administrator_is_told_of_work_that_fails_again_and_again(built, state, attempts, sentence):
    with committing(write_session(built.databases.roster)) as session:
        at, why = built.clock(), "WorkdaysError"
        session.add(Job(kind="rate", payload={}, run_at=at, state=state, attempts=attempts, error=why))
    app = make_app(built.settings, built.databases, StandingClock(built.clock()))
    client = signed_in_client(app, built.databases, posts(built)[Role.ADMINISTRATOR])
    assert sentence in client.get("/desk").text.split("<main")[1]


def test_the_desk_of_a_custodian_names_whom_it_waits_for(built):
    first, second = built.custodian_posts
    with committing(write_session(built.databases.roster)) as session:
        awaited = actor_of_post(session, second.id)
        session.query(CustodianStep).filter_by(account_id=awaited.account_id, step="rehearsed").delete()
    app = make_app(built.settings, built.databases, StandingClock(built.clock()))
    desk = {
        post.id: signed_in_client(app, built.databases, post).get("/desk").text for post in (first, second)
    }
    assert f"在等{awaited.name}用自己的账号试开" in desk[first.id]
    assert "请您也照着口令条试开一次：拿一张假票试，证明口令条没有抄错" in desk[second.id]
    # A third custodian holds no half of the passphrase: who names him, and all three, are told so.
    officer = signed_in_client(app, built.databases, built.officer_post)
    duties = f"/rounds/{built.id}/duties"
    assert "已有2位开箱人，够了。口令只有两半，再定的人不拿口令条" in officer.get(duties).text
    with committing(write_session(built.databases.roster)) as session:
        unit = session.get_one(Unit, first.unit_id)
        make_account(session, Role.CUSTODIAN, unit, built.id, name="何静")
        session.get_one(Round, built.id).state = RoundState.CLOSED
    assert "已有3位开箱人，够了。" in officer.get(duties).text
    browser = signed_in_client(app, built.databases, first)
    page = browser.get("/desk").text
    assert "由拿口令条的两位各输入一半口令" in page
    assert "何静" in page
    assert awaited.name in page
    assert "3位开箱人都到场，拿口令条的两位各填自己的一半。" in browser.get(f"/box/{built.id}").text
