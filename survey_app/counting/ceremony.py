"""What custodians do: hand in the key, rehearse, confirm the destruction; and the step to `counted`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.box.models import BoxClass, BoxState
from survey_app.core.actor import SYSTEM, Actor
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Fault, Invalid, NotFound, Refused
from survey_app.counting.opening import note_step
from survey_app.counting.queries import all_homes_counted, custodian_ids
from survey_app.journal.operations import record
from survey_app.outbox.jobs import Workshop, enqueue
from survey_app.rounds.models import CustodianStep, Round, RoundSecret, RoundState
from survey_app.rounds.operations import move
from survey_app.rounds.queries import custodian_steps
from survey_app.seals.errors import BadKey
from survey_app.seals.opening import load_public

LOCKED_LEAST, LOCKED_MOST = 1_700, 2_100
"""A locked PKCS #8 key of 3072 bits has about 1,850 bytes; anything else is no key."""
LOCKED_MAGIC = b"pingjia-unlock-1"


def custody_round(session: Session, actor: Actor, round_id: str, *, lock: bool = False) -> Round:
    """The round whose box this custodian holds; any other is not there."""
    actor.need("box.custody")
    if actor.round_id != round_id:
        raise NotFound("round")
    return session.get_one(Round, round_id, with_for_update=lock)


def hand_in_key(
    session: Session, actor: Actor, round_: Round, *, public: bytes, locked: bytes, at: datetime
) -> None:
    """Store the public half and the locked private half of a draft; a new pair replaces the former one."""
    actor.need("box.custody")
    if round_.state != RoundState.DRAFT:
        raise Refused("wrong_state", thing="round", state=round_.state, action="opening_key")
    _refuse_bad_key(public, locked)
    secret = session.get(RoundSecret, round_.id, with_for_update=True)
    if secret is None:
        secret = RoundSecret(round_id=round_.id)
        session.add(secret)
    secret.opening_public, secret.opening_ciphertext, secret.made_by = public, locked, actor.account_id
    # Slips of a former pair are waste paper from now on, and so is its rehearsal.
    forget_steps(session, round_.id)
    note_step(session, round_.id, actor, "key_made", at=at)
    record(session, actor, "round.opening_key_made", "round", round_.id, at=at)


def forget_steps(session: Session, round_id: str) -> None:
    """A new key begins a new ceremony."""
    session.execute(delete(CustodianStep).where(CustodianStep.round_id == round_id))
    session.flush()


def _refuse_bad_key(public: bytes, locked: bytes) -> None:
    faults = []
    try:
        load_public(public)
    except BadKey:
        faults.append(Fault("opening_key_bad", {}, "public"))
    if not LOCKED_LEAST <= len(locked) <= LOCKED_MOST or not locked.startswith(LOCKED_MAGIC):
        faults.append(Fault("opening_key_bad", {}, "locked"))
    if faults:
        raise Invalid(faults)


def confirm_rehearsal(session: Session, actor: Actor, round_: Round, *, at: datetime) -> None:
    """The slips opened a dummy ballot in the custodians' browser."""
    actor.need("box.custody")
    if round_.state != RoundState.DRAFT or not custodian_steps(session, round_.id).get("key_made"):
        raise Refused("wrong_state", thing="round", state=round_.state, action="rehearse")
    note_step(session, round_.id, actor, "rehearsed", at=at)
    record(session, actor, "round.opening_rehearsed", "round", round_.id, at=at)


def confirm_destruction(session: Session, actor: Actor, round_: Round, *, at: datetime) -> bool:
    """A custodian confirms that his slips are torn up; True when the last one has."""
    actor.need("box.custody")
    secret = session.get(RoundSecret, round_.id)
    erased = secret is not None and secret.opening_ciphertext is None and secret.erased_at is not None
    if round_.state != RoundState.COUNTING or not erased:
        raise Refused("wrong_state", thing="round", state=round_.state, action="destroy")
    note_step(session, round_.id, actor, "destroyed", at=at)
    record(session, actor, "round.slips_destroyed", "round", round_.id, at=at)
    if not may_finish(session, round_):
        return False
    enqueue(session, "counting.finish", at=at, slot=f"counting.finish/{round_.id}", round_id=round_.id)
    return True


def may_finish(session: Session, round_: Round) -> bool:
    """Every home counted, the locked key erased, every custodian's confirmation there."""
    secret = session.get(RoundSecret, round_.id)
    confirmed = custodian_steps(session, round_.id).get("destroyed", set())
    custodians = custodian_ids(session, round_.id)
    return (
        round_.state == RoundState.COUNTING
        and secret is not None
        and secret.opening_ciphertext is None
        and bool(custodians)
        and custodians <= confirmed
        and all_homes_counted(session, round_.id)
    )


def finish(workshop: Workshop, round_id: str) -> None:
    """From `counting` to `counted`: publish the lists, ask for the rating. Refused a step too early."""
    with reading(read_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id)
        if round_.state in (RoundState.COUNTED, RoundState.ARCHIVED, RoundState.CANCELLED):
            return
        if not may_finish(session, round_):
            raise Refused("custodians_not_done")
    with committing(write_session(workshop.databases.box)) as box:
        box.execute(update(BoxClass).where(BoxClass.round_id == round_id).values(state=BoxState.COUNTED))
    with committing(write_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id, with_for_update=True)
        if round_.state != RoundState.COUNTING:
            return
        at = workshop.clock()
        move(session, round_, "counted")
        round_.counted_at = at
        record(session, SYSTEM, "round.counted", "round", round_id, at=at)
        enqueue(session, "results.rate", at=at, slot=f"results.rate/{round_id}", round_id=round_id)
