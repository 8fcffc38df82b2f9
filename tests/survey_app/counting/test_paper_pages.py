"""The tellers' pages: the word on the cover, one form a screen, the list of differences."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from questionnaires import load
from survey_app.app import create_app
from survey_app.box.models import BoxClass, Paper
from survey_app.core.db import read_session, reading
from survey_app.counting import paper_sealing as sealing
from survey_app.counting.models import PaperBatch
from survey_app.counting.opening import unlocked
from survey_app.rounds.channels import classes_of
from survey_app.seals.envelope import open_sealed
from survey_app.seals.pile import place_in_pile
from tests.support.cast import signed_in_client
from tests.support.member_client import answers_of

FORM = load("national-core-1")


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
