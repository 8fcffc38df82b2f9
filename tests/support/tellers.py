"""Two tellers at one table: paper keyed twice through the operations, as the pages do."""

from __future__ import annotations

from survey_app.accounts.queries import actor_of_post
from survey_app.core.actor import Role
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.counting import paper
from survey_app.counting import paper_sealing as sealing
from survey_app.counting.models import PaperBatch
from survey_app.counting.paper_requirement import paper_open
from survey_app.rounds.channels import classes_of
from survey_app.rounds.models import Round, RoundHome
from tests.support.desk import post_at


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
