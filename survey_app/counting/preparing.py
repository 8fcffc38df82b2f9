"""Prepare: classes, keys, entitlements, frozen roster and sheet of every home, then the box's classes.

Three commits for each home, each of which may be repeated: (1) `request_prepare` has set the state; (2) the
roster's rows of a home in one transaction, then the box's classes, inserted or compared; (3) when every home
is done, the new state. A worker that dies anywhere is followed by one that goes on.
"""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, BoxState, Card, Intake
from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict, Refused
from survey_app.core.settings import Settings
from survey_app.instruments.queries import questionnaire_of
from survey_app.invitations.codes import CodeBook, new_code_key, wrap_issuing_key
from survey_app.invitations.operations import mint
from survey_app.journal.operations import record
from survey_app.outbox.jobs import Workshop
from survey_app.rosters.models import Roster, RosterMember, RosterState
from survey_app.rosters.operations import freeze
from survey_app.rounds.ballot_classes import FormedClass, form_classes
from survey_app.rounds.models import (
    BallotClass,
    Channel,
    Electorate,
    Round,
    RoundHome,
    RoundSecret,
    RoundState,
)
from survey_app.rounds.operations import move
from survey_app.rounds.queries import policy_of
from survey_app.rounds.sheets import round_sheet
from survey_app.seals.issuing import IssuingKey
from survey_app.units.models import Unit

Progress = Callable[[int, int], None]
MakeKeys = Callable[[int], list[IssuingKey]]
MANY_HOMES = 8
KEYS_AHEAD = 8


def prepare(workshop: Workshop, round_id: str, progress: Progress = lambda _done, _total: None) -> None:
    """Bring a round from `preparing` to `ready`; called again after a crash it finishes what is missing."""
    homes = _start(workshop, round_id)
    with _key_makers(len(homes)) as make_keys:
        for done, home_id in enumerate(homes):
            progress(done, len(homes))
            prepare_home(workshop, round_id, home_id, make_keys)
    _forget_leftovers(workshop, round_id)
    with committing(write_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id, with_for_update=True)
        if round_.state != RoundState.PREPARING:
            return
        at = workshop.clock()
        move(session, round_, "prepared")
        round_.ready_at = at
        record(session, SYSTEM, "round.prepared", "round", round_id, at=at, homes=len(homes))


def _start(workshop: Workshop, round_id: str) -> list[int]:
    """Make the round's code key once; the homes in a fixed order."""
    with committing(write_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id, with_for_update=True)
        if round_.state != RoundState.PREPARING:
            return []
        secret = session.get_one(RoundSecret, round_id)
        if secret.code_key is None:
            secret.code_key = new_code_key(workshop.settings, round_id)
        return list(
            session.scalars(
                select(RoundHome.home_id).where(RoundHome.round_id == round_id).order_by(RoundHome.home_id)
            )
        )


def prepare_home(workshop: Workshop, round_id: str, home_id: int, make_keys: MakeKeys) -> None:
    """One home on both sides; does nothing that is already done."""
    with reading(read_session(workshop.databases.roster)) as session:
        formed = _formed(session, round_id, home_id)
    if formed is not None:
        keys = make_keys(len(formed))
        with committing(write_session(workshop.databases.roster)) as session:
            _write_home(session, workshop.settings, round_id, home_id, formed, keys, at=workshop.clock())
    _write_box(workshop, round_id, home_id)


def _formed(session: Session, round_id: str, home_id: int) -> list[FormedClass] | None:
    """The classes still to be made, or None when this home's sheet exists."""
    home = session.get_one(RoundHome, (round_id, home_id))
    if home.sheet is not None:
        return None
    round_ = session.get_one(Round, round_id)
    policy = policy_of(round_)
    # Where nobody has a link, nothing tells whose card was drawn: the home is one class.
    together = round_.electorate == Electorate.DELEGATES or home.channel != Channel.LINKS
    variables = () if together else policy.class_variables
    members = session.scalars(select(RosterMember).where(RosterMember.roster_id == home.roster_id)).all()
    if not members:
        raise Refused("roster_empty", home=home_id)
    return form_classes(members, variables, least=policy.class_least, most=policy.class_most)


def _write_home(
    session: Session,
    settings: Settings,
    round_id: str,
    home_id: int,
    formed: list[FormedClass],
    keys: list[IssuingKey],
    *,
    at: datetime,
) -> None:
    """All of a home's rows in one transaction: classes with keys, entitlements, frozen roster, sheet."""
    home = session.get_one(RoundHome, (round_id, home_id), with_for_update=True)
    if home.sheet is not None:
        return
    round_ = session.get_one(Round, round_id)
    secret = session.get_one(RoundSecret, round_id)
    roster = session.get_one(Roster, home.roster_id)
    book = CodeBook.of(settings, secret)
    classes = [
        _ballot_class(settings, home, ordinal, one, key)
        for ordinal, (one, key) in enumerate(zip(formed, keys, strict=True), start=1)
    ]
    session.add_all(classes)
    session.flush()
    pairs = zip(classes, formed, strict=True)
    home.members = sum(len(one.member_ids) for one in formed)
    if home.channel == Channel.LINKS:
        for row, one in pairs:
            mint(session, book, row, one.member_ids)
    if roster.state != RosterState.FROZEN:
        freeze(session, roster, at=at)
    home.sheet, home.sheet_fingerprint = round_sheet(
        round_,
        session.get_one(Unit, home_id),
        classes,
        questionnaire_fingerprint=questionnaire_of(session, home.questionnaire_id).fingerprint,
        opening_public=secret.opening_public or b"",
        work_report=home.work_report_text,
    )


def _ballot_class(
    settings: Settings, home: RoundHome, ordinal: int, formed: FormedClass, key: IssuingKey
) -> BallotClass:
    class_id = secrets.token_hex(16)
    return BallotClass(
        id=class_id,
        round_id=home.round_id,
        home_id=home.home_id,
        ordinal=ordinal,
        label=formed.label,
        levels={name: list(level) for name, level in formed.levels.items()},
        members=len(formed.member_ids),
        issuing_public=key.public_n,
        issuing_private=wrap_issuing_key(settings, class_id, key),
    )


def box_rows(session: Session, round_id: str, home_id: int) -> list[BoxClass]:
    """A home's classes as the box must hold them, from the roster side."""
    home = session.get_one(RoundHome, (round_id, home_id))
    secret = session.get_one(RoundSecret, round_id)
    rows = session.scalars(
        select(BallotClass)
        .where(BallotClass.round_id == round_id, BallotClass.home_id == home_id)
        .order_by(BallotClass.id)
    )
    return [
        BoxClass(
            id=row.id,
            round_id=round_id,
            home_id=home_id,
            members=row.members,
            issuing_public=row.issuing_public,
            opening_public=secret.opening_public,
            sheet_fingerprint=home.sheet_fingerprint,
            state=BoxState.PREPARED,
        )
        for row in rows
    ]


def differs(one: BoxClass, other: BoxClass) -> bool:
    """Whether two records of a class disagree in anything but the state."""
    names = ("round_id", "home_id", "members", "issuing_public", "opening_public", "sheet_fingerprint")
    return any(getattr(one, name) != getattr(other, name) for name in names)


def _write_box(workshop: Workshop, round_id: str, home_id: int) -> None:
    """Insert or compare: a difference is an error, never an overwrite."""
    with reading(read_session(workshop.databases.roster)) as session:
        wanted = box_rows(session, round_id, home_id)
        cards = _cards(session, workshop.settings, round_id, home_id)
    with committing(write_session(workshop.databases.box)) as box:
        for row in wanted:
            stored = box.get(BoxClass, row.id)
            if stored is None:
                box.add(row)
            elif differs(stored, row):
                raise Conflict("box_class_differs", id=row.id)
        for class_id, macs in cards.items():
            _write_cards(box, class_id, macs)


def _cards(session: Session, settings: Settings, round_id: str, home_id: int) -> dict[str, set[bytes]]:
    """What the box must hold of every class's cards; derived again it is the same."""
    home = session.get_one(RoundHome, (round_id, home_id))
    if not home.cards:
        return {}
    book = CodeBook.of(settings, session.get_one(RoundSecret, round_id))
    classes = select(BallotClass.id).where(BallotClass.round_id == round_id, BallotClass.home_id == home_id)
    return {class_id: book.card_macs(class_id, home.cards) for class_id in session.scalars(classes)}


def _write_cards(box: Session, class_id: str, macs: set[bytes]) -> None:
    """Insert or compare, like the classes; in the order of the keyed hashes, which is none of the cards."""
    stored = set(box.scalars(select(Card.code_mac).where(Card.class_id == class_id)))
    if not stored:
        box.execute(insert(Card), [{"code_mac": mac, "class_id": class_id} for mac in sorted(macs)])
    elif stored != macs:
        raise Conflict("box_class_differs", id=class_id)


def _forget_leftovers(workshop: Workshop, round_id: str) -> None:
    """Drop classes of an earlier preparation that went back to draft; none of them ever took a ballot."""
    with reading(read_session(workshop.databases.roster)) as session:
        known = set(session.scalars(select(BallotClass.id).where(BallotClass.round_id == round_id)))
    with committing(write_session(workshop.databases.box)) as box:
        stored = set(box.scalars(select(BoxClass.id).where(BoxClass.round_id == round_id)))
        for class_id in sorted(stored - known):
            if box.scalars(select(Intake.cred_hash).where(Intake.class_id == class_id).limit(1)).first():
                raise Conflict("box_class_differs", id=class_id)
            box.execute(delete(Card).where(Card.class_id == class_id))
            box.execute(delete(BoxClass).where(BoxClass.id == class_id, BoxClass.state == BoxState.PREPARED))


@contextmanager
def _key_makers(homes: int) -> Iterator[MakeKeys]:
    """Keys made ahead on every core when there are many homes, else right here."""
    if homes < MANY_HOMES:
        yield lambda count: [IssuingKey.make() for _ in range(count)]
        return
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[IssuingKey]] = deque()

        def take(count: int) -> list[IssuingKey]:
            while len(waiting) < count + KEYS_AHEAD:
                waiting.append(pool.submit(IssuingKey.make))
            return [waiting.popleft().result() for _ in range(count)]

        yield take
        pool.shutdown(cancel_futures=True)
