"""Acts of people that start a step of a round, and the two exits from a held count.

Each sets the -ing state and enqueues the job in one transaction; the worker does the step itself.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.core.actor import Actor, Role
from survey_app.core.errors import Conflict, Fault, Invalid, NotFound, Refused
from survey_app.counting.models import HomeCount
from survey_app.counting.queries import custodian_ids
from survey_app.counting.rule import may_be_accepted
from survey_app.invitations.window import casting_until
from survey_app.journal.operations import record
from survey_app.outbox.jobs import enqueue
from survey_app.rounds.attaching import attach_missing
from survey_app.rounds.models import Round, RoundState
from survey_app.rounds.operations import move
from survey_app.rounds.readiness import refuse_unless_complete
from survey_app.units.models import Line, Unit
from survey_app.units.queries import is_below


def request_prepare(session: Session, actor: Actor, round_: Round, *, at: datetime) -> None:
    """Freeze a complete draft: classes, keys and entitlements are made by the worker."""
    actor.need("round.run")
    if round_.state == RoundState.DRAFT:
        attach_missing(session, round_)
    refuse_unless_complete(session, round_, "ready")
    move(session, round_, "prepare")
    record(session, actor, "round.prepare_requested", "round", round_.id, at=at)
    _enqueue(session, "counting.prepare", round_, at)


def request_open(session: Session, actor: Actor, round_: Round, *, at: datetime) -> None:
    """Open the voting of a ready round; members can vote from its opening hour on."""
    _may_run(actor)
    refuse_unless_complete(session, round_, "open")
    if at >= round_.closes_at:
        raise Refused("round_close_has_passed")
    move(session, round_, "open")
    record(session, actor, "round.open_requested", "round", round_.id, at=at)
    _enqueue(session, "counting.open_votes", round_, at)


def request_close(session: Session, actor: Actor, round_: Round, *, at: datetime) -> None:
    """End the issuing at the hour that was announced, never before; casting ends fifteen minutes later."""
    _may_run(actor)
    if at < round_.closes_at:
        raise Refused("round_close_not_reached", closes_at=round_.closes_at.isoformat())
    move(session, round_, "close")
    record(session, actor, "round.close_requested", "round", round_.id, at=at)
    _enqueue(session, "counting.close_votes", round_, max(at, casting_until(round_)))


def _may_run(actor: Actor) -> None:
    if not actor.is_system:
        actor.need("round.run")


def _enqueue(session: Session, kind: str, round_: Round, run_at: datetime) -> None:
    # The version makes the slot new when a round goes back to draft and is prepared once more.
    enqueue(session, kind, at=run_at, slot=f"{kind}/{round_.id}/{round_.version}", round_id=round_.id)


def accept_hold(
    session: Session, actor: Actor, round_: Round, home_id: int, *, reason: str, at: datetime
) -> bool:
    """Accept a held home with a written reason: the officer and every custodian, each for himself.

    Possible only where the excess is explained by replacements. True when the last voice has come.
    """
    if not (actor.may("box.custody") and actor.round_id == round_.id):
        need_own_line(session, actor, home_id)
    home = _held_home(session, round_, home_id)
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, "reason")])
    if not may_be_accepted(home.held):
        raise Refused("hold_beyond_replacements")
    if actor.account_id in {voice["account"] for voice in home.acceptances}:
        raise Conflict("hold_accepted_before")
    voice = {"account": actor.account_id, "role": str(actor.role), "reason": reason.strip()}
    home.acceptances = [*home.acceptances, voice]
    record(
        session,
        actor,
        "count.hold_accepted",
        "round_home",
        f"{round_.id}/{home_id}",
        at=at,
        reason=reason.strip(),
    )
    if not _all_have_spoken(session, round_, home):
        return False
    home.hold_accepted_reason = "；".join(voice["reason"] for voice in home.acceptances)
    _enqueue_rating(session, round_.id, home_id, at)
    return True


def _all_have_spoken(session: Session, round_: Round, home: HomeCount) -> bool:
    officer = any(voice["role"] == Role.OFFICER for voice in home.acceptances)
    spoken = {voice["account"] for voice in home.acceptances if voice["role"] == Role.CUSTODIAN}
    return officer and custodian_ids(session, round_.id) <= spoken


def void_home(
    session: Session, actor: Actor, round_: Round, home_id: int, *, reason: str, at: datetime
) -> None:
    """Void a held home's vote: its ballots, comments and tallies are erased, and the vote is repeated."""
    need_own_line(session, actor, home_id)
    home = _held_home(session, round_, home_id)
    if not reason.strip():
        raise Invalid([Fault("reason_missing", {}, "reason")])
    home.void_reason, home.traits = reason.strip(), None
    record(
        session, actor, "count.voided", "round_home", f"{round_.id}/{home_id}", at=at, reason=reason.strip()
    )
    slot = f"counting.erase_home/{round_.id}/{home_id}"
    enqueue(session, "counting.erase_home", at=at, slot=slot, round_id=round_.id, home_id=home_id)
    _enqueue_rating(session, round_.id, home_id, at)


def need_own_line(session: Session, actor: Actor, home_id: int) -> None:
    """The officer decides on the line of affiliation; a territorial superior only reads."""
    actor.need("result.confirm")
    if not is_below(session, home_id, actor.unit_id, Line.AFFILIATION):
        raise Refused("other_line", unit=session.get_one(Unit, home_id).name)


def _held_home(session: Session, round_: Round, home_id: int) -> HomeCount:
    home = session.get(HomeCount, (round_.id, home_id), with_for_update=True)
    if home is None or round_.state != RoundState.COUNTED:
        raise NotFound("home")
    if not home.held or home.void_reason or home.hold_accepted_reason:
        raise Refused("home_not_held")
    return home


def _enqueue_rating(session: Session, round_id: str, home_id: int, at: datetime) -> None:
    slot = f"results.rate/{round_id}/{home_id}/decided"
    enqueue(session, "results.rate", at=at, slot=slot, round_id=round_id, home_id=home_id)
