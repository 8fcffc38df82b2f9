"""The desks of sending and reminding: right hands only, sums only, numbers of what failed for one desk."""

from __future__ import annotations

import re

import pytest

from survey_app.core.actor import Role
from survey_app.invitations.models import Sending
from survey_app.invitations.queries import invitation_of_number
from survey_app.rosters.queries import contact_of
from survey_app.units.models import Unit
from tests.support.cast import make_account, make_unit, signed_in_client
from tests.support.http_gateway import http_gateway
from tests.support.post_round import PostRound, give_contacts, with_post
from tests.support.round_builder import HomeSpec
from tests.support.smtp_server import smtp_server


@pytest.fixture
def database_kind() -> str:
    """Pages look alike on both."""
    return "sqlite"


@pytest.fixture
def voting(build):
    """A voting round of two homes; one member has no contact."""
    with smtp_server() as mailbox, http_gateway() as gateway:
        built = build(HomeSpec.of(12), HomeSpec.of(11))
        give_contacts(built, without=1)
        yield with_post(built.prepare().open(), mailbox, gateway)


def browser(voting: PostRound, post: object) -> object:
    return signed_in_client(voting.app, voting.built.databases, post)


def test_an_officer_sends_all_sees_what_failed_mends_it_and_everybody_has_a_link(voting):
    officer = browser(voting, voting.built.officer_post)
    round_url, home_url = f"/sending/{voting.built.id}", f"/sending/{voting.built.id}/{voting.home}"
    page = officer.get(home_url)
    assert page.status_code == 200
    assert "有手机号" in page.text
    asked = officer.send(home_url, {"when": "now"})
    assert asked.status_code == 303
    assert "正在发" in officer.get(home_url).text
    voting.mailbox.moods = ["550 5.1.1 nobody"]
    voting.work()
    listed = officer.get(home_url).text
    assert "已发11条" in listed
    (sending,) = voting.sendings()
    assert f"/sendings/{sending.id}" in listed
    failed = officer.get(f"/sendings/{sending.id}").text
    assert "没有这个号码或邮箱" in failed
    number = re.search(r"number=(\d{4})", failed).group(1)
    form = officer.get(f"{home_url}/one?number={number}").text
    assert f'value="{number}"' in form
    wrong = officer.send(f"{home_url}/one", {"number": number, "contact": "123"})
    assert "不是手机号" in wrong.text
    unknown = officer.send(f"{home_url}/one", {"number": "9999", "contact": ""})
    assert "没有这个会员号" in unknown.text
    mended = officer.send(f"{home_url}/one", {"number": number, "contact": "new@example.test"})
    assert mended.status_code == 303
    voting.work()
    assert voting.mailbox.taken[-1][0] == "new@example.test"
    assert "都送达了" in officer.get(f"/sendings/{sending.id}").text
    assert len(set(voting.links())) == 12
    with voting.writing() as session:
        invitation = invitation_of_number(session, voting.built.id, voting.home, number)
        key = voting.built.settings.wrapping_key
        assert contact_of(session, key, invitation.member_id) == "new@example.test"
    assert officer.get(round_url).status_code == 200


def test_failed_letters_are_sent_again_by_one_button(voting):
    officer = browser(voting, voting.built.officer_post)
    officer.send(f"/sending/{voting.built.id}", {"when": "now"})
    voting.gateway.moods = [(200, {"ok": False, "reason": "number_stopped"})]
    voting.work()
    failed = next(sending for sending in voting.sendings() if _failed(officer, sending))
    assert officer.send(f"/sendings/{failed.id}/again").status_code == 303
    voting.work()
    assert len(set(voting.links())) == 22
    assert "都送达了" in officer.get(f"/sendings/{failed.id}").text


def test_one_tick_voids_the_old_link_before_the_new_one_is_sent(voting):
    officer = browser(voting, voting.built.officer_post)
    one = f"/sending/{voting.built.id}/{voting.home}/one"
    old = voting.built.codes(voting.home)[0]
    assert officer.send(one, {"number": "0001", "renew": "y"}).status_code == 303
    voting.work()
    (link,) = voting.links()
    new = voting.built.codes(voting.home)[0]
    assert new != old
    assert new in link
    voting.voted(1)
    assert "已经领走" in officer.send(one, {"number": "0001", "renew": "y"}).text
    assert voting.built.codes(voting.home)[0] == new


def _failed(officer: object, sending: Sending) -> bool:
    return "号码停用" in officer.get(f"/sendings/{sending.id}").text


def test_a_chair_reminds_but_reaches_no_page_with_links_or_numbers(voting):
    chair = browser(voting, voting.built.chair_posts[0])
    url = f"/round/{voting.built.id}/remind"
    page = chair.get(url).text
    assert "确定提醒会员参评吗" in page
    assert "0次，共2次" in page
    assert chair.send(url, {"audience": "everyone"}).status_code == 303
    voting.work()
    assert "已发12条" in chair.get(url).text
    assert len(voting.links()) == 12
    sending = voting.sendings()[0]
    for path in (
        f"/sending/{voting.built.id}",
        f"/sending/{voting.built.id}/{voting.home}",
        f"/sending/{voting.built.id}/{voting.home}/one",
        f"/sendings/{sending.id}",
    ):
        assert chair.get(path).status_code == 403
        assert chair.send(path, {"when": "now"}).status_code in (403, 405)
    assert chair.send(f"/sendings/{sending.id}/again").status_code == 403
    for _ in range(2):
        answer = chair.send(url, {"audience": "not_voted"})
        voting.work()
    assert "最多提醒2次" in answer.text
    assert "提醒次数用完了" in chair.get(url).text


def test_a_small_home_reads_a_rounded_count_of_a_targeted_reminder(voting):
    voting.voted(4)
    chair = browser(voting, voting.built.chair_posts[0])
    url = f"/round/{voting.built.id}/remind"
    chair.send(url, {"audience": "not_voted"})
    voting.jobs()
    busy = chair.get(url).text
    assert "正在发" in busy
    assert "已发" not in busy
    voting.work()
    assert "大约发了8条" in chair.get(url).text


def test_others_find_nothing(voting):
    with voting.writing() as session:
        home = session.get_one(Unit, voting.home)
        posts = [
            make_account(session, Role.OFFICER, make_unit(session, "别处总工会"))[1],
            make_account(session, Role.WORKING_GROUP, home, voting.built.id)[1],
            make_account(session, Role.AUDITOR, make_unit(session, "审计"))[1],
        ]
    posts.append(voting.built.custodian_posts[0])
    for post in posts:
        person = browser(voting, post)
        for path in (
            f"/sending/{voting.built.id}",
            f"/sending/{voting.built.id}/{voting.home}",
            f"/round/{voting.built.id}/remind",
        ):
            assert person.get(path).status_code in (403, 404)
            assert person.send(path, {"when": "now", "audience": "everyone"}).status_code in (403, 404)
    assert voting.sendings() == []


def test_without_any_channel_the_pages_say_so(build):
    with smtp_server() as mailbox, http_gateway() as gateway:
        built = build(HomeSpec.of(11)).prepare().open()
        settings = built.settings
        voting = with_post(built, mailbox, gateway)
        voting.app.extensions["pingjia"] = type(voting.app.extensions["pingjia"])(
            settings, built.databases, built.clock, voting.app.extensions["pingjia"].files
        )
        page = browser(voting, built.officer_post).get(f"/sending/{built.id}").text
        assert "还发不出去" in page
        assert "还发不出去" in browser(voting, built.chair_posts[0]).get(f"/round/{built.id}/remind").text


def test_every_page_speaks_english(voting):
    officer = browser(voting, voting.built.officer_post)
    home = f"/sending/{voting.built.id}/{voting.home}"
    officer.send(home, {"when": "now"})
    voting.mailbox.moods = ["550 5.1.1 nobody"]
    voting.work()
    officer.get(home)  # the notice of the act was written in the language of the act
    (sending,) = voting.sendings()
    for path in (
        home,
        f"{home}/one",
        f"/sending/{voting.built.id}",
        f"/sendings/{sending.id}",
        f"/round/{voting.built.id}/remind",
    ):
        body = officer.get(path, headers={"Accept-Language": "en"}).text
        main = re.sub(r"<[^>]+>", " ", body.partition("<main")[2].partition("</main")[0])
        for name in ("2026年度会员评议职工之家", "第1机械厂工会", "第2机械厂工会"):
            main = main.replace(name, "")
        assert not re.findall(r"[\u4e00-\u9fff]+", main), path


def test_where_wecom_is_set_up_it_can_be_chosen_for_phones(build):
    with smtp_server() as mailbox, http_gateway() as gateway:
        built = build(HomeSpec.of(11))
        give_contacts(built)
        wecom = {
            "wecom_url": gateway.url,
            "wecom_corp": "corp",
            "wecom_agent": "7",
            "wecom_secret": "s",
        }
        voting = with_post(built.prepare().open(), mailbox, gateway, **wecom)
        gateway.by_path = {
            "/cgi-bin/gettoken": (200, {"access_token": "t"}),
            "/cgi-bin/user/getuserid": (200, {"userid": "someone"}),
        }
        officer = browser(voting, built.officer_post)
        assert "企业微信" in officer.get(f"/sending/{built.id}").text
        officer.send(f"/sending/{built.id}", {"when": "now", "route": "wecom"})
        voting.work()
        sent = gateway.said("/cgi-bin/message/send")
        links = [call.content["text"]["content"].rpartition("：")[2] for call in sent]
        assert len(set(links)) == 5
        assert set(links) < set(built.links(voting.home))
        assert {row.state for row in voting.rows()} == {"sent"}
        assert len(mailbox.taken) == 6
