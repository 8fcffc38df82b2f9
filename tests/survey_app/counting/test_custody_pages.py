"""The custodians' page, step by step, as two signed-in custodians see it; nobody else gets in."""

from __future__ import annotations

import base64
import time

import pytest
from sqlalchemy import delete, select

from survey_app.accounts.models import Account
from survey_app.app import create_app
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid
from survey_app.counting.ceremony import finish
from survey_app.counting.models import CountingRun
from survey_app.journal.models import JournalLine
from survey_app.rounds.models import CustodianStep, RoundSecret, RoundState
from tests.support.cast import signed_in_client
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

PATIENCE_S = 40
# Pages know nothing of the kind of database; what they call is tested on both.
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


@pytest.fixture
def desk(build):
    """A round, its application, and a factory of signed-in browsers."""
    built = build(HomeSpec.of(11))
    app = create_app(built.settings, built.databases, clock=built.clock)
    return built, app, lambda post: signed_in_client(app, built.databases, post)


def forget_key(built) -> None:
    """As before the ceremony."""
    with committing(write_session(built.databases.roster)) as session:
        session.execute(delete(CustodianStep))
        session.execute(delete(RoundSecret))


def test_a_key_is_handed_in_and_rehearsed_before_the_round_can_be_ready(desk):
    built, _app, browser = desk
    forget_key(built)
    first = browser(built.custodian_posts[0])
    address = f"/box/{built.id}"
    making = first.get(address).text
    assert "制作钥匙，印口令条" in making
    with reading(read_session(built.databases.roster)) as session:
        names = [session.get_one(Account, post.account_id).name for post in built.custodian_posts]
    assert all(f"正本　{name}" in making for name in names), "each slip says whose it is"
    bad = first.send(f"{address}/key", {"public": "AAAA", "locked": "AAAA"})
    assert bad.status_code == 422
    assert first.send(f"{address}/rehearsal").status_code == 403, "nothing to rehearse yet"
    parts = {
        "public": base64.b64encode(built.key.public).decode(),
        "locked": base64.b64encode(built.key.locked).decode(),
    }
    assert first.send(f"{address}/key", parts).status_code == 303
    page = first.get(address).text
    assert "试开一次" in page
    assert parts["locked"] in page
    assert first.send(f"{address}/rehearsal").status_code == 303
    assert f"在等{names[1]}试开" in first.get(address).text
    with pytest.raises(Invalid) as caught:
        built.prepare()
    assert [fault.code for fault in caught.value.faults] == ["rehearsal_missing"], "one alone is not enough"
    second = browser(built.custodian_posts[1])
    assert "试开一次" in second.get(address).text
    assert second.send(f"{address}/rehearsal").status_code == 303
    assert "现在没有要您办的事" in first.get(address).text
    built.prepare()
    assert built.state is RoundState.READY
    assert first.send(f"{address}/key", parts).status_code == 403, "the key is frozen at ready"


def test_only_the_custodians_of_the_round_see_its_box(desk):
    built, _app, browser = desk
    for post in (built.officer_post, built.chair_posts[0]):
        assert browser(post).get(f"/box/{built.id}").status_code == 403
    stranger = browser(built.custodian_posts[0])
    assert stranger.get(f"/box/{'0' * 32}").status_code == 404
    assert stranger.get("/box").headers["Location"].endswith(built.id)


def test_two_custodians_open_confirm_and_print(desk):
    built, app, browser = desk
    built.prepare().open()
    send = over_flask(app)
    for code in built.codes(built.home_ids[0]):
        MemberClient(send, code).vote(answers_of(built.questionnaire))
    built.close()
    first, second = (browser(post) for post in built.custodian_posts)
    address, halves = f"/box/{built.id}", built.key.halves

    mistyped = first.send(f"{address}/open", {"first": halves[0][:-1] + "#", "second": halves[1]})
    assert "前半里有一个字不是口令用的" in mistyped.text
    swapped = first.send(f"{address}/open", {"first": halves[1], "second": halves[0]})
    assert "两半好像填反了" in swapped.text
    assert halves[0] not in swapped.text, "a typed half is never written back"
    assert built.state is RoundState.CLOSED

    # The child has a clock of its own, that of the machine; so has everything that waits for its beat.
    opened = first.send(f"{address}/open", {"first": halves[0].lower(), "second": halves[1]})
    assert opened.status_code == 303, opened.text[:2000]
    wait_until_opened(built)
    assert built.state is RoundState.COUNTING
    assert "您手里的口令条撕掉了吗" in first.get(address).text
    again = first.send(f"{address}/open", {"first": halves[0], "second": halves[1]})
    assert "钥匙已经销毁" in again.text

    assert first.send(f"{address}/destroyed").status_code == 303
    waiting = first.get(address).text
    assert "等另一位开箱人" in waiting
    with reading(read_session(built.databases.roster)) as session:
        other = session.get_one(Account, built.custodian_posts[1].account_id).name
    assert f"在等{other}" in waiting
    assert built.state is RoundState.COUNTING
    assert second.send(f"{address}/destroyed").status_code == 303
    finish(built.workshop, built.id)
    assert built.state is RoundState.COUNTED
    done = second.get(address).text
    assert "开箱完成" in done
    sheet = second.get(f"/counts/{built.id}/{built.home_ids[0]}/protocol.pdf")
    assert sheet.data.startswith(b"%PDF")
    with reading(read_session(built.databases.roster)) as session:
        lines = session.scalars(select(JournalLine)).all()
        assert not any(half in str(line.details) for line in lines for half in halves)


def wait_until_opened(built) -> None:
    """Wait for the counting process to end."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with reading(read_session(built.databases.roster)) as session:
            run = session.get(CountingRun, built.id)
            if run is not None and run.opened_at is not None:
                return
        time.sleep(0.05)
    pytest.fail("the counting process did not finish")


def test_a_wrong_passphrase_is_told_kindly_and_changes_nothing(desk):
    from survey_app.seals.opening import make_halves

    built, _app, browser = desk
    built.prepare().open().close()
    first = browser(built.custodian_posts[0])
    halves = make_halves()
    page = first.send(f"/box/{built.id}/open", {"first": halves[0], "second": halves[1]})
    assert "两半都没有抄错，但打不开这一轮的票箱" in page.text
    assert built.state is RoundState.CLOSED
    with reading(read_session(built.databases.roster)) as session:
        assert session.get_one(RoundSecret, built.id).opening_ciphertext == built.key.locked
        assert session.get(CountingRun, built.id) is None
