"""Who voted and what was voted never meet: schema, transaction numbers, imports, roles, bytes at rest.

Each look at the real thing has a naive one beside it that must be caught, or the look proves nothing
(anonymity.md section 9, numbers 1, 4, 5, 6 and 24).
"""

from __future__ import annotations

import ast
import time
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import make_url

from survey_app.app import create_app
from survey_app.box.models import Intake
from survey_app.box.shape import shape_faults, transactions_of_ballots
from survey_app.core.actor import Role
from survey_app.core.db import read_session, reading
from survey_app.core.errors import Refused
from survey_app.core.server_memory import QUIET
from survey_app.counting.ceremony import finish
from survey_app.counting.probes import warn_of_telltale_settings
from survey_app.invitations.models import Exchange
from survey_app.rounds.models import BallotClass, RoundHome, RoundSecret, RoundState
from survey_app.seals.envelope import open_sealed
from survey_app.seals.errors import LockBroken
from survey_app.seals.opening import make_halves, passphrase, unlock
from tests.support.at_rest import is_at_rest
from tests.support.desk import PlainForm, cards_by_class, choose_channel, hand_out, post_at
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

ROOT = Path(__file__).resolve().parents[3]
ROSTER_SIDE = (
    *("rounds", "units", "instruments", "accounts", "rosters", "invitations", "journal", "outbox"),
    *("counting", "results", "rectification"),
)

NAIVE = {
    "a running number": "CREATE TABLE vote (id INTEGER PRIMARY KEY, answer INTEGER)",
    "a time": "CREATE TABLE vote (key BLOB PRIMARY KEY, created_at TIMESTAMP) WITHOUT ROWID",
    "a link": "CREATE TABLE vote (key BLOB PRIMARY KEY, invitation BLOB) WITHOUT ROWID",
    "a default": "CREATE TABLE vote (key BLOB PRIMARY KEY, n INTEGER DEFAULT 7) WITHOUT ROWID",
    "a column by hand": "ALTER TABLE ballot ADD COLUMN extra INTEGER",
}


def as_postgresql(statement: str) -> str:
    """The same naive table in the other dialect."""
    statement = statement.replace("BLOB", "BYTEA").replace(" WITHOUT ROWID", "")
    return statement.replace("id INTEGER PRIMARY KEY", "id SERIAL PRIMARY KEY")


def test_no_column_of_the_box_can_carry_a_link(databases):
    assert shape_faults(databases.box) == []


@pytest.mark.parametrize("kind", NAIVE)
def test_a_naive_box_is_caught(databases, kind):
    statement = NAIVE[kind]
    postgresql = databases.box.dialect.name == "postgresql"
    with databases.box.begin() as connection:
        connection.execute(text(as_postgresql(statement) if postgresql else statement))
    assert shape_faults(databases.box) != []


def vote(built, members: int, comment: str = "") -> None:
    """So many members vote, in the order of the roster."""
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(built.home_ids[0])[:members]:
        MemberClient(send, code).vote(answers_of(built.questionnaire, comment=comment))


def transaction_numbers(engine, table: str) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text(f"SELECT xmin::text FROM {table}")))


def test_all_ballots_of_a_home_share_one_transaction_number_and_no_other_row_has_it(build):
    built = build(HomeSpec.of(12)).prepare().open()
    vote(built, 12)
    box, roster = built.databases.box, built.databases.roster
    if box.dialect.name != "postgresql":
        built.close().count()
        assert transactions_of_ballots(box, built.id, built.home_ids[0]) == set()
        return
    # The control: in the sealed intake every ballot has its own number, and the order can be read.
    assert len(set(transaction_numbers(box, "intake"))) == 12
    built.close().count().finish()
    numbers = transactions_of_ballots(box, built.id, built.home_ids[0])
    assert len(numbers) == 1
    tables = inspect(roster).get_table_names()
    assert {"invitation", "home_count", "journal_line", "roster_member"} <= set(tables)
    for table in tables:
        assert numbers.isdisjoint(transaction_numbers(roster, table)), table


def imports_of(source: str) -> set[str]:
    """Features of the application that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {name.split(".")[1] for name in names if name.startswith("survey_app.")}
    return found


def test_neither_side_imports_the_other():
    package = ROOT / "survey_app"
    for file in (package / "box").rglob("*.py"):
        assert imports_of(file.read_text()).isdisjoint(ROSTER_SIDE), file.name
    for feature in ROSTER_SIDE:
        if feature == "counting":
            continue
        for file in (package / feature).rglob("*.py"):
            assert "box" not in imports_of(file.read_text()), f"{feature}/{file.name}"
    # The control: the search sees both ways of importing.
    assert imports_of("from survey_app.box.models import Ballot") == {"box"}
    assert imports_of("from survey_app import rounds\nimport survey_app.units.models") == {"rounds", "units"}


def test_start_up_warns_of_a_database_that_logs_statements_or_keeps_times(databases, settings, monkeypatch):
    assert warn_of_telltale_settings(databases) == []
    if databases.box.dialect.name == "postgresql":
        name = make_url(settings.box_database_url).database
        with databases.box.begin() as connection:
            for loud in ("log_statement = 'all'", "log_min_duration_statement = 0"):
                connection.execute(text(f'ALTER DATABASE "{name}" SET {loud}'))
        databases.box.dispose()
        found = warn_of_telltale_settings(databases)
        assert found == ["box: log_statement=all", "box: log_min_duration_statement=0"]
        # No database can set this one for itself: what the server says of it is read all the same.
        monkeypatch.setitem(QUIET, "track_commit_timestamp", {"on"})
        times = {f"{side}: track_commit_timestamp=off" for side in ("roster", "box")}
        assert times <= set(warn_of_telltale_settings(databases))


def test_while_voting_no_answer_can_be_read_at_rest(build):
    since = time.time() - 2
    built = build(HomeSpec.of(12))
    choose_channel(built, built.home_ids[0], cards=2)
    built.prepare().open()
    canary = "金丝雀在矿井里唱歌"
    vote(built, 11, comment=canary)
    # The last one draws a card and sends it without script: it is sealed as it arrives.
    hand_out(built, post_at(built, built.home_ids[0], Role.WORKING_GROUP), "0012", Exchange.CARD)
    app = create_app(built.settings, built.databases, clock=built.clock)
    card = cards_by_class(built, built.home_ids[0])["全体会员"][0]
    assert PlainForm(app).vote(card, answers_of(built.questionnaire, comment=canary))
    assert not is_at_rest(built, canary.encode(), since)
    # The control: the same words in a plain row are found.
    with built.databases.box.begin() as connection:
        connection.execute(text("CREATE TABLE naive (words TEXT)"))
        connection.execute(text("INSERT INTO naive VALUES (:words)"), {"words": canary})
    assert is_at_rest(built, canary.encode(), since)


def test_after_counting_no_sealed_ballot_is_left_in_the_box(build):
    since = time.time() - 2
    built = build(HomeSpec.of(12)).prepare().open()
    vote(built, 12)
    with reading(read_session(built.databases.box)) as box:
        sealed = box.scalars(select(Intake.sealed)).all()
    if built.databases.box.dialect.name == "sqlite":
        assert all(is_at_rest(built, one[400:900], since) for one in sealed), "the control: it was there"
    built.close().count()
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Intake)) == 0
    if built.databases.box.dialect.name == "sqlite":
        # PostgreSQL's log keeps them for a while; nobody can open them, because the key is gone.
        assert not any(is_at_rest(built, one[400:900], since) for one in sealed)


def test_counting_cannot_finish_before_both_confirmations(build):
    built = build(HomeSpec.of(12)).prepare().open()
    vote(built, 12)
    built.close()
    with pytest.raises(Refused):
        built.confirm(built.custodian_posts[0])
    built.count()
    with pytest.raises(Refused, match="custodians_not_done"):
        finish(built.workshop, built.id)
    assert built.confirm(built.custodian_posts[0]) is False
    assert built.confirm(built.custodian_posts[0]) is False, "one person twice is one person"
    with pytest.raises(Refused, match="custodians_not_done"):
        finish(built.workshop, built.id)
    assert built.state is RoundState.COUNTING
    assert built.confirm(built.custodian_posts[1]) is True
    finish(built.workshop, built.id)
    finish(built.workshop, built.id)
    assert built.state is RoundState.COUNTED


def test_a_backup_from_before_the_opening_opens_with_the_slips_and_not_without(build):
    built = build(HomeSpec.of(12)).prepare().open()
    vote(built, 12)
    built.close()
    with reading(read_session(built.databases.roster)) as session:
        locked = session.get_one(RoundSecret, built.id).opening_ciphertext
        fingerprint = session.get_one(RoundHome, (built.id, built.home_ids[0])).sheet_fingerprint
        class_id = session.scalars(select(BallotClass.id)).one()
    with reading(read_session(built.databases.box)) as box:
        ballot = box.scalars(select(Intake)).first()
    built.count().finish()
    with pytest.raises(LockBroken):
        unlock(locked, passphrase(*make_halves()))
    private = unlock(locked, passphrase(*built.key.halves))
    opened = open_sealed(
        private,
        ballot.sealed,
        sheet_fingerprint=fingerprint,
        class_id=bytes.fromhex(class_id),
        credential=ballot.cred,
    )
    assert b"SATISFIED" in opened, "the control: with the slips a backup can be opened, so they are torn up"
    with reading(read_session(built.databases.roster)) as session:
        assert session.get_one(RoundSecret, built.id).opening_ciphertext is None
