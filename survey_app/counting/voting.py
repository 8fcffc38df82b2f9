"""Open and close the voting: the box's classes change state, the roster's secrets end with the casting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from survey_app.box.models import (
    Ballot,
    BoxClass,
    BoxComment,
    BoxState,
    Card,
    CountingClass,
    Intake,
    Opening,
    Paper,
    ScoreSum,
    Tally,
)
from survey_app.core.actor import SYSTEM
from survey_app.core.db import committing, read_session, reading, write_session
from survey_app.core.errors import Conflict
from survey_app.counting.vacuum import vacuum_box
from survey_app.invitations.window import casting_until
from survey_app.journal.operations import record
from survey_app.outbox.jobs import Workshop, enqueue
from survey_app.rounds.models import BallotClass, Round, RoundSecret, RoundState
from survey_app.rounds.operations import move

OF_A_ROUND: tuple[Any, ...] = (Paper, Ballot, BoxComment, Tally, ScoreSum, CountingClass, BoxClass)
"""What goes with a cancelled round. Leaves and openings can never be deleted; they tell no answer, and of a
round without classes nothing is published."""


def open_votes(workshop: Workshop, round_id: str) -> None:
    """From `opening` to `voting`: the box takes ballots before the first signature can be given."""
    if not _stands(workshop, round_id, RoundState.OPENING):
        return
    _move_box(workshop, round_id, BoxState.PREPARED, BoxState.CASTING)
    with committing(write_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id, with_for_update=True)
        if round_.state == RoundState.OPENING:
            at = workshop.clock()
            move(session, round_, "opened")
            round_.opened_at = at
            record(session, SYSTEM, "round.opened", "round", round_id, at=at)


def close_votes(workshop: Workshop, round_id: str) -> None:
    """From `closing` to `closed`: shut casting, erase what could sign or derive; 15 minutes after the close.

    Called too early (a clock that went back, a close that was moved) it asks to be called again.
    """
    if not _stands(workshop, round_id, RoundState.CLOSING):
        return
    with committing(write_session(workshop.databases.roster)) as session:
        until = casting_until(session.get_one(Round, round_id))
        if workshop.clock() < until:
            enqueue(session, "counting.close_votes", at=until, round_id=round_id)
            return
    _move_box(workshop, round_id, BoxState.CASTING, BoxState.SHUT)
    with committing(write_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id, with_for_update=True)
        if round_.state != RoundState.CLOSING:
            return
        at = workshop.clock()
        session.execute(
            update(BallotClass).where(BallotClass.round_id == round_id).values(issuing_private=None)
        )
        session.get_one(RoundSecret, round_id).code_key = None
        move(session, round_, "closed")
        round_.closed_at = at
        record(session, SYSTEM, "round.closed", "round", round_id, at=at)


def destroy(workshop: Workshop, round_id: str) -> None:
    """Remove all the box holds of a round, after it was cancelled or went back to draft; nothing is read."""
    with reading(read_session(workshop.databases.roster)) as session:
        round_ = session.get_one(Round, round_id)
        if round_.state not in (RoundState.CANCELLED, RoundState.DRAFT):
            return
    with committing(write_session(workshop.databases.box)) as box:
        # Locked before anything is looked for: a ballot on its way holds its class shared, so we wait until
        # it lies in the intake; whoever comes behind us finds no class any more.
        locked = select(BoxClass.id).where(BoxClass.round_id == round_id).with_for_update()
        classes = box.scalars(locked).all()
        for table in (Intake, Card):
            box.execute(delete(table).where(table.class_id.in_(classes)))
        for table in OF_A_ROUND:
            box.execute(delete(table).where(table.round_id == round_id))
        box.execute(update(Opening).where(Opening.round_id == round_id).values(traits=None))
    vacuum_box(workshop.databases)


def _stands(workshop: Workshop, round_id: str, state: RoundState) -> bool:
    with reading(read_session(workshop.databases.roster)) as session:
        return session.get_one(Round, round_id).state == state


def _move_box(workshop: Workshop, round_id: str, origin: BoxState, target: BoxState) -> None:
    """All classes of a round at once; repeated it changes nothing, any other state is an error."""
    with committing(write_session(workshop.databases.box)) as box:
        box.execute(
            update(BoxClass)
            .where(BoxClass.round_id == round_id, BoxClass.state == origin)
            .values(state=target)
        )
        _refuse_other_states(box, round_id, target)
    _refuse_other_list(workshop, round_id)


def _refuse_other_states(box: Session, round_id: str, target: BoxState) -> None:
    other = box.scalars(
        select(BoxClass.id).where(BoxClass.round_id == round_id, BoxClass.state != target).limit(1)
    ).first()
    if other is not None:
        raise Conflict("box_class_differs", id=other)


def _refuse_other_list(workshop: Workshop, round_id: str) -> None:
    with reading(read_session(workshop.databases.roster)) as session:
        wanted = set(session.scalars(select(BallotClass.id).where(BallotClass.round_id == round_id)))
    with reading(read_session(workshop.databases.box)) as box:
        stored = set(box.scalars(select(BoxClass.id).where(BoxClass.round_id == round_id)))
    if wanted != stored:
        raise Conflict("box_class_differs", id=min(wanted ^ stored))
