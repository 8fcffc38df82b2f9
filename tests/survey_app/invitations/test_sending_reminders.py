"""Reminders: everyone by default, two at most, and nothing that tells who has voted."""

from __future__ import annotations

import threading

import pytest

from survey_app.core.errors import NotFound, Refused
from survey_app.invitations.reminders import remind, reminders_left
from survey_app.invitations.sending_progress import failures, progress_of
from survey_app.invitations.sending_states import Audience
from survey_app.rounds.models import Round
from survey_app.rounds.policy import Policy
from tests.support.http_gateway import http_gateway
from tests.support.post_round import PostRound, give_contacts, with_post
from tests.support.round_builder import HomeSpec
from tests.support.smtp_server import smtp_server

LARGE, SMALL = 50, 11


@pytest.fixture
def voting(build):
    """A round of a large and a small home, all members with contacts."""
    with smtp_server() as mailbox, http_gateway() as gateway:
        built = build(HomeSpec.of(LARGE), HomeSpec.of(SMALL))
        give_contacts(built)
        yield with_post(built.prepare().open(), mailbox, gateway)


def press(round_: PostRound, post: object, **named: object) -> object:
    return round_.act(remind, post, round_.way, **named)


def test_two_per_home_and_round_however_many_press_at_once(voting):
    results: list[str] = []
    posts = [voting.built.chair_posts[0], voting.built.officer_post] * 3

    def push(post: object) -> None:
        try:
            press(voting, post)
            results.append("asked")
        except Refused as error:
            results.append(error.code)

    threads = [threading.Thread(target=push, args=(post,)) for post in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(results) <= {"asked", "reminders_used_up"}
    per_home = [sending.home_id for sending in voting.sendings()]
    assert per_home.count(voting.home) == 2
    assert per_home.count(voting.built.home_ids[1]) == 2
    with voting.writing() as session:
        assert reminders_left(session, session.get_one(Round, voting.built.id), voting.home) == 0


class TestOnSqlite:
    """What does not depend on the database."""

    @pytest.fixture
    def database_kind(self) -> str:
        return "sqlite"

    def test_a_chair_reminds_his_own_home_and_everybody_in_it(self, voting):
        voting.voted(20)
        press(voting, voting.built.chair_posts[0])
        voting.work()
        assert voting.links() == sorted(voting.built.links(voting.home))
        assert "评过的不用再评" in voting.gateway.calls[0].content["text"]
        assert {sending.home_id for sending in voting.sendings()} == {voting.home}

    def test_a_targeted_reminder_is_decided_letter_by_letter_and_keeps_no_list(self, voting):
        open_codes = voting.voted(20)
        press(voting, voting.built.chair_posts[0], audience=Audience.NOT_VOTED)
        voting.jobs()
        assert len(voting.rows()) == LARGE, "before sending a row stands for every member"
        open_codes = voting.voted(25)
        voting.work()
        assert len(voting.links()) == len(open_codes) == LARGE - 25
        assert all(any(code in link for link in voting.links()) for code in open_codes)
        assert len(voting.rows()) == LARGE - 25
        assert {str(row.payload) for row in voting.rows()} == {"{}"}

    def test_both_kinds_of_reminder_say_the_same_words(self, voting):
        press(voting, voting.built.chair_posts[0])
        voting.work()
        press(voting, voting.built.chair_posts[0], audience=Audience.NOT_VOTED)
        voting.work()
        texts = {call.content["text"].partition("别转给别人")[0] for call in voting.gateway.calls}
        assert len(texts) == 1

    def test_what_a_targeted_reminder_did_not_reach_is_told_to_nobody(self, voting):
        voting.mailbox.moods = ["550 5.1.1 nobody"] * 3
        press(voting, voting.built.officer_post, audience=Audience.NOT_VOTED)
        voting.work()
        assert {str(row.payload) for row in voting.rows()} == {"{}"}
        for sending in voting.sendings():
            with voting.writing() as session:
                assert failures(session, voting.officer(), sending.id)[1] == []
                assert progress_of(session, sending, LARGE, voting.built.clock()).failed == 0

    def test_a_small_home_sees_its_count_late_and_rounded_a_large_one_exact(self, voting):
        voting.built.home_ids.reverse()
        small = voting.home
        voting.voted(4)
        press(voting, voting.built.officer_post, audience=Audience.NOT_VOTED)
        voting.jobs()
        shown = shown_of(voting)
        assert {one.sent for one in shown.values()} == {None}
        voting.work()
        shown = shown_of(voting)
        # 7 of 11 is 63.6 %: shown as 65 %, that is 7; 6 of 11 would be 55 %.
        assert (shown[small].sent, shown[small].exact) == (7, False)
        other = next(home for home in shown if home != small)
        assert (shown[other].sent, shown[other].exact) == (LARGE, True)

    def test_outside_the_voting_hours_nobody_is_reminded(self, voting):
        voting.built.close()
        with pytest.raises(Refused, match="voting_closed"):
            press(voting, voting.built.officer_post)

    def test_a_chair_elsewhere_finds_no_such_round(self, voting):
        from survey_app.core.actor import Role
        from tests.support.cast import make_account, make_home

        with voting.writing() as session:
            post = make_account(session, Role.CHAIR, make_home(session))[1]
        with pytest.raises(NotFound):
            press(voting, post)

    def test_a_custodian_may_not_remind(self, voting):
        with pytest.raises(Refused, match="role_may_not"):
            press(voting, voting.built.custodian_posts[0])

    def test_a_policy_without_reminders_allows_none(self, voting):
        with voting.writing() as session:
            session.get_one(Round, voting.built.id).policy = Policy(reminders=0).to_dict()
        with pytest.raises(Refused, match="reminders_used_up"):
            press(voting, voting.built.officer_post)


def shown_of(voting: PostRound) -> dict[int, object]:
    sizes = dict(zip(voting.built.home_ids, (SMALL, LARGE), strict=True))
    with voting.writing() as session:
        return {
            sending.home_id: progress_of(session, sending, sizes[sending.home_id], voting.built.clock())
            for sending in voting.sendings()
        }
