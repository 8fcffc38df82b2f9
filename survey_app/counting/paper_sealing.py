"""Keyed paper in the box: sealed when it is keyed, compared under the word on the pile, one row when alike.

Between the keyings the box holds two rows of a form. Each is sealed for the opening key; beside the seal lie
a draft and a digest under a key that only the word on the pile's cover makes. When all forms agree, `pack`
leaves one sealed row of each and nothing that the word could open.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, BoxState, Opening, Paper
from survey_app.core.db import Databases, committing, read_session, reading, write_session
from survey_app.core.errors import Fault, Invalid, NotFound, Refused
from survey_app.core.settings import Settings
from survey_app.counting.models import PaperBatch
from survey_app.rounds.models import RoundHome, RoundSecret
from survey_app.seals.envelope import seal
from survey_app.seals.errors import Mistyped
from survey_app.seals.pile import PileKey, place_in_pile, read_word

FIRST, SECOND = 1, 2


@dataclass(frozen=True)
class KeyedForm:
    """One paper form as it was keyed: the class of its letter, and the answers as they are sealed."""

    class_id: str
    answers: str = field(repr=False)

    @property
    def payload(self) -> bytes:
        """Class and answers in one, for draft and digest."""
        return f"{self.class_id}{self.answers}".encode()

    @classmethod
    def of(cls, payload: bytes) -> Self:
        """Read `payload` back; a class id has 32 characters."""
        text = payload.decode()
        return cls(text[:32], text[32:])


@dataclass(frozen=True)
class Pile:
    """A batch whose word was typed: forms can be sealed into it, and its drafts read until it is settled."""

    batch_id: str
    round_id: str
    home_id: int
    sheets: int
    opening_public: bytes
    fingerprint: bytes
    key: PileKey = field(repr=False)

    def row(self, sheet: int, keying: int, form: KeyedForm) -> Paper:
        """A form as the box holds it."""
        place = place_in_pile(self.batch_id, sheet)
        return Paper(
            batch=self.batch_id,
            sheet=sheet,
            keying=keying,
            round_id=self.round_id,
            home_id=self.home_id,
            class_id=form.class_id,
            sealed=seal(
                self.opening_public,
                form.answers.encode(),
                sheet_fingerprint=self.fingerprint,
                class_id=bytes.fromhex(form.class_id),
                credential=place,
            ),
            draft=self.key.close(form.payload, place),
            digest=self.key.digest(form.payload, place),
        )


@dataclass(frozen=True)
class BatchState:
    """How far a batch is, seen without its word: digests of the forms keyed the first and the second time."""

    sheets: int
    first: Mapping[int, bytes | None]
    second: Mapping[int, bytes | None]

    @property
    def differing(self) -> list[int]:
        """Running numbers of the forms that were keyed in two ways."""
        both = self.first.keys() & self.second.keys()
        return sorted(sheet for sheet in both if self.first[sheet] != self.second[sheet])

    @property
    def is_packed(self) -> bool:
        """Only the seals are left: the two keyings were found alike."""
        return len(self.first) == self.sheets and not self.second and not any(self.first.values())

    @property
    def keying(self) -> int | None:
        """The keying that is due now, or None when both are complete."""
        if self.is_packed:
            return None
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


def batch_state(databases: Databases, batch: PaperBatch) -> BatchState:
    """What the box holds of a batch."""
    with reading(read_session(databases.box)) as box:
        return _state(box, batch.id, batch.sheets)


def _state(box: Session, batch_id: str, sheets: int) -> BatchState:
    keyed: dict[int, dict[int, bytes | None]] = {FIRST: {}, SECOND: {}}
    rows = box.execute(
        select(Paper.keying, Paper.sheet, Paper.digest).where(Paper.batch == batch_id).order_by(Paper.sheet)
    )
    for keying, sheet, digest in rows:
        keyed[keying][sheet] = digest
    return BatchState(sheets, keyed[FIRST], keyed[SECOND])


def open_pile(session: Session, settings: Settings, batch: PaperBatch, typed: str) -> Pile:
    """The pile on whose cover this word stands; any other word is refused."""
    try:
        word = read_word(typed)
    except Mistyped:
        raise Invalid([Fault("paper_word_mistyped", {}, "word")]) from None
    key = PileKey.of(word, settings.code_pepper, batch.id)
    if batch.word_check is None or not hmac.compare_digest(key.check, batch.word_check):
        raise Invalid([Fault("paper_word_wrong", {}, "word")])
    home = session.get_one(RoundHome, (batch.round_id, batch.home_id))
    secret = session.get_one(RoundSecret, batch.round_id)
    return Pile(
        batch.id,
        batch.round_id,
        batch.home_id,
        batch.sheets,
        secret.opening_public or b"",
        home.sheet_fingerprint or b"",
        key,
    )


def keyed_form(databases: Databases, pile: Pile, sheet: int, keying: int) -> KeyedForm:
    """What was keyed of a form, as long as its batch is not settled."""
    with reading(read_session(databases.box)) as box:
        row = box.get(Paper, (pile.batch_id, sheet, keying))
        draft = row.draft if row else None
    if draft is None:
        raise NotFound("sheet")
    return KeyedForm.of(pile.key.open(draft, place_in_pile(pile.batch_id, sheet)))


def with_words_of_the_first(
    databases: Databases, pile: Pile, sheet: int, given: Mapping[str, object], words: set[str]
) -> Mapping[str, object]:
    """Words are keyed once: with the answers of a second keying those of the first are kept."""
    kept = json.loads(keyed_form(databases, pile, sheet, FIRST).answers)
    return {**given, **{name: kept[name] for name in words & kept.keys()}}


def key_form(databases: Databases, pile: Pile, sheet: int, keying: int, form: KeyedForm) -> bool:
    """Seal a form as it was keyed into the box; keyed again by the same teller it is replaced.

    False, and nothing written, when meanwhile the batch is alike throughout or this keying is over.
    """
    if not 1 <= sheet <= pile.sheets:
        raise NotFound("sheet")
    with committing(write_session(databases.box)) as box:
        state = _locked_state(box, pile)
        if state is None or state.is_alike or (keying == FIRST and state.second):
            return False
        box.merge(pile.row(sheet, keying, form))
    return True


def resolve(databases: Databases, pile: Pile, sheet: int, form: KeyedForm) -> bool:
    """What the paper really says, looked at by both tellers, stands for both keyings.

    False, and nothing written, when somebody else has said so meanwhile: the first word stands.
    """
    with committing(write_session(databases.box)) as box:
        state = _locked_state(box, pile)
        if state is None or sheet not in state.differing:
            return False
        for keying in (FIRST, SECOND):
            box.merge(pile.row(sheet, keying, form))
    return True


def _locked_state(box: Session, pile: Pile) -> BatchState | None:
    """What the box holds, with everybody else who writes this batch waiting behind us; None when it is over.

    A batch alike throughout can change no more, so it may be settled at any time after: the check and the
    write are one transaction of the box.
    """
    _lock_batch(box, pile.batch_id)
    return _state(box, pile.batch_id, pile.sheets) if _takes_paper(box, pile) else None


def _lock_batch(box: Session, batch_id: str) -> None:
    """On SQLite a transaction that may write is alone anyhow."""
    if box.get_bind().dialect.name == "postgresql":
        # Not the rows: the form that is keyed now has none yet. The lock ends with the transaction.
        box.execute(select(func.pg_advisory_xact_lock(int(batch_id[:15], 16))))


def _takes_paper(box: Session, pile: Pile) -> bool:
    """Neither opened nor destroyed: a form keyed behind that would lie here for ever, read by nobody."""
    classes = select(BoxClass).where(BoxClass.round_id == pile.round_id, BoxClass.home_id == pile.home_id)
    # Shared lock: destroying the round's classes waits for us, and whoever comes behind it finds none.
    found = box.scalars(classes.with_for_update(read=True)).all()
    shut = bool(found) and all(row.state == BoxState.SHUT for row in found)
    return shut and box.get(Opening, (pile.round_id, pile.home_id)) is None


def pack(databases: Databases, batch_id: str, sheets: int) -> bool:
    """Leave one sealed row of each form when all were keyed alike; True when so it is now."""
    with committing(write_session(databases.box)) as box:
        _lock_batch(box, batch_id)
        state = _state(box, batch_id, sheets)
        if state.is_packed:
            return True
        if not state.is_alike:
            return False
        box.execute(delete(Paper).where(Paper.batch == batch_id, Paper.keying == SECOND))
        box.execute(update(Paper).where(Paper.batch == batch_id).values(draft=None, digest=None))
    return True


def forget_keyed(databases: Databases, batch_id: str) -> None:
    """Drop everything keyed of a batch whose word is lost; the paper itself is keyed again."""
    with committing(write_session(databases.box)) as box:
        box.execute(delete(Paper).where(Paper.batch == batch_id))


def settled_paper(session: Session, round_id: str, home_id: int) -> Sequence[Paper]:
    """The sealed form of every paper that two tellers keyed alike; anything else must be settled first."""
    rows = session.scalars(
        select(Paper)
        .where(Paper.round_id == round_id, Paper.home_id == home_id)
        .order_by(Paper.batch, Paper.sheet, Paper.keying)
    ).all()
    places = {(row.batch, row.sheet) for row in rows}
    if len(places) != len(rows) or any(row.digest or row.draft for row in rows):
        raise Refused("paper_not_settled", home=home_id)
    return rows
