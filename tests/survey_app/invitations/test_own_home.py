"""No code, slip, card or paper of a home passes through the hands of the person it rates, by any post."""

from __future__ import annotations

import pytest

from survey_app.accounts.models import Account
from survey_app.accounts.operations import grant_post
from survey_app.accounts.queries import actor_of_post
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid, Refused
from survey_app.counting.paper import home_of_teller
from survey_app.invitations.cards import request_cards
from survey_app.invitations.codes import CodeBook
from survey_app.invitations.exchanging import exchange, home_at_desk
from survey_app.invitations.models import Exchange
from survey_app.invitations.operations import grant_replacement, void_and_reissue
from survey_app.invitations.queries import invitation_of_number
from survey_app.invitations.sending import Way, ask_links
from survey_app.invitations.sending_states import Route
from survey_app.invitations.slips import home_for_slips, request_slips
from survey_app.outbox.transport import Channel as Wire
from survey_app.rounds.appointments import appoint
from survey_app.rounds.channels import count_desk
from survey_app.rounds.models import Round, RoundHome, RoundSecret
from survey_app.units.models import Unit
from tests.support.desk import choose_channel, post_at
from tests.support.round_builder import HomeSpec


def acts(session, built, post, home_id: int):
    """Every operation that hands out or takes in what stands for a vote, by name."""
    at, actor = built.clock(), actor_of_post(session, post.id)
    round_ = session.get_one(Round, built.id)
    home = session.get_one(RoundHome, (built.id, home_id))
    found = invitation_of_number(session, built.id, home_id, "0001")
    assert found is not None
    book = CodeBook.of(built.settings, session.get_one(RoundSecret, built.id))
    if actor.role is Role.TELLER:
        return {"paper": lambda: home_of_teller(session, actor, built.id, home_id)}
    slips = {
        "slips": lambda: home_for_slips(session, actor, built.id, home_id),
        "printed slips": lambda: request_slips(session, actor, round_, home, at=at),
        "printed cards": lambda: request_cards(session, actor, round_, home, at=at),
    }
    if actor.role is Role.WORKING_GROUP:
        return {
            **slips,
            "desk": lambda: home_at_desk(session, actor, built.id, home_id),
            "exchange": lambda: exchange(session, actor, round_, home, found, Exchange.PAPER, at=at),
        }
    way = Way(Route.CONTACT, frozenset({Wire.MAIL}))
    return {
        **slips,
        "links": lambda: ask_links(session, actor, built.id, [home_id], way, at=at),
        "new code": lambda: void_and_reissue(session, actor, round_, found, book, at=at),
        "replacement": lambda: grant_replacement(session, actor, round_, found, book, reason="丢了", at=at),
    }


def outcomes(built, post, home_id: int) -> dict[str, str]:
    """What becomes of each act; each is undone."""
    with reading(read_session(built.databases.roster)) as session:
        names = list(acts(session, built, post, home_id))
    told = {}
    for name in names:
        with write_session(built.databases.roster) as session:
            try:
                acts(session, built, post, home_id)[name]()
                told[name] = "done"
            except Refused as refusal:
                told[name] = refusal.code
            session.rollback()
    return told


def make_chair(built, post, home_id: int, how: str) -> None:
    """The person behind a post becomes the one whom the home rates: as its chair, or by the unit's entry."""
    with committing(write_session(built.databases.roster)) as session:
        account = session.get_one(Account, post.account_id)
        home = session.get_one(Unit, home_id)
        if how == "post":
            officer = actor_of_post(session, built.officer_post.id)
            grant_post(session, officer, account, Role.CHAIR, home, at=built.clock())
        else:
            account.phone = home.chair_phone = "13900001234"


@pytest.fixture
def voting(build):
    built = build(HomeSpec.of(12), HomeSpec.of(12))
    for home in built.home_ids:
        choose_channel(built, home, cards=3)
    return built.prepare().open()


@pytest.mark.parametrize("how", ["post", "entry"])
def test_who_is_rated_touches_nothing_of_the_own_home_by_any_other_post(voting, how):
    own, other = voting.home_ids
    posts = [post_at(voting, own, role) for role in (Role.WORKING_GROUP, Role.TELLER)]
    posts.append(voting.officer_post)
    before = [outcomes(voting, post, own) for post in posts]
    # The control: the same posts do all of it while their holder chairs no home.
    assert {verdict for told in before for verdict in told.values()} <= {"done", "code_not_issued"}
    assert sum(map(len, before)) == 12
    for post in posts:
        make_chair(voting, post, own, how)
        told = outcomes(voting, post, own)
        assert set(told.values()) == {"own_home_is_rated"}, told
    assert "own_home_is_rated" not in outcomes(voting, voting.officer_post, other).values()


def test_who_is_rated_counts_no_envelopes(voting):
    own = voting.home_ids[0]
    group = post_at(voting, own, Role.WORKING_GROUP)
    make_chair(voting, group, own, "post")
    voting.close()
    with reading(read_session(voting.databases.roster)) as session:
        actor = actor_of_post(session, group.id)
        round_ = session.get_one(Round, voting.id)
        home = session.get_one(RoundHome, (voting.id, own))
        with pytest.raises(Refused, match="own_home_is_rated"):
            count_desk(session, actor, round_, home, present=None, cards_left={}, at=voting.clock())


@pytest.mark.parametrize("role", [Role.WORKING_GROUP, Role.TELLER])
def test_the_leader_named_by_the_unit_is_appointed_to_no_duty_of_it(voting, role):
    own, other = voting.home_ids
    person = post_at(voting, other, role)
    make_chair(voting, person, own, "entry")
    with committing(write_session(voting.databases.roster)) as session:
        officer = actor_of_post(session, voting.officer_post.id)
        account = session.get_one(Account, person.account_id)
        round_, home = session.get_one(Round, voting.id), session.get_one(Unit, own)
        with pytest.raises(Invalid) as refused:
            appoint(session, officer, round_, account, role, home, at=voting.clock())
        assert [fault.code for fault in refused.value.faults] == ["rated_chair_holds_no_duty"]
