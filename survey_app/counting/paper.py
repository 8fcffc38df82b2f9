"""Paper keyed twice: batches on the roster side say who keyed, the keyed forms lie in the box until counting.

Each step writes one side after the other and may be repeated: who keys is noted first, then the form.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from questionnaires import AnswerError, Questionnaire, encode, read_answers
from survey_app.box.models import BoxClass, BoxState, Opening, Paper
from survey_app.core.actor import Actor
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.errors import Fault, Invalid, NotFound, Refused
from survey_app.counting.models import PaperBatch
from survey_app.instruments.queries import questionnaire_of
from survey_app.journal.operations import record
from survey_app.rounds.channels import classes_of
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.rounds.queries import visible_round_home

FIRST, SECOND = 1, 2
MOST_SHEETS = 500
BLANK_FORM = "{}"


@dataclass(frozen=True)
class KeyedForm:
    """One paper form as it was keyed: the class of its letter, and the answers as they would be sealed."""

    class_id: str
    answers: str


@dataclass(frozen=True)
class BatchState:
    """How far a batch is: forms keyed the first and the second time, and those that differ."""

    sheets: int
    first: Mapping[int, KeyedForm]
    second: Mapping[int, KeyedForm]

    @property
    def differing(self) -> list[int]:
        """Running numbers of the forms that were keyed in two ways."""
        both = self.first.keys() & self.second.keys()
        return sorted(sheet for sheet in both if self.first[sheet] != self.second[sheet])

    @property
    def keying(self) -> int | None:
        """The keying that is due now, or None when both are complete."""
        if len(self.first) < self.sheets:
            return FIRST
        return SECOND if len(self.second) < self.sheets else None

    @property
    def is_alike(self) -> bool:
        """Every form was keyed twice in the same way."""
        return self.keying is None and not self.differing

    def next_sheet(self, keying: int) -> int | None:
        """The first form that this keying still lacks."""
        done = self.first if keying == FIRST else self.second
        return next((sheet for sheet in range(1, self.sheets + 1) if sheet not in done), None)


def home_of_teller(session: Session, actor: Actor, round_id: str, home_id: int) -> tuple[Round, RoundHome]:
    """The home whose paper this teller keys; any other is not there."""
    actor.need("paper.key")
    home, _unit = visible_round_home(session, actor, round_id, home_id)
    return session.get_one(Round, round_id), home


def batch_of_teller(session: Session, actor: Actor, batch_id: str, *, lock: bool = False) -> PaperBatch:
    """A batch of the teller's own home."""
    batch = session.get(PaperBatch, batch_id, with_for_update=lock)
    if batch is None:
        raise NotFound("batch")
    home_of_teller(session, actor, batch.round_id, batch.home_id)
    return batch


def add_batch(
    session: Session, actor: Actor, round_: Round, home: RoundHome, sheets: int, *, at: datetime
) -> PaperBatch:
    """A pile counted by hand; a pile of none says that no paper came back."""
    actor.need("paper.key")
    _refuse_late(round_)
    if not 0 <= sheets <= MOST_SHEETS:
        raise Invalid([Fault("paper_sheets_out_of_range", {"most": MOST_SHEETS}, "sheets")])
    before = session.scalars(
        select(PaperBatch.ordinal).where(PaperBatch.round_id == round_.id, PaperBatch.home_id == home.home_id)
    ).all()
    batch = PaperBatch(
        id=secrets.token_hex(16),
        round_id=round_.id,
        home_id=home.home_id,
        ordinal=max(before, default=0) + 1,
        sheets=sheets,
        settled=sheets == 0,
    )
    session.add(batch)
    session.flush()
    record(session, actor, "paper.batch_added", "round_home", _subject(batch), at=at, sheets=sheets)
    return batch


def _refuse_late(round_: Round) -> None:
    """Paper is keyed after the close and before the opening."""
    if round_.state != RoundState.CLOSED:
        raise Refused("wrong_state", thing="round", state=round_.state, action="paper")


def _subject(batch: PaperBatch) -> str:
    return f"{batch.round_id}/{batch.home_id}"


def batch_state(databases: Databases, batch: PaperBatch) -> BatchState:
    """What the box holds of a batch."""
    with reading(read_session(databases.box)) as box:
        return _state(batch, box.scalars(_forms(batch)).all())


def _forms(batch: PaperBatch) -> Select[Paper]:
    return select(Paper).where(Paper.batch == batch.id)


def _state(batch: PaperBatch, rows: Sequence[Paper]) -> BatchState:
    keyed: dict[int, dict[int, KeyedForm]] = {FIRST: {}, SECOND: {}}
    for row in rows:
        keyed[row.keying][row.sheet] = KeyedForm(row.class_id, row.answers)
    return BatchState(batch.sheets, keyed[FIRST], keyed[SECOND])


def claim_keying(session: Session, actor: Actor, batch: PaperBatch, keying: int) -> None:
    """One teller keys a batch the first time, another one the second time."""
    actor.need("paper.key")
    _refuse_late(session.get_one(Round, batch.round_id))
    if batch.settled:
        raise Refused("paper_settled")
    holder = batch.first_by if keying == FIRST else batch.second_by
    if holder not in (None, actor.account_id):
        raise Refused("paper_keyed_by_another")
    if keying == SECOND and batch.first_by == actor.account_id:
        raise Refused("paper_needs_two_tellers")
    if keying == FIRST:
        batch.first_by = actor.account_id
    else:
        batch.second_by = actor.account_id
    session.flush()


def read_form(session: Session, batch: PaperBatch, class_id: str, raw: Mapping[str, object]) -> KeyedForm:
    """What was typed, checked; a form without any mark is kept as it is and will be void."""
    known = {row.id for row in session.scalars(classes_of(batch.round_id, batch.home_id))}
    if class_id not in known:
        raise Invalid([Fault("paper_class_unknown", {}, "class_id")])
    return KeyedForm(class_id, _encoded(form_of(session, batch), raw))


def form_of(session: Session, batch: PaperBatch) -> Questionnaire:
    """The questionnaire printed on the forms."""
    home = session.get_one(RoundHome, (batch.round_id, batch.home_id))
    return questionnaire_of(session, home.questionnaire_id)


def _encoded(questionnaire: Questionnaire, raw: Mapping[str, object]) -> str:
    try:
        return encode(read_answers(questionnaire, raw)).decode("utf-8")
    except AnswerError as error:
        if set(error.codes) == {"nothing_chosen"}:
            return BLANK_FORM
        raise Invalid([Fault("paper_answers_bad", {}, "answers")]) from None


def key_form(databases: Databases, batch: PaperBatch, sheet: int, keying: int, form: KeyedForm) -> bool:
    """Put a form as it was keyed into the box; keyed again by the same teller it is replaced.

    False, and nothing written, when meanwhile the batch is alike throughout or this keying is over.
    """
    if not 1 <= sheet <= batch.sheets:
        raise NotFound("sheet")
    with committing(write_session(databases.box)) as box:
        state = _locked_state(box, batch)
        if state is None or state.is_alike or (keying == FIRST and state.second):
            return False
        box.merge(_row(batch, sheet, keying, form))
    return True


def resolve(databases: Databases, batch: PaperBatch, sheet: int, form: KeyedForm) -> bool:
    """What the paper really says, looked at by both tellers, stands for both keyings.

    False, and nothing written, when somebody else has said so meanwhile: the first word stands.
    """
    with committing(write_session(databases.box)) as box:
        state = _locked_state(box, batch)
        if state is None or sheet not in state.differing:
            return False
        for keying in (FIRST, SECOND):
            box.merge(_row(batch, sheet, keying, form))
    return True


def _locked_state(box: Session, batch: PaperBatch) -> BatchState | None:
    """What the box holds, with everybody else who writes this batch waiting behind us; None when it is over.

    A batch alike throughout can change no more, so it may be settled at any time after: the check and the
    write are one transaction of the box. (On SQLite a transaction that may write is alone anyhow.)
    """
    if box.get_bind().dialect.name == "postgresql":
        # Not the rows: the form that is keyed now has none yet. The lock ends with the transaction.
        box.execute(select(func.pg_advisory_xact_lock(int(batch.id[:15], 16))))
    return _state(batch, box.scalars(_forms(batch)).all()) if _takes_paper(box, batch) else None


def _takes_paper(box: Session, batch: PaperBatch) -> bool:
    """Neither opened nor destroyed: a form keyed behind that would lie here for ever, read by nobody."""
    classes = select(BoxClass).where(BoxClass.round_id == batch.round_id, BoxClass.home_id == batch.home_id)
    # Shared lock: destroying the round's classes waits for us, and whoever comes behind it finds none.
    found = box.scalars(classes.with_for_update(read=True)).all()
    shut = bool(found) and all(row.state == BoxState.SHUT for row in found)
    return shut and box.get(Opening, (batch.round_id, batch.home_id)) is None


def _row(batch: PaperBatch, sheet: int, keying: int, form: KeyedForm) -> Paper:
    return Paper(
        batch=batch.id,
        sheet=sheet,
        keying=keying,
        round_id=batch.round_id,
        home_id=batch.home_id,
        class_id=form.class_id,
        answers=form.answers,
    )


def settle(session: Session, databases: Databases, actor: Actor, batch: PaperBatch, *, at: datetime) -> bool:
    """Close a batch whose forms were all keyed twice alike; True when it is closed now."""
    actor.need("paper.key")
    _refuse_late(session.get_one(Round, batch.round_id))
    if batch.settled or not batch_state(databases, batch).is_alike:
        return False
    batch.settled = True
    record(session, actor, "paper.batch_settled", "round_home", _subject(batch), at=at, sheets=batch.sheets)
    return True
