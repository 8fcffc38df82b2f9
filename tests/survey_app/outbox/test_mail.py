"""Mail against a real server that refuses, stalls, dies and accepts twice: nothing lost, no silent double."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial

import pytest
from click.testing import CliRunner

from survey_app.outbox.commands import mail
from survey_app.outbox.deliveries import LEASE, MOST_ATTEMPTS
from survey_app.outbox.post_office import PostOffice
from survey_app.outbox.transport import Channel
from survey_app.outbox.transport_smtp import SmtpTransport
from tests.support.installation import environment_for
from tests.support.server import free_port
from tests.support.smtp_server import smtp_server
from tests.survey_app.outbox.conftest import PATIENCE_S, SECRET

TO = "member@example.test"


@pytest.fixture
def database_kind() -> str:
    """What mail servers do does not depend on the database."""
    return "sqlite"


def test_a_letter_arrives_once_in_readable_chinese(room, mailbox):
    one = room.post(TO)
    assert room.work() == 1
    assert room.work(60) == 0, "a sent letter rests"
    ((address, message),) = mailbox.taken
    assert address == TO
    assert (message["Subject"], message["To"]) == ("评议", TO)
    assert message.get_content().strip() == f"您好 {SECRET}-{TO}"
    row = room.row(one)
    assert (row.state, row.attempts, row.doubtful, row.error) == ("sent", 1, 0, None)
    assert row.sent_at is not None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("550 5.1.1 <member@example.test> no such user", "no_such_address"),
        ("550 unknown", "no_such_address"),
        ("550 5.2.1 disabled", "address_stopped"),
        ("552 5.2.2 full", "mailbox_full"),
        ("554 5.7.1 spam", "refused"),
        ("data 554 5.7.1 spam", "refused"),
    ],
)
def test_a_refusal_for_good_is_kept_with_its_reason_and_not_tried_again(room, mailbox, answer, reason):
    mailbox.moods = [answer]
    one = room.post(TO)
    room.work()
    assert room.work(24 * 60) == 0
    row = room.row(one)
    assert (row.state, row.error, row.attempts, row.doubtful) == ("failed", reason, 1, 0)
    assert TO not in row.error
    assert mailbox.taken == []


def test_a_busy_server_gets_the_letter_later_with_growing_pauses(room, mailbox):
    mailbox.moods = ["451 4.3.2 busy"] * 3
    one = room.post(TO)
    pauses = []
    while room.row(one).state != "sent":
        room.work()
        row = room.row(one)
        if row.state == "waiting":
            pauses.append((row.run_at - room.clock.instant).total_seconds() / 60)
            room.clock.instant = row.run_at
    assert pauses == [1, 2, 4]
    row = room.row(one)
    assert (row.attempts, row.error, row.doubtful, len(mailbox.taken)) == (4, "server_busy", 0, 1)


def test_a_server_that_is_always_busy_is_given_up_in_the_end(room, mailbox):
    mailbox.moods = ["451 4.3.2 busy"] * 50
    one = room.post(TO)
    for _ in range(30):
        room.work(5 * 60)
    row = room.row(one)
    assert (row.state, row.attempts, row.error) == ("given_up", MOST_ATTEMPTS, "server_busy")


def test_a_line_that_dies_before_the_letter_leaves_no_doubt(room, mailbox):
    mailbox.moods = ["die"]
    one = room.post(TO)
    room.work()
    assert (room.row(one).state, room.row(one).error) == ("waiting", "cut_off")
    room.work(2)
    row = room.row(one)
    assert (row.state, row.attempts, row.doubtful, len(mailbox.taken)) == ("sent", 2, 0, 1)


def test_a_letter_that_was_taken_twice_says_so_in_its_row_and_carries_one_message_id(room, mailbox):
    mailbox.moods = ["hang up"]
    one = room.post(TO)
    room.work()
    assert (room.row(one).state, room.row(one).doubtful) == ("waiting", 1)
    room.work(2)
    row = room.row(one)
    assert (row.state, row.attempts, row.doubtful) == ("sent", 2, 1)
    assert len(mailbox.taken) == 2
    assert len({message["Message-ID"] for _to, message in mailbox.taken}) == 1


def test_a_server_that_stalls_holds_nobody_for_long_and_the_channel_rests(room, mailbox):
    mailbox.moods = ["stall"]
    one, two = room.post(TO), room.post("other@example.test")
    assert room.work() == 1, "after a stall the next letter is not thrown after the first"
    assert room.row(one).error == "no_answer"
    assert room.row(one).doubtful == 1
    assert room.row(two).attempts == 0
    room.work(2)
    assert [room.row(n).state for n in (one, two)] == ["sent", "sent"]
    assert sorted(to for to, _message in mailbox.taken) == [TO, "other@example.test"]


def test_a_server_that_is_away_costs_one_attempt_a_minute_and_no_letter(room):
    room.office = PostOffice(
        {Channel.MAIL: SmtpTransport(f"smtp://127.0.0.1:{free_port()}", "a@example.test", PATIENCE_S)}
    )
    posted = [room.post(f"m{number}@example.test") for number in range(20)]
    assert room.work() == 1
    assert room.work(0.5) == 0
    with smtp_server() as back:
        room.office = PostOffice({Channel.MAIL: SmtpTransport(back.url, "a@example.test", PATIENCE_S)})
        room.work(5)
        assert {room.row(one).state for one in posted} == {"sent"}
        assert len(back.taken) == 20


def test_many_letters_share_one_connection(room, mailbox, monkeypatch):
    connections = []
    connect = SmtpTransport._connect
    monkeypatch.setattr(SmtpTransport, "_connect", lambda self: connections.append(1) or connect(self))
    for number in range(10):
        room.post(f"m{number}@example.test")
    room.work()
    assert len(mailbox.taken) == 10
    assert len(connections) == 1


def test_one_letter_that_cannot_be_written_holds_up_no_other(room, mailbox):
    def broken(_draft):
        raise ValueError(SECRET)

    room.kinds["test.broken"] = replace(room.kinds["test.plain"], compose=broken)
    bad, unknown, good = room.post(TO, kind="test.broken"), room.post(TO, kind="nobody"), room.post(TO)
    room.work()
    assert (room.row(bad).state, room.row(bad).error) == ("waiting", "unexpected")
    assert (room.row(unknown).state, room.row(unknown).error) == ("given_up", "kind_unknown")
    assert room.row(good).state == "sent"


def test_no_letter_and_no_address_is_ever_logged(room, mailbox, caplog):
    caplog.set_level(logging.DEBUG)
    mailbox.moods = [f"550 5.1.1 <{TO}> unknown", "hang up", "die", "451 4.0.0 busy"]
    for _ in range(5):
        room.post(TO)
    room.work()
    room.work(2)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("pingjia"))
    assert "attempt 1: no_such_address" in ours
    assert SECRET not in ours
    assert TO not in ours


def test_a_member_row_forgets_its_member_when_sent_and_keeps_its_batch(room, mailbox):
    mailbox.moods = ["", "550 5.1.1 unknown", "550 5.1.1 unknown"]
    sent, failed = room.post("a@example.test", kind="test.member"), room.post(TO, kind="test.member")
    nudge = room.post(TO, kind="test.nudge")
    room.work()
    assert (room.row(sent).payload, room.row(sent).batch) == ({}, "b")
    assert room.row(failed).payload == {"to": TO}, "the contact must be found to be mended"
    assert room.row(nudge).payload == {}, "who was nudged is nobody's business"


def test_a_dead_worker_leaves_a_row_that_says_it_may_have_been_sent(room, mailbox, monkeypatch):
    one = room.post(TO)

    class Killed(BaseException):
        pass

    def die(*_arguments, **_named):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("survey_app.outbox.deliveries.finish", die)
        with pytest.raises(Killed):
            room.work()
    assert len(mailbox.taken) == 1
    assert room.row(one).state == "sending"
    assert room.work(1) == 0, "its lease still holds"
    room.work(LEASE.total_seconds() / 60)
    row = room.row(one)
    assert (row.state, row.attempts, row.doubtful, row.error) == ("sent", 2, 1, "worker_died")
    assert len(mailbox.taken) == 2


def test_the_command_tries_a_channel_and_says_the_answer_in_words(settings, mailbox):
    environment = environment_for(settings.database_url, settings.box_database_url, settings.data_folder)
    run = partial(CliRunner().invoke, mail)
    unset = run(["test", TO], env=environment)
    assert (unset.exit_code, "还没有配置" in unset.stderr) == (2, True)
    environment |= {"PINGJIA_SMTP_URL": mailbox.url, "PINGJIA_MAIL_FROM": "评家 <pingjia@example.test>"}
    assert "收下了" in run(["test", TO], env=environment).stdout
    assert mailbox.taken[0][1]["Subject"] == "评家：试发"
    mailbox.moods = ["550 5.1.1 nobody"]
    refused = run(["test", TO], env=environment)
    assert (refused.exit_code, "没有这个号码或邮箱" in refused.stderr) == (2, True)


def test_the_command_counts_deliveries_by_state(room, settings, mailbox):
    mailbox.moods = ["550 5.1.1 nobody"]
    room.post(TO)
    room.post(TO)
    room.work()
    environment = environment_for(settings.database_url, settings.box_database_url, settings.data_folder)
    told = CliRunner().invoke(mail, ["state"], env=environment).stdout.split()
    assert told[:4] == ["mail", "failed", "1", "no_such_address"]
    assert told[4:7] == ["mail", "sent", "1"]
