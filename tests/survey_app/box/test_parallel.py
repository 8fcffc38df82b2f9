"""Many at once: one entitlement gives one signature, one credential one ballot (tests 10 and 11)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from survey_app.app import create_app
from survey_app.box.models import Intake
from survey_app.core.db import read_session, reading
from survey_app.invitations.models import Invitation
from tests.support.member_client import MemberClient, Turned, answers_of, over_flask
from tests.support.round_builder import HomeSpec

THREADS = 24


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Start all acts at the same moment; a call turned away counts as its code."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except Turned as turned:
            return turned.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def voting(build):
    """A factory of members of one voting home."""
    built = build(HomeSpec.of(100)).prepare().open()
    app = create_app(built.settings, built.databases, clock=built.clock)
    send = over_flask(app)
    return built, lambda code: MemberClient(send, code), built.codes(built.home_ids[0])


def ballots(built) -> int:
    with reading(read_session(built.databases.box)) as box:
        return box.scalar(select(func.count()).select_from(Intake)) or 0


def test_24_threads_with_different_messages_get_one_signature(voting):
    built, member, codes = voting
    clients = [member(codes[0]).start() for _ in range(THREADS)]
    found = at_once([client.issue for client in clients])
    signatures = [one for one in found if isinstance(one, bytes)]
    assert len(signatures) == 1
    assert Counter(one for one in found if isinstance(one, str)) == {"issued_elsewhere": THREADS - 1}
    with reading(read_session(built.databases.roster)) as session:
        used = session.scalar(select(func.count()).where(Invitation.state == "issued"))
    assert used == 1


def test_24_threads_with_the_same_message_get_the_same_signature(voting):
    _built, member, codes = voting
    client = member(codes[0]).start()
    found = at_once([client.issue] * THREADS)
    assert len(set(found)) == 1
    assert isinstance(found[0], bytes)


def test_24_casts_of_one_ballot_are_one_row_and_one_receipt(voting):
    built, member, codes = voting
    client = member(codes[0]).start()
    client.issue()
    client.seal(answers_of(built.questionnaire))
    receipts = at_once([client.cast] * THREADS)
    assert len(set(receipts)) == 1
    assert ballots(built) == 1


def test_the_first_of_two_ballots_under_one_credential_wins_and_the_reply_says_so(voting):
    built, member, codes = voting
    client = member(codes[0])
    receipt = client.vote(answers_of(built.questionnaire))
    client.sealed = b""
    client.seal(answers_of(built.questionnaire, "DISSATISFIED"))
    reply = client.call("/box/cast", **client.cast_call())
    assert reply["receipt"] == receipt, "the reply is about the stored ballot, not about this one"
    assert ballots(built) == 1


def test_two_clients_submitting_each_of_100_links_at_once_make_100_ballots(voting):
    built, member, codes = voting
    answers = answers_of(built.questionnaire)
    barrier = threading.Barrier(2)

    def vote(code: str) -> str | None:
        client = member(code).start()
        client.seal(answers)
        barrier.wait()
        try:
            return client.vote(answers)
        except Turned as turned:
            return None if turned.code == "issued_elsewhere" else turned.code

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(lambda: [vote(code) for code in codes]) for _ in range(2)]
        pairs = list(zip(*(run.result() for run in runs), strict=True))
    assert ballots(built) == 100
    assert all((one is None) != (other is None) for one, other in pairs), "each link gave one receipt"
    assert len({one or other for one, other in pairs}) == 100
