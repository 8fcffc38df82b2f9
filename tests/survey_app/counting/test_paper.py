"""Paper: keyed twice by two tellers, differences settled on sight, counted together with the box."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text

from questionnaires import encode, load, read_answers
from survey_app.accounts.queries import actor_of_post
from survey_app.app import create_app
from survey_app.box.models import Ballot, BoxClass, Paper, Tally
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Invalid, Refused
from survey_app.counting import paper
from survey_app.counting import paper_sealing as sealing
from survey_app.counting.audit import audit
from survey_app.counting.models import HomeCount, PaperBatch
from survey_app.counting.opening import unlocked
from survey_app.counting.paper_requirement import paper_open
from survey_app.invitations.models import Exchange
from survey_app.rounds.channels import classes_of
from survey_app.rounds.models import Channel, Round, RoundHome
from survey_app.seals.envelope import SEALED_BYTES, open_sealed
from survey_app.seals.pile import place_in_pile
from tests.support.at_rest import is_at_rest
from tests.support.cast import signed_in_client
from tests.support.desk import choose_channel, count_at_desk, hand_out, post_at
from tests.support.member_client import MemberClient, answers_of, over_flask
from tests.support.round_builder import HomeSpec

FORM = load("national-core-1")
TWO_CLASSES = HomeSpec((("合同制", 24), ("劳务派遣", 18)))


class Table:
    """Two tellers at one table, working through the operations as the pages do."""

    def __init__(self, built, home: int) -> None:
        self.built, self.home = built, home
        self.words: dict[str, str] = {}
        self.tellers = [post_at(built, home, Role.TELLER) for _ in range(2)]

    def session(self):
        return committing(write_session(self.built.databases.roster))

    def batch(self, sheets: int) -> str:
        with self.session() as session:
            round_ = session.get_one(Round, self.built.id)
            home = session.get_one(RoundHome, (self.built.id, self.home))
            person = actor_of_post(session, self.tellers[0].id)
            made, word = paper.add_batch(
                session, self.built.settings, person, round_, home, sheets, at=self.built.clock()
            )
            self.words[made.id] = word
            return made.id

    def form(self, session, batch, typed) -> sealing.KeyedForm:
        letter, raw = typed
        classes = session.scalars(classes_of(self.built.id, self.home)).all()
        return paper.read_form(session, batch, classes[letter].id, raw)

    def enter(self, batch_id: str, keying: int, typed):
        """Come as far as the page comes before it writes into the box; the rest of the way as a function."""
        with self.session() as session:
            batch = paper.batch_of_teller(
                session, actor_of_post(session, self.tellers[keying - 1].id), batch_id
            )
            paper.claim_keying(session, actor_of_post(session, self.tellers[keying - 1].id), batch, keying)
            form = self.form(session, batch, typed)
            pile = sealing.open_pile(session, self.built.settings, batch, self.words[batch_id])
        return lambda sheet: sealing.key_form(self.built.databases, pile, sheet, keying, form)

    def key(self, batch_id: str, keying: int, forms, teller: int | None = None) -> None:
        person_post = self.tellers[keying - 1 if teller is None else teller]
        for sheet, typed in enumerate(forms, start=1):
            with self.session() as session:
                person = actor_of_post(session, person_post.id)
                batch = paper.batch_of_teller(session, person, batch_id)
                paper.claim_keying(session, person, batch, keying)
                form = self.form(session, batch, typed)
                pile = sealing.open_pile(session, self.built.settings, batch, self.words[batch_id])
            sealing.key_form(self.built.databases, pile, sheet, keying, form)

    def sheets(self, batch_id: str) -> int:
        with reading(read_session(self.built.databases.roster)) as session:
            return session.get_one(PaperBatch, batch_id).sheets

    def settle(self, batch_id: str) -> bool:
        sealing.pack(self.built.databases, batch_id, self.sheets(batch_id))
        with self.session() as session:
            person = actor_of_post(session, self.tellers[0].id)
            batch = paper.batch_of_teller(session, person, batch_id)
            return paper.settle(session, self.built.databases, person, batch, at=self.built.clock())

    def missing(self) -> list[str]:
        with reading(read_session(self.built.databases.roster)) as session:
            return [one.code for one in paper_open(session, session.get_one(Round, self.built.id))]


@pytest.fixture
def closed(build):
    """A closed round in which three members of each class took paper and ten voted by link."""
    built = build(TWO_CLASSES).prepare().open()
    home = built.home_ids[0]
    group = post_at(built, home, Role.WORKING_GROUP)
    for number in ("0001", "0002", "0003", "0025", "0026", "0027"):
        hand_out(built, group, number, Exchange.PAPER)
    send = over_flask(create_app(built.settings, built.databases, clock=built.clock))
    for code in built.codes(home)[4:14]:
        MemberClient(send, code).vote(answers_of(FORM))
    built.close()
    return built, Table(built, home)


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


def opened(page) -> tuple[str, str, str]:
    """Address, id and word of a batch, from the page that shows the word for its cover."""
    batch_id = re.search(r'href="/paper/([0-9a-f]{32})"', page.text)
    word = re.search(r'class="code">((?:[0-9A-Z]{4}-){2}[0-9A-Z]{4})<', page.text)
    assert batch_id, "the page leads on to the batch"
    assert word, "the page shows the word"
    return f"/paper/{batch_id[1]}", batch_id[1], word[1]


def opened_words(built, row: Paper) -> str:
    """The first words in a sealed paper form, read with the custodians' key."""
    with reading(read_session(built.databases.box)) as box:
        fingerprint = box.get_one(BoxClass, row.class_id).sheet_fingerprint
    payload = open_sealed(
        unlocked(built.databases, built.id, built.key.halves),
        row.sealed,
        sheet_fingerprint=fingerprint,
        class_id=bytes.fromhex(row.class_id),
        credential=place_in_pile(row.batch, row.sheet),
    )
    return json.loads(payload)[FORM.open_questions[0].id]


@pytest.mark.parametrize("database_kind", ["sqlite"])
class TestThePages:
    @pytest.fixture
    def desks(self, closed):
        built, table = closed
        app = create_app(built.settings, built.databases, clock=built.clock)
        one, other = (signed_in_client(app, built.databases, post) for post in table.tellers)
        return built, table, app, one, other

    def fill(self, built, table, raw, letter: int = 0) -> dict[str, object]:
        with reading(read_session(built.databases.roster)) as session:
            classes = session.scalars(classes_of(built.id, table.home)).all()
            return {"class_id": classes[letter].id, **raw}

    def test_two_tellers_key_a_batch_and_settle_its_difference(self, desks):
        built, table, _app, one, other = desks
        address = f"/paper/{built.id}/{table.home}"
        first = one.send(address, {"sheets": "2"})
        batch, batch_id, word = opened(first)
        assert word not in one.get(batch).text, "the word is shown once"
        assert "从第1张录起" in one.get(batch).text
        satisfied = self.fill(built, table, {"word": word, **answers_of(FORM, comment="票上的话")})
        assert one.send(f"{batch}/1/1", satisfied).headers["Location"].endswith("/1/2")
        assert one.send(f"{batch}/1/2", satisfied).headers["Location"] == batch
        assert "另一位计票人" in one.get(batch).text
        assert one.send(f"{batch}/2/1", satisfied).status_code == 200, "the same teller stays where he is"
        blind = other.get(f"{batch}/2/1").text
        assert " checked" not in blind, "the second keying sees nothing of the first"
        assert "票上的话" not in blind
        slip = self.fill(
            built, table, {"word": word, **answers_of(FORM), FORM.closed_questions[4].id: "BASIC"}
        )
        wrong = other.send(f"{batch}/2/1", self.fill(built, table, {**answers_of(FORM), "word": "0" * 12}))
        assert "不是这一批封面上的暗号" in wrong.text
        assert wrong.text.count(" checked") >= len(FORM.closed_questions), "what was ticked is not lost"
        other.send(f"{batch}/2/1", self.fill(built, table, {"word": word.lower(), **answers_of(FORM)}))
        other.send(f"{batch}/2/2", slip)
        page = one.get(batch).text
        assert "有1张两遍录得不一样" in page
        shut = one.get(f"{batch}/differences/2").text
        assert "满意" not in shut, "without the word nobody sees what was keyed"
        look = one.send(f"{batch}/differences/2", {"step": "look", "word": word}).text
        assert look.count("第一遍：满意；第二遍：基本满意") == 1
        assert "票上的话" not in look
        done = one.send(f"{batch}/differences/2", {"step": "save", **slip}, follow_redirects=True)
        assert "这一批录好了" in done.text
        with reading(read_session(built.databases.box)) as box:
            rows = box.scalars(select(Paper).where(Paper.batch == batch_id)).all()
            assert [(row.sheet, row.keying, row.draft, row.digest) for row in rows] == [
                (1, 1, None, None),
                (2, 1, None, None),
            ]
        words = [opened_words(built, row) for row in rows]
        assert words == ["票上的话"] * 2, "the words of the first keying are sealed with the answers"
        assert one.send(f"{batch}/1/1", satisfied).status_code == 404, "a settled batch is closed"

    def test_whoever_was_cut_off_before_the_batch_was_closed_finds_a_button(self, desks):
        _built, table, _app, one, _other = desks
        batch_id = table.batch(1)
        for keying in (sealing.FIRST, sealing.SECOND):
            table.key(batch_id, keying, [(0, answers_of(FORM))])
        assert "还差收好这一步" in one.get(f"/paper/{batch_id}").text
        done = one.send(f"/paper/{batch_id}/settle", {}, follow_redirects=True)
        assert "这一批录好了" in done.text
        assert table.missing() == []

    def test_no_paper_at_all_is_a_batch_of_none(self, desks):
        built, table, _app, one, _other = desks
        done = one.send(f"/paper/{built.id}/{table.home}", {"sheets": "0"}, follow_redirects=True)
        assert "没有收到纸质票" in done.text
        assert table.missing() == []

    def test_only_tellers_of_the_home_come_in(self, desks):
        built, table, app, one, _other = desks
        batch, _id, _word = opened(one.send(f"/paper/{built.id}/{table.home}", {"sheets": "1"}))
        for post in (built.officer_post, built.chair_posts[0], built.custodian_posts[0]):
            assert signed_in_client(app, built.databases, post).get(batch).status_code == 403
        with reading(read_session(built.databases.roster)) as session:
            assert session.scalars(select(PaperBatch.sheets)).all() == [1]
        assert one.get("/paper").headers["Location"] == f"/paper/{built.id}/{table.home}"
