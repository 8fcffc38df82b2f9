"""Open one home's box: verify, open, validate, merge, shuffle, store, empty the intake - in one transaction.

What is read from the intake cannot change any more (casting is shut), so the costly part, opening the seals,
is done before the transaction that writes; the transaction looks again before it does.
"""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.orm import Session

from questionnaires import AnswerError, AnswerSheet, Questionnaire, decode
from survey_app.box.models import (
    Ballot,
    BoxClass,
    BoxComment,
    BoxState,
    CountingClass,
    Intake,
    Leaf,
    Opening,
    Paper,
    ScoreSum,
    Tally,
)
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Refused
from survey_app.counting.cards import card_credentials
from survey_app.counting.classes import LEAST_BALLOTS, ClassTurnout, MergedClass, counting_classes
from survey_app.counting.digests import COLUMNS, ballots_digest, tallies_digest
from survey_app.counting.paper_sealing import settled_paper
from survey_app.counting.rule import Received, violations
from survey_app.counting.tallies import tally
from survey_app.counting.traits import traits_row
from survey_app.invitations.queries import ClassEntitlements
from survey_app.seals.blind import MESSAGE_BYTES, verify
from survey_app.seals.envelope import open_sealed
from survey_app.seals.errors import SealBroken
from survey_app.seals.pile import place_in_pile
from survey_app.seals.receipts import leaf_of, list_digest, sealed_hash

COMMENTS_FROM = 20
BATCH = 2_000


@dataclass(frozen=True)
class HomeTask:
    """What the roster side tells the opening of one home: entitlements, strata, questionnaire, weights."""

    round_id: str
    home_id: int
    given: tuple[ClassEntitlements, ...]
    levels: dict[str, tuple[str, ...]]
    questionnaire: Questionnaire
    weights: tuple[int, ...]
    # With it the count knows a card's ballot from a link's; whoever reads the box alone does not.
    pepper: bytes = field(repr=False)


@dataclass(frozen=True)
class OpenedBallot:
    """A ballot out of its seal: its class, its way, its leaf row if the credential verified, its answers."""

    class_id: str
    channel: str
    leaf: Leaf | None
    sheet: AnswerSheet | None

    @property
    def is_valid(self) -> bool:
        """A verified credential and answers to at least half of the questions."""
        return self.sheet is not None and self.sheet.is_valid


def open_home(box: Engine, private: RSAPrivateKey, task: HomeTask) -> None:
    """Open a home's box unless it is open already; fewer than ten ballots are destroyed unread."""
    with reading(read_session(box)) as session:
        if session.get(Opening, (task.round_id, task.home_id)) is not None:
            return
        classes = _classes(session, task)
        intake = _intake(session, classes)
        paper = settled_paper(session, task.round_id, task.home_id)
        cards = card_credentials(session, set(classes), task.pepper)
    received = len(intake) + len(paper)
    opened: list[OpenedBallot] = []
    if received >= LEAST_BALLOTS:
        opened = [_open(row, classes, cards, private, task.questionnaire) for row in intake]
        opened += [_read_paper(row, classes, private, task.questionnaire) for row in paper]
    with committing(write_session(box)) as session:
        if session.get(Opening, (task.round_id, task.home_id)) is not None:
            return
        # Shared lock: a round that is cancelled meanwhile waits for us, or leaves no class to write for.
        _classes(session, task, locked=True)
        if _waiting(session, classes) != len(intake):
            raise Conflict("intake_changed", home=task.home_id)
        opening = _opening(task, len(intake), len(paper), unopened=received < LEAST_BALLOTS)
        if opened:
            _store(session, task, opening, opened)
        session.add(opening)
        _empty(session, task, classes)


def _classes(session: Session, task: HomeTask, *, locked: bool = False) -> dict[str, BoxClass]:
    own = select(BoxClass).where(BoxClass.round_id == task.round_id, BoxClass.home_id == task.home_id)
    rows = session.scalars(own.with_for_update(read=True) if locked else own).all()
    if any(row.state != BoxState.SHUT for row in rows):
        raise Refused("casting_not_shut")
    classes = {row.id: row for row in rows}
    other = classes.keys() ^ {one.class_id for one in task.given}
    if other:
        raise Conflict("box_class_differs", id=min(other))
    return classes


def _intake(session: Session, classes: dict[str, BoxClass]) -> Sequence[Intake]:
    return session.scalars(select(Intake).where(Intake.class_id.in_(list(classes)))).all()


def _waiting(session: Session, classes: dict[str, BoxClass]) -> int:
    count = session.scalar(select(func.count()).select_from(Intake).where(Intake.class_id.in_(list(classes))))
    return count or 0


def _open(
    row: Intake,
    classes: dict[str, BoxClass],
    cards: dict[bytes, str],
    private: RSAPrivateKey,
    questionnaire: Questionnaire,
) -> OpenedBallot:
    channel = "card" if row.cred in cards else "link"
    box_class = classes[row.class_id]
    if not _verified(row, box_class, cards):
        return OpenedBallot(row.class_id, "unverified", None, None)
    leaf = Leaf(
        leaf=leaf_of(row.cred, row.sealed),
        round_id=box_class.round_id,
        home_id=box_class.home_id,
        class_id=row.class_id,
        cred=row.cred,
        sig=row.sig,
        sealed_hash=sealed_hash(row.sealed),
    )
    try:
        payload = open_sealed(
            private,
            row.sealed,
            sheet_fingerprint=box_class.sheet_fingerprint,
            class_id=bytes.fromhex(row.class_id),
            credential=row.cred,
        )
        return OpenedBallot(row.class_id, channel, leaf, decode(payload, questionnaire))
    except (SealBroken, AnswerError):
        return OpenedBallot(row.class_id, channel, leaf, None)


def _verified(row: Intake, box_class: BoxClass, cards: dict[bytes, str]) -> bool:
    if row.sig is None or len(row.cred) != MESSAGE_BYTES or cards.get(row.cred, row.class_id) != row.class_id:
        return False
    return verify(box_class.issuing_public, row.cred, row.sig)


def _read_paper(
    row: Paper, classes: dict[str, BoxClass], private: RSAPrivateKey, questionnaire: Questionnaire
) -> OpenedBallot:
    try:
        payload = open_sealed(
            private,
            row.sealed,
            sheet_fingerprint=classes[row.class_id].sheet_fingerprint,
            class_id=bytes.fromhex(row.class_id),
            credential=place_in_pile(row.batch, row.sheet),
        )
        return OpenedBallot(row.class_id, "paper", None, decode(payload, questionnaire))
    except (KeyError, SealBroken, AnswerError):
        return OpenedBallot(row.class_id, "paper", None, None)


def _opening(task: HomeTask, sealed: int, paper: int, *, unopened: bool) -> Opening:
    return Opening(
        round_id=task.round_id,
        home_id=task.home_id,
        sealed=sealed,
        paper=paper,
        valid=0,
        void=0,
        unopened=int(unopened),
        held="[]",
        leaves_root=list_digest([]),
        ballots_digest=ballots_digest([]),
        tallies_digest=tallies_digest([], [], []),
    )


def _store(session: Session, task: HomeTask, opening: Opening, opened: list[OpenedBallot]) -> None:
    """Write what is kept of an opened home, and its figures into `opening`."""
    valid = [one for one in opened if one.is_valid]
    opening.valid, opening.void = len(valid), len(opened) - len(valid)
    opening.held = json.dumps(
        [one.to_dict() for one in violations(list(task.given), _received(opened))], ensure_ascii=False
    )
    opening.leaves_root = _store_leaves(session, opened)
    merged = counting_classes(_turnouts(task, valid))
    if not merged:
        return
    names = {one: secrets.token_hex(16) for one in merged}
    opening.ballots_digest = _store_ballots(session, task, valid, names)
    opening.tallies_digest = _store_tallies(session, task, valid, names, cast_by_class(opened))
    opening.traits = _traits(task, valid)
    if len(valid) >= COMMENTS_FROM:
        _store_comments(session, task, valid)


def _received(opened: list[OpenedBallot]) -> dict[str, Received]:
    ways: dict[str, Counter[str]] = {}
    for one in opened:
        ways.setdefault(one.class_id, Counter())[one.channel] += 1
    return {class_id: Received(**counted) for class_id, counted in ways.items()}


def _turnouts(task: HomeTask, valid: list[OpenedBallot]) -> list[ClassTurnout]:
    found = Counter(one.class_id for one in valid)
    return [
        ClassTurnout(one.class_id, ordinal, task.levels[one.class_id], one.members, found[one.class_id])
        for ordinal, one in enumerate(task.given)
    ]


def _store_leaves(session: Session, opened: list[OpenedBallot]) -> bytes:
    leaves = [one.leaf for one in opened if one.leaf is not None]
    # In the order of the published list, so that the table's pages know no other.
    leaves.sort(key=lambda row: row.leaf)
    session.add_all(leaves)
    session.flush()
    return list_digest(row.leaf for row in leaves)


def _class_names(names: dict[MergedClass, str]) -> dict[str, str]:
    return {class_id: name for merged, name in names.items() for class_id in merged.ids}


def _store_ballots(
    session: Session, task: HomeTask, valid: list[OpenedBallot], names: dict[MergedClass, str]
) -> bytes:
    """One shuffled insert under fresh random ids: neither key nor place repeats any order of arrival."""
    class_names = _class_names(names)
    shuffled = [(class_names[one.class_id], secrets.token_bytes(16), _codes(one)) for one in valid]
    random.SystemRandom().shuffle(shuffled)
    _insert(
        session,
        Ballot,
        (
            {
                "round_id": task.round_id,
                "home_id": task.home_id,
                "counting_class": counting_class,
                "id": ballot_id,
                **dict(zip(COLUMNS, codes, strict=True)),
            }
            for counting_class, ballot_id, codes in shuffled
        ),
    )
    return ballots_digest(shuffled)


def _codes(one: OpenedBallot) -> tuple[int, ...]:
    codes = one.sheet.codes if one.sheet is not None else ()
    return codes + (0,) * (len(COLUMNS) - len(codes))


def cast_by_class(opened: Iterable[OpenedBallot]) -> Counter[str]:
    """Who came, by ballot class: void ballots too, so that whether a single one was valid is not kept."""
    return Counter(one.class_id for one in opened if one.channel != "unverified")


def _store_tallies(
    session: Session,
    task: HomeTask,
    valid: list[OpenedBallot],
    names: dict[MergedClass, str],
    cast: Counter[str],
) -> bytes:
    classes, tallies, sums = [], [], []
    home = {"round_id": task.round_id, "home_id": task.home_id}
    for merged, name in names.items():
        inside = [one.sheet.codes for one in valid if one.sheet is not None and one.class_id in merged.ids]
        counted = tally(task.questionnaire, inside, task.weights)
        classes.append(
            CountingClass(
                id=name,
                **home,
                ballot_classes=json.dumps({one: cast[one] for one in merged.ids}),
                members=merged.members,
                valid=merged.valid,
            )
        )
        tallies += [
            Tally(**home, counting_class=name, question=question, option=option, n=n)
            for (question, option), n in counted.counts.items()
        ]
        sums += [
            ScoreSum(
                **home,
                counting_class=name,
                score=score,
                ballots=one.ballots,
                total=one.total,
                squares=one.squares,
            )
            for score, one in counted.sums.items()
        ]
    session.add_all([*classes, *tallies, *sums])
    return tallies_digest(classes, tallies, sums)


def _traits(task: HomeTask, valid: list[OpenedBallot]) -> str | None:
    codes = [one.sheet.codes for one in valid if one.sheet is not None]
    row = traits_row(task.questionnaire, codes, sum(one.members for one in task.given))
    return None if row is None else json.dumps(row)


def _store_comments(session: Session, task: HomeTask, valid: list[OpenedBallot]) -> None:
    """Words leave their ballots here: own table, own random key, own shuffle."""
    words = [pair for one in valid if one.sheet is not None for pair in one.sheet.comments]
    random.SystemRandom().shuffle(words)
    home = {"round_id": task.round_id, "home_id": task.home_id}
    _insert(
        session,
        BoxComment,
        (
            {**home, "id": secrets.token_bytes(16), "question": question, "text": text}
            for question, text in words
        ),
    )


def _empty(session: Session, task: HomeTask, classes: dict[str, BoxClass]) -> None:
    session.execute(delete(Intake).where(Intake.class_id.in_(list(classes))))
    session.execute(delete(Paper).where(Paper.round_id == task.round_id, Paper.home_id == task.home_id))


def _insert(session: Session, table: type, rows: Iterable[dict[str, object]]) -> None:
    for batch in _batches(rows):
        session.execute(insert(table), batch)


def _batches(rows: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    batch: list[dict[str, object]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
