"""One mail a day to whoever something waits for; order matters rest when offices rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from survey_app.accounts.models import Account, Post
from survey_app.app import create_app
from survey_app.core.actor import SYSTEM, Role
from survey_app.core.db import committing, write_session
from survey_app.journal.chain import head
from survey_app.journal.operations import record
from survey_app.outbox import deliveries
from survey_app.outbox.digest import post_digests
from survey_app.outbox.jobs import Workshop
from survey_app.outbox.messages import mark_read, tell
from survey_app.outbox.models import Message
from survey_app.outbox.sending import send_due
from survey_app.worker import collect_letters, connect, work
from tests.support.cast import make_account, make_home, make_unit

MONDAY = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 6, 13, 1, 0, tzinfo=UTC)
MAKE_UP_SATURDAY = datetime(2026, 10, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
def database_kind() -> str:
    """Locks are tested with the deliveries."""
    return "sqlite"


@pytest.fixture
def office(room):
    """A union with an officer who is chair elsewhere too, and a chair without an address."""
    connect()
    room.clock.instant = MONDAY
    with committing(write_session(room.workshop.databases.roster)) as session:
        union = make_unit(session, "柳溪市总工会")
        home, other = make_home(session, union, "长河机械厂工会"), make_home(session, union, "青禾工会")
        officer, post = make_account(session, Role.OFFICER, union, name="李文")
        officer.email = "li@example.test"
        second = make_account(session, Role.CHAIR, home, account=officer)[1]
        silent = make_account(session, Role.CHAIR, other, name="王静")[1]
        record(session, SYSTEM, "unit.add", "unit", union.id, at=MONDAY)
        return {"officer": post.id, "second": second.id, "silent": silent.id, "account": officer.id}


@pytest.fixture
def app(room):
    """The application whose features teach the words."""
    return create_app(room.workshop.settings, room.workshop.databases, room.clock)


def say(room, posts, kind="result.final", at=None):
    with committing(write_session(room.workshop.databases.roster)) as session:
        tell(session, posts, kind, {"year": 2026}, "/results/7", at=at or room.clock())


def digest(room, app) -> int:
    with committing(write_session(room.workshop.databases.roster)) as session:
        posted = post_digests(session, at=room.clock())
    send_due(room.workshop, room.office, collect_letters(), writing=app.app_context)
    return posted


def test_one_mail_tells_everything_that_waits_and_ends_with_the_journal_s_head(room, mailbox, office, app):
    say(room, [office["officer"], office["silent"]])
    say(room, [office["officer"]], "result.provisional")
    say(room, [office["second"]], "result.published")
    assert digest(room, app) == 1
    ((to, message),) = mailbox.taken
    text = message.get_content()
    assert to == "li@example.test"
    assert message["Subject"] == "评家：2026年6月15日（星期一）有3件事等您看"
    assert text.startswith("李文，您好。")
    for part in (
        "柳溪市总工会",
        "长河机械厂工会",
        "终评结果定了",
        "初评结果到了",
        "http://localhost/results/7",
    ):
        assert part in text
    with committing(write_session(room.workshop.databases.roster)) as session:
        number, digest_hex = head(session)
    assert f"第{number}行" in text
    assert digest_hex in text


def test_nothing_is_mailed_twice_and_what_was_read_is_not_mailed_at_all(room, mailbox, office, app):
    say(room, [office["officer"], office["second"]])
    with committing(write_session(room.workshop.databases.roster)) as session:
        mark_read(session, office["second"], at=room.clock())
    assert digest(room, app) == 1
    assert digest(room, app) == 0
    assert "有1件事" in mailbox.taken[0][1]["Subject"]
    assert len(mailbox.taken) == 1


def test_order_matters_wait_over_the_weekend_and_go_out_on_a_make_up_saturday(room, mailbox, office, app):
    room.clock.instant = SATURDAY
    say(room, [office["officer"]], "order.overdue")
    say(room, [office["officer"]], "result.final")
    assert digest(room, app) == 1
    assert "有1件事" in mailbox.taken[0][1]["Subject"]
    room.clock.instant = MONDAY
    assert digest(room, app) == 1
    room.clock.instant = MAKE_UP_SATURDAY
    say(room, [office["officer"]], "deadline.near")
    assert digest(room, app) == 1


def test_a_holder_who_left_or_was_disabled_gets_no_mail(room, mailbox, office, app):
    say(room, [office["officer"], office["second"]])
    with committing(write_session(room.workshop.databases.roster)) as session:
        post_digests(session, at=room.clock())
        session.get_one(Account, office["account"]).disabled_at = room.clock()
    send_due(room.workshop, room.office, collect_letters(), writing=app.app_context)
    (row,) = room.rows()
    assert (row.state, row.error) == ("given_up", "no_address")
    with committing(write_session(room.workshop.databases.roster)) as session:
        session.get_one(Account, office["account"]).disabled_at = None
        for post in session.scalars(select(Post).where(Post.account_id == office["account"])):
            post.until = post.since
    say(room, [office["officer"]])
    assert digest(room, app) == 0
    assert mailbox.taken == []


def test_a_rolled_back_digest_marks_nothing(room, office):
    say(room, [office["officer"]])

    def broken() -> None:
        with committing(write_session(room.workshop.databases.roster)) as session:
            post_digests(session, at=room.clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert room.rows() == []
    with committing(write_session(room.workshop.databases.roster)) as session:
        assert session.scalars(select(Message.mailed_at)).all() == [None]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_worker_sends_the_digest_once_a_day_if_the_installation_wants_it(room, mailbox, office, wanted):
    say(room, [office["officer"]])
    settings = replace(room.workshop.settings, mail_digest=wanted)
    for _ in range(2):
        work(room.workshop.databases, settings, room.clock, once=True)
    assert len(mailbox.taken) == wanted
    workshop = Workshop(room.workshop.databases, settings, room.clock)
    with committing(write_session(workshop.databases.roster)) as session:
        counted = deliveries.counts(session, "digest/2026-06-15")
    assert counted["sent"] == wanted
