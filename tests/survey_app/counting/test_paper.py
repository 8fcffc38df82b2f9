"""Paper: keyed twice by two tellers, differences settled on sight, counted together with the box."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from questionnaires import encode, load, read_answers
from survey_app.accounts.queries import actor_of_post
from survey_app.box.models import Ballot, Paper, Tally
from survey_app.core.actor import Role
from survey_app.core.db import read_session, reading
from survey_app.core.errors import Invalid, Refused
from survey_app.counting import paper
from survey_app.counting import paper_sealing as sealing
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount, PaperBatch
from survey_app.counting.protocol import protocol_of
from survey_app.rounds.models import Channel, Round, RoundHome
from survey_app.seals.envelope import SEALED_BYTES
from tests.support.at_rest import is_at_rest
from tests.support.desk import choose_channel, count_at_desk, post_at
from tests.support.member_client import answers_of
from tests.support.round_builder import HomeSpec
from tests.support.tellers import Table

FORM = load("national-core-1")


def test_paper_is_counted_with_the_box_and_the_same_rows_come_out(closed):
    built, table = closed
    assert table.missing() == ["paper_not_keyed"]
    forms = [(0, answers_of(FORM, "DISSATISFIED")), (1, answers_of(FORM, "BASIC", comment="写的话")), (1, {})]
    batch = table.batch(3)
    assert table.missing() == ["paper_batch_open"]
    with pytest.raises(Invalid, match="round_not_complete"):
        built.count()
    table.key(batch, sealing.FIRST, forms)
    table.key(batch, sealing.SECOND, forms)
    assert table.settle(batch)
    assert table.missing() == []
    built.count().finish()
    with reading(read_session(built.databases.roster)) as session:
        counted = session.get_one(HomeCount, (built.id, table.home))
        assert (counted.sealed, counted.paper, counted.valid, counted.void) == (10, 3, 12, 1)
        assert (counted.exchanged_paper, counted.held) == (6, [])
        sheet = protocol_of(
            session,
            built.databases,
            built.settings.code_pepper,
            session.get_one(Round, built.id),
            session.get_one(RoundHome, (built.id, table.home)),
        )
    by_class = [(one.figures.link_ballots, one.figures.paper_ballots) for one in sheet.classes]
    assert by_class == [(0, 1), (10, 2)], "the signed sheet says in which class paper came in, void forms too"
    assert sheet.figures.received == 13
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Paper)) == 0, "the keyed forms end with the count"
        assert box.scalar(select(func.count()).select_from(Ballot)) == 12
        said = box.execute(
            select(Tally.option, func.sum(Tally.n))
            .where(Tally.question == FORM.overall.id)
            .group_by(Tally.option)
        )
        assert dict(map(tuple, said)) == {"SATISFIED": 10, "DISSATISFIED": 1, "BASIC": 1}
    assert not audit(built.databases).findings


def test_one_teller_cannot_key_both_times_nor_a_third_take_over(closed):
    built, table = closed
    batch = table.batch(2)
    forms = [(0, answers_of(FORM)), (0, answers_of(FORM))]
    table.key(batch, sealing.FIRST, forms)
    with pytest.raises(Refused, match="paper_needs_two_tellers"):
        table.key(batch, sealing.SECOND, forms, teller=0)
    table.key(batch, sealing.SECOND, forms[:1])
    table.tellers.append(post_at(built, table.home, Role.TELLER))
    with pytest.raises(Refused, match="paper_keyed_by_another"):
        table.key(batch, sealing.SECOND, forms, teller=2)


def test_what_was_keyed_in_two_ways_is_never_settled_and_never_counted(closed):
    _built, table = closed
    batch = table.batch(2)
    table.key(batch, sealing.FIRST, [(0, answers_of(FORM)), (0, answers_of(FORM))])
    table.key(batch, sealing.SECOND, [(0, answers_of(FORM)), (1, answers_of(FORM))])
    assert not table.settle(batch)
    assert table.missing() == ["paper_batch_open"]


def test_a_form_that_arrives_after_the_batch_was_alike_changes_nothing(closed):
    built, table = closed
    batch_id = table.batch(2)
    forms = [(0, answers_of(FORM)), (1, answers_of(FORM))]
    table.key(batch_id, sealing.FIRST, forms)
    # Two tabs of the second teller: the slow one was let in before the quick one finished the batch.
    late = table.enter(batch_id, sealing.SECOND, (1, answers_of(FORM, "DISSATISFIED")))
    table.key(batch_id, sealing.SECOND, forms)
    assert not late(2)
    assert table.settle(batch_id)
    assert not late(2), "nor when it is settled"
    built.count().finish()
    assert not late(2), "nor when it is counted"
    with reading(read_session(built.databases.box)) as box:
        assert box.scalar(select(func.count()).select_from(Paper)) == 0
        opinions = dict(
            map(
                tuple,
                box.execute(
                    select(Tally.option, func.sum(Tally.n))
                    .where(Tally.question == FORM.overall.id)
                    .group_by(Tally.option)
                ),
            )
        )
    assert opinions == {"SATISFIED": 12}


def test_of_two_who_settle_a_difference_at_once_the_first_is_heard(closed):
    built, table = closed
    batch_id = table.batch(1)
    table.key(batch_id, sealing.FIRST, [(0, answers_of(FORM))])
    table.key(batch_id, sealing.SECOND, [(0, answers_of(FORM, "BASIC"))])
    words = [(0, answers_of(FORM, option)) for option in ("SATISFIED", "BASIC", "DISSATISFIED")] * 2
    with reading(read_session(built.databases.roster)) as session:
        batch = session.get_one(PaperBatch, batch_id)
        forms = [table.form(session, batch, one) for one in words]
        pile = sealing.open_pile(session, built.settings, batch, table.words[batch_id])
    with ThreadPoolExecutor(6) as pool:
        heard = list(pool.map(lambda form: sealing.resolve(built.databases, pile, 1, form), forms))
    assert sum(heard) == 1
    kept = [sealing.keyed_form(built.databases, pile, 1, which) for which in (sealing.FIRST, sealing.SECOND)]
    assert kept == [forms[heard.index(True)]] * 2
    assert table.settle(batch_id)


def test_more_paper_than_was_handed_out_holds_the_home(closed):
    built, table = closed
    forms = [(0, answers_of(FORM))] * 4
    batch = table.batch(4)
    for keying in (sealing.FIRST, sealing.SECOND):
        table.key(batch, keying, forms)
    assert table.settle(batch)
    built.count()
    with reading(read_session(built.databases.roster)) as session:
        held = session.get_one(HomeCount, (built.id, table.home)).held
    assert [(one["code"], one["excess"]) for one in held] == [("more_paper_than_exchanged", 1)]


def test_a_home_on_paper_only_is_counted_from_its_batches(build):
    built = build(HomeSpec.of(20))
    home = built.home_ids[0]
    choose_channel(built, home, Channel.PAPER)
    built.prepare().open().close()
    count_at_desk(built, post_at(built, home, Role.WORKING_GROUP), present=15)
    table = Table(built, home)
    assert table.missing() == ["paper_not_keyed"]
    forms = [(0, answers_of(FORM, "BASIC"))] * 12
    batch = table.batch(12)
    for keying in (sealing.FIRST, sealing.SECOND):
        table.key(batch, keying, forms)
    assert table.settle(batch)
    built.count().finish()
    with reading(read_session(built.databases.roster)) as session:
        counted = session.get_one(HomeCount, (built.id, home))
        assert (counted.paper, counted.valid, counted.exchanged_paper, counted.held) == (12, 12, 15, [])


def test_what_was_keyed_can_be_read_nowhere_at_rest_and_settled_it_is_a_seal_like_any_other(closed):
    built, table = closed
    since = time.time() - 1
    canary = "矿井里的金丝雀在唱"
    forms = [(0, answers_of(FORM, comment=canary))] * 3
    ticks = encode(read_answers(FORM, answers_of(FORM)))[:80].decode()
    batch = table.batch(3)
    for keying in (sealing.FIRST, sealing.SECOND):
        table.key(batch, keying, forms)
        for needle in (canary, ticks, json.dumps(canary).strip('"'), table.words[batch]):
            assert not is_at_rest(built, needle.encode(), since), needle
    with reading(read_session(built.databases.box)) as box:
        rows = box.scalars(select(Paper)).all()
        assert len({row.digest for row in rows}) == 3, "forms with the same answers do not look alike"
        assert len({(len(row.sealed), len(row.draft or b"")) for row in rows}) == 1
        assert len({row.sealed for row in rows} | {row.draft for row in rows}) == 12
    assert table.settle(batch)
    with reading(read_session(built.databases.box)) as box:
        left = box.execute(select(Paper.sheet, Paper.keying, Paper.draft, Paper.digest)).all()
        sizes = {len(sealed) for sealed in box.scalars(select(Paper.sealed))}
    assert sorted(map(tuple, left)) == [(sheet, 1, None, None) for sheet in (1, 2, 3)]
    assert sizes == {SEALED_BYTES}
    with built.databases.box.begin() as connection:
        connection.execute(text("CREATE TABLE naive_paper (answers TEXT)"))
        connection.execute(text("INSERT INTO naive_paper VALUES (:words)"), {"words": canary})
    assert is_at_rest(built, canary.encode(), since), "control: plain keying is found by the same look"


def test_a_lost_word_opens_nothing_and_a_new_one_begins_the_batch_anew(closed):
    built, table = closed
    batch_id = table.batch(1)
    table.key(batch_id, sealing.FIRST, [(0, answers_of(FORM))])
    with table.session() as session:
        batch = session.get_one(PaperBatch, batch_id)
        pile = sealing.open_pile(session, built.settings, batch, table.words[batch_id])
        assert sealing.keyed_form(built.databases, pile, 1, sealing.FIRST).class_id
        for typed, code in (("0" * 12, "paper_word_wrong"), ("12", "paper_word_mistyped")):
            with pytest.raises(Invalid) as refused:
                sealing.open_pile(session, built.settings, batch, typed)
            assert [fault.code for fault in refused.value.faults] == [code]
    with table.session() as session:
        person = actor_of_post(session, table.tellers[1].id)
        paper.restart_batch(session, person, session.get_one(PaperBatch, batch_id), at=built.clock())
    assert not table.settle(batch_id), "between the old word and the new one nothing can be settled"
    sealing.forget_keyed(built.databases, batch_id)
    with table.session() as session:
        person = actor_of_post(session, table.tellers[1].id)
        batch = session.get_one(PaperBatch, batch_id)
        old = table.words[batch_id]
        table.words[batch_id] = paper.give_word(built.settings, person, batch)
        with pytest.raises(Invalid, match="invalid_input"):
            sealing.open_pile(session, built.settings, batch, old)
    for keying in (sealing.FIRST, sealing.SECOND):
        table.key(batch_id, keying, [(0, answers_of(FORM))])
    assert table.settle(batch_id)
    with table.session() as session:
        person = actor_of_post(session, table.tellers[1].id)
        batch = session.get_one(PaperBatch, batch_id)
        with pytest.raises(Refused, match="paper_settled"):
            paper.restart_batch(session, person, batch, at=built.clock())
