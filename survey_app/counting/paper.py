"""Paper keyed twice: batches on the roster side say who keyed; the forms lie in the box, `paper_sealing`.

Each step writes one side after the other and may be repeated: who keys is noted first, then the form; the
box is packed first, then the batch is settled.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from questionnaires import AnswerError, Questionnaire, encode, read_answers
from survey_app.core.actor import Actor
from survey_app.core.db import Databases
from survey_app.core.errors import Fault, Invalid, NotFound, Refused
from survey_app.core.settings import Settings
from survey_app.counting.models import PaperBatch
from survey_app.counting.paper_sealing import FIRST, SECOND, KeyedForm, batch_state
from survey_app.instruments.queries import questionnaire_of
from survey_app.journal.operations import record
from survey_app.rounds.appointments import refuse_own_home
from survey_app.rounds.channels import classes_of
from survey_app.rounds.models import Round, RoundHome, RoundState
from survey_app.rounds.queries import visible_round_home
from survey_app.seals.pile import PileKey, make_word, read_word

MOST_SHEETS = 500
BLANK_FORM = "{}"


def home_of_teller(session: Session, actor: Actor, round_id: str, home_id: int) -> tuple[Round, RoundHome]:
    """The home whose paper this teller keys; any other is not there."""
    actor.need("paper.key")
    home, _unit = visible_round_home(session, actor, round_id, home_id)
    refuse_own_home(session, actor, home_id)
    return session.get_one(Round, round_id), home


def batch_of_teller(session: Session, actor: Actor, batch_id: str, *, lock: bool = False) -> PaperBatch:
    """A batch of the teller's own home."""
    batch = session.get(PaperBatch, batch_id, with_for_update=lock)
    if batch is None:
        raise NotFound("batch")
    home_of_teller(session, actor, batch.round_id, batch.home_id)
    return batch


def add_batch(
    session: Session,
    settings: Settings,
    actor: Actor,
    round_: Round,
    home: RoundHome,
    sheets: int,
    *,
    at: datetime,
) -> tuple[PaperBatch, str]:
    """A pile counted by hand, and the word for its cover; a pile of none says that no paper came back."""
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
    word = _new_word(settings, batch)
    session.flush()
    record(session, actor, "paper.batch_added", "round_home", _subject(batch), at=at, sheets=sheets)
    return batch, word


def _new_word(settings: Settings, batch: PaperBatch) -> str:
    word = make_word()
    batch.word_check = PileKey.of(read_word(word), settings.code_pepper, batch.id).check
    return word


def restart_batch(session: Session, actor: Actor, batch: PaperBatch, *, at: datetime) -> None:
    """The word of an open batch is lost: from now on nothing of it can be settled until it has a new one."""
    actor.need("paper.key")
    _refuse_late(session.get_one(Round, batch.round_id))
    if batch.settled:
        raise Refused("paper_settled")
    batch.first_by = batch.second_by = batch.word_check = None
    session.flush()
    record(session, actor, "paper.batch_restarted", "round_home", _subject(batch), at=at)


def give_word(settings: Settings, actor: Actor, batch: PaperBatch) -> str:
    """A new word for a batch of which nothing is keyed any more."""
    actor.need("paper.key")
    if batch.word_check is not None:
        raise Refused("paper_keyed_by_another")
    return _new_word(settings, batch)


def _refuse_late(round_: Round) -> None:
    """Paper is keyed after the close and before the opening."""
    if round_.state != RoundState.CLOSED:
        raise Refused("wrong_state", thing="round", state=round_.state, action="paper")


def _subject(batch: PaperBatch) -> str:
    return f"{batch.round_id}/{batch.home_id}"


def claim_keying(session: Session, actor: Actor, batch: PaperBatch, keying: int) -> None:
    """One teller keys a batch the first time, another one the second time."""
    actor.need("paper.key")
    refuse_own_home(session, actor, batch.home_id)
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


def settle(session: Session, databases: Databases, actor: Actor, batch: PaperBatch, *, at: datetime) -> bool:
    """Close a batch of which the box holds nothing but seals; True when it is closed now."""
    actor.need("paper.key")
    _refuse_late(session.get_one(Round, batch.round_id))
    if batch.settled or batch.word_check is None or not batch_state(databases, batch).is_packed:
        return False
    batch.settled = True
    record(session, actor, "paper.batch_settled", "round_home", _subject(batch), at=at, sheets=batch.sheets)
    return True
